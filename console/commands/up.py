"""`wirewatch up`: all stages and the live page."""

from typing import Annotated

import typer

from console.options import DEFAULT_SETTINGS, SettingsOption
from console.services.up import run_up
from wire.logs import log_to


def up(
    settings: SettingsOption = DEFAULT_SETTINGS,
    with_page: Annotated[bool, typer.Option("--page/--no-page", help="The live page too.")] = True,
) -> None:
    """Run all stages and the live page on this machine, each a process; what dies is started again.

    Example: wirewatch up
    """
    log_to()
    raise typer.Exit(run_up(settings, with_page=with_page))


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command()(up)
