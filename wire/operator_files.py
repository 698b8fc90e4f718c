"""Read a file that an operator wrote; what is wrong with it is said in words, without error numbers."""

import tomllib
from pathlib import Path


def read_text(path: Path) -> str:
    """The file's text, without a byte order mark.

    Raises:
        ValueError: it cannot be read, or is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is no UTF-8 text: {error.reason} at byte {error.start}") from error


def read_toml(path: Path) -> dict[str, object]:
    """The file's tables.

    Raises:
        ValueError: as `read_text`, or no TOML, then with the line.
    """
    return tomllib.loads(read_text(path))
