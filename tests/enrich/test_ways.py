"""The quickest way is found by trying them in turns, and said in words."""

from collections.abc import Iterator
from datetime import timedelta
from math import inf
from typing import ClassVar

import pytest

from enrich.ways import Way, batch_within, paired, said

ONE, OTHER = Way("bfloat16", 2, 2), Way("fp32", 2)


class Machine:
    """A clock, and runs that take as long as the way and the load of the moment say."""

    SECONDS: ClassVar = {ONE: 0.04, OTHER: 0.08}

    def __init__(self, loads: Iterator[float]) -> None:
        self._loads = loads
        self._now = 0.0

    def run(self, way: Way) -> int:
        self._now += self.SECONDS[way] * next(self._loads)
        return 4

    def clock(self) -> float:
        return self._now


def test_a_load_that_comes_and_goes_misleads_nobody() -> None:
    # Both are prepared; then the quicker way meets the load twice, the slower once less.
    machine = Machine(iter([9, 9, 9, 9, 9, 1, 1, 9]))
    assert paired([ONE, OTHER], machine.run, machine.clock) == pytest.approx({ONE: 0.01, OTHER: 0.02})


def test_a_slow_machine_is_asked_once() -> None:
    machine = Machine(iter([50, 50, 50, 50]))
    assert paired([ONE, OTHER], machine.run, machine.clock) == pytest.approx({ONE: 0.5, OTHER: 1.0})


def test_what_a_way_costs_to_prepare_is_not_how_fast_it_is() -> None:
    machine = Machine(iter([500, 1, *[1] * 6]))
    assert paired([ONE, OTHER], machine.run, machine.clock) == pytest.approx({ONE: 0.01, OTHER: 0.02})


def test_a_single_way_is_not_tried() -> None:
    machine = Machine(iter(()))
    assert paired([ONE], machine.run, machine.clock) == {ONE: inf}


SAID = {
    "measured": ({OTHER: 0.04, ONE: 0.02}, "bfloat16, 2 threads, 2 workers: 50/s; fp32, 2 threads, 1 worker: 25/s"),
    "as set": ({Way("fp32", 1): inf}, "fp32, 1 thread, 1 worker: as set, not measured"),
}


@pytest.mark.parametrize(("found", "words"), SAID.values(), ids=SAID.keys())
def test_said(found: dict[Way, float], words: str) -> None:
    assert said(found) == words


BATCHES = {"slow: fewest": (1.0, 16), "ordinary": (0.02, 50), "quick: most": (1e-9, 1000), "unmeasured": (inf, 64)}


@pytest.mark.parametrize(("seconds_a_text", "texts"), BATCHES.values(), ids=BATCHES.keys())
def test_batch_within(seconds_a_text: float, texts: int) -> None:
    assert batch_within(timedelta(seconds=1), seconds_a_text) == texts
