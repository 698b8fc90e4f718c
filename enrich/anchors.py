"""Who is meant: decides which candidates are mentions, from what stands beside them and elsewhere in the text.

A full name speaks for itself unless it is part of something longer.  A short form counts when the same text has
the full name, or a title or a companion vouches for it, and no namesake stands nearer.
"""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from enrich.candidates import Candidate
from enrich.inflection import Inflection
from enrich.longer_names import in_longer_name, opens_title
from enrich.name_trie import DERIVED, FULL, Use
from enrich.place_names import PlacesInNames
from enrich.reading import Reading
from enrich.titles import HEADS, HONORIFICS, NO_GIVEN_NAMES, TITLES, YOUNGER, word_forms
from enrich.words import CAPITAL, LOWER, fold, is_cyrillic, skeleton
from wire.catalogue import Entity, EntityKind

_TITLE_WITHIN_WORDS = 4  # "глава компанії SpaceX Маск"
_VERB_OR_ADVERB = re.compile(r"(?:ly|ing|ed|ise|ize)$")
_ADJECTIVE = re.compile(r"(?:ськ|ск|цьк|цк|зьк|ськи|ски)(?:[а-яіїє]{1,3})$")
_SAME_NAME = 0.7  # Elon and Ilon .75, Elon and Elias .44
_REMEMBERED = 50_000  # words of each sort; then all are forgotten
_SAME_BEGINNING = 3  # letters that the forms of a noun share
_FAMILY_LETTERS = 4  # of a family name stay the same in all its forms
_PERSON = EntityKind.PERSON
_PLACES = (EntityKind.PLACE, EntityKind.COUNTRY)


@dataclass(slots=True)
class _Text:
    """What one text says of its candidates."""

    reading: Reading
    covered: dict[int, int]  # word -> index of its candidate
    named: Counter[str] = field(default_factory=Counter)  # entity id -> how often its names stand here
    namesakes: set[str] = field(default_factory=set)  # beginnings of family names that a namesake bore last
    latest: dict[str, int] = field(default_factory=dict)  # entity id -> word where its name stood last
    common: set[int] = field(
        default_factory=set
    )  # words that may be common nouns, capital only as they open a sentence


class Anchors:
    """Tells mentions from namesakes.  Holds the forms of titles and remembers what kind of word precedes a name."""

    def __init__(self, inflection: Inflection) -> None:
        self._inflection = inflection
        self._titles = word_forms(TITLES, inflection)
        self._younger = word_forms(YOUNGER, inflection)
        self._names_places = PlacesInNames(inflection)
        self._given: dict[str, bool] = {}
        self._nouns: dict[str, str] = {}

    def choose(self, reading: Reading, found: Sequence[Candidate]) -> list[tuple[Candidate, Entity]]:
        """The candidates that are mentions, each with its entity, in order."""
        covered = {word: i for i, one in enumerate(found) for word in range(one.first, one.last + 1)}
        text = _Text(reading, covered)
        whole = [one for one in found if not self._is_part(text, one)]
        text.common.update(self._perhaps_common(reading, whole))
        namesakes = [self._has_namesake(text, one) for one in whole]
        full = [
            _named_in_full(one)
            for one, namesake in zip(whole, namesakes, strict=True)
            if not namesake and one.first not in text.common
        ]
        text.named.update(ids[0] for ids in full if len(ids) == 1)
        text.named.update(ids[0] for ids in full if ids and not any(text.named[name] for name in ids))
        meant = [self._meant(text, one, namesake=namesake) for one, namesake in zip(whole, namesakes, strict=True)]
        return [
            (self._with_given(text, one, entity), entity)
            for one, entity in zip(whole, meant, strict=True)
            if entity is not None
        ]

    def _with_given(self, text: _Text, one: Candidate, entity: Entity) -> Candidate:
        """The family name together with the given name before it that is spelt otherwise: Дональт Туск."""
        before = one.first - 1
        if entity.kind is not _PERSON or one.first != one.last or before < 0 or before in text.covered:
            return one
        form = text.reading.forms[before]
        if form.shape is not CAPITAL or not text.reading.close(before) or form.length != len(form.surface):
            return one
        return one._replace(first=before) if _is_spelling_of(form.surface, entity) else one

    def _meant(self, text: _Text, one: Candidate, *, namesake: bool) -> Entity | None:
        """The entity that the candidate means here, if any; remembers whose the family name is from here on."""
        family = text.reading.forms[one.last].key[:_FAMILY_LETTERS]
        if namesake:
            text.namesakes.add(family)
            return None
        if one.uses[0].strength is FULL:
            text.namesakes.discard(family)
            text.latest[one.uses[0].entity.id] = one.first
        borne = family in text.namesakes
        likely = [use for use in one.uses if self._counts(text, one, use, borne=borne)]
        if len(likely) < 2:
            return likely[0].entity if likely else None
        # Of namesakes the one named more often, of those the one named last.
        order = [(text.named[use.entity.id], text.latest.get(use.entity.id, -1)) for use in _as_spelt(likely)]
        return _as_spelt(likely)[order.index(max(order))].entity

    def _counts(self, text: _Text, one: Candidate, use: Use, *, borne: bool) -> bool:
        """Whether the form is enough here; `borne` says that a namesake had the family name last."""
        if use.strength is FULL and one.first not in text.common:
            return True
        if borne:
            return False
        if text.named[use.entity.id]:
            return True
        if use.strength is DERIVED:
            return False
        person = use.entity.kind is _PERSON
        return (person and self._titled(text, one)) or any(text.named[friend] for friend in use.entity.companions)

    def _titled(self, text: _Text, one: Candidate) -> bool:
        """Whether a title stands before the name, with nothing but other names and small words between."""
        for at in range(one.first - 1, max(-1, one.first - 1 - _TITLE_WITHIN_WORDS), -1):
            if not text.reading.joined(at, loose=False):
                return False
            if text.reading.forms[at].key in self._titles:
                return at == one.first - 1 or one.first - 1 in text.covered
            if at not in text.covered and at != one.first - 1 and text.reading.forms[at].shape is not LOWER:
                return False
        return False

    def _is_part(self, text: _Text, one: Candidate) -> bool:
        """Whether the words belong to a longer name or word that the catalogue does not have."""
        reading = text.reading
        if in_longer_name(reading, one.first, one.last, text.covered):
            return True
        spaced = reading.gap(one.first - 1) == " " == reading.gap(one.last)
        if not spaced and self._bound_by_signs(text, one):
            return True
        if one.uses[0].entity.kind in _PLACES and self._names_places.has(
            reading, one.first, one.last, text.covered, nominative=lambda: _is_nominative(reading, one)
        ):
            return True
        return self._before_head(text, one)

    def _bound_by_signs(self, text: _Text, one: Candidate) -> bool:
        """Whether a quotation mark or a hyphen beside the words makes them part of something longer."""
        reading = text.reading
        if opens_title(reading, one.first, one.last, text.covered, self._inflection.is_verb):
            return True
        if reading.hyphenated(one.last):
            if one.uses[0].entity.kind in _PLACES and reading.forms[one.last + 1].surface.isdigit():
                return True  # Россия-1, the channel
            if self._compound(text, one.last + 1, one.last):
                return True
        return reading.hyphenated(one.first - 1) and self._compound(text, one.first - 1, one.first)

    def _before_head(self, text: _Text, one: Candidate) -> bool:
        """Whether a capital word follows that makes another thing of a name: Elon University, London Bridge."""
        reading, following = text.reading, one.last + 1
        if following >= len(reading.words) or reading.forms[following].key not in HEADS or following in text.covered:
            return False
        own, form = reading.forms[one.last], reading.forms[following]
        if form.shape is LOWER or own.length != len(own.surface) or not reading.close(one.last):
            return False
        return one.first == one.last or one.uses[0].entity.kind in (_PERSON, *_PLACES)

    def _compound(self, text: _Text, other: int, own: int) -> bool:
        """Whether the word behind a hyphen makes another name of ours: Москва-Сити, but not US-led or Київ–Москва."""
        form = text.reading.forms[other]
        if other in text.covered or form.surface[:1].isdigit():
            return False
        return form.shape is CAPITAL and text.reading.forms[own].cyrillic

    def _has_namesake(self, text: _Text, one: Candidate) -> bool:
        """Whether a given name that is not this person's stands before the family name."""
        if one.uses[0].entity.kind is not _PERSON:
            return False
        if self._is_younger(text, one):
            return True
        if one.first != one.last:
            return False
        if self._names_another(text, one) or _in_firm(text.reading, one):
            return True
        reading, before = text.reading, one.first - 1
        if before < 0 or before in text.covered:
            return False
        form = reading.forms[before]
        if form.shape is LOWER or form.length != len(form.surface):
            return False
        if reading.is_initial(before) and len(form.surface) == 1:
            return not any(form.key in use.initials for use in one.uses)
        if form.shape is not CAPITAL or not reading.close(before) or not self._is_given(form.surface):
            return False
        return not any(_is_spelling_of(form.surface, use.entity) for use in one.uses)

    def _is_younger(self, text: _Text, one: Candidate) -> bool:
        """Whether the name goes on as a son's, whom the catalogue does not have: Donald Trump Jr., Трамп-молодший."""
        reading, following = text.reading, one.last + 1
        if following >= len(reading.words) or following in text.covered:
            return False
        form = reading.forms[following]
        if form.key not in self._younger:
            return False
        if reading.hyphenated(one.last):
            return True
        # Written small, the word speaks of his age: Трамп молодший за Байдена.
        return form.shape is not LOWER and (reading.close(one.last) or reading.gap(one.last) == ", ")

    def _names_another(self, text: _Text, one: Candidate) -> bool:
        """Whether the word is the given name of somebody else: Кирилл, the patriarch, but not Кирилл Иванченко."""
        reading, family = text.reading, one.last + 1
        if family >= len(reading) or family in text.covered or not reading.close(one.last):
            return False
        form = reading.forms[family]
        key = form.key
        if form.shape is not CAPITAL:
            return False
        if not is_cyrillic(key):
            return one.uses[0].strength is DERIVED and self._called_by_title(one.uses[0].entity)
        if self._inflection.is_known(key) and not self._inflection.is_given_name(key):
            return False
        return self._inflection.is_given_name(reading.forms[one.first].key)

    def _called_by_title(self, person: Entity) -> bool:
        """Whether a given name with a title is his name, as of popes and kings: "Pope Leo", but not "Leo Varadkar"."""
        names = (name.split() for names in person.names.values() for name in names)
        return any(len(words) > 1 and fold(words[0]) in self._titles for words in names)

    def _perhaps_common(self, reading: Reading, found: Sequence[Candidate]) -> set[int]:
        """Lone words that open a sentence and stand in lower case elsewhere: «Путина длилась девять недель»."""
        lone = (one.first for one in found if one.first == one.last)
        opening = {at for at in lone if reading.opens(at) and not reading.in_quotes(at, at)}
        # Few of them stand anywhere in the text in small letters: then no word need be looked at.
        beginnings = {reading.words[at].lower()[:_SAME_BEGINNING] for at in opening}
        beginnings = {beginning for beginning in beginnings if beginning in reading.text}
        if not beginnings:
            return set()
        words = set(reading.words)
        small = {word for word in words if word[:_SAME_BEGINNING] in beginnings}
        short = tuple(beginning for beginning in beginnings if len(beginning) < _SAME_BEGINNING)
        if short:
            small.update(word for word in words if word.startswith(short))
        return {at for at in opening if small and self._has_form(reading.words[at].lower(), small)}

    def _has_form(self, word: str, small: Set[str]) -> bool:
        """Whether `small` has the word itself, or another form of what a dictionary knows as an ordinary noun."""
        if word in small:
            return True
        noun = self._noun(word)
        return bool(noun) and any(self._noun(other) == noun for other in small)

    def _noun(self, word: str) -> str:
        """The nominative of a word that the dictionaries know as ordinary, else ""."""
        known = self._nouns.get(word)
        if known is None:
            if len(self._nouns) > _REMEMBERED:
                self._nouns.clear()
            key = fold(word)
            lemma = self._inflection.lemma(key, "") if self._inflection.is_common(key) else None
            known = self._nouns[word] = lemma or ""
        return known

    def _is_given(self, surface: str) -> bool:
        known = self._given.get(surface)
        if known is None:
            if len(self._given) > _REMEMBERED:
                self._given.clear()
            known = self._given[surface] = self._looks_given(fold(surface))
        return known

    def _looks_given(self, key: str) -> bool:
        """Whether a capital word before a family name is, in all likelihood, a given name."""
        if len(key) < 2 or key in self._titles or key in HONORIFICS:
            return False
        if is_cyrillic(key):
            if self._inflection.is_given_name(key):
                return True
            return not self._inflection.is_known(key) and not _ADJECTIVE.search(key)
        return key not in NO_GIVEN_NAMES and not _VERB_OR_ADVERB.search(key)


def _named_in_full(one: Candidate) -> Sequence[str]:
    """The entities that the words are a full name of, in the catalogue's own spelling if of any."""
    if len(one.uses) == 1:
        return (one.uses[0].entity.id,) if one.uses[0].strength is FULL else ()
    return [use.entity.id for use in _as_spelt([use for use in one.uses if use.strength is FULL])]


def _as_spelt(uses: Sequence[Use]) -> Sequence[Use]:
    """Those met in the catalogue's own spelling, if any: of Шмигаль and Шмыгаль each article means its own."""
    return [use for use in uses if not use.variant] or uses


def _in_firm(reading: Reading, one: Candidate) -> bool:
    """Whether an ampersand joins the family name and a word that is the same or no name: Johnson & Johnson."""
    for gap, other in ((reading.gap(one.first - 1), one.first - 1), (reading.gap(one.last), one.last + 1)):
        if "&" in gap and gap.strip() == "&" and 0 <= other < len(reading) and reading.forms[other].shape is CAPITAL:
            form = reading.forms[other]
            if form.key == reading.forms[one.first].key or not form.words:
                return True
    return False


def _is_nominative(reading: Reading, one: Candidate) -> bool:
    """Whether the name stands as the catalogue has it, in one word."""
    surface = reading.forms[one.last].surface
    return one.first == one.last and any(surface in names for names in one.uses[0].entity.names.values())


def _is_spelling_of(surface: str, person: Entity) -> bool:
    """Whether a given name is the person's own in another spelling or form: Элон and Илона for Илон."""
    bones = skeleton(fold(surface))
    given = {skeleton(fold(name.split()[0])) for names in person.names.values() for name in names if " " in name}
    return any(SequenceMatcher(None, bones, own).ratio() >= _SAME_NAME for own in given)
