"""What many commands share: the settings file, JSON for machines, and remarks for people."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from wire.settings import parse_span

SettingsOption = Annotated[
    Path, typer.Option("--settings", "-s", envvar="WIREWATCH_SETTINGS", help="The settings file.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")]
MOST = 1_000_000_000  # that may be asked for; SQLite counts no further than 64 bits
DEFAULT_SETTINGS = Path("wirewatch.toml")


def show(*values: object) -> None:
    """The answer of `--json`: each a JSON object of a line of its own.

    A command that changes something shows what it did, with the ids: an order to a stage as it stands in
    `news.commands`.
    """
    print("\n".join(msgspec.json.encode(value).decode() for value in values), end="\n" if values else "", flush=True)


def say(line: str) -> None:
    """A remark for the person at the terminal; data goes to standard output."""
    print(line, file=sys.stderr, flush=True)


def time_ago(span: str | None) -> datetime | None:
    """The time so long ago; a usage error for anything that is no span."""
    try:
        return None if span is None else datetime.now(UTC) - parse_span(span)
    except ValueError as error:
        raise typer.BadParameter(f"--since: {error}") from None
