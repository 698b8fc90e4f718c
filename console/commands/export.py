"""`wirewatch export` and `backfill`: articles and stories out of the log and into it."""

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from console.export import EXPORTS, atom, csv_lines, json_feed, json_lines
from console.finding import asked
from console.index.queries import Chosen, stories
from console.index.ready import Index
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, MOST, JsonOption, SettingsOption, say, show, time_ago
from console.progress import bar
from console.words import counted
from wire.messages import Article
from wire.settings_file import load_settings


class Format(str, Enum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"
    ATOM = "atom"
    JSON_FEED = "jsonfeed"


class What(str, Enum):
    """What is exported."""

    STORIES = "stories"
    ARTICLES = "articles"
    ALERTS = "alerts"
    VERDICTS = "verdicts"


def export_command(
    what: Annotated[What, typer.Argument(help="What to export.")],
    form: Annotated[Format, typer.Option("--format", help="atom and jsonfeed are for stories.")] = Format.JSONL,
    since: Annotated[str | None, typer.Option(help="Only of so lately, such as '2 d'.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many, the newest.")
    ] = 100_000,
    link: Annotated[str, typer.Option(help="Where the live page is; stories in feeds link to it.")] = (
        "http://127.0.0.1:9480"
    ),
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Write stories, articles, alerts or verdicts to standard output: JSON Lines, CSV, Atom or JSON Feed.

    Example: wirewatch export stories --format csv --since '2 d' > stories.csv
    """
    if form in (Format.ATOM, Format.JSON_FEED) and what is not What.STORIES:
        raise typer.BadParameter(f"--format {form.value} is for stories; {what.value} take jsonl or csv")
    with asked(settings) as index:
        for text in _written(index, what, form, time_ago(since), limit, link.rstrip("/")):
            sys.stdout.write(text)


def _written(index: Index, what: What, form: Format, since: datetime | None, limit: int, link: str) -> Iterator[str]:
    if form in (Format.ATOM, Format.JSON_FEED):
        found = stories(index.db, Chosen(since=since), min(limit, 200))
        write = atom if form is Format.ATOM else json_feed
        yield write(found, lambda story: f"{link}/stories/{story}")
        return
    rows = EXPORTS[what.value](index.db, since, limit)
    yield from (csv_lines if form is Format.CSV else json_lines)(rows)


def backfill_command(
    file: Annotated[Path, typer.Argument(help="JSON Lines: url, title, outlet; published, summary, body, language.")],
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Put articles of the past into the log by event time; stories are made of them, alerts are noted, nothing is sent.

    Example: wirewatch backfill last-month.jsonl
    """
    from console.backfill import append_articles, read_lines  # needs an extra

    loaded, _ = load_settings(settings)
    articles = read_lines(file, datetime.now(UTC))
    with closing(open_log(loaded.log)) as log, bar("writing to news.articles", len(articles)) as advance:
        append_articles(log, articles, advance)
    if as_json:
        show(*map(_facts, articles))
    say(f"{counted(len(articles), 'article')} written; the stages take them in now: wirewatch status")


def _facts(article: Article) -> dict[str, object]:
    return {"article_id": article.article_id, "url": article.url, "event_time": article.event_time}


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.command("export")(export_command)
    app.command("backfill")(backfill_command)
