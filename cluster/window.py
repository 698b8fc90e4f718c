"""The vectors of the live articles of one space, and the nearest of them: FAISS proposes, float64 decides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import faiss
import numpy as np

from wire.messages import ArticleId
from wire.vectors import Vector

# What FAISS computes in float32 may differ by this much between two searches for the same vector.
_FAISS_DOUBT = 1e-4
# A search asks for this many more than wanted at first, since some may have been removed or be unwanted.
_SPARE = 32
# Beyond it a search gives up proving that ties were broken by age: 4,096 articles equally near are one story anyway.
_MOST_ASKED = 4096
# Removing rewrites the whole matrix (13 ms at 100,000 articles), so it waits for company.
_BATCH_REMOVED = 1024
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Near:
    """An article and its cosine with what was asked, rounded to six digits."""

    article_id: ArticleId
    similarity: float


class Window:
    """Vectors by article, in order of arrival.

    What `nearest` answers depends on the vectors that are in, never on the order in which they came or on what was
    removed before: a search by a stage that has just been restored equals one by its predecessor.
    """

    def __init__(self, dimensions: int) -> None:
        # One query at a time gains nothing from more threads, and on a busy machine waits five times as long for them.
        faiss.omp_set_num_threads(1)
        self.dimensions = dimensions
        self._index = faiss.IndexFlatIP(dimensions)
        self._rows: list[ArticleId] = []  # of the index; sorted by arrival
        self._arrivals: dict[ArticleId, int] = {}  # of all live articles
        self._waiting: dict[ArticleId, Vector] = {}  # not yet in the index
        self._gone: set[int] = set()  # rows of the index to be removed
        self._row_of: dict[ArticleId, int] = {}

    def __len__(self) -> int:
        return len(self._arrivals)

    def __contains__(self, article_id: ArticleId) -> bool:
        return article_id in self._arrivals

    def add(self, article_id: ArticleId, arrival: int, vector: Vector) -> None:
        """Put in an article that is not in; `arrival` orders equally near ones."""
        self._arrivals[article_id] = arrival
        self._waiting[article_id] = vector

    def remove(self, article_id: ArticleId) -> None:
        """Take out an article that is in."""
        del self._arrivals[article_id]
        if self._waiting.pop(article_id, None) is None:
            self._gone.add(self._row_of.pop(article_id))

    def nearest(self, query: Vector, limit: int, wanted: Callable[[ArticleId], bool]) -> list[Near]:
        """The `limit` nearest articles that are `wanted`, nearest first, equally near ones by arrival."""
        self._bring_up_to_date()
        asked = min(len(self._rows), limit + _SPARE)
        while asked:
            scores, rows = self._index.search(query.reshape(1, -1), asked)
            found = self._scored(query, [int(row) for row in rows[0]], wanted)
            # Rows that FAISS left out are at best as near as the last one it gave, but for its own rounding.
            sure = len(found) >= limit and found[limit - 1].similarity > float(scores[0][-1]) + _FAISS_DOUBT
            if sure or asked == len(self._rows) or asked >= _MOST_ASKED:
                return found[:limit]
            asked = min(len(self._rows), asked * 4)
        return []

    def _scored(self, query: Vector, rows: Iterable[int], wanted: Callable[[ArticleId], bool]) -> list[Near]:
        kept = [row for row in rows if row not in self._gone and wanted(self._rows[row])]
        if not kept:
            return []
        vectors = self._index.reconstruct_batch(np.array(kept, dtype=np.int64)).astype(np.float64)
        # Products of float16 are whole multiples of 2**-48, and of unit vectors their sums stay below 1: float64 holds
        # every partial sum exactly, so the order of summing cannot matter.
        similarities = vectors @ query.astype(np.float64)
        near = [
            Near(self._rows[row], round(float(value), _DIGITS)) for row, value in zip(kept, similarities, strict=True)
        ]
        return sorted(near, key=lambda one: (-one.similarity, self._arrivals[one.article_id]))

    def _bring_up_to_date(self) -> None:
        """Index what waits, in order of arrival whatever the order of `add`, and drop what is gone when it is much."""
        if len(self._gone) >= _BATCH_REMOVED:
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(sorted(self._gone), dtype=np.int64)))
            self._rows = [article_id for row, article_id in enumerate(self._rows) if row not in self._gone]
            self._row_of = {article_id: row for row, article_id in enumerate(self._rows)}
            self._gone.clear()
        if self._waiting:
            new = sorted(self._waiting, key=self._arrivals.__getitem__)
            self._index.add(np.stack([self._waiting[article_id] for article_id in new]))
            self._row_of |= {article_id: row for row, article_id in enumerate(new, len(self._rows))}
            self._rows += new
            self._waiting.clear()
