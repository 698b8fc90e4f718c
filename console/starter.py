"""The settings file to start with."""

from importlib.resources import files
from pathlib import Path

from wire.errors import BadSettings, Fault


def starter_settings(contact: str = "") -> str:
    """A commented `wirewatch.toml`: outlets to start with, one watch, one channel."""
    text = files("console").joinpath("templates/wirewatch.toml").read_text(encoding="utf-8")
    quoted = contact.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace('contact = ""   ', f'contact = "{quoted}"   ', 1)


def write_starter(path: Path, contact: str) -> None:
    """Write it to `path`.

    Raises:
        BadSettings: there is such a file already, which is never overwritten, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_settings(contact))
    except FileExistsError:
        raise BadSettings(
            str(path), [Fault("file", "exists already; move it away or name another with --settings")]
        ) from None
    except OSError as error:
        raise BadSettings(str(path), [Fault("file", f"cannot be written: {error.strerror}")]) from error
