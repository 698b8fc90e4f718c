"""The bench of bare arithmetic: products in a row, the best of turns, and the words for it."""

import numpy as np
import openvino as ov
import pytest

from bench.arithmetic import best_seconds, products, said
from enrich.ways import Way

NARROW, WIDE = Way("bfloat16", 2, 2), Way("fp32", 2, 2)


def test_products_are_products() -> None:
    graph = products([4, 8, 4])
    weights = [node.get_data() for node in graph.get_ops() if node.get_type_name() == "Constant"]
    first, second = sorted(weights, key=len, reverse=True)
    rows = np.eye(4, dtype=np.float32)
    compiled = ov.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert np.allclose(compiled([rows])[0], rows @ first.T @ second.T, atol=1e-6)


def test_the_first_run_of_a_way_does_not_count_and_the_best_does() -> None:
    now, costs = 0.0, {NARROW: iter([0, 4, 1] + [2] * 9), WIDE: iter([0, 3, 5] + [4] * 9)}

    def run_of(way: Way) -> int:
        nonlocal now
        now += next(costs[way])
        return 2

    runs = {way: lambda way=way: run_of(way) for way in (NARROW, WIDE)}
    assert best_seconds([NARROW, WIDE], runs, lambda: now) == {"bfloat16": 0.5, "fp32": 1.5}


SAID = {
    "both": ({"bfloat16": 0.01, "fp32": 0.02}, "bfloat16 100 texts/s, fp32 50 texts/s, 2.00 times as fast"),
    "fp32 alone": ({"fp32": 0.02}, "fp32 50 texts/s; no bfloat16 on this processor"),
}


@pytest.mark.parametrize(("seconds", "words"), SAID.values(), ids=SAID.keys())
def test_said(seconds: dict[str, float], words: str) -> None:
    assert said(seconds) == words  # type: ignore[arg-type]
