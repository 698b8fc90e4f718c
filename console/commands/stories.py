"""`wirewatch stories`: what is going on, and one story's timeline."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from console.explain.article import by_hand
from console.finding import asked, find_article, find_story
from console.index.queries import Chosen, article, articles_of, events_of, main_entities, stories
from console.index.ready import Index, ready_index
from console.index.views import StoryView
from console.open_log import open_log
from console.options import DEFAULT_SETTINGS, JsonOption, SettingsOption, say, show, time_ago
from console.orders import command, operator, send
from console.words import counted, plain, span_words
from wire.messages import CommandKind, StoryEvent, StoryEventKind
from wire.settings_file import load_settings

group = typer.Typer(no_args_is_help=True, help="Stories: list them, look at one, correct it.")
_SHOWN = 12  # lines of the timeline without --all


@group.command("list")
def list_command(
    language: Annotated[str | None, typer.Option(help="Only with an article in this language.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Only with an article of this outlet.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only with a mention of this entity.")] = None,
    since: Annotated[str | None, typer.Option(help="Only changed so lately, such as '2 h'.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most so many.")] = 20,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """List stories, the last changed first.

    Example: wirewatch stories list --language uk --since '2 h'
    """
    chosen = Chosen(language=language, outlet=outlet, entity=entity, since=time_ago(since))
    with asked(settings) as index:
        found = stories(index.db, chosen, limit)
        if as_json:
            show(*found)
            return
        now = datetime.now(UTC)
        for one in found:
            print(
                f"{one.story_id}  {one.status:<10} {one.article_count:>4} in {len(one.outlets):>3} outlets"
                f"  {' '.join(one.languages):<12} {span_words(now - one.last_seen):>6} ago  {plain(one.title)}"
            )


@group.command("show")
def show_command(
    story_id: Annotated[str, typer.Argument(metavar="STORY", help="A story's id; one that was merged leads on.")],
    all_events: Annotated[bool, typer.Option("--all", help="The whole timeline.")] = False,
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Show one story: coverage, who reported first and cites whom, its timeline.

    Example: wirewatch stories show st-784e63f1b79cd732
    """
    with asked(settings) as index:
        story = find_story(index, story_id)
        if as_json:
            show(story, *articles_of(index.db, story.story_id))
            show(*(event for event, _ in reversed(events_of(index.db, story.story_id))))
            return
        print("\n".join(story_lines(index, story, datetime.now(UTC), everything=all_events)))


WhyOption = Annotated[str, typer.Option(help="The reason; it stands in the story's timeline.")]
ArticleArguments = Annotated[list[str], typer.Argument(metavar="ARTICLE...", help="Ids or addresses of articles.")]


@group.command("merge")
def merge_command(
    story_id: Annotated[str, typer.Argument(metavar="STORY", help="One of the two.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other; the older one keeps its id.")],
    why: WhyOption = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Make one story of two; the machine never undoes it.

    Example: wirewatch stories merge st-1 st-2 --why 'the same strike'
    """
    with corrected(settings, why, as_json=as_json) as (index, correct):
        one, two = _living(index, story_id).story_id, _living(index, other).story_id
        if one == two:
            raise typer.BadParameter(f"{story_id} and {other} are one story already: {one}")
        correct(CommandKind.MERGE, one, two, ())


@group.command("split")
def split_command(
    story_id: Annotated[str, typer.Argument(metavar="STORY", help="The story that they leave.")],
    articles: ArticleArguments,
    why: WhyOption = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Make a story of their own of some of a story's articles; the machine never undoes it.

    Example: wirewatch stories split st-1 a3 --why 'another port'
    """
    with corrected(settings, why, as_json=as_json) as (index, correct):
        story = find_story(index, story_id)
        found = {one.article_id: one for one in (find_article(index, named) for named in articles)}
        strange = [one.article_id for one in found.values() if one.story_id != story.story_id]
        if strange:
            raise typer.BadParameter(f"not in {story.story_id}: {' '.join(strange)}")
        if len(found) >= story.article_count:
            raise typer.BadParameter(f"nothing would stay in {story.story_id}")
        correct(CommandKind.SPLIT, story.story_id, None, tuple(found))


@group.command("move")
def move_command(
    story_id: Annotated[str, typer.Argument(metavar="STORY", help="Where they belong.")],
    articles: ArticleArguments,
    why: WhyOption = "",
    as_json: JsonOption = False,
    settings: SettingsOption = DEFAULT_SETTINGS,
) -> None:
    """Move articles to the story where they belong; the machine never undoes it.

    Example: wirewatch stories move st-2 a3 --why 'it is about the strike'
    """
    with corrected(settings, why, as_json=as_json) as (index, correct):
        found = {one.article_id: one for one in (find_article(index, named) for named in articles)}
        to = _living(index, story_id).story_id
        if all(one.story_id == to for one in found.values()):
            raise typer.BadParameter(f"in {to} already: {' '.join(found)}")
        correct(CommandKind.MOVE, to, None, tuple(found))


def _living(index: Index, named: str) -> StoryView:
    """The story, which must not be over."""
    story = find_story(index, named)
    if story.is_over:
        raise typer.BadParameter(f"{story.story_id} is over, nothing is left in it: `stories split` makes a new story")
    return story


Correct = Callable[[CommandKind, str, str | None, tuple[str, ...]], None]


@contextmanager
def corrected(settings: Path, why: str, *, as_json: bool) -> Iterator[tuple[Index, Correct]]:
    """The index to look things up in, and what writes the correction to the log."""
    loaded, _ = load_settings(settings)
    with closing(open_log(loaded.log)) as log, ready_index(loaded, log) as index:

        def correct(kind: CommandKind, target: str, other: str | None, articles: tuple[str, ...]) -> None:
            who, when = operator(), datetime.now(UTC)
            said = command(kind, "cluster", target, who=who, when=when, why=why, other=other, articles=articles)
            send(log, said)
            if as_json:
                show(said)
            say(f"{said.command_id} is on the log; cluster applies it: wirewatch stories show {target}")

        yield index, correct


def story_lines(index: Index, story: StoryView, now: datetime, *, everything: bool) -> Iterator[str]:
    """The story for people: state first, ages beside times."""
    facts = story.facts
    yield f'Story      {story.story_id}  {story.status} since {_time(story.first_event_time)}  "{plain(story.title)}"'
    independent = f", {len(facts.independent)} independent" if facts.independent else ""
    yield (
        f"Coverage   {counted(story.article_count, 'article')}, {counted(len(story.outlets), 'outlet')}{independent}"
        f" in {' '.join(story.languages)}, newest {_time(story.last_event_time)},"
        f" {span_words(now - story.last_event_time)} ago"
    )
    yield from (f"Headline   {one.language}  {plain(one.title)}" for one in facts.headlines)
    if facts.first_outlet:
        yield f"First      {facts.first_outlet}"
    yield from (f"Cites      {one.outlet} names {one.cites} ({one.articles})" for one in facts.citations)
    entities = ", ".join(f"{entity} {count}" for entity, count in main_entities(index.db, story.story_id))
    yield f"Entities   {entities or '-'}"
    if facts.aliases:
        yield f"Was also   {' '.join(facts.aliases)}"
    yield from _watches(index, story)
    yield from _timeline(index, story, everything=everything)


def _watches(index: Index, story: StoryView) -> Iterator[str]:
    rows = index.db.execute(
        "SELECT watch, count(*), max(seen) FROM alerts WHERE story = ? GROUP BY watch ORDER BY watch", (story.story_id,)
    )
    for watch, count, seen in rows:
        yield f"Watches    {watch}: {counted(count, 'alert')}, last {_time(datetime.fromtimestamp(seen / 1000, UTC))}"


def _timeline(index: Index, story: StoryView, *, everything: bool) -> Iterator[str]:
    events = events_of(index.db, story.story_id, 100_000 if everything else 500)
    lines = list(_folded(index, story.story_id, events))
    shown = lines if everything else lines[:_SHOWN]
    for number, line in enumerate(shown):
        yield f"{'Timeline' if number == 0 else '':<10} {line}"
    if len(lines) > len(shown):
        yield f"{'':<10} {len(lines) - len(shown)} older: --all"
    here = {one.article_id for one in articles_of(index.db, story.story_id)}
    joined = next((about for event, about in events if event.kind is StoryEventKind.JOINED and about in here), None)
    if joined is not None:
        yield f"Why is {joined} here?  wirewatch why {joined}"


def _folded(index: Index, story_id: str, events: list[tuple[StoryEvent, str | None]]) -> Iterator[str]:
    """One line an event; a row of events of one kind about articles of one outlet is one line."""
    lines = [(event, about, _where(index, story_id, event, about)) for event, about in events]
    for _, row in groupby(lines, key=lambda one: (one[0].kind, one[2]) if one[1] else one[0].event_id):
        several = list(row)
        event, about, where = several[0]
        times = f"  (x{len(several)})" if len(several) > 1 else ""
        score = f"score {event.score:.2f}" if event.score else ""
        what = about or (event.articles[0] if len(event.articles) == 1 else counted(len(event.articles), "article"))
        said = f"{score:<10} {what if about or event.articles else ''}{times}  {by_hand(event.evidence)}"
        yield f"{_time(event.seen)}  {event.kind.value:<8} {where:<18} {said}".rstrip()


def _where(index: Index, story_id: str, event: StoryEvent, about: str | None) -> str:
    """The outlet of the article, else the other story; `-` for an article that was taken down."""
    if about is not None:
        known = article(index.db, about)
        return "-" if known is None else known.outlet
    if event.story_id != story_id:
        return f"from {event.story_id}"
    return f"{'with' if event.kind is StoryEventKind.MERGED else 'to'} {event.other}" if event.other else ""


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%SZ}"


def register(app: typer.Typer) -> None:
    """Put these commands on the `wirewatch` command."""
    app.add_typer(group, name="stories")
