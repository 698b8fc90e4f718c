"""`wirewatch init` and `check`: a settings file to begin with, and whether it is good."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.checkup.review import doubts
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.starter import write_starter
from console.words import counted
from wire.settings_file import load_settings


def init(
    contact: Annotated[str, typer.Option(help="E-mail or web address that outlets can reach you at.")] = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Write a commented settings file with outlets to start with.

    Example: wirewatch init --contact desk@example.org
    """
    write_starter(settings, contact)
    if as_json:
        show({"settings": str(settings), "contact": contact})
    first = "" if contact else "set ingest.contact in it, then "
    say(f"wrote {settings}; next: {first}wirewatch check, wirewatch up")


def check(settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Check the settings: every fault at once, with its place and the nearest known name.

    Example: wirewatch check
    """
    loaded, catalogue = load_settings(settings)
    notes = tuple(doubts(loaded, datetime.now(UTC)))
    feeds = sum(len(outlet.feed) for outlet in loaded.outlet)
    if as_json:
        counts = {"outlets": len(loaded.outlet), "feeds": feeds, "watches": len(loaded.watch)}
        counts |= {"channels": len(loaded.channel), "entities": len(catalogue)}
        said = {"settings": str(settings), "log": loaded.log.kind, **counts, "notes": notes}
        show(said)
        return
    for note in notes:
        say(f"note: {note}")
    print(
        f"{settings} is good: {counted(len(loaded.outlet), 'outlet')} with {counted(feeds, 'feed')},"
        f" {counted(len(loaded.watch), 'watch')}, {counted(len(loaded.channel), 'channel')},"
        f" {len(catalogue)} entities known, log {loaded.log.kind}"
    )


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.command()(init)
    app.command()(check)
