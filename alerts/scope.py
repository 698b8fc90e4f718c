"""Where the entities of a watch stand together in one text, and the words that show it.  Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from alerts.snippet import snippet_of
from alerts.watch import Scope, Term
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
    entities: tuple[str, ...]  # those shown, one or more of each term, in the order of the terms
    rank: tuple[int, int, int]  # the smaller, the better to read; orders what is found in several articles


@dataclass(frozen=True, slots=True)
class _Marked:
    """A sentence with those of its mentions that are asked for, and the numbers of the terms that they satisfy."""

    number: int
    sentence: Sentence
    mentions: tuple[Mention, ...]
    shows: frozenset[int]
    refused: bool = False

    @property
    def block(self) -> tuple[int, int]:
        """The paragraph; headline, summary and body never share one, however they are numbered."""
        return _PLACES[self.sentence.place], self.sentence.paragraph


def show(
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    terms: Sequence[Term],
    scope: Scope,
    refused: frozenset[str] = frozenset(),
) -> Shown | None:
    """The best sentences that show an entity of each of `terms` within `scope`; None where the text does not.

    One sentence that holds all is best, in the headline rather than below it; else the fewest that together show all
    (exact for pairs; for more entities each next sentence is the one that adds most).  Scope `STORY` asks for no more
    than `ARTICLE` within one text.  A stretch of text that names an entity of `refused` shows nothing.
    """
    marked = _marked(sentences, mentions, terms, refused)
    everything = frozenset(range(len(terms)))
    units = (unit for unit in _units(marked, scope) if not any(one.refused for one in unit))
    found = [chosen for unit in units if (chosen := _cover(unit, everything))]
    best = min(map(_rank, found), default=None)
    return next((_shown(chosen, terms) for chosen in found if _rank(chosen) == best), None)


def _marked(
    sentences: Sequence[Sentence], mentions: Sequence[Mention], terms: Sequence[Term], refused: frozenset[str]
) -> list[_Marked]:
    satisfies: dict[str, list[int]] = {}
    for number, term in enumerate(terms):
        for entity in term:
            satisfies.setdefault(entity, []).append(number)
    by_sentence: dict[int, list[Mention]] = {}
    for mention in mentions:
        if mention.entity in satisfies or mention.entity in refused:
            by_sentence.setdefault(mention.sentence, []).append(mention)
    return [
        _Marked(
            number,
            sentences[number],
            tuple(sorted((m for m in there if m.entity in satisfies), key=lambda m: (m.start, m.end, m.entity))),
            frozenset(term for m in there for term in satisfies.get(m.entity, ())),
            any(m.entity in refused for m in there),
        )
        for number, there in sorted(by_sentence.items())
    ]


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


def _cover(unit: Iterable[_Marked], wanted: frozenset[int]) -> list[_Marked] | None:
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


def _rank(chosen: list[_Marked]) -> tuple[int, int, int]:
    return len(chosen), max(_PLACES[one.sentence.place] for one in chosen), chosen[0].number


def _shown(chosen: list[_Marked], terms: Sequence[Term]) -> Shown:
    places = {one.sentence.place for one in chosen}
    if len(chosen) == 1:
        nearness = Nearness.SENTENCE
    else:
        nearness = Nearness.PARAGRAPH if len({one.block for one in chosen}) == 1 else Nearness.ARTICLE
    named = [mention.entity for one in chosen for mention in one.mentions]
    return Shown(
        nearness=nearness,
        place=places.pop() if len(places) == 1 else Place.OTHER,
        snippets=tuple(snippet_of(one.sentence, one.mentions) for one in chosen),
        entities=tuple(dict.fromkeys(entity for term in terms for entity in named if entity in term)),
        rank=_rank(chosen),
    )
