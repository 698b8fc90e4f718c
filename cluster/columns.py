"""What live articles are compared by, in arrays: one is held against some sixty others at once.

Each live article has a number, which may become another's once it has left.
"""

from array import array
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cluster.numbering import Numbering, Numbers, doubled
from cluster.state import ArticleState
from cluster.traits import NAMES, NUMBERS, Traits, tokens_of
from wire.messages import ArticleId, UtcTime

KINDS = 3  # of tokens: words, names, numbers
_FIRST_ROWS = 256
# Written in place: numpy takes three times as long to read a tuple.
_COUNTS, _FACTS = Struct(f"={KINDS}i"), Struct(f"={KINDS + 3}d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Floats = NDArray[np.float64]


class Compared(NamedTuple):
    """Some articles beside one, a row each, in the order in which they were asked for."""

    common: Floats  # sums of the squared weights of shared words, names, numbers
    masses: Floats  # the others' own sums, as stored
    microseconds: Floats  # since 1970: their event times; float64 holds all of them exactly
    same_language: NDArray[np.bool_]
    same_outlet: NDArray[np.bool_]

    def of(self, rows: NDArray[np.bool_] | Sequence[int]) -> "Compared":
        """Some of the rows."""
        common, masses, times, languages, outlets = self
        return Compared(common[rows], masses[rows], times[rows], languages[rows], outlets[rows])

    def followed_by(self, more: "Compared") -> "Compared":
        """These, then `more`."""
        return Compared(
            np.concatenate([self.common, more.common]),
            np.concatenate([self.masses, more.masses]),
            np.concatenate([self.microseconds, more.microseconds]),
            np.concatenate([self.same_language, more.same_language]),
            np.concatenate([self.same_outlet, more.same_outlet]),
        )


class Columns:
    """A row for each live article.  What is answered depends on the articles that are in, not on their numbers."""

    def __init__(self) -> None:
        self._numbers = Numbering()
        self._tokens: list[bytes] = []  # by article, of int32: numbers of words, then names, then numbers
        self._counts = np.zeros((_FIRST_ROWS, KINDS), dtype=np.int32)
        self._facts = np.zeros((_FIRST_ROWS, KINDS + 3))  # masses, event time, codes of language and outlet
        self._arrivals = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._spaces = np.zeros(_FIRST_ROWS, dtype=np.int32)
        self._codes: dict[str, int] = {}  # of languages, outlets and spaces; there are not many
        self._weights = np.zeros(_FIRST_ROWS)  # by token; all zero between two questions

    def __contains__(self, article_id: ArticleId) -> bool:
        return article_id in self._numbers

    def add(self, article_id: ArticleId, article: ArticleState, tokens: Sequence[Sequence[int]]) -> int:
        """Put in an article that is not in, with the numbers of its words, names and numbers; its own number."""
        row = self._numbers.add(article_id)
        self._grow(row + 1)
        flat = [number for kind in tokens for number in kind]
        self._tokens[row] = array("i", flat).tobytes()
        _COUNTS.pack_into(self._counts.data, row * _COUNTS.size, *map(len, tokens))
        language, outlet, space = (
            self._codes.setdefault(one, len(self._codes)) for one in (article.language, article.outlet, article.space)
        )
        masses = article.word_mass, article.name_mass, article.number_mass
        time = microseconds(article.event_time)
        _FACTS.pack_into(self._facts.data, row * _FACTS.size, *masses, time, language, outlet)
        self._arrivals[row] = article.arrival
        self._spaces[row] = space
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
        return self._arrivals.item(number)

    def arrivals(self, numbers: Numbers) -> NDArray[np.int64]:
        """The arrival numbers of the articles."""
        return self._arrivals[numbers]

    def are_of(self, space: str, numbers: Numbers) -> NDArray[np.bool_]:
        """Which of the articles have a vector of `space`."""
        return np.asarray(self._spaces[numbers] == self._codes.get(space, -1))

    def compared(self, rows: Numbers, squares: Mapping[int, float], language: str, outlet: str) -> Compared:
        """The articles of these numbers beside one of this kind whose tokens have these squared weights."""
        flat = np.frombuffer(b"".join(map(self._tokens.__getitem__, rows.tolist())), dtype=np.int32)
        bins = np.arange(KINDS * len(rows)).repeat(self._counts.take(rows, axis=0).ravel())
        ours = np.fromiter(squares.keys(), dtype=np.int64, count=len(squares))
        self._weights[ours] = np.fromiter(squares.values(), dtype=np.float64, count=len(squares))
        # It adds one after another in the order of the tokens, so that the sum is the same in every run.
        common = np.asarray(np.bincount(bins, self._weights.take(flat), KINDS * len(rows)), dtype=np.float64)
        self._weights[ours] = 0.0
        facts = self._facts.take(rows, axis=0)
        return Compared(
            common.reshape(-1, KINDS),
            facts[:, :KINDS],
            facts[:, KINDS],
            facts[:, -2] == self._codes.get(language, -1),
            facts[:, -1] == self._codes.get(outlet, -1),
        )

    def _grow(self, rows: int) -> None:
        if rows > len(self._tokens):
            self._tokens += [b""] * (rows - len(self._tokens))
        if rows > len(self._facts):
            self._counts, self._facts = doubled(self._counts), doubled(self._facts)
            self._arrivals, self._spaces = doubled(self._arrivals), doubled(self._spaces)


def crossed(traits: Sequence[Traits], articles: Sequence[ArticleState]) -> Compared:
    """Each of `articles` beside the first of `traits`, then beside the second, and so on.

    As `Columns.compared` gives it, to the last bit; the articles need not be in any columns.
    """
    numbers: dict[str, dict[str, int]] = {}  # by group, from 1
    ours, rows, squares, count = [], [], [], 1
    for row, one in enumerate(traits):
        for group, kind in zip((one.language, NAMES, NUMBERS), one.kinds, strict=True):
            known = numbers.setdefault(group, {})
            for token, weight in kind.weights.items():
                if token not in known:
                    known[token], count = count, count + 1
                ours.append(known[token])
                rows.append(row)
                squares.append(weight * weight)
    table = np.zeros((len(traits), count))
    table[rows, ours] = squares
    theirs = [
        [known.get(token, 0) for token in tokens]
        for article in articles
        for group, tokens in tokens_of(article)
        for known in (numbers.get(group, {}),)
    ]
    flat = [number for tokens in theirs for number in tokens]
    wide = len(theirs)
    bins = np.arange(wide).repeat([len(tokens) for tokens in theirs]) + wide * np.arange(len(traits))[:, np.newaxis]
    common = np.asarray(np.bincount(bins.ravel(), table[:, flat].ravel(), wide * len(traits)), dtype=np.float64)
    masses = [(one.word_mass, one.name_mass, one.number_mass) for one in articles]
    return Compared(
        common.reshape(-1, KINDS),
        np.array(masses * len(traits)),
        np.array([float(microseconds(one.event_time)) for one in articles] * len(traits)),
        np.array([one.language == ours.language for ours in traits for one in articles]),
        np.array([one.outlet == ours.outlet for ours in traits for one in articles]),
    )


def microseconds(time: UtcTime) -> int:
    """Since 1970."""
    return (time - _EPOCH) // _MICROSECOND
