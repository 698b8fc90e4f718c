"""How rare words, names and numbers are among the live articles.  Derived from the state by `fold`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from sys import intern
from typing import NamedTuple

# Before the first articles everything is rare: as in a window of this many articles that lack it.
_PRIOR_ARTICLES = 30
_DIGITS = 6


class Weighed(NamedTuple):
    """The tokens of one kind of one article, each once in order of appearance; rounded to six digits."""

    weights: dict[str, float]
    squares: dict[int, float]  # of the weights, by number, of those that a live article has
    mass: float  # the sum of the squared weights


class Rarity:
    """Document frequencies by group: words count within their language, names and numbers across all.

    A token that a live article has is also known by a number, the same for as long as one has it; no two tokens of
    live articles share one.
    """

    def __init__(self) -> None:
        self._articles: Counter[str] = Counter()
        self._numbers: dict[str, dict[str, int]] = {}
        self._having: list[int] = []  # articles, by number, and so is:
        self._tokens: list[str] = []
        self._free: list[int] = []  # numbers

    def add(self, group: str, tokens: Iterable[str]) -> list[int]:
        """Count one article that has `tokens`, each once; their numbers."""
        self._articles[group] += 1
        known, having = self._numbers.setdefault(group, {}), self._having
        found = []
        for token in tokens:
            number = known.get(token)
            if number is None:
                number = self._new(known, token)
            having[number] += 1
            found.append(number)
        return found

    def tokens(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The tokens of these numbers: one copy of each, however many articles have it."""
        return tuple(map(self._tokens.__getitem__, numbers))

    def remove(self, group: str, tokens: Iterable[str]) -> None:
        """Take back an `add`."""
        self._articles[group] -= 1
        known = self._numbers[group]
        for token in tokens:
            number = known[token]
            self._having[number] -= 1
            if not self._having[number]:
                del known[token]
                self._free.append(number)

    def count(self, group: str, token: str) -> int:
        """How many live articles have the token."""
        number = self._numbers.get(group, {}).get(token)
        return 0 if number is None else self._having[number]

    def weighed(self, group: str, tokens: Sequence[str]) -> Weighed:
        """The weights of tokens: inverse document frequencies, at least 0, the rarer the more."""
        known, having = self._numbers.get(group, {}), self._having
        articles = self._articles[group] + _PRIOR_ARTICLES + 1
        by_count: dict[int, float] = {}  # most tokens are as rare as some other one of the article
        weights: dict[str, float] = {}
        squares: dict[int, float] = {}
        mass = 0.0
        for token in dict.fromkeys(tokens):
            number = known.get(token)
            count = 0 if number is None else having[number]
            weight = by_count.get(count)
            if weight is None:
                weight = by_count[count] = round(log(articles / (count + 1)), _DIGITS)
            weights[token] = weight
            mass += weight * weight
            if number is not None:
                squares[number] = weight * weight
        return Weighed(weights, squares, round(mass, _DIGITS))

    def _new(self, known: dict[str, int], token: str) -> int:
        token, number = intern(token), self._free.pop() if self._free else len(self._having)
        if number == len(self._having):
            self._having.append(0)
            self._tokens.append(token)
        self._tokens[number] = token
        known[token] = number
        return number
