"""How rare words, names and numbers are among the live articles.  Derived from the state by `fold`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

# Before the first articles everything is rare: as in a window of this many articles that lack it.
_PRIOR_ARTICLES = 30


class Rarity:
    """Document frequencies by group: words count within their language, names and numbers across all."""

    def __init__(self) -> None:
        self._articles: Counter[str] = Counter()
        self._having: dict[str, dict[str, int]] = {}

    def add(self, group: str, tokens: Iterable[str]) -> None:
        """Count one article that has `tokens`, each once."""
        self._articles[group] += 1
        having = self._having.setdefault(group, {})
        for token in tokens:
            having[token] = having.get(token, 0) + 1

    def remove(self, group: str, tokens: Iterable[str]) -> None:
        """Take back an `add`."""
        self._articles[group] -= 1
        having = self._having[group]
        for token in tokens:
            if having[token] == 1:
                del having[token]
            else:
                having[token] -= 1

    def count(self, group: str, token: str) -> int:
        """How many live articles have the token."""
        return self._having.get(group, {}).get(token, 0)

    def weights(self, group: str, tokens: Sequence[str]) -> dict[str, float]:
        """Inverse document frequency of each token, rounded: at least 0, the rarer the more."""
        having = self._having.get(group, {})
        articles = self._articles[group] + _PRIOR_ARTICLES + 1
        return {token: round(log(articles / (having.get(token, 0) + 1)), 6) for token in tokens}
