"""What live articles are compared by, in arrays: one is held against some sixty others at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cluster.state import ArticleState
from cluster.traits import Traits
from wire.messages import ArticleId, UtcTime

KINDS = 3  # of tokens: words, names, numbers
_FIRST_ROWS = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TOKENS = np.zeros(0, dtype=np.int32)
_MICROSECOND = timedelta(microseconds=1)

Floats = NDArray[np.float64]
N = TypeVar("N", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Compared:
    """Some articles beside one, a row each, in the order in which they were asked for."""

    common: Floats  # sums of the squared weights of shared words, names, numbers
    masses: Floats  # the others' own sums, as stored
    microseconds: NDArray[np.int64]  # since 1970: their event times
    same_language: NDArray[np.bool_]

    def inserted(self, at: int, other: "Compared") -> "Compared":
        """With the one row of `other` before row `at`."""
        return Compared(
            np.insert(self.common, at, other.common, axis=0),
            np.insert(self.masses, at, other.masses, axis=0),
            np.insert(self.microseconds, at, other.microseconds),
            np.insert(self.same_language, at, other.same_language),
        )


class Columns:
    """A row for each live article.  What is answered depends on the articles that are in, not on their rows."""

    def __init__(self) -> None:
        self._row_of: dict[ArticleId, int] = {}
        self._free: list[int] = []
        self._tokens: list[NDArray[np.int32]] = []  # by row: numbers of words, then names, then numbers
        self._counts = np.zeros((_FIRST_ROWS, KINDS), dtype=np.int32)
        self._masses = np.zeros((_FIRST_ROWS, KINDS))
        self._times = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._languages = np.zeros(_FIRST_ROWS, dtype=np.int32)
        self._codes: dict[str, int] = {}  # of languages; there are not many
        self._weights = np.zeros(_FIRST_ROWS)  # by token; all zero between two questions

    def __contains__(self, article_id: ArticleId) -> bool:
        return article_id in self._row_of

    def add(self, article_id: ArticleId, article: ArticleState, tokens: Sequence[Sequence[int]]) -> None:
        """Put in an article that is not in, with the numbers of its words, names and numbers."""
        row = self._row_of[article_id] = self._new_row()
        flat = np.array([number for kind in tokens for number in kind], dtype=np.int32)
        self._tokens[row] = flat
        self._counts[row] = [len(kind) for kind in tokens]
        self._masses[row] = article.word_mass, article.name_mass, article.number_mass
        self._times[row] = microseconds(article.event_time)
        self._languages[row] = self._codes.setdefault(article.language, len(self._codes))
        if len(flat) and (needed := int(flat.max()) + 1) > len(self._weights):
            self._weights = np.zeros(2 * needed)

    def remove(self, article_id: ArticleId) -> None:
        """Take out an article that is in."""
        row = self._row_of.pop(article_id)
        self._tokens[row] = _NO_TOKENS
        self._free.append(row)

    def compared(self, articles: Sequence[ArticleId], squares: Mapping[int, float], language: str) -> Compared:
        """The `articles`, which are in, beside one of `language` whose tokens have these squared weights."""
        rows = np.array([self._row_of[one] for one in articles], dtype=np.int64)
        flat = np.concatenate([_NO_TOKENS, *(self._tokens[row] for row in rows.tolist())])
        bins = np.repeat(np.arange(KINDS * len(rows)), self._counts[rows].ravel())
        ours = np.fromiter(squares.keys(), dtype=np.int64, count=len(squares))
        self._weights[ours] = np.fromiter(squares.values(), dtype=np.float64, count=len(squares))
        # It adds one after another in the order of the tokens, so that the sum is the same in every run.
        common = np.asarray(np.bincount(bins, self._weights[flat], KINDS * len(rows)), dtype=np.float64)
        self._weights[ours] = 0.0
        return Compared(
            common.reshape(-1, KINDS),
            self._masses[rows],
            self._times[rows],
            self._languages[rows] == self._codes.get(language, -1),
        )

    def _new_row(self) -> int:
        if self._free:
            return self._free.pop()
        row = len(self._tokens)
        self._tokens.append(_NO_TOKENS)
        if row == len(self._times):
            self._counts, self._masses = _doubled(self._counts), _doubled(self._masses)
            self._times, self._languages = _doubled(self._times), _doubled(self._languages)
        return row


def beside(other: ArticleState, traits: Traits) -> Compared:
    """As `Columns.compared` gives it, of an article that is in no column yet."""
    same = other.language == traits.language
    ours = (traits.words if same else {}, traits.names, traits.numbers)
    theirs = (other.words, other.names, other.numbers)
    common = [
        sum(weights[token] ** 2 for token in tokens if token in weights)
        for weights, tokens in zip(ours, theirs, strict=True)
    ]
    return Compared(
        np.array([common], dtype=np.float64),
        np.array([[other.word_mass, other.name_mass, other.number_mass]]),
        np.array([microseconds(other.event_time)]),
        np.array([same]),
    )


def microseconds(time: UtcTime) -> int:
    """Since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def _doubled(column: NDArray[N]) -> NDArray[N]:
    return np.concatenate([column, np.zeros_like(column)])
