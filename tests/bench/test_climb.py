"""The search climbs to what its judge likes best, the same way in every run."""

from collections.abc import Sequence

import pytest

from bench.climb import Step, Weights, climb, levelled

BEST = {"meaning": 8.0, "level": -2.0}


def judge(tried: Sequence[Weights]) -> list[float]:
    return [-sum((one[name] - at) ** 2 for name, at in BEST.items()) for one in tried]


def test_it_ends_near_the_best() -> None:
    start = {"meaning": 5.0, "level": -1.2}
    steps = list(climb(Step("start", start, judge([start])[0]), judge))
    assert steps[-1].weights == pytest.approx(BEST, abs=0.8)
    assert [step.worth for step in steps] == sorted(step.worth for step in steps)
    assert steps == list(climb(Step("start", start, judge([start])[0]), judge))


def test_where_nothing_is_better_it_stays() -> None:
    assert list(climb(Step("start", BEST, 0.0), judge)) == []


def test_the_level_is_found_with_the_scale() -> None:
    step = levelled({"meaning": 10.0, "level": -0.2}, "level", judge)
    assert step.weights == {"meaning": 8.0, "level": -1.96}
    assert step.worth == judge([step.weights])[0]
