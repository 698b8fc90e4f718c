"""The catalogue compiled for reading: words by stem and ending, names as paths of words.

The work per word of a text is a handful of dictionary look-ups, however many names there are; the forms of names are
never listed, a word holds its stems and shares its endings with all words that decline alike.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import takewhile
from typing import NamedTuple

from enrich.inflection import Inflection
from enrich.titles import INSTITUTIONS, word_forms
from enrich.words import CAPITAL, LOWER, UPPER, WORD, Shape, fold, is_cyrillic, shape_of, skeleton
from wire.catalogue import Catalogue, Entity, EntityKind

_LONGEST_ENDING = 5
_HEAD = 4  # letters that say whether a stem may begin so
# For each length of a word, the stems shorter than a head that it may have, the longest first.
_SHORTER = ((), (), (1,), (2, 1), (3, 2, 1), (3, 2, 1), (3, 2, 1), (3, 2), (3,))
# Shorter words are too alike to be taken for transliterations of each other; less so if another word must fit too.
_SHORTEST_VARIANT_ALONE = 6
_SHORTEST_VARIANT_AMONG = 4
_ACRONYM_AS_WORD = 4  # NASA and НАТО are also written Nasa and Нато; WHO is not Who
_SHORTEST_ACRONYM = 3
_LONGEST_DOTTED = 4  # U.N., F.B.I.
_INSTITUTION_WORDS = 3  # any court is a верховный суд, one is the верховный суд Пакистана
_PERSON = EntityKind.PERSON
ORGANISATIONS = (EntityKind.ORGANISATION, EntityKind.OUTLET)
_FAMILIES_IN_S = ("en", "de")  # the Bidens, Merkels Partei; elsewhere Torres is not Torre
_HISSES = ("s", "x", "z", "ch", "sh")
_LONG_INITIALS = ("дж", "ch", "sh")


class Strength(IntEnum):
    """How much a form says by itself."""

    FULL = 0  # a name of the catalogue, or initials and family name
    SHORT = 1  # a form that the catalogue calls short
    DERIVED = 2  # family name or acronym made of a name, known only from that name in the same article


FULL, SHORT, DERIVED = Strength  # asked of every candidate: see `enrich.words.Shape`

# Between the parts of a transliterated name one stands for another: Техрик-э-Лабаик, Техрик-и-Лабаик.
_LONE_VOWELS = frozenset("еэиіє")


class Use(NamedTuple):
    """What a path of words means."""

    entity: Entity
    strength: Strength
    initials: frozenset[str]  # of a person's given names, folded
    loose: bool  # the name has signs between its words: AT&T, Korrespondent.net
    variant: bool = False  # met in another spelling than the catalogue's


class _Need(IntEnum):
    """How a word of a text must be capitalised to be this word of a name."""

    ANY = 0
    CAPITAL = 1
    ACRONYM = 2
    INITIAL = 3


_ANY, _CAPITAL, _ACRONYM, _INITIAL = _Need


class _Role(NamedTuple):
    """Where a word stands in a name, as far as its forms depend on it."""

    person: bool
    later: bool  # not the first word
    alone: bool  # the only word
    institution: bool  # the name says what it is, so that it is written small too: верховный суд


_WordId = int
_Node = int
_ROOT: _Node = 0
_NO_WORDS: Mapping[_WordId, bool] = {}


class NameTrie:
    """Names of a catalogue by their words; immutable once made."""

    def __init__(self, catalogue: Catalogue, inflection: Inflection) -> None:
        self._inflection = inflection
        self._institutions = word_forms(INSTITUTIONS, inflection)
        self._word_ids: dict[tuple[str, str, _Role, _Need], _WordId] = {}
        self._by_stem, self._by_skeleton = _Stems(), _Stems()
        self._endings: dict[frozenset[str], frozenset[str]] = {}
        self._needs: list[tuple[_Need, int]] = []
        self._edges: list[dict[_WordId, _Node]] = [{}]
        self._uses: list[tuple[Use, ...]] = [()]
        for entity in catalogue:
            for name, language, use in _paths(entity):
                self._add(name, language, use)
        self._endings.clear()

    def onwards(self, node: _Node) -> Mapping[_WordId, _Node]:
        """The node behind each word with which a name goes on."""
        return self._edges[node]

    def uses(self, node: _Node) -> tuple[Use, ...]:
        """What the words up to this node mean, if a name ends here."""
        return self._uses[node]

    def goes_on(self, node: _Node) -> bool:
        """Whether a name has words behind this node."""
        return bool(self._edges[node])

    def beginnings(self, words: Mapping[_WordId, bool]) -> tuple[tuple[Use, ...], tuple[tuple[_Node, bool], ...]]:
        """What one of the words means as a whole name, strongest first; and the nodes where longer names go on.

        Args:
            words: each with whether it is in another spelling, as `words` gives them.
        """
        first = self._edges[_ROOT]
        behind = [(node, varied) for word, varied in words.items() if (node := first.get(word)) is not None]
        alone = [use._replace(variant=True) if varied else use for node, varied in behind for use in self._uses[node]]
        return strongest(alone), tuple((node, varied) for node, varied in behind if self.goes_on(node))

    def words(self, base: str, key: str, shape: Shape) -> Mapping[_WordId, bool]:
        """The words of names that a word may be a form of, each with whether it is in another spelling.

        Args:
            base: as it stands in the text, without a possessive.
            key: `base` folded.
        """
        spelt = self._by_stem.words(key)
        varied = (
            self._by_skeleton.words(skeleton(key)) if shape is not LOWER and len(key) >= _SHORTEST_VARIANT_AMONG else ()
        )
        if not spelt and not varied:
            return _NO_WORDS
        found = {word: True for word in varied if self._fits(word, base, key, shape)}
        return found | {word: False for word in spelt if self._fits(word, base, key, shape)}

    def _fits(self, word: _WordId, surface: str, key: str, shape: Shape) -> bool:
        need, length = self._needs[word]
        if need is _ANY:
            return True
        if need is _ACRONYM:
            as_word = shape is CAPITAL and length >= _ACRONYM_AS_WORD and len(key) == length
            return surface[:length].isupper() or as_word
        return shape is not LOWER

    def _add(self, name: tuple[str, ...], language: str, use: Use) -> None:
        node = _ROOT
        person = use.entity.kind is _PERSON
        institution = not person and self._is_institution(name)
        article = name[0] == "The"  # The Sun keeps both capitals
        for place, surface in enumerate(name):
            role = _Role(person=person, later=place > article, alone=len(name) == 1, institution=institution)
            word = self._word(surface, language, role)
            following = self._edges[node].get(word)
            if following is None:
                following = self._edges[node][word] = len(self._edges)
                self._edges.append({})
                self._uses.append(())
            node = following
        same = [known for known in self._uses[node] if known.entity.id == use.entity.id]
        if not same or same[0].strength > use.strength:
            self._uses[node] = (*(known for known in self._uses[node] if known not in same), use)

    def _is_institution(self, name: tuple[str, ...]) -> bool:
        """Whether the name says what it is and whose: верховний суд Пакистану, сенат США."""
        if len(name) > 1 and shape_of(name[-1]) is UPPER and is_cyrillic(name[-1]):
            return True
        return len(name) >= _INSTITUTION_WORDS and not self._institutions.isdisjoint(map(fold, name))

    def _word(self, surface: str, language: str, role: _Role) -> _WordId:
        key = fold(surface)
        need = _need(surface, role)
        own = is_cyrillic(key) or language == "pl" or (role.person and language in _FAMILIES_IN_S)
        identity = (key, language if own else "", role, need)
        if identity not in self._word_ids:
            word = self._word_ids[identity] = len(self._needs)
            self._needs.append((need, len(key)))
            self._index(self._forms(key, language, need, role), word, key, role)
        return self._word_ids[identity]

    def _forms(self, key: str, language: str, need: _Need, role: _Role) -> Iterable[str]:
        if need is _INITIAL:
            return (key,)
        if need is _ACRONYM:
            # МИДа, ТАССом: colloquial, and never by the dictionary's word of the same letters.
            endings = ("", "а", "у", "ом", "е", "і") if is_cyrillic(key) and key[-1] not in "аеиоуыэюяєії" else ("",)
            return (key + ending for ending in endings)
        if role.person and (role.later or role.alone) and language in _FAMILIES_IN_S and not is_cyrillic(key):
            return (key, key + ("es" if key.endswith(_HISSES) else "s"))
        if role.later and key in _LONE_VOWELS:
            return _LONE_VOWELS
        return self._inflection.forms(key, language, person=role.person, modifier=role.later and not role.person)

    def _index(self, forms: Iterable[str], word: _WordId, key: str, role: _Role) -> None:
        shortest = _SHORTEST_VARIANT_ALONE if role.alone or not role.person else _SHORTEST_VARIANT_AMONG
        varies = len(key) >= shortest and self._needs[word][0] is not _ACRONYM
        for stem, endings in _stems(forms).items():
            self._by_stem.add(stem, self._shared(endings), word)
            if varies and len(stem) >= shortest - 2:
                self._by_skeleton.add(skeleton(stem), self._shared(frozenset(map(skeleton, endings))), word)

    def _shared(self, endings: frozenset[str]) -> frozenset[str]:
        return self._endings.setdefault(endings, endings)


def strongest(uses: Iterable[Use]) -> tuple[Use, ...]:
    """One use of each entity, the strongest first, and of equals the one that is spelt so."""
    uses = tuple(uses)
    if len(uses) < 2:
        return uses
    first: dict[str, Use] = {}
    for use in sorted(uses, key=lambda use: (use.strength, use.variant)):
        first.setdefault(use.entity.id, use)
    return tuple(first.values())


class _Stems:
    """Words by their stem.  Most words of a text begin like no stem, and are told so by two look-ups."""

    def __init__(self) -> None:
        self._words: dict[str, list[tuple[frozenset[str], _WordId]]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}  # of the stems that begin so, the longest first

    def add(self, stem: str, endings: frozenset[str], word: _WordId) -> None:
        """Enter `word`, which is `stem` with any of the endings."""
        known = self._words.get(stem)
        if known is not None:
            known.append((endings, word))
            return
        self._words[stem] = [(endings, word)]
        head = stem[:_HEAD]
        lengths = self._lengths.get(head, ())
        if len(stem) not in lengths:
            self._lengths[head] = tuple(sorted((*lengths, len(stem)), reverse=True))

    def words(self, key: str) -> Sequence[_WordId]:
        """The words of which `key` is a stem with one of its endings, those of the longest stem first."""
        length = len(key)
        lengths = self._lengths.get(key[:_HEAD], ())
        if length < len(_SHORTER):
            for at in _SHORTER[length]:
                if key[:at] in self._lengths:
                    lengths += (at,)
        if not lengths:
            return ()
        found: list[_WordId] = []
        for at in lengths:
            if length - _LONGEST_ENDING <= at <= length:
                ending = key[at:]
                found += [word for endings, word in self._words.get(key[:at], ()) if ending in endings]
        return found


def _stems(forms: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Forms as few stems with their endings; an ending has at most `_LONGEST_ENDING` letters."""
    groups: dict[str, set[str]] = defaultdict(set)
    words = sorted(forms)
    shortest = min(len(word) for word in words)
    common = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*words, strict=False)))
    stem_length = max(1, min(common, shortest))
    for word in words:
        at = max(stem_length, len(word) - _LONGEST_ENDING)
        groups[word[:at]].add(word[at:])
    return {stem: frozenset(endings) for stem, endings in groups.items()}


def _need(surface: str, role: _Role) -> _Need:
    if role.person and not role.later and (len(surface) == 1 or fold(surface) in _LONG_INITIALS):
        return _INITIAL
    shape = shape_of(surface)
    if shape is UPPER:
        return _ACRONYM
    # Верховный суд and Верховный Суд are one; of a person every word is capital unless the catalogue says otherwise.
    capital = role.person or not (role.later or role.institution)
    return _CAPITAL if shape is CAPITAL and capital else _ANY


_SIGN_BETWEEN = re.compile(r"\w(?:\s?[^\w\s'’ʼ‘`-]+\s?|\s-+\s)\w")


def _paths(entity: Entity) -> Iterator[tuple[tuple[str, ...], str, Use]]:
    """Every path of words that leads to the entity, with its language."""
    initials = _initials(entity)
    for language, names in entity.names.items():
        for name in names:
            words = tuple(WORD.findall(name))
            loose = _SIGN_BETWEEN.search(name) is not None
            # "парламент", without a capital, describes; it identifies only beside a name of the same entity.
            strength = FULL if len(words) > 1 or not name.islower() else SHORT
            yield words, language, Use(entity, strength, initials, loose)
            if name.isascii() and name.isalpha() and shape_of(name) is UPPER and len(name) <= _LONGEST_DOTTED:
                yield tuple(name), language, Use(entity, strength, initials, loose=True)
            if entity.kind in ORGANISATIONS and len(words) >= _SHORTEST_ACRONYM:
                acronym = "".join(word[0] for word in words).upper()
                yield (acronym,), language, Use(entity, DERIVED, initials, loose=False)
            if entity.kind is _PERSON and len(words) > 1 and not loose:
                yield from _of_person(words, _family(name, words), language, entity, initials)
    for language, forms in entity.short.items():
        for form in forms:
            yield tuple(WORD.findall(form)), language, Use(entity, SHORT, initials, loose=False)


def _of_person(
    words: tuple[str, ...], family: tuple[str, ...], language: str, entity: Entity, initials: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], str, Use]]:
    """І. Маск, Маск І., Маск Ілон; and Маск, where the full name vouches for it."""
    given = words[0]
    particles = _particles(words[1 : len(words) - len(family)])
    full = Use(entity, FULL, initials, loose=False)
    for initial in sorted({given[0], given[:2]}) if fold(given[:2]) in _LONG_INITIALS else (given[0],):
        yield (initial, *family), language, full
        if particles:
            yield (initial, *particles, *family), language, full
    if len(words) == 1 + len(family) and is_cyrillic(given):
        yield (*family, given), language, full
    # Neither XIV nor the Younger is a family name.
    if all(len(part) > 2 and shape_of(part) is CAPITAL for part in family):
        yield family, language, Use(entity, DERIVED, initials, loose=False)
        if particles:
            yield (*particles, *family), language, Use(entity, DERIVED, initials, loose=False)


def _particles(middle: tuple[str, ...]) -> tuple[str, ...]:
    """What stands small before the family name and belongs to it: de la, von der, аль."""
    return tuple(takewhile(str.islower, reversed(middle)))[::-1]


def _family(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The last word of a person's name, or two that a hyphen joins: Дзюба-Козак, but not Si-hyuk."""
    joined = WORD.findall(name.split()[-1])[-2:]
    if 1 < len(joined) < len(words) and all(shape_of(part) is CAPITAL for part in joined):
        return tuple(joined)
    return words[-1:]


def _initials(entity: Entity) -> frozenset[str]:
    names = (WORD.findall(name) for names in entity.names.values() for name in names)
    return frozenset(fold(word[0]) for words in names if len(words) > 1 for word in words[:-1])
