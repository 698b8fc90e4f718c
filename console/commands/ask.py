"""`wirewatch why`, `trace` and `search`: questions about articles, answered from the index."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from console.explain.article import WhyNot, why, why_lines, why_not_lines
from console.finding import asked, find_alert, find_article, find_story
from console.index.queries import (
    MARK_BEGIN,
    MARK_END,
    article,
    search,
)
from console.index.ways import way_of
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show
from console.words import plain
from wire.settings_file import load_settings


def why_command(
    article_id: Annotated[
        str, typer.Argument(metavar="ARTICLE|ALERT", help="An article's id or address, or an alert's id.")
    ],
    watch: Annotated[str | None, typer.Option(help="Of an article: each condition of this watch.")] = None,
    not_story: Annotated[str | None, typer.Option("--not", help="Also: why it is not in this story.")] = None,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Tell why an article is in its story, or why an alert came: what decided, and each condition of the watch.

    Example: wirewatch why 6f1b2c --watch musk-putin
    """
    if watch is not None or article_id.startswith("al-"):
        _why_told(article_id, watch, settings, as_json=as_json)
        return
    with asked(settings) as index:
        said = why(index.db, find_article(index, article_id).article_id)
        assert said is not None
        other = None if not_story is None else find_story(index, not_story)
        if as_json:
            show(said.article, *([said.story] if said.story else []), *([said.decided] if said.decided else []))
            show(*said.moved)
            if other is not None:
                show(WhyNot(not_in=other.story_id, because=tuple(why_not_lines(index.db, said, other))))
            return
        lines = [*why_lines(index.db, said), *(why_not_lines(index.db, said, other) if other else ())]
        print("\n".join(lines))


def _why_told(named: str, watch: str | None, settings: Path, *, as_json: bool) -> None:
    from console.explain.alert import alert_outcomes, article_outcomes, earlier_lines, lines, told_lines

    loaded, catalogue = load_settings(settings)
    with asked(settings) as index, closing(open_log(loaded.log)) as log:
        if watch is None:
            alert = find_alert(index, named)
            head = list(told_lines(index, alert))
            if alert.watch not in [one.name for one in loaded.watch]:
                say(f"note: the settings have no watch {alert.watch} any more, so nothing is known of its conditions")
                show(alert) if as_json else print("\n".join(head))
                return
            outcomes = alert_outcomes(index, log, alert, loaded, catalogue)
        else:
            found = find_article(index, named)
            outcomes = article_outcomes(index, log, found.article_id, watch, loaded, catalogue)
            head = [f"Article    {found.article_id}  {found.outlet}  {plain(found.title)}"]
            head += earlier_lines(index, found.story_id, watch)
    if as_json:
        show(*outcomes)
    else:
        print("\n".join([*head, "Conditions of the watch, as it is now:", *lines(outcomes)]))


def trace_command(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE", help="An article's id or address.")],
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Follow one article through every stage, with times, like a parcel.

    Example: wirewatch trace https://outlet.example/2026/port-opens
    """
    with asked(settings) as index:
        found = article(index.db, article_id)
        steps = way_of(index.db, article_id if found is None else found.article_id)
        if not steps:
            steps = way_of(index.db, find_article(index, article_id).article_id)
        if as_json:
            show(*steps)
            return
        last = None
        for step in steps:
            at = "-" if step.at is None else f"{step.at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + "Z"
            wait = "" if last is None or step.at is None else f"+{(step.at - last).total_seconds():.3f} s"
            last = step.at or last
            print(f"{at:<24} {wait:>14}  {step.stage:<9} {plain(step.what)}  {step.origin}".rstrip())


def search_command(
    words: Annotated[list[str], typer.Argument(help="Words that all must stand in an article; `oil*` finds oils too.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many.")] = 20,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Find articles, and their stories, by words of headline, summary or text.

    Example: wirewatch search grain corrid*
    """
    bright = sys.stdout.isatty()
    with asked(settings) as index:
        found = search(index.db, " ".join(words), limit)
        if as_json:
            show(*found)
            return
        for one in found:
            to = one.article.story_id or "-"
            print(
                f"{one.article.event_time:%Y-%m-%d %H:%MZ}  {to}  {one.article.outlet:<16} {plain(one.article.title)}"
            )
            snippet = plain(one.snippet.replace(MARK_BEGIN, "\0").replace(MARK_END, "\1").replace("\n", " "), "\0\1")
            begin, end = ("\x1b[1m", "\x1b[0m") if bright else ("[", "]")
            print(f"    {one.article.article_id}  {snippet.replace(chr(0), begin).replace(chr(1), end)}")
        if not found:
            say("nothing found; all words must stand in one article, and `*` at the end of a word finds longer ones")


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.command("why")(why_command)
    app.command("trace")(trace_command)
    app.command("search")(search_command)
