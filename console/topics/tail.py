"""Show records of a topic to people and machines, as they are committed."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from console.words import counted, plain
from wire.codec import decode
from wire.errors import BadRecord, SchemaTooNew
from wire.log.port import Record
from wire.messages import Alert, Article, Command, DeadLetter, Enriched, Message, Reading, StoryEvent
from wire.topics import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records to show; empty fields let everything pass."""

    outlet: str | None = None
    language: str | None = None
    story: str | None = None
    entity: str | None = None

    def passes(self, message: Message | None) -> bool:
        """Whether a message is wanted; what could not be decoded is shown only without filters."""
        wanted = {name: value for name, value in _wanted(self).items() if value is not None}
        if message is None:
            return not wanted
        has = facts(message)
        return all(value in has.get(name, ()) for name, value in wanted.items())


def _wanted(chosen: Filter) -> dict[str, str | None]:
    return {
        "outlet": chosen.outlet,
        "language": chosen.language,
        "story": chosen.story,
        "entity": chosen.entity,
    }


def facts(message: Message) -> Mapping[str, Sequence[str]]:
    """What a message says of outlet, language, story and entity."""
    match message:
        case Article():
            return {"outlet": [message.outlet], "language": [message.language_hint or ""]}
        case Enriched():
            return {
                "outlet": [message.article.outlet],
                "language": [message.reading.language],
                "entity": [mention.entity for mention in message.reading.mentions],
            }
        case StoryEvent():
            reading = message.reading
            return {
                "outlet": [message.article.outlet] if message.article else [],
                "language": [reading.language] if reading else [],
                "story": [message.story_id],
                "entity": [mention.entity for mention in reading.mentions] if reading else [],
            }
        case Alert():
            return {
                "outlet": message.outlets,
                "language": message.languages,
                "story": [message.story_id],
                "entity": message.entities,
            }
        case _:
            return {}


def read_message(record: Record, topics: Mapping[str, Topic]) -> Message | None:
    """The record's message, None for state records, tombstones and what cannot be decoded."""
    kind = topics[record.topic].message
    if kind is None or record.value is None:
        return None
    try:
        return decode(record.value, kind)
    except (BadRecord, SchemaTooNew):  # of a newer program its bytes are shown; a reader decides nothing by them
        return None


def readable_line(record: Record, message: Message | None) -> str:
    """One line for people: time, what happened, where; safe for a terminal whatever the record holds."""
    at = "-" if record.timestamp is None else record.timestamp.strftime("%H:%M:%SZ")
    said = _SAY.get(type(message), _unknown)(message) if message is not None else _raw(record)
    return f"{at}  {plain(said)}"


def details(record: Record, message: Message | None) -> Iterator[str]:
    """What stands under a record's line on demand: its place on the log, its cause, and its article's address."""
    causes = dict(record.headers)
    cause = causes.get("ww_cause", b"-").decode("utf-8", "replace")
    yield plain(f"           {record.origin}  key {record.key}  because of {cause}")
    article = getattr(message, "article", message)
    if isinstance(article, Article):
        yield plain(f"           {article.article_id}  {article.published or '-'}  {article.url}")
    reading = getattr(message, "reading", None)
    if isinstance(reading, Reading) and reading.mentions:
        yield plain(f"           mentions {', '.join(sorted({one.entity for one in reading.mentions}))}")


def json_line(record: Record) -> bytes:
    """One JSON object for machines: origin, key, time, headers and the value (text, JSON or base64)."""
    return msgspec.json.encode(
        {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "time": record.timestamp,
            "headers": {name: value.decode("utf-8", "replace") for name, value in record.headers},
            "value": _value(record.value),
        }
    )


def _value(value: bytes | None) -> object:
    if value is None:
        return None
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _article(m: Article) -> str:
    return f"{m.outlet:<20} {m.language_hint or '-':<3} {m.title}  {m.url}"


def _enriched(m: Enriched) -> str:
    who = ", ".join(sorted({mention.entity for mention in m.reading.mentions})) or "-"
    return f"{m.article.outlet:<20} {m.reading.language:<3} {m.article.title}  [{who}]"


def _event(m: StoryEvent) -> str:
    what = f"{m.kind.value:<8} {m.story_id}"
    where = f"{counted(m.article_count, 'article')}, {counted(len(m.outlets), 'outlet')} ({' '.join(m.languages)})"
    who = f"{m.article.outlet}: {m.article.title}" if m.article else m.title
    return f"{what}  score {m.score:.2f}  {where}  {who}"


def _alert(m: Alert) -> str:
    where = f"{counted(len(m.outlets), 'outlet')} ({' '.join(m.languages)})"
    return f"{m.kind.value.upper()} {m.watch} {m.story_id}  {where}  {m.title}  ({m.why})"


def _command(m: Command) -> str:
    return f"{m.stage:<8} {m.kind.value} {m.target}  by {m.who}"


def _dead(m: DeadLetter) -> str:
    return f"{m.stage:<8} {m.code}  {m.topic}/{m.partition}/{m.offset}  {m.reason}"


def _unknown(m: Message) -> str:
    return type(m).__name__


def _raw(record: Record) -> str:
    if record.value is None:
        return f"{record.origin} {record.key}  removed"
    return f"{record.origin} {record.key}  {record.value[:200].decode('utf-8', 'replace')}"


_SAY: Mapping[type, Callable[..., str]] = {
    Article: _article,
    Enriched: _enriched,
    StoryEvent: _event,
    Alert: _alert,
    Command: _command,
    DeadLetter: _dead,
}
