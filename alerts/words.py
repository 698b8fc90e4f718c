"""Which of many asked words and phrases a text has: whole words, any case; `sanction*` is any word that begins so."""

import re
from collections.abc import Iterable, Iterator, Sequence

_WORD = re.compile(r"\w+(?:'\w+)*")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "ё": "е"})


class WordIndex:
    """Finds phrases by their first word, so that the cost is the text's and hardly that of how many are asked."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._whole: dict[str, list[tuple[str, Sequence[str]]]] = {}
        self._begun: dict[str, list[tuple[str, Sequence[str]]]] = {}  # by a first word that ends with *
        for phrase in sorted(set(phrases)):
            parts = _parts(phrase)
            if parts:
                table = self._begun if parts[0].endswith("*") else self._whole
                table.setdefault(parts[0].rstrip("*"), []).append((phrase, parts))
        self._lengths = sorted({len(begin) for begin in self._begun})

    def find(self, text: str) -> frozenset[str]:
        """Those of the phrases, as they were given, that `text` has."""
        if not (self._whole or self._begun):
            return frozenset()
        words = [match.group() for match in _WORD.finditer(_folded(text))]
        return frozenset(self._found(words))

    def _found(self, words: Sequence[str]) -> Iterator[str]:
        for at, word in enumerate(words):
            for phrase, parts in self._possible(word):
                if len(parts) == 1 or _follow(parts[1:], words[at + 1 : at + len(parts)]):
                    yield phrase

    def _possible(self, word: str) -> Iterator[tuple[str, Sequence[str]]]:
        yield from self._whole.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._begun.get(word[:length], ())


def _parts(phrase: str) -> list[str]:
    return re.findall(r"\w+(?:'\w+)*\*?", _folded(phrase))


def _folded(text: str) -> str:
    return text.casefold().translate(_APOSTROPHES)


def _follow(parts: Sequence[str], words: Sequence[str]) -> bool:
    return len(parts) == len(words) and all(
        word.startswith(part[:-1]) if part.endswith("*") else word == part
        for part, word in zip(parts, words, strict=True)
    )
