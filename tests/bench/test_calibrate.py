"""Pairs of articles in two languages are counted as the scorer of the sets counts them."""

import pytest

from bench.calibrate import across

LANGUAGE = {"1": "en", "2": "uk", "3": "ru", "4": "en"}
LABEL = {"1": "a", "2": "a", "3": "a", "4": "b"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"1": "x", "2": "x", "3": "x", "4": "y"}, 1.0),
        ({"1": "x", "2": "x", "3": "y", "4": "y"}, 2 * 1 / (2 + 3)),
        ({"1": "x", "2": "y", "3": "z", "4": "x"}, 0.0),
    ],
)
def test_across(said: dict[str, str], expected: float) -> None:
    assert across(LABEL, said, LANGUAGE) == pytest.approx(expected)
