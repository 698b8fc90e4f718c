"""The `wirewatch` command: its name, and how its errors are said."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from io import TextIOWrapper
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
            if any("\ud800" <= char <= "\udfff" for char in said):
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
            _let_go_of_output()
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


def _let_go_of_output() -> None:
    """Nothing is left to be said, and the end of the process cannot fail by trying to."""
    if isinstance(sys.stdout, TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _output_for_all_letters() -> None:
    """Whatever the locale: files and programs get UTF-8, a terminal what it can show, and who closed it nothing."""
    # A descriptor that was closed is free for the next file or socket, which would get our words.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if isinstance(sys.stdout, TextIOWrapper):
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


@contextmanager
def _errors_said() -> Iterator[None]:
    """Errors on purpose are one clear message and a status, never a traceback; so is what the system refuses."""
    try:
        yield
    except WireError as error:
        say(f"error [{error.code}]: {error}")
        sys.exit(error.exit)
    except OSError as error:
        _let_go_of_output()
        where = f": {error.filename}" if error.filename else ""
        say(f"error [refused]: {error.strerror or error}{where}")
        sys.exit(Exit.ERROR)
    except ModuleNotFoundError as error:
        if (found := extra_for(error)) is None:
            raise
        missing, extra = found
        say(f"error [extra-missing]: {missing} is not installed; install it with: pip install 'wirewatch[{extra}]'")
        sys.exit(Exit.USAGE)


def main() -> NoReturn:
    """Run the command line; the process's status is one of `wire.errors.Exit`."""
    _output_for_all_letters()
    with _errors_said():
        app()
    sys.exit(Exit.WELL)


if __name__ == "__main__":
    main()
