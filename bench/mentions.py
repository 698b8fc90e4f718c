"""Find the mentions of a catalogue in a file of articles with the stage's own finder, and say how fast it went."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from enrich.mentions import MentionFinder
from wire.catalogue import Catalogue, Entity, EntityKind

# Kinds that label sets use, in ours.
_KINDS = {"PER": EntityKind.PERSON, "ORG": EntityKind.ORGANISATION, "LOC": EntityKind.PLACE, "PRO": EntityKind.OTHER}


class Line(Struct):
    """One article as benchmarks store it."""

    id: str
    lang: str
    text: str


class Listed(Struct):
    """One entity of a benchmark's catalogue."""

    kind: str
    names: dict[str, tuple[str, ...]]
    short: dict[str, tuple[str, ...]] = {}


class Answer(Struct):
    """The mentions of one article: start, end, entity id; in characters of its text."""

    id: str
    mentions: list[tuple[int, int, str]]


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of a benchmark, `{id: {kind, names, short?}}`."""
    listed = msgspec.json.decode(path.read_bytes(), type=dict[str, Listed])
    return Catalogue({key: _entity(key, entry) for key, entry in listed.items()})


def _entity(key: str, entry: Listed) -> Entity:
    kind = _KINDS.get(entry.kind) or EntityKind(entry.kind)
    return Entity(id=key, kind=kind, names=entry.names, short=entry.short)


def main(arguments: Sequence[str]) -> int:
    """Write one answer per article, in order."""
    parser = ArgumentParser(prog="python -m bench mentions", description=__doc__)
    meanings = {"articles": "{id, lang, text} a line", "catalogue": "JSON", "out": "answers, one a line"}
    for name, meaning in meanings.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    finder = MentionFinder(read_catalogue(options.catalogue))
    compiled = time.perf_counter()
    lines = msgspec.json.Decoder(Line).decode_lines(options.articles.read_bytes())
    loaded = time.perf_counter()
    found = [finder.find(line.text, line.lang) for line in lines]
    took = time.perf_counter() - loaded
    with options.out.open("wb") as file:
        for line, mentions in zip(lines, found, strict=True):
            answer = Answer(line.id, [(mention.start, mention.end, mention.entity) for mention in mentions])
            file.write(msgspec.json.encode(answer) + b"\n")
    words = sum(len(line.text.split()) for line in lines)
    again = time.perf_counter()
    for line in lines:
        finder.find(line.text, line.lang)
    known = time.perf_counter() - again
    print(
        f"{len(lines)} articles, {words} words: {len(lines) / took:.0f} articles/s, "
        f"{words / 300 / took:.0f} per second of 300 words while every word is new, {words / 300 / known:.0f} once "
        f"they are known; catalogue compiled in {compiled - started:.2f} s",
        file=sys.stderr,
    )
    return 0
