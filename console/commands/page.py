"""`wirewatch page`: the live page."""

from typing import Annotated

import typer

from console.options import DEFAULT_SETTINGS, SettingsOption, say
from wire.logs import log_to
from wire.settings_file import load_settings


def page_command(
    settings: SettingsOption = DEFAULT_SETTINGS,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
) -> None:
    """Serve the live page, and keep the index up to date; `wirewatch up` does this too.

    Example: wirewatch page
    """
    from console.page.serve import serve

    log_to()
    loaded, _ = load_settings(settings)
    host = f"[{loaded.page.host}]" if ":" in loaded.page.host else loaded.page.host
    raise typer.Exit(
        serve(settings, supervised=supervised, on_ready=lambda port: say(f"the page is at http://{host}:{port}/"))
    )


def register(app: typer.Typer) -> None:
    """Put this command on the `wirewatch` command."""
    app.command("page")(page_command)
