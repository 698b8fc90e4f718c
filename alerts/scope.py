"""Where the entities of a watch stand together in one text, and the words that show it.  Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from alerts.snippet import snippet_of
from alerts.watch import Scope
from wire.messages import Mention, Place, Sentence, Snippet

_PLACES = {Place.HEADLINE: 0, Place.SUMMARY: 1, Place.BODY: 2, Place.OTHER: 3}


class Nearness(IntEnum):
    """How near to one another the entities were found; the smaller, the nearer."""

    SENTENCE = 0
    PARAGRAPH = 1
    ARTICLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The sentences of one text that together show all entities asked for."""

    nearness: Nearness
    place: Place  # of the sentences; OTHER where they stand in several
    snippets: tuple[Snippet, ...]
    rank: tuple[int, int, int]  # the smaller, the better to read; orders what is found in several articles


@dataclass(frozen=True, slots=True)
class _Marked:
    """A sentence with those of its mentions that are asked for."""

    number: int
    sentence: Sentence
    mentions: tuple[Mention, ...]

    @property
    def shows(self) -> frozenset[str]:
        return frozenset(mention.entity for mention in self.mentions)

    @property
    def block(self) -> tuple[int, int]:
        """The paragraph; headline, summary and body never share one, however they are numbered."""
        return _PLACES[self.sentence.place], self.sentence.paragraph


def show(
    sentences: Sequence[Sentence], mentions: Sequence[Mention], wanted: Sequence[str], scope: Scope
) -> Shown | None:
    """The best sentences that show all of `wanted` within `scope`; None where the text does not.

    One sentence that holds all is best, in the headline rather than below it; else the fewest that together show all
    (exact for pairs; for more entities each next sentence is the one that adds most).  Scope `STORY` asks for no more
    than `ARTICLE` within one text.
    """
    marked = _marked(sentences, mentions, frozenset(wanted))
    found = [chosen for unit in _units(marked, scope) if (chosen := _cover(unit, frozenset(wanted)))]
    return min(map(_shown, found), key=lambda shown: shown.rank, default=None)


def _marked(sentences: Sequence[Sentence], mentions: Sequence[Mention], wanted: frozenset[str]) -> list[_Marked]:
    by_sentence: dict[int, list[Mention]] = {}
    for mention in sorted(mentions, key=lambda m: (m.sentence, m.start, m.end, m.entity)):
        if mention.entity in wanted:
            by_sentence.setdefault(mention.sentence, []).append(mention)
    return [_Marked(number, sentences[number], tuple(found)) for number, found in by_sentence.items()]


def _units(marked: list[_Marked], scope: Scope) -> Iterator[list[_Marked]]:
    """The stretches of text within which all entities must stand."""
    if scope is Scope.HEADLINE:
        yield [one for one in marked if one.sentence.place is Place.HEADLINE]
    elif scope is Scope.SENTENCE:
        yield from ([one] for one in marked)
    elif scope is Scope.PARAGRAPH:
        blocks: dict[tuple[int, int], list[_Marked]] = {}
        for one in marked:
            blocks.setdefault(one.block, []).append(one)
        yield from blocks.values()
    else:
        yield marked


def _cover(unit: Iterable[_Marked], wanted: frozenset[str]) -> list[_Marked] | None:
    """Few sentences of `unit` that together show `wanted`, in the order of the text; None if it does not."""
    missing, left, chosen = wanted, list(unit), list[_Marked]()
    while missing:
        best = min(
            left,
            key=lambda one: (
                -len(one.shows & missing),
                _PLACES[one.sentence.place],
                len(one.sentence.text),
                one.number,
            ),
            default=None,
        )
        if best is None or not best.shows & missing:
            return None
        chosen.append(best)
        left.remove(best)
        missing -= best.shows
    return sorted(chosen, key=lambda one: one.number)


def _shown(chosen: list[_Marked]) -> Shown:
    places = {one.sentence.place for one in chosen}
    if len(chosen) == 1:
        nearness = Nearness.SENTENCE
    else:
        nearness = Nearness.PARAGRAPH if len({one.block for one in chosen}) == 1 else Nearness.ARTICLE
    return Shown(
        nearness=nearness,
        place=places.pop() if len(places) == 1 else Place.OTHER,
        snippets=tuple(snippet_of(one.sentence, one.mentions) for one in chosen),
        rank=(len(chosen), max(_PLACES[one.sentence.place] for one in chosen), chosen[0].number),
    )
