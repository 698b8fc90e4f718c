"""When an article was published and seen, as headers of all records about it: what latency is measured from."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from wire.headers import REPLAY
from wire.log.port import Headers, NewRecord, Record
from wire.messages import Article, Dated

SEEN, PUBLISHED = "ww_seen", "ww_published"


def stamps(cause: Record, message: msgspec.Struct) -> Headers:
    """The headers of a record that holds `message`: an article's own times, else those of its cause."""
    if isinstance(message, Article):
        found = [(SEEN, _said(message.seen))]
        if message.published is not None and message.dated is Dated.OUTLET and message.previous is None:
            found.append((PUBLISHED, _said(message.published)))
        return tuple(found)
    return tuple((name, value) for name, value in cause.headers if name in (SEEN, PUBLISHED))


def ages(write: NewRecord, now: datetime) -> Iterator[tuple[str, timedelta]]:
    """(`seen` or `published`, how long ago that was) of what is written; nothing for replayed records."""
    if not write.headers:  # a change of state
        return
    headers = dict(write.headers)
    if REPLAY in headers:
        return
    for name, word in ((SEEN, "seen"), (PUBLISHED, "published")):
        at = _instant(headers.get(name, b"").decode("utf-8", "replace"))
        if at is not None:
            yield word, max(now - at, timedelta(0))


def _said(time: datetime) -> bytes:
    return time.isoformat().encode()


def _instant(said: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(said) if said else None
    except ValueError:
        return None
    return time if time is None or time.tzinfo is not None else None
