"""The stories that cost most in B-cubed F1: false joins and splits, with what each is made of, to be read.

A false join is a story of the answer that holds articles of several labelled ones; a split is a labelled story that
lies in several of the answer.  What a story costs is what F1 would rise by, to first order, if it alone were mended.
"""

from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.bcubed import Bcubed, bcubed

_PARTS_SHOWN = 6
_TITLES_SHOWN = 2

Line = TypeVar("Line")


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a labelled set."""

    id: str
    cluster: str
    title: str = ""
    lang: str = ""
    published: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an answer, as `bench stories` writes it."""

    id: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """One story that is wrong; the largest of its parts comes first."""

    cost: float  # in F1
    kind: str  # "join" or "split"
    story: str  # of the answer for a join, of the labels for a split
    parts: Mapping[str, tuple[Labelled, ...]]  # by story of the other side


def main(arguments: Sequence[str]) -> int:
    """Print the worst errors, each with its parts and their first headlines."""
    parser = ArgumentParser(prog="python -m bench errors", description=__doc__)
    parser.add_argument("gold", type=Path, metavar="GOLD", help="JSON Lines: {id, cluster, title, ...}")
    parser.add_argument("answer", type=Path, metavar="PRED", help="what `bench stories` wrote")
    parser.add_argument("--count", type=int, default=10)
    options = parser.parse_args(arguments)
    said = {line.id: line.story for line in _lines(options.answer, Answered)}
    # As the scorer has it: an article without an answer is a story of its own.
    pairs = [(line, said.get(line.id, f"missing {line.id}")) for line in _lines(options.gold, Labelled)]
    for number, error in enumerate(worst_errors(pairs)[: options.count], 1):
        print(f"{number}. {error.kind} {error.story}: {100 * error.cost:.2f} points of F1")
        for story, articles in list(error.parts.items())[:_PARTS_SHOWN]:
            print(f"     {len(articles)} of {story}")
            for article in articles[:_TITLES_SHOWN]:
                print(f"        {article.id} {article.lang} {article.published} {article.title}")
        if len(error.parts) > _PARTS_SHOWN:
            print(f"     and {len(error.parts) - _PARTS_SHOWN} more parts")
    return 0


def worst_errors(pairs: Sequence[tuple[Labelled, str]]) -> list[Error]:
    """The stories that are wrong, dearest first, of articles with the stories that an answer gives them."""
    score = bcubed([line.cluster for line, _ in pairs], [story for _, story in pairs])
    joined: dict[str, dict[str, list[Labelled]]] = defaultdict(lambda: defaultdict(list))
    split: dict[str, dict[str, list[Labelled]]] = defaultdict(lambda: defaultdict(list))
    for line, story in pairs:
        joined[story][line.cluster].append(line)
        split[line.cluster][story].append(line)
    by_precision, by_recall = _worth(score)
    errors = [
        *_errors("join", joined, by_precision / len(pairs)),
        *_errors("split", split, by_recall / len(pairs)),
    ]
    return sorted(errors, key=lambda error: (-error.cost, error.kind, error.story))


def _worth(score: Bcubed) -> tuple[float, float]:
    """By how much F1 rises with precision, and with recall: its derivatives."""
    both = (score.precision + score.recall) ** 2
    return 2 * score.recall**2 / both, 2 * score.precision**2 / both


def _errors(kind: str, stories: Mapping[str, Mapping[str, list[Labelled]]], worth: float) -> list[Error]:
    found = []
    for story, parts in stories.items():
        sizes = [len(part) for part in parts.values()]
        # Each article lacks the share of its story that is not of its own part.
        lacking = sum(sizes) - sum(size * size for size in sizes) / sum(sizes)
        if len(parts) > 1:
            ordered = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
            held = {other: tuple(articles) for other, articles in ordered}
            found.append(Error(cost=worth * lacking, kind=kind, story=story, parts=held))
    return found


def _lines(path: Path, kind: type[Line]) -> list[Line]:
    return [msgspec.json.decode(line, type=kind) for line in path.read_bytes().splitlines() if line.strip()]
