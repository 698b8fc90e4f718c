"""`wirewatch stage`: one stage as a service."""

import os
import signal
from typing import Annotated

import typer

from console.options import DEFAULT_SETTINGS, SettingsOption
from wire.errors import Exit
from wire.logs import log_to
from wire.topics import STAGES


def stage(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(STAGES)}.")],
    lane: Annotated[list[int] | None, typer.Option(help="Only these lanes; default: all.")] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
) -> None:
    """Run one stage as a service, as in production; SIGTERM ends it well, SIGUSR1 makes it log a digest of its state.

    Example: wirewatch stage enrich --lane 0
    """
    if name not in STAGES:
        raise typer.BadParameter(f"{name!r} is no stage; known: {', '.join(STAGES)}")
    # Reading the stage's modules takes seconds.  Until the service has its own handler nothing is begun, so nothing
    # has to be ended.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(Exit.WELL))
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # there is no state yet to be told
    from console.services.run_stage import run_stage

    log_to()
    raise typer.Exit(run_stage(name, lane, settings, supervised=supervised))


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command()(stage)
