"""`why` for alerts: each condition of the watch with its outcome, for an alert's articles or for any article."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

import msgspec

from alerts.coverage import coverage_of
from alerts.delivery import Delivery
from alerts.explain import Condition, article_conditions, story_conditions
from alerts.watch import Watch, Watches
from console.index.queries import article, living_story
from console.index.ready import Index
from console.index.redaction import is_removed
from console.index.schema import ms
from console.services.run_stage import entity_names
from console.topics.reading import next_records
from console.watch_choice import find_watch
from console.words import plain
from wire.catalogue import Catalogue
from wire.codec import decode
from wire.log.port import Log, Since
from wire.messages import Alert, StoryEvent
from wire.settings import Settings
from wire.topics import STORY_EVENTS


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One condition's outcome, for machines."""

    about: str  # an article's or a story's id
    condition: str
    holds: bool
    found: str


def alert_outcomes(index: Index, log: Log, alert: Alert, settings: Settings, catalogue: Catalogue) -> list[Outcome]:
    """Every condition of the watch, as it is now, for what the alert shows.

    Raises:
        NotFound: the settings have no such watch any more.
    """
    watch = find_watch(settings, alert.watch)
    found = list[Outcome]()
    for one in alert.evidence:
        brought = _brought(index, log, one.article_id, alert.seen)
        found += _of_article(watch, one.article_id, brought, catalogue)
    conditions = story_conditions(watch, alert.independent or alert.outlets, alert.seen)
    return [*found, *_said(alert.story_id, conditions)]


def article_outcomes(
    index: Index, log: Log, article_id: str, name: str, settings: Settings, catalogue: Catalogue
) -> list[Outcome]:
    """Every condition of a watch for the newest version of an article, and for its story.

    Raises:
        NotFound: the settings have no such watch.
    """
    watch = find_watch(settings, name)
    now = datetime.now(UTC)
    found = list(_of_article(watch, article_id, _brought(index, log, article_id, now), catalogue))
    known = article(index.db, article_id)
    story = None if known is None or known.story_id is None else living_story(index.db, known.story_id)
    if story is None:
        return found
    independent = story.facts.independent or story.outlets
    return [*found, *_said(story.story_id, story_conditions(watch, independent, now))]


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """For people: what holds and what does not, under what it is about."""
    about = ""
    for one in outcomes:
        if one.about != about:
            about = one.about
            yield f"  {about}"
        yield f"    {'yes' if one.holds else 'NO ':<3}  {one.condition:<14} {plain(one.found)}"


def told_lines(index: Index, alert: Alert) -> Iterator[str]:
    """What the alert is and what became of it."""
    yield f"Alert      {alert.alert_id}  {alert.kind.value} {alert.number} of {alert.watch} on {alert.story_id}"
    yield f"           {plain(alert.title)}"
    yield f"Why        {plain(alert.why)}"
    yield f"Decided    {alert.seen:%Y-%m-%d %H:%M:%SZ}, story first seen {alert.first_seen:%Y-%m-%d %H:%M:%SZ}"
    rows = index.db.execute("SELECT message FROM deliveries WHERE alert = ? ORDER BY channel", (alert.alert_id,))
    for (message,) in rows:
        one = msgspec.json.decode(message, type=Delivery)
        ended = f" {one.ended:%Y-%m-%d %H:%M:%SZ}" if one.ended else ""
        yield f"Delivery   {one.channel}: {one.state.value}{ended}  {plain(one.reason)}".rstrip()


def earlier_lines(index: Index, story_id: str | None, watch: str) -> Iterator[str]:
    """Whether the story has been told for the watch already."""
    rows = index.db.execute("SELECT id, seen FROM alerts WHERE story = ? AND watch = ? ORDER BY at", (story_id, watch))
    told = [f"{name} at {datetime.fromtimestamp(seen / 1000, UTC):%Y-%m-%d %H:%M:%SZ}" for name, seen in rows]
    yield f"Told       {', '.join(told) or 'nothing yet of this story for this watch'}"


def _brought(index: Index, log: Log, article_id: str, until: datetime) -> StoryEvent | None:
    """The newest event up to `until` that brought a version of the article, whole, as the log still has it."""
    if is_removed(index.db, article_id):
        return None
    rows = index.db.execute(
        "SELECT place FROM events WHERE article = ? AND seen <= ? AND kind IN ('opened', 'joined', 'revised')"
        " ORDER BY at DESC, number DESC LIMIT 1",
        (article_id, ms(until)),
    )
    for (offset,) in rows:
        with closing(log.reader([STORY_EVENTS], Since(offsets={(STORY_EVENTS, 0): offset}))) as reader:
            records = next_records(reader, 1)
        if records and records[0].offset == offset:
            return decode(records[0].value, StoryEvent)
    return None


def _of_article(watch: Watch, article_id: str, event: StoryEvent | None, catalogue: Catalogue) -> Iterator[Outcome]:
    if event is None or event.article is None or event.reading is None:
        return _said(article_id, [Condition("known", False, "the log has its words no more, or it was taken down")])
    kept = coverage_of(event.story_id, event.article, event.reading, watches=Watches([watch]), offset=0)
    if kept is None:
        return _said(article_id, [Condition("named", False, "none of the watch's entities")])
    return _said(article_id, article_conditions(watch, kept, entity_names(catalogue)))


def _said(about: str, conditions: "Iterator[Condition] | Sequence[Condition]") -> Iterator[Outcome]:
    return (Outcome(about=about, condition=one.name, holds=one.holds, found=one.found) for one in conditions)
