"""A small news day as records on all topics, as the stages would have written it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec.structs import replace

from alerts.delivery import Delivery, DeliveryState
from tests.alert_samples import alert
from tests.messages import NOON, article
from tests.story_events import event, headline
from wire.codec import encode
from wire.log.port import NewRecord
from wire.messages import (
    AlertEvidence,
    Article,
    Command,
    CommandKind,
    DeadLetter,
    Enriched,
    JoinEvidence,
    OtherStory,
    Reading,
    StoryEvent,
    StoryEventKind,
    StoryFacts,
)
from wire.topics import (
    ALERTS,
    ARTICLES,
    COMMANDS,
    DEAD_LETTERS,
    DELIVERIES,
    ENRICHED,
    STORY_EVENTS,
)


def new(topic: str, key: str, message: object) -> NewRecord:
    return NewRecord(topic=topic, partition=0, key=key, value=encode(message))  # type: ignore[arg-type]


def enriched(of: Article, language: str = "en") -> Enriched:
    return Enriched(article=of, reading=Reading(language=language), vector="AAAA", space="test")


def told(
    said_title: str,
    article_id: str,
    outlet: str,
    *,
    story: str,
    number: int,
    minutes: int = 0,
    version: str = "v1",
    **said: object,
) -> StoryEvent:
    """An event that brings an article; `*NAME*` in the title is a mention."""
    kind = StoryEventKind.OPENED if number == 1 else StoryEventKind.JOINED
    plain = event(
        headline(said_title),
        kind=kind,
        story=story,
        number=number,
        article_id=article_id,
        outlet=outlet,
        minutes=minutes,
        version=version,
        outlets=(outlet,),
    )
    return replace(plain, article_count=number, **said)


def records_of(events: Sequence[StoryEvent]) -> Iterator[NewRecord]:
    """What ingest, enrich and cluster wrote for the events."""
    for one in events:
        if one.article is not None:
            yield new(ARTICLES, one.article.article_id, one.article)
            yield new(ENRICHED, one.article.article_id, enriched(one.article))
        yield new(STORY_EVENTS, one.story_id, one)


def small_day() -> list[NewRecord]:
    """Two stories of the port and the strike; one alert that was sent; a dead letter."""
    evidence = JoinEvidence(nearest="a1", similarity=0.91, runner_up="st-2", runner_up_score=0.4, bar=0.6)
    events = [
        told("*ODESA* port opens again", "a1", "one", story="st-1", number=1, title="ODESA port opens again"),
        told("Strike in *LODZ*", "a2", "two", story="st-2", number=1, minutes=1),
        told(
            "Ships leave *ODESA*", "a3", "two", story="st-1", number=2, minutes=2, title="ODESA port opens again",
            score=0.83, evidence=evidence, outlets=("one", "two"),
        ),
    ]  # fmt: skip
    return [*records_of(events), *alerted("a1"), dead("a9")]


def alerted(article_id: str, alert_id: str = "al-1", story: str = "st-1") -> list[NewRecord]:
    seen = article("ODESA port opens again", article_id=article_id)
    evidence = AlertEvidence(
        article_id=article_id, outlet="one", url=seen.url, title=seen.title, language="en", published=seen.published,
        seen=seen.seen, snippets=(),
    )  # fmt: skip
    told_of = alert(alert_id=alert_id, watch="odesa", story_id=story, title=seen.title, evidence=(evidence,))
    sent = Delivery(
        delivery_id=f"de-{alert_id}", alert_id=alert_id, watch="odesa", story_id=story, channel="mail", order=0,
        state=DeliveryState.SENT, attempts=2, taken=NOON, deadline=NOON + timedelta(days=1), next_try=None,
        ended=NOON + timedelta(minutes=3),
    )  # fmt: skip
    return [new(ALERTS, "odesa", told_of), new(DELIVERIES, f"delivery:de-{alert_id}", sent)]


def dead(article_id: str, offset: int = 99) -> NewRecord:
    letter = DeadLetter(
        topic=ARTICLES, partition=0, offset=offset, key=article_id, stage="enrich.0", program="0", code="bug",
        reason="ValueError: odd", at=NOON,
    )  # fmt: skip
    return new(DEAD_LETTERS, f"news.articles/0/{offset}", letter)


def rearranged(
    kind: StoryEventKind, story: str, number: int, other: str, articles: Sequence[str] = (), *, why: str | None = None
) -> NewRecord:
    """A merge, split, move or retirement; by an operator who said `why`."""
    plain = event(kind=kind, story=story, number=number, other=other, articles=articles, minutes=9)
    evidence = None if why is None else JoinEvidence(command=f"co-{number}", why=why)
    after = OtherStory(
        title="A part", article_count=len(articles), outlets=(), languages=(), facts=StoryFacts(first_event_time=NOON)
    )
    parts = kind is StoryEventKind.SPLIT
    said = replace(plain, article_count=1, evidence=evidence, other_after=after if parts else None)
    return new(STORY_EVENTS, story, said)


def removal(article_id: str) -> NewRecord:
    command = Command(
        command_id="c1", stage="cluster", kind=CommandKind.REMOVE, target=article_id, who="desk",
        when=NOON + timedelta(hours=1), why="asked to",
    )  # fmt: skip
    return new(COMMANDS, "cluster", command)
