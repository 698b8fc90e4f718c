"""The vectors of the live articles of one space, and the nearest of them: FAISS proposes, float64 decides.

FAISS compares signs alone (48 bytes an article in place of 1,536), which makes a search of 100,000 articles a matter
of half a millisecond; what it proposes is scored again with the vectors.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from cluster.numbering import Numbers, widened
from wire.vectors import Vector

# Scored with their vectors: the 48 nearest are among them in all but a few searches (docs/explanation/stories.md).
_PROPOSED = 192
# Beyond it a search gives up finding wanted ones: 4,096 articles nearer than any wanted one are noise anyway.
_MOST_ASKED = 4096
# Removing rewrites the index, so it waits for company.  What was added waits for the next search, or as many, since a
# restore asks nothing.
_BATCH = 1024
_FIRST_ROWS = 256
_DIGITS = 6
_BITS = 8
_GONE = -1
# More than twice what a product in float32 of two vectors of length 1 can be off, for thousands of components.
_NARROW = 1e-3


class Near(NamedTuple):
    """Articles, nearest first, and their cosines with what was asked, rounded to six digits."""

    articles: Numbers
    similarities: NDArray[np.float64]


NOBODY = Near(np.zeros(0, dtype=np.int64), np.zeros(0))


class Window:
    """Vectors by article, in order of arrival; articles go by numbers, which may be given again when they have left.

    What is answered depends on the vectors that are in, never on the order in which they came or on what was removed
    before: a search by a stage that has just been restored equals one by its predecessor.
    """

    def __init__(self, dimensions: int) -> None:
        # One query at a time gains nothing from more threads, and on a busy machine waits five times as long for them.
        faiss.omp_set_num_threads(1)
        self.dimensions = dimensions
        self._index = faiss.IndexBinaryFlat(-(-dimensions // _BITS) * _BITS)
        # The newest articles come last and are often the nearest: the worst order for a heap.
        self._index.use_heap = False  # type: ignore[attr-defined]  # its stub leaves it out
        self._rows = 0  # of the index, in no order that matters
        # By row; of float16, but wide: to widen some two hundred of them for each search costs more than the search.
        self._vectors = np.zeros((_FIRST_ROWS, dimensions), dtype=np.float32)
        self._arrivals = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by row
        self._articles = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by row; _GONE where it is to be removed
        self._row_of: dict[int, int] = {}
        self._waiting: dict[int, tuple[int, Vector]] = {}  # not yet in the index
        self._gone = 0  # rows of the index to be removed

    def __len__(self) -> int:
        return len(self._row_of) + len(self._waiting)

    def __contains__(self, article: int) -> bool:
        return article in self._row_of or article in self._waiting

    def add(self, article: int, arrival: int, vector: Vector) -> None:
        """Put in an article that is not in; `arrival` orders equally near ones."""
        self._waiting[article] = (arrival, vector)
        if len(self._waiting) >= _BATCH:
            self._bring_up_to_date()

    def remove(self, article: int) -> None:
        """Take out an article that is in."""
        if self._waiting.pop(article, None) is None:
            self._articles[self._row_of.pop(article)] = _GONE
            self._gone += 1

    def nearest(self, query: Vector, limit: int, wanted: Callable[[Numbers], NDArray[np.bool_]]) -> Near:
        """The nearest articles that are `wanted`, nearest first, equally near ones by arrival; at most `limit`.

        Exact among the 192 whose signs differ least; more are looked at while wanted ones are missing.
        """
        self._bring_up_to_date()
        signs, proposed = _signs(query.reshape(1, -1)), max(_PROPOSED, 2 * limit)
        while self._rows:
            rows = self._proposed(signs, proposed)
            rows = rows[wanted(self._articles[rows])]
            if len(rows) >= limit or proposed >= min(len(self), _MOST_ASKED):
                return self._ranked(query, rows, limit)
            proposed *= 4
        return NOBODY

    def similarities(self, query: Vector, articles: Sequence[int]) -> NDArray[np.float64]:
        """The cosine of `query` with each of `articles`, which are in; rounded to six digits."""
        if not articles:
            return NOBODY.similarities
        self._bring_up_to_date()
        return self._products(query, np.array([self._row_of[one] for one in articles], dtype=np.int64))

    def vector(self, article: int) -> Vector:
        """The vector of an article that is in."""
        self._bring_up_to_date()
        return np.array(self._vectors[self._row_of[article]], dtype=np.float32)

    def _proposed(self, signs: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
        """The rows whose signs differ least: `count` or a few less, all where there are no more."""
        asked = min(self._rows, count + self._gone)
        distances, found = self._index.search(signs, asked)
        here = self._articles[found[0]] != _GONE
        rows, far = found[0][here], distances[0][here]
        if len(self) <= count:
            return np.asarray(rows)
        # Of equally far ones at the end FAISS gives an arbitrary part: none of them counts.
        return np.asarray(rows[far < far[count - 1]])

    def _ranked(self, query: Vector, rows: NDArray[np.int64], limit: int) -> Near:
        if len(rows) > limit:
            # Wide products of all would cost twice what narrow ones do, which tell who cannot be among the best.
            narrow = self._vectors[rows] @ query
            rows = rows[narrow >= np.partition(narrow, -limit)[-limit] - _NARROW]
        similarities = self._products(query, rows)
        order = np.lexsort((self._arrivals[rows], -similarities))[:limit]
        return Near(self._articles[rows[order]], similarities[order])

    def _products(self, query: Vector, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        # Products of float16 are whole multiples of 2**-48, and of unit vectors their sums stay below 1: float64 holds
        # every partial sum exactly, so the order of summing cannot matter.
        products: NDArray[np.float64] = self._vectors[rows].astype(np.float64) @ query.astype(np.float64)
        return products.round(_DIGITS)

    def _bring_up_to_date(self) -> None:
        """Index what waits, and drop what is gone when it is much."""
        if self._gone >= _BATCH:
            self._forget()
        if self._waiting:
            first, end = self._rows, self._rows + len(self._waiting)
            self._grow(end)
            vectors = np.stack([vector for _, vector in self._waiting.values()])
            self._vectors[first:end] = vectors
            self._arrivals[first:end] = [arrival for arrival, _ in self._waiting.values()]
            self._articles[first:end] = list(self._waiting)
            self._index.add(_signs(vectors))
            self._row_of |= {article: row for row, article in enumerate(self._waiting, first)}
            self._rows = end
            self._waiting.clear()

    def _forget(self) -> None:
        gone = self._articles[: self._rows] == _GONE
        self._index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(gone)))
        kept = np.flatnonzero(~gone)
        self._rows, self._gone = len(kept), 0
        for first in range(0, self._rows, _BATCH):  # in parts, forward: all at once would take the memory twice
            part = kept[first : first + _BATCH]
            self._vectors[first : first + len(part)] = self._vectors[part]
        self._arrivals[: self._rows] = self._arrivals[kept]
        self._articles[: self._rows] = self._articles[kept]
        self._row_of = {article: row for row, article in enumerate(self._articles[: self._rows].tolist())}

    def _grow(self, rows: int) -> None:
        if rows > len(self._vectors):
            room = max(rows, 2 * len(self._vectors))
            self._vectors = widened(self._vectors, room)
            self._arrivals, self._articles = widened(self._arrivals, room), widened(self._articles, room)


def _signs(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.packbits(vectors > 0, axis=1)
