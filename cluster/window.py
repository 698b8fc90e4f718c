"""The vectors of the live articles of one space, and the nearest of them: FAISS proposes, float64 decides.

FAISS compares signs alone (48 bytes an article in place of 1,536), which makes a search of 100,000 articles a matter
of half a millisecond; what it proposes is scored again with the vectors.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from wire.messages import ArticleId
from wire.vectors import Vector

# Scored with their vectors: the 48 nearest are among them in all but a few searches (docs/explanation/stories.md).
_PROPOSED = 192
# Beyond it a search gives up finding wanted ones: 4,096 articles nearer than any wanted one are noise anyway.
_MOST_ASKED = 4096
# Removing rewrites the index, so it waits for company.
_BATCH_REMOVED = 1024
_FIRST_ROWS = 256
_DIGITS = 6
_BITS = 8


class Near(NamedTuple):
    """An article and its cosine with what was asked, rounded to six digits."""

    article_id: ArticleId
    similarity: float


class Window:
    """Vectors by article, in order of arrival.

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
        self._rows: list[ArticleId] = []  # of the index, in no order that matters
        # By row; of float16, but wide: to widen some two hundred of them for each search costs more than the search.
        self._vectors = np.zeros((_FIRST_ROWS, dimensions), dtype=np.float32)
        self._arrivals = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by row
        self._row_of: dict[ArticleId, int] = {}
        self._waiting: dict[ArticleId, tuple[int, Vector]] = {}  # not yet in the index
        self._gone: set[int] = set()  # rows of the index to be removed

    def __len__(self) -> int:
        return len(self._row_of) + len(self._waiting)

    def __contains__(self, article_id: ArticleId) -> bool:
        return article_id in self._row_of or article_id in self._waiting

    def add(self, article_id: ArticleId, arrival: int, vector: Vector) -> None:
        """Put in an article that is not in; `arrival` orders equally near ones."""
        self._waiting[article_id] = (arrival, vector)

    def remove(self, article_id: ArticleId) -> None:
        """Take out an article that is in."""
        if self._waiting.pop(article_id, None) is None:
            self._gone.add(self._row_of.pop(article_id))

    def nearest(self, query: Vector, limit: int, wanted: Callable[[ArticleId], bool]) -> list[Near]:
        """The nearest articles that are `wanted`, nearest first, equally near ones by arrival; at most `limit`.

        Exact among the 192 whose signs differ least; more are looked at while wanted ones are missing.
        """
        self._bring_up_to_date()
        signs, asked = _signs(query.reshape(1, -1)), min(len(self._rows), max(_PROPOSED, 2 * limit) + len(self._gone))
        while asked:
            distances, rows = self._index.search(signs, asked)
            kept = rows[0]
            if asked < len(self._rows):
                # Of equally far rows at the end FAISS gives an arbitrary part: none of them counts.
                kept = kept[distances[0] < distances[0][-1]]
            found = self._ranked(query, kept, wanted, limit)
            if len(found) == limit or asked == len(self._rows) or asked >= _MOST_ASKED:
                return found
            asked = min(len(self._rows), asked * 4)
        return []

    def similarities(self, query: Vector, articles: Sequence[ArticleId]) -> list[float]:
        """The cosine of `query` with each of `articles`, which are in; rounded to six digits."""
        self._bring_up_to_date()
        if not articles:
            return []
        products: list[float] = self._products(query, [self._row_of[one] for one in articles]).tolist()
        return products

    def vector(self, article_id: ArticleId) -> Vector:
        """The vector of an article that is in."""
        self._bring_up_to_date()
        return np.array(self._vectors[self._row_of[article_id]], dtype=np.float32)

    def _ranked(
        self, query: Vector, rows: NDArray[np.int64], wanted: Callable[[ArticleId], bool], limit: int
    ) -> list[Near]:
        similarities = self._products(query, rows)
        order = np.lexsort((self._arrivals[rows], -similarities))
        found = []
        for row, similarity in zip(rows[order].tolist(), similarities[order].tolist(), strict=True):
            if row not in self._gone and wanted(article_id := self._rows[row]):
                found.append(Near(article_id, similarity))
                if len(found) == limit:
                    break
        return found

    def _products(self, query: Vector, rows: NDArray[np.int64] | list[int]) -> NDArray[np.float64]:
        # Products of float16 are whole multiples of 2**-48, and of unit vectors their sums stay below 1: float64 holds
        # every partial sum exactly, so the order of summing cannot matter.
        return np.round(self._vectors[rows].astype(np.float64) @ query.astype(np.float64), _DIGITS)

    def _bring_up_to_date(self) -> None:
        """Index what waits, and drop what is gone when it is much."""
        if len(self._gone) >= _BATCH_REMOVED:
            kept = [row for row in range(len(self._rows)) if row not in self._gone]
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(sorted(self._gone), dtype=np.int64)))
            self._vectors[: len(kept)] = self._vectors[kept]
            self._arrivals[: len(kept)] = self._arrivals[kept]
            self._rows = [self._rows[row] for row in kept]
            self._row_of = {article_id: row for row, article_id in enumerate(self._rows)}
            self._gone.clear()
        if self._waiting:
            first, end = len(self._rows), len(self._rows) + len(self._waiting)
            self._grow(end)
            vectors = np.stack([vector for _, vector in self._waiting.values()])
            self._vectors[first:end] = vectors
            self._arrivals[first:end] = [arrival for arrival, _ in self._waiting.values()]
            self._index.add(_signs(vectors))
            self._row_of |= {article_id: row for row, article_id in enumerate(self._waiting, first)}
            self._rows += self._waiting
            self._waiting.clear()

    def _grow(self, rows: int) -> None:
        if rows > len(self._vectors):
            more = max(rows, 2 * len(self._vectors)) - len(self._vectors)
            self._vectors = np.concatenate([self._vectors, np.zeros((more, self.dimensions), dtype=np.float32)])
            self._arrivals = np.concatenate([self._arrivals, np.zeros(more, dtype=np.int64)])


def _signs(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.packbits(vectors > 0, axis=1)
