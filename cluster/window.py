"""The vectors of the live articles of one space, and the nearest of them: FAISS proposes, float64 decides.

FAISS compares signs alone (64 bytes an article in place of 1,536), which makes a search of 100,000 articles a matter
of a third of a millisecond; what it proposes is scored again with the vectors.
"""

from collections.abc import Callable
from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from cluster.numbering import Numbers, doubled, widened
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
_CODE_BYTES = 64  # at least, the rest zeros: FAISS compares so many in two thirds of the time that it takes for 48
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
        self._code_bytes = max(_CODE_BYTES, -(-dimensions // _BITS))
        self._index = faiss.IndexBinaryFlat(self._code_bytes * _BITS)
        # The newest articles come last and are often the nearest: the worst order for a heap.
        self._index.use_heap = False  # type: ignore[attr-defined]  # its stub leaves it out
        self._rows = 0  # in no order that matters; the index has the first of them
        # By row; of float16, but wide: to widen some two hundred of them for each search costs more than the search.
        self._vectors = np.zeros((_FIRST_ROWS, dimensions), dtype=np.float32)
        self._arrivals = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by row
        self._articles = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by row; _GONE where it is to be removed
        self._row_of = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by article
        self._gone = 0  # rows to be removed

    def __len__(self) -> int:
        return self._rows - self._gone

    def add(self, article: int, arrival: int, vector: Vector) -> None:
        """Put in an article that is not in; `arrival` orders equally near ones."""
        row = self._rows
        self._grow(row, article)
        self._vectors[row], self._arrivals[row], self._articles[row] = vector, arrival, article
        self._row_of[article] = row
        self._rows += 1
        if self._rows - self._index.ntotal >= _BATCH:
            self._bring_up_to_date()

    def remove(self, article: int) -> None:
        """Take out an article that is in."""
        self._articles[self._row_of[article]] = _GONE
        self._gone += 1

    def nearest(
        self, query: Vector, limit: int, wanted: Callable[[Numbers], NDArray[np.bool_]], beside: Numbers
    ) -> Near:
        """The nearest articles that are `wanted`, nearest first, equally near ones by arrival; at most `limit`.

        Exact among the 192 whose signs differ least; more are looked at while wanted ones are missing.
        After them those of `beside`, all of them in, that are wanted and not among the nearest.
        """
        self._bring_up_to_date()
        signs, proposed = self._signs(query.reshape(1, -1)), max(_PROPOSED, 2 * limit)
        others = self._row_of[beside]
        while self._rows:
            near = self._proposed(signs, proposed)
            rows = np.concatenate([near, others])
            taken = wanted(self._articles[rows])
            found = int(np.count_nonzero(taken[: len(near)]))
            if found >= limit or proposed >= min(len(self), _MOST_ASKED):
                return self._ranked(query, rows[taken], found, limit)
            proposed *= 4
        return NOBODY

    def similarities(self, query: Vector, articles: Numbers) -> NDArray[np.float64]:
        """The cosine of `query` with each of `articles`, which are in; rounded to six digits."""
        return cosines(self._vectors.take(self._row_of[articles], axis=0), query)

    def vector(self, article: int) -> Vector:
        """The vector of an article that is in."""
        return np.array(self._vectors[self._row_of[article]], dtype=np.float32)

    def _proposed(self, signs: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
        """The rows whose signs differ least: `count` or a few less, all where there are no more."""
        distances, found = self._index.search(signs, min(self._rows, count + self._gone))
        here = self._articles[found[0]] != _GONE
        rows, far = found[0][here], distances[0][here]
        if len(self) <= count:
            return np.asarray(rows)
        # Of equally far ones at the end FAISS gives an arbitrary part: none of them counts.
        return np.asarray(rows[far < far[count - 1]])

    def _ranked(self, query: Vector, rows: NDArray[np.int64], count: int, limit: int) -> Near:
        """The nearest of the first `count` rows, then what stands behind those and is not among the nearest."""
        vectors = self._vectors.take(rows, axis=0)
        if count > limit:
            # Wide products of all would cost twice what narrow ones do, which tell who cannot be among the best.
            narrow = vectors[:count] @ query
            (near,) = (narrow >= np.partition(narrow, -limit)[-limit] - _NARROW).nonzero()
            kept = np.concatenate([near, np.arange(count, len(rows))])
            rows, vectors, count = rows.take(kept), vectors.take(kept, axis=0), len(near)
        similarities = cosines(vectors, query)
        order = np.lexsort((self._arrivals[rows[:count]], -similarities[:count]))[:limit]
        nearest = set(rows[order].tolist())
        behind = [at for at, row in enumerate(rows[count:].tolist(), count) if row not in nearest]
        order = np.concatenate([order, np.array(behind, dtype=np.int64)])
        return Near(self._articles[rows[order]], similarities[order])

    def _bring_up_to_date(self) -> None:
        """Index what is new, and drop what is gone when it is much."""
        indexed = self._index.ntotal
        if indexed < self._rows:
            self._index.add(self._signs(self._vectors[indexed : self._rows]))
        if self._gone >= _BATCH:
            self._forget()

    def _signs(self, vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
        signs = np.zeros((len(vectors), self._code_bytes), dtype=np.uint8)
        packed = np.packbits(vectors > 0, axis=1)
        signs[:, : packed.shape[1]] = packed
        return signs

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
        self._row_of[self._articles[: self._rows]] = np.arange(self._rows)

    def _grow(self, row: int, article: int) -> None:
        if row == len(self._vectors):
            self._vectors = doubled(self._vectors)
            self._arrivals, self._articles = doubled(self._arrivals), doubled(self._articles)
        if article >= len(self._row_of):
            self._row_of = widened(self._row_of, 2 * (article + 1))


def cosines(vectors: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float64]:
    """The product of each of `vectors` with each of `others`, all of float16 and of length 1; rounded to six digits."""
    # Products of float16 are whole multiples of 2**-48, and of unit vectors their sums stay below 1: float64 holds
    # every partial sum exactly, so the order of summing cannot matter.
    products: NDArray[np.float64] = vectors.astype(np.float64) @ others.astype(np.float64).T
    return products.round(_DIGITS)
