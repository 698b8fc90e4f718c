"""Watches in files of their own: the folder `watches` beside the settings file, with `[[watch]]` and `[[group]]`.

What a file says is put behind what the settings file says; a fault is told with the file that has it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wire.errors import BadSettings, Fault
from wire.operator_files import read_toml

FOLDER = "watches"
_TABLES = ("watch", "group")
_PLACE = re.compile(r"(watch|group)\[(\d+)\](.*)", re.DOTALL)


@dataclass(slots=True)
class Merged:
    """The settings as said, with all files merged; `files` says which file each watch and group beyond ours is from."""

    said: dict[str, object]
    files: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)  # (table, number) -> (file, number)

    def placed(self, fault: Fault) -> Fault:
        """The fault with its file, where it is not the settings file itself."""
        match = _PLACE.fullmatch(fault.path)
        origin = self.files.get((match[1], int(match[2]))) if match else None
        if match is None or origin is None:
            return fault
        return Fault(f"{origin[0]}: {match[1]}[{origin[1]}]{match[3]}", fault.what)


def watch_files(settings: Path) -> list[Path]:
    """The files beside the settings file, in the order of their names."""
    return sorted((settings.resolve().parent / FOLDER).glob("*.toml"))


def with_watch_files(said: Mapping[str, object], settings: Path) -> Merged:
    """`said` with the watches and groups of the folder.

    Raises:
        BadSettings: a file cannot be read, or says more than watches and groups: all faults at once.
    """
    merged, faults = Merged(dict(said)), list[Fault]()
    for path in watch_files(settings):
        name = f"{FOLDER}/{path.name}"
        try:
            tables = read_toml(path)
        except ValueError as error:
            faults.append(Fault(name, str(error)))
            continue
        faults += (
            Fault(f"{name}: {key}", "only [[watch]] and [[group]] stand here") for key in tables.keys() - _TABLES
        )
        for table in _TABLES:
            _put_behind(merged, table, tables.get(table, []), name)
    if faults:
        raise BadSettings(str(settings), faults)
    return merged


def _put_behind(merged: Merged, table: str, rows: object, name: str) -> None:
    ours = merged.said.get(table, [])
    if not isinstance(ours, list):
        return  # which the models will refuse with its path
    new = rows if isinstance(rows, list) else [rows]
    for number in range(len(new)):
        merged.files[table, len(ours) + number] = (name, number)
    if new:
        merged.said[table] = [*ours, *new]
