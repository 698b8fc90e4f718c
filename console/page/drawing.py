"""Drawings of a story as shapes in numbers; the templates make SVG of them.  Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.index.views import ArticleView
from wire.messages import Cited

WIDTH, ROW, LEFT, RIGHT = 640, 22, 150, 24
_MOST_ROWS = 14


@dataclass(frozen=True, slots=True)
class Dot:
    """One article on the timeline."""

    x: float
    y: float
    language: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Outlets as rows by their first report, articles as dots by event time."""

    height: int
    rows: tuple[tuple[float, str], ...]  # y, outlet
    dots: tuple[Dot, ...]
    begin: datetime
    end: datetime
    left_out: int  # outlets without a row


def timeline(articles: Sequence[ArticleView]) -> Timeline | None:
    """The drawing of a story's articles; None where there is none."""
    if not articles:
        return None
    begin, end = min(one.event_time for one in articles), max(one.event_time for one in articles)
    span = max((end - begin).total_seconds(), 1.0)
    outlets = list(dict.fromkeys(one.outlet for one in sorted(articles, key=lambda one: one.event_time)))
    y_of = {outlet: ROW * number + ROW / 2 for number, outlet in enumerate(outlets[:_MOST_ROWS])}
    dots = [
        Dot(
            x=round(LEFT + (WIDTH - LEFT - RIGHT) * (one.event_time - begin).total_seconds() / span, 1),
            y=y_of[one.outlet],
            language=one.language or "und",
            label=f"{one.event_time:%Y-%m-%d %H:%M}Z {one.outlet}: {one.title}",
        )
        for one in articles
        if one.outlet in y_of
    ]
    rows = tuple((y, outlet) for outlet, y in y_of.items())
    return Timeline(ROW * len(y_of), rows, tuple(dots), begin, end, len(outlets) - len(y_of))


@dataclass(frozen=True, slots=True)
class Node:
    """An outlet of the provenance graph."""

    x: float
    y: float
    name: str
    first: bool
    anchor: str  # where its label begins: start, middle, end


@dataclass(frozen=True, slots=True)
class Edge:
    """From who cites or copies to who is cited or copied."""

    x1: float
    y1: float
    x2: float
    y2: float
    copy: bool
    label: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who names whom as source and who repeats whom; outlets in a circle, the first reporter on top."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def provenance(first: str, citations: Sequence[Cited], copies: Mapping[str, str]) -> Provenance | None:
    """The graph; None where nobody cites or copies anybody.

    Args:
        first: the outlet that reported first.
        citations: who names whom.
        copies: who repeats whom, outlet to outlet.
    """
    pairs = [(one.outlet, one.cites, False) for one in citations]
    pairs += [(copier, original, True) for copier, original in copies.items() if copier != original]
    if not pairs:
        return None
    names = list(dict.fromkeys([*([first] if first else []), *(name for pair in pairs for name in pair[:2])]))[:16]
    place = {name: _on_circle(number, len(names)) for number, name in enumerate(names)}
    nodes = tuple(
        Node(x, y, name, name == first, "start" if x > 322 else "end" if x < 318 else "middle")
        for name, (x, y) in place.items()
    )
    edges = tuple(
        _edge(place[a], place[b], copy=copy, label=f"{a} {'repeats' if copy else 'cites'} {b}")
        for a, b, copy in pairs
        if a in place and b in place and a != b
    )
    return Provenance(nodes, edges)


def _on_circle(number: int, of: int) -> tuple[float, float]:
    angle = 2 * math.pi * number / of - math.pi / 2
    return round(320 + 150 * math.cos(angle), 1), round(140 + 105 * math.sin(angle), 1)


def _edge(start: tuple[float, float], end: tuple[float, float], *, copy: bool, label: str) -> Edge:
    """A line that ends at the node's rim, so that its arrow is seen."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    rim = 10 / length
    return Edge(start[0], start[1], round(end[0] - dx * rim, 1), round(end[1] - dy * rim, 1), copy, label)
