"""Keys of an article's proper nouns and numbers that its translations share: Ілон Маск, Илон Маск and Elon Musk.

keys = NameKeys()
keys.of("Розмову Ілона Маска з Путіним підтвердили 12 сенаторів", "uk")  # ("ln", "msk", "ptn", "12")

A key is evidence as far as it is rare: namesakes and look-alikes share one, and some common words pass for names.
"""

import re
from dataclasses import dataclass

from enrich.inflection import Inflection
from enrich.sounds import sound_key
from enrich.titles import NO_GIVEN_NAMES
from enrich.words import LONGEST_WORD, UPPER, WORD, bare, fold, is_cyrillic, shape_of

# Of one article, the first ones: the lead says what it is about, and a message must not be a list of names.
_MOST_KEYS = 200
_CACHE_WORDS = 200_000
_LONGEST_NUMBER = 12

_THOUSANDS = r"\d{1,3}(?:[ \u00a0\u202f.,]\d{3})+(?!\d)"
_NUMBER = re.compile(rf"(?<![\w.,])(?:{_THOUSANDS}|\d+)(?:[.,]\d{{1,2}}(?!\d))?(?!\w)")
_ENDS_SENTENCE = re.compile(r"[.!?…:;•—–\"«»“”„(\[|]")

# A line in Title Case says nothing by its capitals; words shorter than this stay small in one.
_TITLE_CASE_SHARE = 0.7
_TITLE_CASE_WORDS = 4
_LONG_WORD = 4
_LONGEST_ACRONYM = 5  # in capitals, a shorter word is no form of the dictionary's

# Case endings whose consonants would enter the key of a word that no dictionary knows.
# In a town (у Миколаєві) or to a person (Миколаєві): the same word of two names.
_IN_TOWN = re.compile(r"\b[ув]\s$", re.IGNORECASE)
_OF_TOWN_OR_PERSON = ("ові", "еві", "єві")
_CYRILLIC_ENDING = re.compile(r"(?<=\w{3})(?:ами|ями|ого|его|ому|ему|ові|еві|єві|ом|ем|єм|им|ым|ім|ам|ям|ах|ях|их|ых)$")
_POLISH_ENDING = re.compile(r"(?<=\w{3})(?:owi|iem|em|ego|emu|ami|ach|ych|ich)$")


@dataclass(frozen=True, slots=True)
class _Word:
    """One capitalised spelling: its key, and whether it is a common word, whose capital an opening explains."""

    key: str
    common: bool


class NameKeys:
    """Reads keys from texts; remembers words, so one thread at a time.  Makes its own dictionaries unless given."""

    def __init__(self, inflection: Inflection | None = None) -> None:
        self._inflection = inflection or Inflection()
        self._known: dict[tuple[str, str, bool], _Word] = {}

    def of(self, text: str, language: str) -> tuple[str, ...]:
        """The distinct keys in order of their first appearance, at most 200.

        Names are two to four consonants in Latin letters, numbers their digits with a point before decimals.

        Args:
            text: plain, a paragraph a line, the headline first.
            language: ISO 639-1 or "und"; decides how words are brought to their nominative.
        """
        found: dict[str, None] = {}
        for line in text.split("\n"):
            self._read(line, language, found)
            if len(found) >= _MOST_KEYS:
                break
        return tuple(found)[:_MOST_KEYS]

    def _read(self, line: str, language: str, found: dict[str, None]) -> None:
        words = [(match.start(), match.group()) for match in WORD.finditer(line)]
        title_case = _is_title_case([surface for _, surface in words])
        numbers = [(match.start(), number_key(match.group())) for match in _NUMBER.finditer(line)]
        keys = [(at, key) for at, key in numbers if key]
        end = 0
        for at, surface in words:
            opens = title_case or not end or _ENDS_SENTENCE.search(line, end, at) is not None
            end = at + len(surface)
            if surface[0].isupper() and len(surface) <= LONGEST_WORD:
                of_town = surface.endswith(_OF_TOWN_OR_PERSON) and _IN_TOWN.search(line, max(0, at - 3), at) is not None
                word = self._word(surface, language, of_town)
                if word.key and not (opens and word.common):
                    keys.append((at, word.key))
        found |= dict.fromkeys(key for _, key in sorted(keys))

    def _word(self, surface: str, language: str, of_town: bool) -> _Word:
        known = self._known.get((surface, language, of_town))
        if known is None:
            if len(self._known) >= _CACHE_WORDS:
                self._known.clear()
            known = self._known[surface, language, of_town] = self._look_up(
                fold(bare(surface)), surface, language, of_town
            )
        return known

    def _look_up(self, word: str, surface: str, language: str, of_town: bool) -> _Word:
        if not is_cyrillic(word):
            stem = _POLISH_ENDING.sub("", word) if language == "pl" else word
            return _Word(sound_key(stem, language), word in NO_GIVEN_NAMES)
        lemma = None
        if shape_of(surface) is not UPPER or len(word) > _LONGEST_ACRONYM:
            lemma = self._inflection.lemma(word, language, of_town=of_town)
        key = sound_key(_CYRILLIC_ENDING.sub("", word) if lemma is None else lemma, language)
        if not key and word.endswith(_OF_TOWN_OR_PERSON):  # Києві is also a form of Кий, a name too short for a key
            key = sound_key(self._inflection.lemma(word, language, of_town=True) or "", language)
        return _Word(key, self._inflection.is_common(word) and not self._inflection.has_one_number(word))


def number_key(written: str) -> str:
    """Digits alone, with a point before decimals; "" for one digit, which says nothing, and for endless ones."""
    whole, decimals = written, ""
    if match := re.search(r"[.,](\d{1,2})$", written):
        whole, decimals = written[: match.start()], match[1]
    digits = re.sub(r"\D", "", whole)
    key = f"{digits}.{decimals}" if decimals else digits
    return key if 2 <= len(key) <= _LONGEST_NUMBER else ""


def _is_title_case(words: list[str]) -> bool:
    long = [word for word in words if len(word) >= _LONG_WORD and word[0].isalpha()]
    return len(long) >= _TITLE_CASE_WORDS and sum(word[0].isupper() for word in long) >= _TITLE_CASE_SHARE * len(long)
