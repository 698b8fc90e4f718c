"""The window finds what an exhaustive search in float64 finds, whatever came and went before."""

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import cluster.window
from cluster.numbering import Numbers
from cluster.window import Near, Window
from tests.examples import examples
from wire.vectors import Vector, rounded

DIMENSIONS = 4
NONE = np.zeros(0, dtype=np.int64)
# Few values, so that many articles are equally near and ties matter.
COMPONENTS = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])
VECTORS = st.lists(COMPONENTS, min_size=DIMENSIONS, max_size=DIMENSIONS).map(
    lambda numbers: rounded(np.array(numbers, dtype=np.float32) / max(1.0, float(np.linalg.norm(numbers))))
)


def exhaustive(vectors: Sequence[Vector], kept: Sequence[int], query: Vector, limit: int) -> list[tuple[int, float]]:
    near = [(-round(float(vectors[one].astype(np.float64) @ query.astype(np.float64)), 6), one) for one in kept]
    return [(one, -score) for score, one in sorted(near)[:limit]]


def found(near: Near) -> list[tuple[int, float]]:
    return list(zip(near.articles.tolist(), near.similarities.tolist(), strict=True))


def anybody(articles: Numbers) -> NDArray[np.bool_]:
    return np.ones(len(articles), dtype=np.bool_)


@examples(100)
@given(
    st.lists(VECTORS, min_size=1, max_size=60), st.sets(st.integers(0, 59)), VECTORS, st.integers(1, 8), st.integers()
)
def test_equals_an_exhaustive_search(
    vectors: list[Vector], gone: set[int], query: Vector, limit: int, seed: int
) -> None:
    order = list(range(len(vectors)))
    Random(seed).shuffle(order)
    window = Window(DIMENSIONS)
    for count, one in enumerate(order):
        window.add(one, one, vectors[one])
        if count == len(order) // 2:
            window.nearest(query, 1, anybody, NONE)  # brings the first half into the index
    for one in sorted(gone & set(order)):
        window.remove(one)
    kept = [one for one in range(len(vectors)) if one not in gone]
    assert len(window) == len(kept)
    assert found(window.nearest(query, limit, anybody, NONE)) == exhaustive(vectors, kept, query, limit)
    even = [one for one in kept if one % 2 == 0]
    nearest = exhaustive(vectors, even, query, limit)
    beside = np.array(kept[::3], dtype=np.int64)
    behind = [one for one in even if one in kept[::3] and one not in dict(nearest)]
    expected = [*nearest, *((one, dict(exhaustive(vectors, kept, query, 60))[one]) for one in behind)]
    assert found(window.nearest(query, limit, lambda those: those % 2 == 0, beside)) == expected


@pytest.mark.parametrize("batch", [1, 7, 1024])
def test_removal_in_batches_changes_no_answer(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.window, "_BATCH", batch)
    vectors = list(np.random.default_rng(7).normal(size=(200, DIMENSIONS)).astype(np.float16).astype(np.float32) / 8)
    window = Window(DIMENSIONS)
    for one, vector in enumerate(vectors):
        window.add(one, one, vector)
        if one >= 50:
            window.remove(one - 50)
        kept = range(max(0, one - 49), one + 1)
        assert found(window.nearest(vectors[0], 5, anybody, NONE)) == exhaustive(vectors, kept, vectors[0], 5)


def test_what_has_left_makes_no_search_more_thorough() -> None:
    """Only the signs of 192 live articles are looked behind, whether others left before or had never been there."""
    vectors = np.random.default_rng(3).normal(size=(1200, 64)).astype(np.float16).astype(np.float32) / 16
    aged, fresh = Window(64), Window(64)
    for one, vector in enumerate(vectors):
        aged.add(one, one, vector)
    aged.nearest(vectors[0], 1, anybody, NONE)  # brings all into the index
    for one, vector in enumerate(vectors):
        if one % 2:
            aged.remove(one)
        else:
            fresh.add(one, one, vector)
    for query in vectors[:100]:
        assert found(aged.nearest(query, 48, anybody, NONE)) == found(fresh.nearest(query, 48, anybody, NONE))


def test_an_article_may_come_back() -> None:
    window = Window(2)
    here, there = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)
    window.add(7, 1, here)
    assert found(window.nearest(here, 1, anybody, NONE)) == [(7, 1.0)]
    window.remove(7)
    assert found(window.nearest(here, 1, anybody, NONE)) == []
    window.add(7, 2, there)
    assert found(window.nearest(here, 1, anybody, NONE)) == [(7, 0.0)]
