"""The `wirewatch` command: its name, and how its errors are said."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any, NoReturn

import typer

from console.extras import extra_for
from console.late_commands import LateCommands
from console.options import say
from wire.errors import Exit, WireError


class Root(LateCommands):
    """`wirewatch` itself."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Take the arguments; bytes that are no text can be looked up nowhere and stand in no message."""
        for said in args:
            if not said.isprintable() and any("\ud800" <= char <= "\udfff" for char in said):
                raise typer.BadParameter(f"{said!r} is no text in {sys.getfilesystemencoding()}")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; who reads its answer, as in `wirewatch tail … | head`, may have seen enough at any time."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to be said
            raise typer.Exit(Exit.WELL) from None


app = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Stories, not headlines: polls feeds, groups coverage into stories, tells you when watched entities meet.",
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"wirewatch {version('wirewatch')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Take what stands before a command; without the callback typer knows no root whose commands come late."""


@contextmanager
def _errors_said() -> Iterator[None]:
    """Errors on purpose are one clear message and a status, never a traceback."""
    try:
        yield
    except WireError as error:
        say(f"error [{error.code}]: {error}")
        sys.exit(error.exit)
    except ModuleNotFoundError as error:
        if (found := extra_for(error)) is None:
            raise
        missing, extra = found
        say(f"error [extra-missing]: {missing} is not installed; install it with: pip install 'wirewatch[{extra}]'")
        sys.exit(Exit.USAGE)


def main() -> NoReturn:
    """Run the command line; the process's status is one of `wire.errors.Exit`."""
    with _errors_said():
        app()
    sys.exit(Exit.WELL)


if __name__ == "__main__":
    main()
