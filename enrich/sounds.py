"""A word's consonants in the classes that transliteration between scripts keeps.

Vowels change with the script and the language, doubled letters with the taste; г, ґ, х and h, g, kh are one class, for
Ukrainian writes h where Russian writes g.
"""

import re
from collections.abc import Mapping
from unicodedata import normalize

_CONSONANTS = 4  # more would tell apart what case endings and spelling made different
_FEWEST = 2

# Class letters are capitals, so that no rule reads what another wrote: G г х, J ж дж, C ц, Q ч, W ш щ.
_CYRILLIC: Mapping[str, str] = {
    **dict(zip("бвгджзклмнпрстфхцчшщ", "BVGDJZKLMNPRSTFGCQWW", strict=True)),
    "дж": "J", "тс": "C", "џ": "J", "ђ": "J", "ћ": "Q", "љ": "L", "њ": "N", "ў": "V",
}  # fmt: skip
_LATIN: Mapping[str, str] = {
    **{letter: letter.upper() for letter in "bdfgjklmnprstvz"},
    "shch": "W", "tsch": "Q", "tch": "Q", "sch": "W", "sh": "W", "ch": "Q", "cz": "Q", "kh": "G", "gh": "G", "zh": "J",
    "dzh": "J", "dž": "J", "dj": "J", "ph": "F", "th": "T", "ck": "K", "ts": "C", "tz": "C", "ce": "S", "ci": "S",
    "cy": "S", "c": "K", "qu": "KV", "q": "K", "x": "KS", "w": "V", "š": "W", "ş": "W", "č": "Q", "ç": "S", "ž": "J",
    "ł": "L", "ß": "S", **{"h" + vowel: "G" for vowel in "aeiouyáéíóúäöüąę"},
}  # fmt: skip
_POLISH: Mapping[str, str] = {
    **_LATIN,
    "sz": "W", "rz": "J", "ch": "G", "ż": "J", "ź": "Z", "ś": "S", "ć": "Q", "ń": "N", "j": "", "ck": "CK",
    "ce": "C", "ci": "Q", "cy": "C",
}  # fmt: skip


class _Sounds:
    """Longest spelling first; what has no sound of its own vanishes."""

    def __init__(self, spellings: Mapping[str, str]) -> None:
        self._spellings = spellings
        self._pattern = re.compile("|".join(sorted(spellings, key=len, reverse=True)))

    def of(self, word: str) -> str:
        return "".join(self._spellings[match.group()] for match in self._pattern.finditer(word))


_MARKS = re.compile("[\u0300-\u036f]")
_DOUBLED = re.compile(r"(.)\1+")
_IN_CYRILLIC, _IN_LATIN, _IN_POLISH = _Sounds(_CYRILLIC), _Sounds(_LATIN), _Sounds(_POLISH)


def sound_key(word: str, language: str = "") -> str:
    """The first four consonants of a folded word, "" where it has fewer than two.

    >>> sound_key("маск"), sound_key("musk")
    ('msk', 'msk')
    """
    plain = _unaccented(word)
    sounds = _IN_CYRILLIC.of(plain) or (_IN_POLISH if language == "pl" else _IN_LATIN).of(plain)
    key = _DOUBLED.sub(r"\1", sounds)[:_CONSONANTS].lower()
    return key if len(key) >= _FEWEST else ""


def _unaccented(word: str) -> str:
    """Without accents, but for letters whose accent is a sound."""
    if word.isascii():
        return word
    return "".join(
        letter if letter in _LATIN or letter in _POLISH else _MARKS.sub("", normalize("NFD", letter)) for letter in word
    )
