"""`wirewatch doctor`: what is wrong here, and what to do."""

import sys
from datetime import UTC, datetime

import typer

from console.checkup.doctor import Word, examine
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, show
from wire.errors import Exit

_COLOUR = {Word.WELL: "32", Word.NOTE: "33", Word.WRONG: "31"}


def doctor_command(settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Look at settings, log, topics, lanes, clock, model, channels, index and disk; say what is wrong and what to do.

    Exit status 1 where something is wrong.  Example: wirewatch doctor
    """
    wrong = False
    for one in examine(settings, datetime.now(UTC)):
        wrong = wrong or one.word is Word.WRONG
        if as_json:
            show(one)
            continue
        word = f"{one.word.value:<6}"
        coloured = f"\x1b[{_COLOUR[one.word]}m{word}\x1b[0m" if sys.stdout.isatty() else word
        print(f"{coloured} {one.check:<9} {one.what}", flush=True)
        if one.do:
            print(f"{'':<17}do: {one.do}", flush=True)
    raise typer.Exit(Exit.ERROR if wrong else Exit.WELL)


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command("doctor")(doctor_command)
