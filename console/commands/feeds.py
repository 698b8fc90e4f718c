"""`wirewatch feeds`: who is polled, how each feed stands; try, add, remove and poll feeds; OPML in and out."""

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from console.feeds.adding import ask, feed_for, may_hold_secret, outlet_of
from console.feeds.listing import feed_lines, feed_rows, known_feeds
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.orders import command, operator, send
from ingest.feeds import Feed
from wire.errors import BadSettings, Exit, Fault, TopicMismatch
from wire.log.port import Log
from wire.messages import CommandKind, NewFeed
from wire.settings import Settings
from wire.settings_base import EXPECTED, ID, LANGUAGE
from wire.settings_file import load_settings

group = typer.Typer(no_args_is_help=False, invoke_without_command=True, help="Feeds: list, try, add, poll them.")
UrlArgument = Annotated[str, typer.Argument(metavar="URL", help="A feed's address, or a page that names one.")]


@group.callback()
def feeds(context: typer.Context, as_json: JsonOption = False, settings: SettingsOption = DEFAULT_SETTINGS) -> None:
    """Feeds: list, try, add, poll them; without a command the list."""
    if context.invoked_subcommand is None:
        list_command(as_json=as_json, settings=settings)
        return
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            said = f"it is for the list alone; say it behind `feeds {context.invoked_subcommand}`"
            raise typer.BadParameter(said, param_hint=parameter.opts[0])


@group.command("list")
def list_command(as_json: JsonOption = False, settings: SettingsOption = DEFAULT_SETTINGS) -> None:
    """List every feed: state, last success and change, next poll, interval, failures, articles a day.

    Example: wirewatch feeds list
    """
    with _opened(settings) as (loaded, log):
        found = known_feeds(log, loaded.outlet)
    now = datetime.now(UTC)
    rows = feed_rows(*found, now)
    if as_json:
        show(*rows)
        return
    print("\n".join(feed_lines(rows, now)))


@group.command("check")
def check_command(url: UrlArgument, settings: SettingsOption = DEFAULT_SETTINGS, as_json: JsonOption = False) -> None:
    """Ask an address once and say what ingest would make of it; nothing is kept.

    Example: wirewatch feeds check https://outlet.example/rss
    """
    from console.feeds.trying import tried_facts, tried_lines, try_address

    loaded, _ = load_settings(settings)
    found = try_address(url, loaded.ingest)
    for tried in found:
        show(tried_facts(tried)) if as_json else print("\n".join(tried_lines(tried)))
    raise typer.Exit(Exit.ERROR if found[-1].read is None else Exit.WELL)


@group.command("add")
def add_command(
    url: UrlArgument,
    outlet: Annotated[str | None, typer.Option(help="Whose feed it is; default: its host.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1, where the feed does not say it.")] = None,
    body: Annotated[str, typer.Option(help="feed or page: where the articles' text comes from.")] = "feed",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be ingested; add nothing.")] = False,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Add a feed: discovers that of a page, tries it, shows what it would ingest, and tells ingest to poll it.

    Example: wirewatch feeds add https://outlet.example/ --outlet outlet
    """
    from console.feeds.trying import tried_facts, tried_lines, try_address

    if body not in ("feed", "page"):
        raise typer.BadParameter(f"--body: {body!r} is neither feed nor page")
    for option, said, pattern in (("--outlet", outlet, ID), ("--language", language, LANGUAGE)):
        if said is not None and re.fullmatch(pattern, said) is None:
            raise typer.BadParameter(f"{option}: {EXPECTED[pattern]} was expected, not {said!r}")
    loaded, _ = load_settings(settings)
    found = try_address(url, loaded.ingest)
    for tried in found:
        print("\n".join(tried_lines(tried)), file=sys.stderr if as_json else sys.stdout)
    last = found[-1]
    if last.read is None:
        raise typer.Exit(Exit.ERROR)
    address = (last.answer.moved if last.answer is not None else None) or last.url
    _refuse_secret(address)
    if dry_run:
        if as_json:
            show(*map(tried_facts, found))
        return
    with _opened(settings) as (loaded, log):
        known = known_feeds(log, loaded.outlet)[0].values()
        new = NewFeed(outlet=outlet or outlet_of(address), url=address, language=language, body=body)
        feed, is_known = feed_for(new, known)
        asked = ask(log, new, feed, known=is_known, trial=False)
    if as_json:
        show(asked)
    say(f"this feed is known already: {feed.id}" if is_known else f"added as {feed.id}; see: wirewatch feeds list")


@group.command("remove")
def remove_command(
    feed: Annotated[str, typer.Argument(help="The id of a feed that was added by command.")],
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Remove a feed that a command has added; what it has shown is forgotten, articles told stay told.

    Example: wirewatch feeds remove outlet.example.1
    """
    with _opened(settings) as (loaded, log):
        found = _the_feed(feed, known_feeds(log, loaded.outlet)[0])
        if not found.added:
            raise typer.BadParameter(f"{found.id} stands in the settings: take it out there")
        _tell(log, CommandKind.REMOVE_FEED, found, as_json=as_json)
    say(f"{found.id} will be removed by ingest")


@group.command("poll")
def poll_command(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="A feed's id or address.")],
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Poll a feed now, with its validators, and not before the time that its host demanded.

    Example: wirewatch feeds poll bbc.1
    """
    with _opened(settings) as (loaded, log):
        found = _the_feed(feed, known_feeds(log, loaded.outlet)[0])
        _tell(log, CommandKind.POLL_NOW, found, as_json=as_json)
    say(f"{found.id} will be polled as soon as its host allows; see: wirewatch feeds list")


@group.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added; add nothing.")] = False,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Add the feeds of an OPML file; those that are known are passed over, and none is tried before its first poll.

    Example: wirewatch feeds import subscriptions.opml
    """
    from console.feeds.opml import read_opml

    try:
        listed = read_opml(file.read_bytes(), str(file))
    except OSError as error:
        raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from None
    with _opened(settings) as (loaded, log):
        known = list(known_feeds(log, loaded.outlet)[0].values())
        for one in listed:
            if may_hold_secret(one.url):
                say(f"passed over, since its address may hold a secret: {urlsplit(one.url).hostname}")
                continue
            new = NewFeed(outlet=outlet_of(one.url), url=one.url, language=one.language)
            feed, is_known = feed_for(new, known)
            asked = ask(log, new, feed, known=is_known, trial=dry_run)
            known.append(feed)
            if as_json:
                show(asked)
            elif not is_known:
                print(f"{feed.id}  {feed.url}")


@group.command("export")
def export_command(
    file: Annotated[Path | None, typer.Argument(help="Where to write; default: standard output.")] = None,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Write all feeds as OPML; addresses that may hold a secret are left out, and counted.

    Example: wirewatch feeds export feeds.opml
    """
    from console.feeds.opml import OpmlFeed, write_opml

    with _opened(settings) as (loaded, log):
        known = known_feeds(log, loaded.outlet)[0]
    open_ones = [feed for _, feed in sorted(known.items()) if not may_hold_secret(feed.url)]
    data = write_opml([OpmlFeed(url=f.url, title=f.id, language=f.language) for f in open_ones], "Wirewatch feeds")
    if file is None:
        sys.stdout.write(data.decode())
    else:
        try:
            file.write_bytes(data)
        except OSError as error:
            raise typer.BadParameter(f"cannot write {file}: {error.strerror}") from None
    if len(open_ones) < len(known):
        say(f"{len(known) - len(open_ones)} feeds left out: their addresses may hold secrets")


def _refuse_secret(url: str) -> None:
    if may_hold_secret(url):
        what = "may hold a secret, which must not stand on a topic: put this feed into the settings file"
        raise BadSettings("feeds add", [Fault("URL", what)])


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Settings, Log]]:
    loaded, _ = load_settings(path)
    with closing(open_log(loaded.log)) as log:
        if different := log.differences():
            raise TopicMismatch(different)
        yield loaded, log


def _the_feed(said: str, known: Mapping[str, Feed]) -> Feed:
    found = known.get(said) or next((feed for feed in known.values() if feed.url == said), None)
    if found is None:
        near = difflib.get_close_matches(said, known, n=3)
        raise typer.BadParameter(f"no such feed: {said}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
    return found


def _tell(log: Log, kind: CommandKind, feed: Feed, *, as_json: bool) -> None:
    said = command(kind, "ingest", feed.id, who=operator(), when=datetime.now(UTC))
    send(log, said)
    if as_json:
        show(said)


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.add_typer(group, name="feeds")
