"""How rare words, names and numbers are among the live articles.  Derived from the state by `fold`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

# Before the first articles everything is rare: as in a window of this many articles that lack it.
_PRIOR_ARTICLES = 30


class Rarity:
    """Document frequencies by group: words count within their language, names and numbers across all.

    A token that a live article has is also known by a number, the same for as long as one has it; no two tokens of
    live articles share one.
    """

    def __init__(self) -> None:
        self._articles: Counter[str] = Counter()
        self._numbers: dict[str, dict[str, int]] = {}
        self._having: list[int] = []  # articles, by number
        self._free: list[int] = []  # numbers

    def add(self, group: str, tokens: Iterable[str]) -> list[int]:
        """Count one article that has `tokens`, each once; their numbers."""
        self._articles[group] += 1
        known = self._numbers.setdefault(group, {})
        found = []
        for token in tokens:
            number = known.get(token)
            if number is None:
                number = known[token] = self._new()
            self._having[number] += 1
            found.append(number)
        return found

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

    def weights(self, group: str, tokens: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of each token, rounded: at least 0, the rarer the more."""
        known, having = self._numbers.get(group, {}), self._having
        articles = self._articles[group] + _PRIOR_ARTICLES + 1
        counts = {token: having[known[token]] if token in known else 0 for token in tokens}
        # Most tokens are as rare as some other one of the article.
        weight = {count: round(log(articles / (count + 1)), 6) for count in set(counts.values())}
        return {token: weight[count] for token, count in counts.items()}

    def squares(self, group: str, weights: dict[str, float]) -> dict[int, float]:
        """The squared weights by number, of the tokens that a live article has."""
        known = self._numbers.get(group, {})
        return {known[token]: weight * weight for token, weight in weights.items() if token in known}

    def _new(self) -> int:
        if self._free:
            return self._free.pop()
        self._having.append(0)
        return len(self._having) - 1
