"""The weights of a made-up world are found again, whatever the share of pairs that belong together."""

import numpy as np
import pytest

from bench.regression import fitted


def test_weights_are_found_again() -> None:
    rng = np.random.default_rng(3)
    truth = np.array([6.0, 3.0, 2.0, 2.5, 4.0, -1.5, -1.0, -2.0, -1.0])
    tables = []
    for intercept in (-4.0, -1.0):
        signals = rng.random((6000, 9))
        likely = 1 / (1 + np.exp(-(signals @ truth + intercept - 5)))
        tables.append((signals, rng.random(6000) < likely))
    assert fitted(tables) == pytest.approx(truth, abs=0.8)
