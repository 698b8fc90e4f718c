"""Words of a text with exact places, and the folded keys under which spellings of one word meet."""

import re
from enum import Enum
from unicodedata import normalize

# Stress marks, soft hyphens and zero-width characters stand inside words of copied text; they are never a border.
_IGNORED = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_APOSTROPHES = "'’ʼ‘`′＇"
# Most words are one run of letters: a look at the next character spares the rest.  Nothing is ever given back (++).
_MORE = f"(?:[{_IGNORED}]++[^\\W_]*+)*+"
WORD = re.compile(f"[^\\W_]++(?:(?=[{_IGNORED}{_APOSTROPHES}]){_MORE}(?:[{_APOSTROPHES}][^\\W_]++{_MORE})*+)?+")
WORDS_AND_GAPS = re.compile(f"({WORD.pattern})")
LONGEST_WORD = 40  # longer runs are base64 and the like, no word of any name

_DROP = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff\u0301\u0300]")
_UNIFY = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | {"ё": "е", "ґ": "г"})
_POSSESSIVE = re.compile(f"[{_APOSTROPHES}](?:[sS]|[а-яіїєґё]{{1,3}}|e?go|e?mu|i?em|m|a|u|owi)$")  # O'Leary'ego
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
# Letters that look alike in both scripts; typists and cheats mix them within one word.
_TO_CYRILLIC = str.maketrans("aceiopxykmthbABCEHIKMOPTXYë", "асеіорхукмтнвАВСЕНІКМОРТХУё")
_TO_LATIN = str.maketrans("асеіорхуАВСЕНІКМОРТХУ", "aceiopxyABCEHIKMOPTXY")


class Shape(Enum):
    """How a word is capitalised."""

    LOWER = "lower"
    CAPITAL = "Capital"
    UPPER = "UPPER"  # two letters or more, none of them small


# Asked of every word, and Python 3.11 takes 0.1 µs to find a member in its enumeration.
LOWER, CAPITAL, UPPER = Shape


def shape_of(surface: str) -> Shape:
    """The shape of a word; one capital letter alone is `CAPITAL`, digits are `LOWER`."""
    if surface.islower():
        return LOWER
    if surface.isupper() and sum(map(str.isalpha, surface)) > 1:
        return UPPER
    return CAPITAL if surface[:1].isupper() else LOWER


def bare(surface: str) -> str:
    """`surface` without a possessive or ending behind an apostrophe (Musk's, O'Leary'ego, CNN’у)."""
    # By Unicode ʼ is a letter, unlike the other apostrophes.
    found = None if surface.isalpha() and "ʼ" not in surface else _POSSESSIVE.search(surface)
    if found is None:
        return surface
    stem, ending = surface[: found.start()], surface[found.start() :]
    # "Стефан'юк": behind a Cyrillic stem the apostrophe is a letter of the word.
    return surface if _CYRILLIC.search(stem) and _CYRILLIC.search(ending) else stem


def one_script(surface: str) -> str:
    """`surface` with look-alike letters brought to the script of those that have no double; same length."""
    if not (_LATIN.search(surface) and _CYRILLIC.search(surface)):
        return surface
    cyrillic, latin = surface.translate(_TO_CYRILLIC), surface.translate(_TO_LATIN)
    if not _LATIN.search(cyrillic):
        return cyrillic
    return surface if _CYRILLIC.search(latin) else latin


def fold(surface: str) -> str:
    """The key of a word: small letters of one script, one apostrophe, neither stress marks nor ё and ґ."""
    if surface.isascii():
        return surface.lower().translate(_UNIFY)
    if surface.isalpha():  # neither marks nor signs to drop or compose, but ʼ is a letter; quicker than by table
        return one_script(surface).lower().replace("ё", "е").replace("ґ", "г").replace("ʼ", "'")
    return normalize("NFC", one_script(_DROP.sub("", surface)).lower()).translate(_UNIFY)


_SKELETON = str.maketrans(dict.fromkeys("іыїй", "и") | {"э": "е", "є": "е", "ь": None, "ъ": None, "'": None})
# The last ones are letters of their own to Unicode, which knows no mark to take off.
_LATIN_SKELETON = str.maketrans(
    {"y": "i", "j": "i", "'": None, "-": None, "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "ß": "ss"}
)
_DIGRAPHS = (("kh", "h"), ("ck", "k"), ("ph", "f"), ("tz", "ts"))
_DOUBLED_CONSONANT = re.compile(r"([^\W\dаеиоуыэюяєії])\1+")
_DOUBLED = re.compile(r"(\D)\1+")
_MARKS = re.compile("[\u0300-\u036f]")


def skeleton(key: str) -> str:
    """What transliterations of one name have in common: Kiriyenko and Kirienko, Кириенко and Кирієнко."""
    if _CYRILLIC.search(key):
        # Two vowels may be a stem's last and an ending's first, which must stay apart: Азії, Азии.
        plain = key.replace("йи", "и").translate(_SKELETON)
        return _DOUBLED_CONSONANT.sub(r"\1", plain) if _DOUBLED_CONSONANT.search(plain) else plain
    plain = key if key.isascii() else _MARKS.sub("", normalize("NFD", key))
    plain = plain.translate(_LATIN_SKELETON)
    for pair, letter in _DIGRAPHS:
        plain = plain.replace(pair, letter)
    return _DOUBLED.sub(r"\1", plain) if _DOUBLED.search(plain) else plain


def is_cyrillic(key: str) -> bool:
    """Whether the word has a Cyrillic letter."""
    return "\u0400" <= key[:1] <= "\u04ff" or _CYRILLIC.search(key) is not None
