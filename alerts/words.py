"""Which of many asked words and phrases a text has: whole words, any case; `sanction*` is any word that begins so."""

import re
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import normalize

_WORD = re.compile(r"\w+(?:'\w+)*")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "ё": "е"})


class WordIndex:
    """Finds phrases by their first word, so that the cost is the text's and hardly that of how many are asked."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._whole: dict[str, list[tuple[str, Sequence[str]]]] = {}
        # By the length of a first word that ends with *, and by that word.
        self._begun: dict[int, dict[str, list[tuple[str, Sequence[str]]]]] = {}
        for phrase in sorted(set(phrases)):
            parts = _parts(phrase)
            if parts:
                first = parts[0].rstrip("*")
                table = self._begun.setdefault(len(first), {}) if parts[0].endswith("*") else self._whole
                table.setdefault(first, []).append((phrase, parts))

    def find(self, text: str) -> frozenset[str]:
        """Those of the phrases, as they were given, that `text` has."""
        if not (self._whole or self._begun):
            return frozenset()
        words = _WORD.findall(_folded(text))
        return frozenset(
            phrase
            for phrase, parts in self._possible(frozenset(words))
            if len(parts) == 1 or any(_begins(parts, words[at : at + len(parts)]) for at in range(len(words)))
        )

    def _possible(self, words: frozenset[str]) -> Iterator[tuple[str, Sequence[str]]]:
        """Phrases whose first word is there."""
        for word in self._whole.keys() & words:
            yield from self._whole[word]
        for length, begun in self._begun.items():
            for begin in begun.keys() & {word[:length] for word in words}:
                yield from begun[begin]


def _parts(phrase: str) -> list[str]:
    return re.findall(r"\w+(?:'\w+)*\*?", _folded(phrase))


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold().translate(_APOSTROPHES)


def _begins(parts: Sequence[str], words: Sequence[str]) -> bool:
    return len(parts) == len(words) and all(
        word.startswith(part[:-1]) if part.endswith("*") else word == part
        for part, word in zip(parts, words, strict=True)
    )
