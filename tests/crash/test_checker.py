"""Each rule of the checker is broken by hand in otherwise sound topics, and is the one that is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.crash.checker import RULES, Evidence, Memory, Post, Shown, Watch, check, digest
from tests.messages import NOON, article
from wire.codec import encode
from wire.log.port import Record
from wire.messages import (
    Alert,
    DeadLetter,
    Enriched,
    Mention,
    Message,
    Place,
    Reading,
    Sentence,
    StoryEvent,
    StoryEventKind,
)
from wire.topics import ALERTS, ARTICLES, COMMANDS, DEAD_LETTERS, DELIVERIES, ENRICHED, STORIES, STORY_EVENTS

ARTICLE = article("A title", article_id="a1")
OTHER = article("Another title", article_id="a2")
KEY = "de-" + "0" * 20


def record(topic: str, offset: int, message: Message | bytes, cause: str, key: str = "k") -> Record:
    value = message if isinstance(message, bytes) else encode(message)
    headers = (("ww_cause", cause.encode()), ("ww_tx", f"{topic}:{offset}/1".encode()))
    return Record(topic=topic, offset=offset, key=key, value=value, headers=headers, timestamp=NOON)


READING = Reading(
    language="en",
    sentences=(Sentence(text="both", place=Place.HEADLINE, paragraph=0),),
    mentions=tuple(Mention(entity=name, sentence=0, start=0, end=4) for name in ("one", "two")),
)


def enriched(offset: int, of: object, cause: str) -> Record:
    message = Enriched(article=of, reading=READING, vector="", space="s")  # type: ignore[arg-type]
    return record(ENRICHED, offset, message, cause)


def event(offset: int, number: int, of: object, cause: str) -> Record:
    told = StoryEvent(
        event_id=f"ev-{offset}",
        kind=StoryEventKind.OPENED if number == 1 else StoryEventKind.JOINED,
        story_id="st-1",
        number=number,
        article=of,  # type: ignore[arg-type]
        reading=READING,
        event_time=NOON,
        seen=NOON,
    )
    return record(STORY_EVENTS, offset, told, cause)


ALERT = Alert(
    alert_id="al-1",
    watch="pair",
    entities=("one", "two"),
    story_id="st-1",
    title="t",
    channels=("desk",),
    evidence=(),
    outlets=(),
    languages=(),
    why="",
    first_seen=NOON,
    seen=NOON,
)
LINE = b'{"delivery_id":"%s","alert_id":"al-1","channel":"desk","state":"sent","attempts":1}' % KEY.encode()
TOPICS = {
    ARTICLES: [record(ARTICLES, 0, ARTICLE, "@result/0/-1"), record(ARTICLES, 1, OTHER, "@result/0/-1")],
    ENRICHED: [enriched(0, ARTICLE, f"{ARTICLES}/0/0"), enriched(1, OTHER, f"{ARTICLES}/0/1")],
    STORY_EVENTS: [event(0, 1, ARTICLE, f"{ENRICHED}/0/0"), event(1, 2, OTHER, f"{ENRICHED}/0/1")],
    ALERTS: [record(ALERTS, 0, ALERT, f"{STORY_EVENTS}/0/0")],
    DELIVERIES: [record(DELIVERIES, 0, LINE, f"{ALERTS}/0/0", key=f"delivery:{KEY}")],
    STORIES: [record(STORIES, 0, b"1", "", key="story:st-1")],
    DEAD_LETTERS: [],
    COMMANDS: [],
}
POST = Post(channel="desk", key=KEY, may_repeat=False, accepted=True)
SOUND = Evidence(
    topics=TOPICS,
    live=[one for records in TOPICS.values() for one in records],
    shown=[Shown(ARTICLE.url, (ARTICLE.title,)), Shown(OTHER.url, (OTHER.title,))],
    posts=[POST],
    watches=[Watch(name="pair", entities=frozenset({"one", "two"}))],
    behind={"enrich.0": 0},
    states={STORIES: {"story:st-1": b"1"}},
    memories=[
        Memory("cluster.0", (STORIES, 0), [digest({"story:st-1": b"1"})]),
        Memory("enrich.0", None, [digest({})]),
    ],
)


def changed(topic: str, change: Callable[[list[Record]], list[Record]]) -> Evidence:
    return replace(SOUND, topics={**TOPICS, topic: change(list(TOPICS[topic]))}, live=None)


def letter() -> Record:
    said = DeadLetter(
        topic=ARTICLES, partition=0, offset=1, key="k", stage="enrich.0", program="0", code="bug", reason="?", at=NOON
    )
    return record(DEAD_LETTERS, 0, said, f"{ARTICLES}/0/1")


def moved(one: Record, offset: int, **headers: str) -> Record:
    kept = dict(one.headers) | {name: value.encode() for name, value in headers.items()}
    return Record(
        topic=one.topic, offset=offset, key=one.key, value=one.value, headers=tuple(kept.items()), timestamp=NOON
    )


DAMAGE = {
    "every-article-once": changed(ARTICLES, lambda records: [*records, moved(records[0], 2)]),
    "every-input-once": changed(ENRICHED, lambda records: records[:1]),
    "no-innocent-dead-letter": changed(DEAD_LETTERS, lambda _: [letter()]),
    "poison-has-its-letter": replace(SOUND, poison=frozenset({f"{ARTICLES}/0/7"})),
    "causes-are-committed": changed(ALERTS, lambda records: [moved(records[0], 0, ww_cause=f"{STORY_EVENTS}/0/9")]),
    "order-is-kept": changed(ENRICHED, lambda records: [moved(records[1], 0), moved(records[0], 1)]),
    "events-are-numbered": changed(STORY_EVENTS, lambda records: [records[0], event(1, 4, OTHER, f"{ENRICHED}/0/1")]),
    "every-alert-once": changed(ALERTS, lambda records: [*records, moved(records[0], 1)]),
    "every-delivery-once": changed(DELIVERIES, lambda _: []),
    "no-message-is-lost": replace(SOUND, posts=[]),
    "repeats-say-so": replace(SOUND, posts=[POST, POST]),
    "no-torn-transaction": changed(ALERTS, lambda records: [moved(records[0], 0, ww_tx="alerts.0:1:1/2")]),
    "live-readers-saw-the-same": replace(SOUND, live=[*(SOUND.live or ())][1:]),
    "state-is-its-fold": replace(SOUND, states={STORIES: {"story:st-1": b"2"}}),
    "memory-is-its-topic": replace(SOUND, memories=[Memory("cluster.0", (STORIES, 0), [digest({"story:st-1": b"2"})])]),
    "no-open-transaction": replace(SOUND, open_transactions=["news.articles/0"]),
    "all-is-processed": replace(SOUND, behind={"enrich.0": 3}),
}


def test_sound_topics_break_no_rule() -> None:
    assert check(SOUND) == []


def test_every_rule_is_broken_below() -> None:
    assert DAMAGE.keys() == RULES.keys()


@pytest.mark.parametrize(("rule", "evidence"), DAMAGE.items(), ids=DAMAGE)
def test_the_broken_rule_is_named(rule: str, evidence: Evidence) -> None:
    assert rule in {violation.rule for violation in check(evidence)}
