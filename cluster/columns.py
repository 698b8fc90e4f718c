"""What live articles are compared by, in arrays: one is held against some sixty others at once.

Each live article has a number, which may become another's once it has left.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cluster.numbering import Numbering, Numbers, doubled
from cluster.state import ArticleState
from cluster.traits import Traits
from wire.messages import ArticleId, UtcTime

KINDS = 3  # of tokens: words, names, numbers
_FIRST_ROWS = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Floats = NDArray[np.float64]


class Compared(NamedTuple):
    """Some articles beside one, a row each, in the order in which they were asked for."""

    common: Floats  # sums of the squared weights of shared words, names, numbers
    masses: Floats  # the others' own sums, as stored
    microseconds: Floats  # since 1970: their event times; float64 holds all of them exactly
    same_language: NDArray[np.bool_]

    def inserted(self, at: int, other: "Compared") -> "Compared":
        """With the one row of `other` before row `at`."""
        return Compared(
            np.concatenate([self.common[:at], other.common, self.common[at:]]),
            np.concatenate([self.masses[:at], other.masses, self.masses[at:]]),
            np.concatenate([self.microseconds[:at], other.microseconds, self.microseconds[at:]]),
            np.concatenate([self.same_language[:at], other.same_language, self.same_language[at:]]),
        )


class Columns:
    """A row for each live article.  What is answered depends on the articles that are in, not on their numbers."""

    def __init__(self) -> None:
        self._numbers = Numbering()
        self._tokens: list[bytes] = []  # by article, of int32: numbers of words, then names, then numbers
        self._counts = np.zeros((_FIRST_ROWS, KINDS), dtype=np.int32)
        self._facts = np.zeros((_FIRST_ROWS, KINDS + 2))  # masses, event time, code of the language
        self._arrivals = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._spaces = np.zeros(_FIRST_ROWS, dtype=np.int32)
        self._codes: dict[str, int] = {}  # of languages and spaces; there are not many
        self._weights = np.zeros(_FIRST_ROWS)  # by token; all zero between two questions

    def __contains__(self, article_id: ArticleId) -> bool:
        return article_id in self._numbers

    def add(self, article_id: ArticleId, article: ArticleState, tokens: Sequence[Sequence[int]]) -> int:
        """Put in an article that is not in, with the numbers of its words, names and numbers; its own number."""
        row = self._numbers.add(article_id)
        self._grow(row + 1)
        flat = [number for kind in tokens for number in kind]
        self._tokens[row] = np.array(flat, dtype=np.int32).tobytes()
        self._counts[row] = [len(kind) for kind in tokens]
        language = self._codes.setdefault(article.language, len(self._codes))
        masses = article.word_mass, article.name_mass, article.number_mass
        self._facts[row] = *masses, microseconds(article.event_time), language
        self._arrivals[row] = article.arrival
        self._spaces[row] = self._codes.setdefault(article.space, len(self._codes))
        if flat and (needed := max(flat) + 1) > len(self._weights):
            self._weights = np.zeros(2 * needed)
        return row

    def remove(self, article_id: ArticleId) -> int:
        """Take out an article that is in; the number that it had."""
        row = self._numbers.remove(article_id)
        self._tokens[row] = b""
        return row

    def number(self, article_id: ArticleId) -> int:
        """The number of an article that is in."""
        return self._numbers[article_id]

    def numbers(self, articles: Sequence[ArticleId]) -> Numbers:
        """The numbers of articles that are in, in their order."""
        return np.array([self._numbers[one] for one in articles], dtype=np.int64)

    def article_id(self, number: int) -> ArticleId:
        """Which live article has the number."""
        return self._numbers.key(number)

    def arrival(self, number: int) -> int:
        """The arrival number of one article."""
        return int(self._arrivals[number])

    def arrivals(self, numbers: Numbers) -> NDArray[np.int64]:
        """The arrival numbers of the articles."""
        return self._arrivals[numbers]

    def are_of(self, space: str, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of the articles have a vector of `space`."""
        return np.asarray(self._spaces[numbers] == self._codes.get(space, -1))

    def compared(self, rows: Numbers, squares: Mapping[int, float], language: str) -> Compared:
        """The articles of these numbers beside one of `language` whose tokens have these squared weights."""
        flat = np.frombuffer(b"".join(map(self._tokens.__getitem__, rows.tolist())), dtype=np.int32)
        bins = np.arange(KINDS * len(rows)).repeat(self._counts.take(rows, axis=0).ravel())
        ours = np.fromiter(squares.keys(), dtype=np.int64, count=len(squares))
        self._weights[ours] = np.fromiter(squares.values(), dtype=np.float64, count=len(squares))
        # It adds one after another in the order of the tokens, so that the sum is the same in every run.
        common = np.asarray(np.bincount(bins, self._weights.take(flat), KINDS * len(rows)), dtype=np.float64)
        self._weights[ours] = 0.0
        facts = self._facts.take(rows, axis=0)
        return Compared(
            common.reshape(-1, KINDS), facts[:, :KINDS], facts[:, KINDS], facts[:, -1] == self._codes.get(language, -1)
        )

    def _grow(self, rows: int) -> None:
        if rows > len(self._tokens):
            self._tokens += [b""] * (rows - len(self._tokens))
        if rows > len(self._facts):
            self._counts, self._facts = doubled(self._counts), doubled(self._facts)
            self._arrivals, self._spaces = doubled(self._arrivals), doubled(self._spaces)


def beside(other: ArticleState, traits: Traits) -> Compared:
    """As `Columns.compared` gives it, of an article that is in no column yet."""
    same = other.language == traits.language
    ours = (traits.words if same else {}, traits.names, traits.numbers)
    theirs = (other.words, other.names, other.numbers)
    # Products and sums as in `Columns.compared`, to the last bit: `sum` adds more exactly from Python 3.12 on.
    common = [
        reduce(add, (weights[token] * weights[token] for token in tokens if token in weights), 0.0)
        for weights, tokens in zip(ours, theirs, strict=True)
    ]
    return Compared(
        np.array([common], dtype=np.float64),
        np.array([[other.word_mass, other.name_mass, other.number_mass]]),
        np.array([float(microseconds(other.event_time))]),
        np.array([same]),
    )


def microseconds(time: UtcTime) -> int:
    """Since 1970."""
    return (time - _EPOCH) // _MICROSECOND
