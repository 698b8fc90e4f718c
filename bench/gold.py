"""Labelled articles as benchmarks store them, and as the stream in which they would have come."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from wire.messages import Article, Dated

# Of articles before which no line has a date; any fixed time does.
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


class GoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """One article; labels are not read."""

    id: str
    title: str
    text: str = ""
    lang: str | None = None
    published: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article with its label file's id, which says nothing and is only for the answer."""

    id: str
    article: Article


def read_gold(path: Path) -> list[GoldLine]:
    """The lines of a JSON Lines file.

    Raises:
        SystemExit: with the number of a line that is none such.
    """
    lines = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                lines.append(msgspec.json.decode(line, type=GoldLine))
            except msgspec.DecodeError as wrong:
                sys.exit(f"error: {path}, line {number}: {wrong}")
    return lines


def in_event_time_order(lines: Sequence[GoldLine]) -> list[Arrival]:
    """The articles as a stream: seen when they were published, an undated one with the line before it."""
    arrivals, time = [], _UNDATED
    for line in lines:
        time = _instant(line.published) if line.published else time
        arrivals.append(Arrival(line.id, _article(line, time)))
    return sorted(arrivals, key=lambda arrival: arrival.article.event_time)


def _instant(written: str) -> datetime:
    """RFC 3339; a date alone or a time without a zone is UTC."""
    time = datetime.fromisoformat(written)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _article(line: GoldLine, time: datetime) -> Article:
    # The text alone gives the version: two lines may show the same words, and are two pages all the same.
    # Without a word on it, each is taken to be of an outlet of its own.
    outlet = line.outlet or f"unknown {line.id}"
    version = sha256(f"{line.title}\0{line.text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return Article(
        article_id=sha256(line.id.encode()).hexdigest()[:16],
        version=version,
        outlet=outlet,
        feed=outlet,
        url="",
        title=line.title,
        body=line.text,
        published=time,
        seen=time,
        event_time=time,
        dated=Dated.OUTLET if line.published else Dated.SEEN,
        language_hint=line.lang,
    )
