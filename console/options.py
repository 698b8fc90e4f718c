"""What many commands share: the settings file, JSON for machines, and remarks for people."""

import sys
from pathlib import Path
from typing import Annotated

import typer

SettingsOption = Annotated[
    Path, typer.Option("--settings", "-s", envvar="WIREWATCH_SETTINGS", help="The settings file.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")]
DEFAULT_SETTINGS = Path("wirewatch.toml")


def say(line: str) -> None:
    """A remark for the person at the terminal; data goes to standard output."""
    print(line, file=sys.stderr, flush=True)
