"""Judges a run by its topics alone.  It knows the messages and nothing else of the stages; each rule has a name.

A violation names the rule that broke, so that whoever breaks the discipline learns which part of it.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from wire.log.port import Record
from wire.messages import Alert, AlertKind, Article, DeadLetter, Enriched, StoryEvent, StoryEventKind
from wire.topics import ALERTS, ARTICLES, DEAD_LETTERS, DELIVERIES, ENRICHED, STORY_EVENTS

M = TypeVar("M", bound=msgspec.Struct)
_CAUSE, _TRANSACTION = "ww_cause", "ww_tx"
_PLACED = (StoryEventKind.OPENED, StoryEventKind.JOINED, StoryEventKind.REVISED)


@dataclass(frozen=True)
class Shown:
    """One page that feeds showed: every title it had, oldest first; the last one was shown until the end."""

    url: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Post:
    """One message as a channel got it; `key` is its idempotency key."""

    channel: str
    key: str
    may_repeat: bool
    accepted: bool  # the channel took it, whether or not its answer arrived


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What alerts are recomputed by: two entities in one article."""

    name: str
    entities: frozenset[str]


@dataclass(frozen=True)
class Digest:
    """What is said of a state: how many keys, and the sum of the SHA-256 of key, zero byte and value of each."""

    keys: int
    digest: str  # 64 hex digits, modulo 2**256


@dataclass(frozen=True)
class Memory:
    """What a lane said of its state, in that order; the last time when it had committed all that it ever would."""

    lane: str
    state: tuple[str, int] | None  # topic and partition
    said: Sequence[Digest]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that the checker sees."""

    topics: Mapping[str, Sequence[Record]]  # committed reads from the beginning, after the run
    live: Sequence[Record] | None = None  # what a committed reader saw while it happened
    shown: Sequence[Shown] = ()
    posts: Sequence[Post] = ()
    watches: Sequence[Watch] = ()
    behind: Mapping[str, int] = field(default_factory=dict)  # records not taken, by lane
    open_transactions: Sequence[str] = ()  # partitions in which one is open
    poison: frozenset[str] = frozenset()  # origins of records that had to become dead letters
    states: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)  # topic: the input folded from the start
    memories: Sequence[Memory] = ()  # of the last process of each lane
    unmended: Sequence[str] = ()  # what did not come to rest within its bound


@dataclass(frozen=True)
class Violation:
    """A rule that does not hold, and where."""

    rule: str
    said: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.said}"


def check(evidence: Evidence) -> list[Violation]:
    """Every violation; empty where all holds."""
    return [Violation(rule, said) for rule, judge in RULES.items() for said in judge(evidence)]


def messages(evidence: Evidence, topic: str, kind: type[M]) -> list[tuple[Record, M]]:
    """The records of a topic that are messages of their kind; poison is none."""
    return [
        (record, msgspec.json.decode(record.value, type=kind))
        for record in evidence.topics[topic]
        if record.value is not None and record.origin not in evidence.poison
    ]


def _header(record: Record, name: str) -> str | None:
    return next((value.decode() for key, value in record.headers if key == name), None)


def _letters(evidence: Evidence, stage: str) -> dict[str, DeadLetter]:
    return {
        f"{letter.topic}/{letter.partition}/{letter.offset}": letter
        for _, letter in messages(evidence, DEAD_LETTERS, DeadLetter)
        if letter.stage.split(".")[0] == stage
    }


def every_article_once(evidence: Evidence) -> Iterator[str]:
    """What the feeds showed is in `news.articles` once, and nothing else is."""
    found = Counter((article.url, article.title) for _, article in messages(evidence, ARTICLES, Article))
    for page in evidence.shown:
        if not found[page.url, page.titles[-1]]:
            yield f"{page.url} {page.titles[-1]!r} was shown and is not there"
    known = {(page.url, title) for page in evidence.shown for title in page.titles}
    yield from (f"{place} was written {count} times" for place, count in found.items() if count > 1)
    yield from (f"{place} was never shown" for place in found if place not in known)


def every_input_once(evidence: Evidence) -> Iterator[str]:
    """Each record before a stage's position has its effect or its dead letter: one of them, and once."""
    yield from _effects(evidence, "enrich", ARTICLES, [r for r, _ in messages(evidence, ENRICHED, Enriched)])
    events = messages(evidence, STORY_EVENTS, StoryEvent)
    yield from _effects(evidence, "cluster", ENRICHED, [r for r, event in events if event.kind in _PLACED])


def _effects(evidence: Evidence, stage: str, source: str, effects: Sequence[Record]) -> Iterator[str]:
    letters = _letters(evidence, stage)
    causes = Counter(_header(record, _CAUSE) for record in effects)
    for record in evidence.topics[source]:
        count = causes[record.origin] + (record.origin in letters)
        if count != 1:
            yield f"{stage}: {record.origin} has {count} effects"


def no_innocent_dead_letter(evidence: Evidence) -> Iterator[str]:
    """Only poison becomes a dead letter."""
    for _, letter in messages(evidence, DEAD_LETTERS, DeadLetter):
        origin = f"{letter.topic}/{letter.partition}/{letter.offset}"
        if origin not in evidence.poison:
            yield f"{letter.stage} gave up {origin}: {letter.code}, {letter.reason[:200]}"


def poison_has_its_letter(evidence: Evidence) -> Iterator[str]:
    """No record is skipped in silence."""
    told = Counter(
        f"{letter.topic}/{letter.partition}/{letter.offset}"
        for _, letter in messages(evidence, DEAD_LETTERS, DeadLetter)
    )
    yield from (f"{origin} has {told[origin]} dead letters" for origin in evidence.poison if told[origin] != 1)


def causes_are_committed(evidence: Evidence) -> Iterator[str]:
    """No visible record stems from one that was never committed."""
    there = {record.origin for records in evidence.topics.values() for record in records}
    for topic in (ENRICHED, STORY_EVENTS, ALERTS):
        for record in evidence.topics[topic]:
            cause = _header(record, _CAUSE)
            if cause is not None and not cause.startswith("@") and cause not in there:
                yield f"{record.origin} stems from {cause}, which nobody can read"


def order_is_kept(evidence: Evidence) -> Iterator[str]:
    """The outputs of one partition follow the order of their causes."""
    for topic in (ENRICHED, STORY_EVENTS, ALERTS):
        last: dict[str, int] = {}
        for record in evidence.topics[topic]:
            source, _, offset = (_header(record, _CAUSE) or "@/-1").rpartition("/")
            if int(offset) < last.get(source, -1):
                yield f"{record.origin} stems from {source}/{offset}, one before it from {last[source]}"
            last[source] = int(offset)


def events_are_numbered(evidence: Evidence) -> Iterator[str]:
    """A story's events are numbered without gap or repeat, and no event id is used twice."""
    numbers = defaultdict(list)
    ids: Counter[str] = Counter()
    for _, event in messages(evidence, STORY_EVENTS, StoryEvent):
        numbers[event.story_id].append(event.number)
        ids[event.event_id] += 1
    for story, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            yield f"{story} has events {found}"
    yield from (f"event {name} was written {count} times" for name, count in ids.items() if count > 1)


def every_alert_once(evidence: Evidence) -> Iterator[str]:
    """A story with an article that mentions both entities is told once; recomputed from the events."""
    due = set()
    for _, event in messages(evidence, STORY_EVENTS, StoryEvent):
        mentioned = {mention.entity for mention in event.reading.mentions} if event.reading else set()
        due |= {(watch.name, event.story_id) for watch in evidence.watches if watch.entities <= mentioned}
    first = (alert for _, alert in messages(evidence, ALERTS, Alert) if alert.kind is AlertKind.ALERT)
    told = Counter((alert.watch, alert.story_id) for alert in first)
    yield from (f"{place} was never told" for place in due - told.keys())
    yield from (f"{place} was told without reason" for place in told.keys() - due)
    yield from (f"{place} was told {count} times" for place, count in told.items() if count > 1)


class _Line(msgspec.Struct):
    """What the checker reads in the ledger."""

    delivery_id: str
    alert_id: str
    channel: str
    state: str
    attempts: int = 0
    doubtful: int = 0
    reason: str = ""


def ledger(evidence: Evidence) -> list[_Line]:
    """The deliveries as the state topic has them last."""
    last = {record.key: record.value for record in evidence.topics[DELIVERIES]}
    return [
        msgspec.json.decode(value, type=_Line)
        for key, value in last.items()
        if value is not None and (key or "").startswith("delivery:")
    ]


def every_delivery_once(evidence: Evidence) -> Iterator[str]:
    """Each alert has one delivery for each channel, and it was sent."""
    lines = {(line.alert_id, line.channel): line for line in ledger(evidence)}
    due = {(alert.alert_id, channel) for _, alert in messages(evidence, ALERTS, Alert) for channel in alert.channels}
    yield from (f"{place} has no delivery" for place in due - lines.keys())
    yield from (f"{place} is delivered without an alert" for place in lines.keys() - due)
    for place in due & lines.keys():
        if lines[place].state != "sent":
            yield f"{place} is {lines[place].state} after {lines[place].attempts} tries: {lines[place].reason}"


def no_message_is_lost(evidence: Evidence) -> Iterator[str]:
    """What the ledger calls sent, the channel has under that key; nothing came that the ledger does not know."""
    got = {(post.key, post.channel) for post in evidence.posts if post.accepted}
    lines = {(line.delivery_id, line.channel): line for line in ledger(evidence)}
    for place, line in lines.items():
        if line.state == "sent" and place not in got:
            yield f"{place} is called sent and never arrived"
    yield from (f"{place} arrived and is not in the ledger" for place in got - lines.keys())


def repeats_say_so(evidence: Evidence) -> Iterator[str]:
    """A message that may have arrived before says that it may be a repeat."""
    seen: set[str] = set()
    for post in evidence.posts:
        if post.key in seen and not post.may_repeat:
            yield f"{post.key} came again by {post.channel} without saying so"
        if post.accepted:
            seen.add(post.key)


def no_torn_transaction(evidence: Evidence) -> Iterator[str]:
    """Where records name their transaction (`lane:start:number/size`), all of it is there or nothing."""
    sizes: Counter[str] = Counter(
        mark for records in evidence.topics.values() for r in records if (mark := _header(r, _TRANSACTION)) is not None
    )
    for mark, count in sizes.items():
        size = int(re.sub(r".*/", "", mark))
        if count != size:
            yield f"{count} of {size} records of transaction {mark} are there"


def live_readers_saw_the_same(evidence: Evidence) -> Iterator[str]:
    """A committed reader during the faults saw what one afterwards sees; compaction may have taken records since."""
    if evidence.live is None:
        return
    seen = {record.origin: (record.key, record.value) for record in evidence.live}
    if len(seen) != len(evidence.live):
        yield "the live reader saw a record twice"
    for records in evidence.topics.values():
        for record in records:
            if seen.get(record.origin, "nothing") != (record.key, record.value):
                yield f"{record.origin}: the live reader saw {str(seen.get(record.origin, 'nothing'))[:200]}"
    there = {record.origin for records in evidence.topics.values() for record in records}
    kept = {topic for topic in evidence.topics if topic not in evidence.states and topic not in _COMPACTED}
    for record in evidence.live:
        if record.topic in kept and record.origin not in there:
            yield f"{record.origin} was visible and is gone"


_COMPACTED = frozenset({"news.feeds", "news.stories", "news.watch-state", DELIVERIES})


def memory_is_its_topic(evidence: Evidence) -> Iterator[str]:
    """What a stage has in memory at its end is its state topic's last value per key."""
    for memory in evidence.memories:
        topic, partition = memory.state or ("", 0)
        last = {r.key or "": r.value for r in evidence.topics.get(topic, ()) if r.partition == partition}
        due = digest({key: value for key, value in last.items() if value is not None and not key.startswith("@")})
        if not memory.said:
            yield f"{memory.lane} was asked for a digest of its state and said nothing"
        elif memory.said[-1] != due:
            yield f"{memory.lane} has {memory.said[-1]} in memory, its topic gives {due}"


def digest(state: Mapping[str, bytes]) -> Digest:
    """As the stages compute it, written down here once more."""
    sums = (hashlib.sha256(key.encode() + b"\0" + value).hexdigest() for key, value in state.items())
    return Digest(len(state), f"{sum(int(one, 16) for one in sums) % 2**256:064x}")


def state_is_its_fold(evidence: Evidence) -> Iterator[str]:
    """The state topic's last values are what the input gives when it is folded from the start."""
    for topic, replayed in evidence.states.items():
        last = {record.key or "": record.value for record in evidence.topics[topic]}
        kept = {key: value for key, value in last.items() if value is not None and not key.startswith("@")}
        for key in sorted(kept.keys() | replayed.keys()):
            if kept.get(key) != replayed.get(key):
                yield f"{topic} {key}: {kept.get(key)!r:.200} is kept, the replay gives {replayed.get(key)!r:.200}"


def no_open_transaction(evidence: Evidence) -> Iterator[str]:
    """Nothing holds up committed readers."""
    yield from (f"one is open in {place}" for place in evidence.open_transactions)


def all_is_processed(evidence: Evidence) -> Iterator[str]:
    """Once the fault has healed, everything is processed within the bound."""
    yield from (f"{lane} is {count} behind" for lane, count in evidence.behind.items() if count)
    yield from evidence.unmended


RULES: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        every_article_once,
        every_input_once,
        no_innocent_dead_letter,
        poison_has_its_letter,
        causes_are_committed,
        order_is_kept,
        events_are_numbered,
        every_alert_once,
        every_delivery_once,
        no_message_is_lost,
        repeats_say_so,
        no_torn_transaction,
        live_readers_saw_the_same,
        memory_is_its_topic,
        state_is_its_fold,
        no_open_transaction,
        all_is_processed,
    )
}
