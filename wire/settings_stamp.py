"""How the files stand that settings are read from, so that who uses them can tell when they have changed."""

from pathlib import Path

from wire.settings import Settings
from wire.watch_files import watch_files

Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(path: Path, settings: Settings) -> Stamp:
    """Name, time of change and size of the settings file, the files of watches, and that of the user's entities.

    Args:
        path: of the settings file.
        settings: as they were read from it, which name the file of entities.
    """
    entities = settings.enrich.entities
    paths = [path, *watch_files(path), *([entities] if entities else [])]
    return tuple(found for one in paths for found in _stamp(one))


def _stamp(path: Path) -> list[tuple[str, int, int]]:
    try:
        stat = path.stat()
    except OSError:
        return []  # between two versions, or gone: the next look will tell
    return [(str(path), stat.st_mtime_ns, stat.st_size)]
