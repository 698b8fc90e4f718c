"""Outlets that a text names as its sources: "reports CNN", «пише WSJ», «со ссылкой на Reuters».

finder = CitationFinder(load_catalogue())
finder.find("The strike was planned for weeks, the BBC reports, citing The New York Times.", "en")
# CitedOutlet(outlet="bbc", ..., origin=False), CitedOutlet(outlet="new-york-times", ..., origin=True)

An outlet's name alone cites nothing: words beside it must say so (`enrich.citation_cues`), or its place in a headline.
Whoever speaks to an outlet makes it the source of what he says: "told CNN", «в інтерв’ю CNN», «в интервью CNN».
Of our own making, for Ukrainian, Russian, English and Polish.
"""

import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from enrich.citation_cues import AND, BETWEEN, GENERIC, IN_ITS, INTERVIEW, NAMING, REFERRING, SAYING, SAYING_FIRST
from enrich.mentions import Found, MentionFinder
from enrich.words import WORD, fold
from wire.catalogue import Catalogue, EntityKind

_CONTEXT_CHARACTERS = 120  # looked at on each side of a name
_MOST_NAMES = 500  # of outlets in one text, the first: no article has as many
_WORDS_BETWEEN = 5  # at most, between a clue and the name
_QUOTES = "\"'«»“”„‟’ "
_BREAK = re.compile(r"[,;:.!?()\[\]|\n•…–—]|\s-\s")
_SENTENCE_END = re.compile(r"[.!?…]\s+(?=[\"«“„(]?[^\W\d_a-zа-яіїєґ])|\n")
_QUOTED = re.compile(r"(?<=\w)\s[«\"“„]([^\W\d_][^«»\"“”„\n]{1,40})[»\"”“]")
_DASH_BEFORE = re.compile(r"[-–—|]\s*(?:The\s|the\s)?$")
_CREDIT = re.compile(r"(?:джерело|источник|źródło|source)\s*:\s*$", re.IGNORECASE)
# «Київ. 13 вересня. УНІАН -», «МОСКВА, 14 янв — ТАСС.»
_DATED = re.compile(r"[.,] \d{1,2} [^\W\d_]{3,10}\.?[\s,—–-]{0,4}$")
_AROUND_SIGNED = frozenset(("()", "//"))
_SIGNED = re.compile(r"(?:\.\w{2,3})?\s?[.—–-]")
# What has nothing to do with who tells: "CNN's sources say", "the Financial Times, which first reported".
_LEADS_ON = re.compile(r"[’']s\s|,\s(?:which|who|що|як(?:ий|а|е|і)|котор(?:ый|ая|ое|ые)|któr[yae])\s")
_NOTHING_AFTER = re.compile(r"[»”\"]?\s*[.)]?\s*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class CitedOutlet:
    """One place where a text names an outlet as a source: `text[start:end] == surface`, in characters (code points)."""

    outlet: str  # id, or "name:" and the folded words of a name in quotation marks that no list has
    start: int
    end: int
    surface: str
    origin: bool  # False where the outlet itself is said, in the same sentence, to have it from another


class CitationFinder:
    """Finds citations of the catalogue's outlets, the entities of kind `outlet`.

    Making one compiles their names, in about a second; not safe for use by two threads at once.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        outlets = {entity.id: entity for entity in catalogue if entity.kind is EntityKind.OUTLET}
        self._finder = MentionFinder(Catalogue(outlets))
        self._ids = {outlet: outlet for outlet in outlets}

    def find(self, text: str, language: str) -> tuple[CitedOutlet, ...]:
        """Every citation in order, none overlapping.  Takes any text and raises nothing.

        Args:
            text: a paragraph a line, the headline first: a headline may begin or end with its source.  Of the names
                of outlets in it the first 500 are judged; time is linear in its length.
            language: of the text, ISO 639-1 or "und"; a preference between names, never a filter: the words that
                make a source are known in all four languages at once.
        """
        return citations(text, self._finder.find(text, language), self._ids)


class _Clue(Enum):
    """What the words beside a name say."""

    SOURCE = "source"
    REFERRED_TO = "referred to"  # by the article, or by another outlet that the article names
    REFERS = "refers"  # to another


@dataclass(frozen=True, slots=True)
class _Name:
    outlet: str
    start: int
    end: int
    clue: _Clue | None = None


def citations(text: str, found: Sequence[Found], outlets: Mapping[str, str]) -> tuple[CitedOutlet, ...]:
    """The citations among the mentions of a text, and those of outlets that it only describes.

    Args:
        text: a paragraph a line, the headline first.
        found: mentions in order, as `MentionFinder.find` gives them for this text; those of other entities are
            passed over, and of outlets the first 500 are judged.
        outlets: entity id to outlet id, for the entities that are outlets.

    Returns:
        Citations in order of their places, none overlapping; empty where nobody is cited.
    """
    listed = [_Name(outlets[one.entity], one.start, one.end) for one in found if one.entity in outlets][:_MOST_NAMES]
    names = sorted([*listed, *_described(text, listed)], key=lambda name: name.start)
    judged = _shared(text, [replace(name, clue=_clue(text, name)) for name in names])
    origins = _origins(text, judged)
    return tuple(
        CitedOutlet(name.outlet, name.start, name.end, text[name.start : name.end], origin)
        for name, origin in zip(judged, origins, strict=True)
        if name.clue is not None
    )


def _described(text: str, listed: Sequence[_Name]) -> Iterator[_Name]:
    """What a text calls a newspaper, agency or channel, by a name in quotation marks that no list has."""
    taken = {at for name in listed for at in (name.start, name.end)}
    for match, _ in zip(_QUOTED.finditer(text), range(_MOST_NAMES), strict=False):
        start, end = match.span(1)
        before = _words(text[max(0, start - 30) : match.start()])
        if not before or not match[1][0].isupper() or not GENERIC.fullmatch(before[-1]):
            continue
        if taken.isdisjoint(range(start, end + 1)):
            yield _Name("name:" + " ".join(map(fold, WORD.findall(match[1]))), start, end)


def _clue(text: str, name: _Name) -> _Clue | None:
    before = text[max(0, name.start - _CONTEXT_CHARACTERS) : name.start]
    after = text[name.end : name.end + _CONTEXT_CHARACTERS]
    if _refers(after):
        return _Clue.REFERS
    if IN_ITS.search(before) and INTERVIEW.match(after):
        return _Clue.SOURCE
    return _clue_before(before, after) or _clue_after(after) or _clue_of_place(text, name, before, after)


def _clue_before(before: str, after: str) -> _Clue | None:
    words = _words(_BREAK.split(before)[-1])
    for _ in range(_WORDS_BETWEEN + 1):
        if not words:
            return None
        tail = " ".join(words[-4:])
        if REFERRING.search(tail):
            return _Clue.REFERRED_TO
        if NAMING.search(tail):
            return _Clue.SOURCE
        if SAYING.fullmatch(words[-1]) and (not words[-1].isascii() or _says_first(words[-1], after)):
            return _Clue.SOURCE
        if not BETWEEN.fullmatch(words[-1]):
            return None
        words.pop()
    return None


def _says_first(verb: str, after: str) -> bool:
    """Whether an English or Polish verb before the name is the outlet's: "reports CNN." but not "said CNN was"."""
    return not SAYING_FIRST.fullmatch(verb) or _BREAK.match(after.lstrip(_QUOTES)) is not None or not after.strip()


def _clue_after(after: str) -> _Clue | None:
    after = after.lstrip('»”"')
    leads_on = _LEADS_ON.match(after)
    after = after[leads_on.end() :] if leads_on else after
    for word in _words(_BREAK.split(after.lstrip(_QUOTES))[0])[: _WORDS_BETWEEN + 1]:
        if SAYING.fullmatch(word):
            return _Clue.SOURCE
        if not BETWEEN.fullmatch(word):
            return None
    return None


def _refers(after: str) -> bool:
    """Whether the name is followed by its own source: "the BBC, citing …", «УНІАН із посиланням на …»."""
    words = _words(_SENTENCE_END.split(after)[0])[:_WORDS_BETWEEN]
    return any(REFERRING.search(" ".join(words[:count])) and words[0] != "za" for count in range(1, len(words) + 1))


def _clue_of_place(text: str, name: _Name, before: str, after: str) -> _Clue | None:
    """A headline that begins or ends with the outlet, a dateline or credit in brackets."""
    if before[-1:] + after[:1] in _AROUND_SIGNED or _CREDIT.search(before.rstrip(_QUOTES)):
        return _Clue.SOURCE
    if _DATED.search(before) and _SIGNED.match(after):
        return _Clue.SOURCE
    if name.start < _CONTEXT_CHARACTERS and not before.strip(_QUOTES) and after.lstrip(_QUOTES).startswith(":"):
        return _Clue.SOURCE
    return _Clue.SOURCE if _DASH_BEFORE.search(before.rstrip('"«“„')) and _NOTHING_AFTER.match(after) else None


def _shared(text: str, names: Sequence[_Name]) -> list[_Name]:
    """Names joined by "and" share their clue: «за даними CNN та Reuters»."""
    shared = list(names)
    for order in (range(1, len(shared)), range(len(shared) - 2, -1, -1)):
        for at in order:
            neighbour = shared[at - 1] if order.step == 1 else shared[at + 1]
            first, second = sorted((neighbour, shared[at]), key=lambda name: name.start)
            # Of two that are referred to, the second may stand before the verb: «з посиланням на AP та CNN пише УНІАН».
            referred_to = order.step == 1 and neighbour.clue is _Clue.REFERRED_TO and shared[at].clue is _Clue.SOURCE
            unsaid = shared[at].clue is None and neighbour.clue is not None
            if (unsaid or referred_to) and _joined(text[first.end : second.start]):
                shared[at] = replace(shared[at], clue=neighbour.clue)
    return shared


def _joined(between: str) -> bool:
    words = _words(between[:_CONTEXT_CHARACTERS])
    return (
        len(between) < _CONTEXT_CHARACTERS
        and "\n" not in between
        and bool(words)
        and AND.issuperset({*words} - {"the"})
    )


def _origins(text: str, names: Sequence[_Name]) -> Iterator[bool]:
    """For each name, whether no other outlet of its sentence is said to be where this one has it from."""
    ends = [match.start() for match in _SENTENCE_END.finditer(text)] if names else []
    sentences = [bisect(ends, name.start) for name in names]
    referred_to: dict[int, set[str]] = {}
    for sentence, name in zip(sentences, names, strict=True):
        if name.clue is _Clue.REFERRED_TO:
            referred_to.setdefault(sentence, set()).add(name.outlet)
    for sentence, name in zip(sentences, names, strict=True):
        yield name.clue is _Clue.REFERRED_TO or not referred_to.get(sentence, set()) - {name.outlet}


def _words(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]
