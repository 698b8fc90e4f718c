"""`wirewatch deadletters`: what stages could not process - list, show, put into its topic again, discard."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from console.deadletters import Lying, again, lying, word
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.orders import operator, record_of
from console.words import plain
from wire.log.port import Log
from wire.messages import CommandKind
from wire.settings_file import load_settings

group = typer.Typer(no_args_is_help=True, help="Records that no stage could process: list, show, try again, discard.")
NameArgument = Annotated[str, typer.Argument(metavar="LETTER", help="As listed, such as news.articles/0/17.")]
NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="[LETTER]...", help="As listed.")]
AllOption = Annotated[bool, typer.Option("--all", help="All that are open.")]
CodeOption = Annotated[str | None, typer.Option(help="Only those with this error code.")]
WhyOption = Annotated[str, typer.Option(help="The reason, kept in the log.")]
_SHOWN_CHARS = 2000


@group.command("list")
def list_command(
    settled: Annotated[bool, typer.Option("--settled", help="Also those re-driven or discarded.")] = False,
    code: CodeOption = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
    as_json: JsonOption = False,
) -> None:
    """List dead letters: origin, stage, error, age; those that nobody has looked after.

    Example: wirewatch deadletters list --code undecodable
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        found = [one for one in lying(log) if _chosen(one, settled=settled, code=code)]
    if as_json:
        show(*map(_facts, found))
        return
    print("\n".join(map(plain, _table(found))) if found else "no dead letters")
    if any(one.settled is None for one in found):
        say("next: wirewatch deadletters show LETTER, then redrive or discard")


def _facts(one: Lying) -> dict[str, object]:
    return {"name": one.name, "state": one.state, "letter": one.letter, "settled": one.settled}


def _chosen(one: Lying, *, settled: bool, code: str | None) -> bool:
    return (settled or one.settled is None) and (code is None or one.letter.code == code)


def _table(found: Sequence[Lying]) -> Iterator[str]:
    rows = [("LETTER", "STAGE", "STATE", "AT", "CODE", "REASON")]
    for one in found:
        letter = one.letter
        at = letter.at.strftime("%Y-%m-%d %H:%M:%SZ")
        rows.append((one.name, letter.stage, one.state, at, letter.code, letter.reason.split("\n")[0][:80]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


@group.command("show")
def show_command(name: NameArgument, settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Show one dead letter: which record, which error, what was done about it, and the record's beginning.

    Example: wirewatch deadletters show news.articles/0/17
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        (one,) = _named(log, [name])
    if as_json:
        show(_facts(one))
        return
    print("\n".join(map(plain, _shown(one))))


def _shown(one: Lying) -> Iterator[str]:
    letter = one.letter
    yield f"Letter    {one.name}, key {letter.key or '-'}, {letter.size_bytes} bytes"
    yield f"Stage     {letter.stage} (wirewatch {letter.program}) at {letter.at:%Y-%m-%d %H:%M:%SZ}"
    yield f"Error     {letter.code}: {letter.reason}"
    if one.settled is None:
        yield "State     open"
    else:
        why = f": {one.settled.why}" if one.settled.why else ""
        yield f"State     {one.state} {one.settled.when:%Y-%m-%d %H:%M:%SZ} by {one.settled.who}{why}"
    yield from (f"Header    {pair.name}: {pair.value}" for pair in letter.headers)
    yield f"Record    {(letter.value or b'').decode('utf-8', 'backslashreplace')[:_SHOWN_CHARS] or '-'}"


@group.command("redrive")
def redrive_command(
    names: NamesArgument = None,
    all_open: AllOption = False,
    code: CodeOption = None,
    why: WhyOption = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Put records into their topics again, once the cause is mended; each keeps its key, content and identity.

    Example: wirewatch deadletters redrive --all --code bug --why 'fixed in 0.2'
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        for one in _open(log, names, all_open=all_open, code=code):
            said = word(one, CommandKind.RE_DRIVE, who=operator(), when=datetime.now(UTC), why=why)
            log.append([again(log, one), record_of(said)])
            show(said) if as_json else print(f"{one.name} is in {one.letter.topic} again")


@group.command("discard")
def discard_command(
    names: NamesArgument = None,
    all_open: AllOption = False,
    code: CodeOption = None,
    why: WhyOption = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Note that dead letters need nobody any more; they stay in the log until its retention, and leave the list.

    Example: wirewatch deadletters discard news.articles/0/17 --why 'a test page'
    """
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        for one in _open(log, names, all_open=all_open, code=code):
            said = word(one, CommandKind.DISCARD, who=operator(), when=datetime.now(UTC), why=why)
            log.append([record_of(said)])
            show(said) if as_json else print(f"{one.name} is discarded")


def _open(log: Log, names: Sequence[str] | None, *, all_open: bool, code: str | None) -> list[Lying]:
    """Those named, or all that are open."""
    if bool(names) == all_open:
        raise typer.BadParameter("name dead letters, or say --all")
    if names:
        return _named(log, names)
    return [one for one in lying(log) if _chosen(one, settled=False, code=code)]


def _named(log: Log, names: Sequence[str]) -> list[Lying]:
    known = {one.name: one for one in lying(log)}
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no dead letter {name!r}; wirewatch deadletters list shows them")
    return [known[name] for name in names]


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.add_typer(group, name="deadletters")
