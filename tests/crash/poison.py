"""Records that no stage can process, and steps that go wrong as hard as a step can."""

import ctypes
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from enrich.stage import Enrich
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Article
from wire.stage import Effects

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def article(name: str, **changed: object) -> Article:
    """A sound article but for `changed`."""
    fields: dict[str, object] = {
        "article_id": f"poison-{name}",
        "version": "1",
        "outlet": "one",
        "feed": "one.feed",
        "url": f"https://one.example/poison/{name}",
        "title": name,
        "seen": _NOON,
        "event_time": _NOON,
    }
    return Article(**{**fields, **changed})  # type: ignore[arg-type]


# What the record itself makes impossible: a dead letter each, at once.
BAD: Mapping[str, bytes | None] = {
    "not JSON": b"\x00\xff<html>",
    "of the wrong type": json.dumps({**json.loads(encode(article("wrong"))), "seen": ["yesterday"]}).encode(),
    "a lone surrogate": encode(article("surrogate")).replace(b'"title":"surrogate"', b'"title":"\\ud800"'),
    "too large once enriched": encode(article("large", body="All work and no play. " * 24_000)),
    "a tombstone": None,
}
# What the process does not survive: found by taking records one by one after three deaths.
KILLERS = ("hangs", "crashes in native code", "exhausts the memory")


def poisonable() -> None:
    """In this process titles of `KILLERS` do what they say."""
    sound = Enrich.step

    def step(self: Enrich, record: Record, now: datetime) -> Effects:
        for name in KILLERS:
            if f'"title":"{name}"'.encode() in (record.value or b""):
                _do(name)
        return sound(self, record, now)

    Enrich.step = step  # type: ignore[method-assign]


def _do(name: str) -> None:
    if name == "hangs":
        time.sleep(3600)
    elif name == "crashes in native code":
        ctypes.string_at(0)
    else:
        bytearray(1 << 60)
