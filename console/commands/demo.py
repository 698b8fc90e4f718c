"""`wirewatch demo`: the whole pipeline on an invented news day."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    log: Annotated[str, typer.Option(help="sqlite or kafka; with kafka the demo starts a broker itself.")] = "sqlite",
    keep: Annotated[bool, typer.Option("--keep", help="Keep everything running afterwards; Ctrl-C ends.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where to work; default: a temporary folder.")] = None,
    kill: Annotated[
        list[str] | None, typer.Option(help="STAGE@SECONDS: kill -9 that stage then, to see that nothing changes.")
    ] = None,
) -> None:
    """Run the whole pipeline on an invented news day, served on this machine; about a minute.

    Example: wirewatch demo --keep
    """
    if log not in ("sqlite", "kafka"):
        raise typer.BadParameter(f"{log!r} is no log; known: sqlite, kafka")
    from console.demo.run import Kill, run_demo

    try:
        kills = [Kill(said) for said in kill or ()]
    except ValueError as error:
        raise typer.BadParameter(f"--kill: {error}") from None
    try:
        (folder or Path()).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"--folder: {folder}: {error.strerror}") from None
    raise typer.Exit(run_demo(kind=log, keep=keep, folder=folder, kills=kills))


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command()(demo)
