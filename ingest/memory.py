"""What the feeds of one lane have shown: derived from the state records by `take` alone, in any order of keys.

Ten thousand feeds show three hundred thousand articles: each is a row of some sixty bytes, not a tree of objects.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ingest.holders import Holders
from ingest.state import Seen
from wire.errors import Undecodable
from wire.messages import Dated

# Article, version, pair, parts, event time in microseconds, since when gone in seconds (-1: not), where dated.
_ROW = struct.Struct("<12s12s8s12sqqB")
_PAIR_AT = 24
_DATED = list(Dated)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_PARTS = bytes(12)


class Memory:
    """Articles by feed, feeds by article, and items by the pair of guid and address that they were known by."""

    def __init__(self) -> None:
        self._rows: dict[str, bytearray] = {}
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._holders = Holders()

    def take(self, feed: str, article: str, seen: Seen | None) -> None:
        """Replace what is known of `article` in `feed`; None forgets it.

        Raises:
            Undecodable: an id that is none of ours.
        """
        key = _article_key(article)
        rows = self._rows.setdefault(feed, bytearray())
        at = _find(rows, key, 0)
        if at is not None:
            del rows[at : at + _ROW.size]
        if seen is not None:
            rows += _packed(key, seen)
            self._holders.add(key, self._number(feed))
        elif at is not None:
            self._holders.remove(key, self._number(feed))
        if not rows:
            del self._rows[feed]

    def article(self, feed: str, pair: str) -> str | None:
        """The article that `feed` showed this pair of guid and address as."""
        rows = self._rows.get(feed, b"")
        at = _find(rows, bytes.fromhex(pair), _PAIR_AT)
        return None if at is None else _article_name(bytes(rows[at : at + 12]))

    def seen(self, feed: str, article: str) -> Seen | None:
        """What `feed` showed of `article` last."""
        rows = self._rows.get(feed, b"")
        at = _find(rows, _article_key(article), 0)
        return None if at is None else _unpacked(rows, at)

    def elsewhere(self, feed: str, article: str) -> Iterator[Seen]:
        """What the other feeds showed of `article` last."""
        for number in self._holders.of(_article_key(article)):
            other = self._names[number]
            seen = None if other == feed else self.seen(other, article)
            if seen is not None:
                yield seen

    def feeds(self) -> list[str]:
        """The feeds of which any article is known."""
        return list(self._rows)

    def of_feed(self, feed: str) -> dict[str, Seen]:
        """All articles that `feed` shows or showed lately."""
        rows = self._rows.get(feed, b"")
        return {_article_name(bytes(rows[at : at + 12])): _unpacked(rows, at) for at in range(0, len(rows), _ROW.size)}

    def versions(self, feed: str) -> dict[str, str]:
        """The version of each article that `feed` shows or showed lately."""
        return {article: seen.version for article, seen in self.of_feed(feed).items()}

    def _number(self, feed: str) -> int:
        number = self._numbers.setdefault(feed, len(self._names))
        if number == len(self._names):
            self._names.append(feed)
        return number


def _find(rows: bytes | bytearray, wanted: bytes, at: int) -> int | None:
    """Where the row begins whose bytes from `at` on are `wanted`."""
    found = rows.find(wanted)
    while found >= 0:
        if (found - at) % _ROW.size == 0:
            return found - at
        found = rows.find(wanted, found + 1)
    return None


def _packed(key: bytes, seen: Seen) -> bytes:
    try:
        version, pair = bytes.fromhex(seen.version), bytes.fromhex(seen.pair)
        parts = bytes.fromhex(seen.parts) or _NO_PARTS
    except ValueError:
        raise Undecodable("Seen", "version, pair or parts are no digests") from None
    gone = -1 if seen.gone is None else (seen.gone - _EPOCH) // timedelta(seconds=1)
    when = (seen.event_time - _EPOCH) // _MICROSECOND
    return _ROW.pack(key, version, pair, parts, when, gone, _DATED.index(seen.dated))


def _unpacked(rows: bytes | bytearray, at: int) -> Seen:
    _, version, pair, parts, when, gone, dated = _ROW.unpack_from(rows, at)
    return Seen(
        version=version.hex(),
        parts="" if parts == _NO_PARTS else parts.hex(),
        pair=pair.hex(),
        event_time=_EPOCH + when * _MICROSECOND,
        dated=_DATED[dated],
        gone=None if gone < 0 else _EPOCH + timedelta(seconds=gone),
    )


def _article_key(article: str) -> bytes:
    try:
        key = bytes.fromhex(article.removeprefix("a-"))
    except ValueError:
        key = b""
    if len(key) != 12:
        raise Undecodable("Seen", f"{article[:60]!r} is no article's id")
    return key


def _article_name(key: bytes) -> str:
    return f"a-{key.hex()}"
