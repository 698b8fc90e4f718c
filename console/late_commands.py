"""Commands whose modules are read when they are asked for: `wirewatch status` needs nothing of what `export` does."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

# The module of each command or group in `console.commands`; its `register` puts exactly these on a `typer.Typer`.
# `wirewatch --help` reads all of them, so their imports at the top are of what every installation has.
MODULES: Mapping[str, tuple[str, ...]] = {
    "settings": ("init", "check"),
    "topics": ("topics", "schema"),
    "stage": ("stage",),
    "up": ("up",),
    "tail": ("tail",),
    "status": ("status",),
    "broker": ("broker",),
    "demo": ("demo",),
    "ask": ("why", "trace", "search"),
    "alerts": ("deliveries", "mute", "alerts"),
    "sample": ("test",),
    "backtest": ("backtest",),
    "reset": ("reset",),
    "export": ("export", "backfill"),
    "doctor": ("doctor",),
    "backup": ("backup",),
    "page": ("page",),
    "articles": ("articles",),
    "feeds": ("feeds",),
    "stories": ("stories",),
    "deadletters": ("deadletters",),
}
_MODULE_OF = {name: module for module, names in MODULES.items() for name in names}


class LateCommands(TyperGroup):
    """The root, whose commands are those of `MODULES`."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Every name; reads no module."""
        return list(_MODULE_OF)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """The command, its module read; for an unknown name all are, so that the nearest can be named."""
        for module in [_MODULE_OF[cmd_name]] if cmd_name in _MODULE_OF else MODULES:
            self.commands.update(registered(module))
        return self.commands.get(cmd_name)


def registered(module: str) -> Mapping[str, Any]:
    """The commands of `console/commands/{module}.py` by name."""
    part = typer.Typer()
    import_module(f"console.commands.{module}").register(part)
    return get_group(part).commands
