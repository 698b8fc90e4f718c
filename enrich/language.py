"""In which language a text is written.  Lingua's n-gram models, with the alphabet as evidence of our own.

Why lingua, and what it was measured against: decision 10.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lingua import IsoCode639_1, LanguageDetectorBuilder

UNKNOWN = "und"

# Languages that an international desk meets.  Each further neighbour of a language costs it accuracy (with all 75 that
# lingua knows, Ukrainian sentences fall from .997 to .954); scripts of their own cost nothing.
# fmt: off
_CODES = (
    "UK", "RU", "BE", "BG", "SR", "EN", "PL", "DE", "FR", "ES", "IT", "PT", "NL", "CS", "SK", "SL", "HR", "RO", "HU",
    "TR", "SV", "FI", "EL", "KA", "HY", "AR", "FA", "HE", "ZH", "JA", "KO", "HI",
)
# fmt: on

# What is written in Cyrillic, and nothing else: a foreign letter speaks against a language, whatever the n-grams say.
_COMMON = "абвгджзиклмнопрстуфхцчш"
_ALPHABETS = {
    "uk": frozenset(_COMMON + "ґеєіїйщьюя"),
    "ru": frozenset(_COMMON + "еёйщъыьэюя"),
    "be": frozenset("абвгґджзклмнопрстуфхцчш" + "еёійўыьэюя"),
    "bg": frozenset(_COMMON + "ейщъьюя"),
    "sr": frozenset(_COMMON + "еђјљњћџ"),
}
_CYRILLIC = re.compile("[а-яѐ-џґ]")
_CYRILLIC_WORDS = re.compile("[а-яѐ-џґ'’ʼ-]+", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")

# A quarter page decides as well as a page; hostile bodies of 300 KB must not be read to the end.
_CHARACTERS_READ = 1000
_FEWEST_LETTERS = 2
# Names and brands stand in Latin in Cyrillic headlines, seldom the other way round.
_CYRILLIC_SHARE = 1 / 4
# What one foreign letter leaves of a language's score; a few may be a quotation, so more than these count no more.
_FOREIGN_LETTER = 0.05
_FOREIGN_LETTERS_COUNTED = 5
# A declared language outweighs n-grams that are 20 times as sure of another; feeds declare wrongly often enough.
_HINT_ODDS = 20.0
# Two or three short words are often good Russian and good Bulgarian; without a declaration the rarer one gives way.
_PRIORS = {"be": 0.2, "bg": 0.2, "sr": 0.2}
# Below this the n-grams are only guessing between neighbours, so evidence of ours may still turn them.
_FLOOR = 1e-3


@dataclass(frozen=True, slots=True)
class Language:
    """ISO 639-1, or `und` where nothing could tell, and how sure that is, 0 to 1."""

    code: str
    confidence: float


class LanguageDetector:
    """Reads languages; its models are loaded when a text in their script first needs them (about a second).

    Thread-safe.  About 3,000 sentences a second and core.
    """

    def __init__(self) -> None:
        codes = [getattr(IsoCode639_1, code) for code in _CODES]
        self._lingua = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

    def detect(self, text: str, hint: str | None = None) -> Language:
        """The language most of `text` is written in.

        Args:
            text: plain; a headline is enough. Its first 1,000 characters are read.
            hint: ISO 639-1, what the outlet declares; decides where the text leaves doubt.
        """
        read = text[:_CHARACTERS_READ]
        if len(_LETTERS.findall(read)) < _FEWEST_LETTERS:
            return _declared(hint)
        words = main_script(read)
        return judged(self._scores(words), words, hint)

    def _scores(self, text: str) -> dict[str, float]:
        values = self._lingua.compute_language_confidence_values(text)
        return {value.language.iso_code_639_1.name.lower(): value.value for value in values if value.value > 0}


def main_script(text: str) -> str:
    """`text` without its Latin words where a quarter of its letters or more are Cyrillic; else `text`."""
    letters = len(_LETTERS.findall(text))
    if not letters or len(_CYRILLIC.findall(text.lower())) < letters * _CYRILLIC_SHARE:
        return text
    return " ".join(_CYRILLIC_WORDS.findall(text))


def judged(scores: Mapping[str, float], text: str, hint: str | None) -> Language:
    """What n-gram scores, the letters of `text` and the outlet's declaration say together."""
    foreign = foreign_letters(text)
    candidates = {code for code, score in scores.items() if score > 0} | foreign.keys()
    if not candidates:
        return _declared(hint)
    weights = {
        code: max(scores.get(code, 0.0), _FLOOR)
        * _FOREIGN_LETTER ** min(foreign.get(code, 0), _FOREIGN_LETTERS_COUNTED)
        * (_HINT_ODDS if code == hint else _PRIORS.get(code, 1.0))
        for code in candidates
    }
    # The code breaks ties, so that equal texts always read alike.
    best = max(weights, key=lambda code: (weights[code], code))
    return Language(best, min(1.0, weights[best] / sum(weights.values())))


def foreign_letters(text: str) -> dict[str, int]:
    """For each language in Cyrillic, how many letters of `text` it does not write; empty without Cyrillic."""
    letters = _CYRILLIC.findall(text.lower())
    if not letters:
        return {}
    return {code: sum(letter not in alphabet for letter in letters) for code, alphabet in _ALPHABETS.items()}


def _declared(hint: str | None) -> Language:
    return Language(hint, 0.5) if hint else Language(UNKNOWN, 0.0)
