"""`wirewatch reset`: make a stage read again from some time on, after saying what that means."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.orders import operator
from console.progress import bar
from console.reset import LanePlan, LaneReset, plan, reset
from console.words import counted
from wire.errors import TopicMismatch
from wire.settings import parse_span
from wire.settings_file import load_settings
from wire.topics import STAGES


def reset_command(
    stage: Annotated[str, typer.Argument(help=f"One of {', '.join(STAGES)}.")],
    to: Annotated[str, typer.Option(help="From when on: '2026-11-24T09:00Z', or so long ago, such as '2 h'.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    deliver: Annotated[bool, typer.Option("--deliver", help="Also send what is told again.")] = False,
    why: Annotated[str, typer.Option(help="The reason, kept in the log.")] = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Make a stage forget what it knows and read its input again; it says what it will do, and then asks.

    A process that runs the stage ends within some 15 s; wirewatch up starts it anew.
    Nothing is sent of what is told again, unless --deliver asks for it.

    Example: wirewatch reset cluster --to '2 d' --why 'new thresholds'
    """
    if stage not in STAGES:
        raise typer.BadParameter(f"{stage!r} is no stage; known: {', '.join(STAGES)}")
    loaded, _ = load_settings(settings)
    when = datetime.now(UTC)
    begin = _time(to, when)
    with closing(open_log(loaded.log)) as log:
        if different := log.differences():
            raise TopicMismatch(different)
        plans = plan(log, stage, begin, loaded.cluster.window)
        announcement = "\n".join(_lines(stage, begin, plans, deliver=deliver))
        say(announcement) if as_json else print(announcement)
        if not yes:
            typer.confirm("Do it?", abort=True, err=as_json)
        with bar(f"reading the state of {stage}", None) as advance:
            done = reset(log, plans, who=operator(), when=when, why=why, deliver=deliver, advance=advance)
    if as_json:
        show(*map(_facts, done))
    gone = sum(one.forgotten for one in done)
    say(f"{stage} is reset, {counted(gone, 'record')} of its state forgotten")
    say(f"wirewatch up starts it anew by itself; where nothing does, next: wirewatch stage {stage}")


def _facts(one: LaneReset) -> dict[str, object]:
    begin = [{"topic": topic, "partition": number, "offset": at} for (topic, number), at in one.plan.begin.items()]
    return {
        "lane": one.plan.spec.name,
        "command": one.command,
        "begin": begin,
        "read_again": one.plan.again,
        "forgotten": one.forgotten,
    }


def _time(said: str, now: datetime) -> datetime:
    try:
        return now - parse_span(said)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(said)
    except ValueError:
        raise typer.BadParameter(f"--to: {said!r} is neither a time, such as 2026-11-24T09:00Z, nor a span") from None
    if time.tzinfo is None:
        raise typer.BadParameter(f"--to: {said!r} needs a zone, such as Z or +02:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(f"--to: {said!r} lies beyond the calendar") from None


def _lines(stage: str, begin: datetime, plans: Sequence[LanePlan], *, deliver: bool) -> Iterator[str]:
    place = STAGES[stage]
    yield f"Resetting {stage} to {begin:%Y-%m-%d %H:%M:%SZ}:"
    for one in plans:
        for (topic, partition), offset in one.begin.items():
            yield f"  lane {one.spec.name} reads {topic}/{partition} again from offset {offset}"
        yield f"  lane {one.spec.name}: {counted(one.again, 'record')} are read again"
    if place.state is not None:
        yield f"  its state in {place.state} is forgotten; corrections and mutes of people stay"
    if stage == "cluster":
        yield "  its open stories are retired first; articles keep their ids"
    if stage == "ingest":
        yield "  every feed is polled as if for the first time; articles that are known downstream change nothing there"
    elif deliver:
        yield "  what it tells again IS SENT AGAIN: --deliver was given"
    else:
        yield "  what it tells again is marked as a replay, and nothing of it is sent"
    yield "  a process that still runs the stage ends at its next commit, within some 15 s; wirewatch up starts it anew"


def register(app: typer.Typer) -> None:
    """Put the command on `wirewatch`."""
    app.command("reset")(reset_command)
