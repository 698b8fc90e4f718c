"""What is usual among strangers follows the stream, for pairs of one language and of two apart."""

from datetime import UTC, datetime

import pytest

from cluster.background import Strangers, Usual, usual, with_decision
from cluster.state import ClockState

START = ClockState(time=datetime(2026, 3, 1, tzinfo=UTC), arrivals=0)


def after(decisions: int, best: Strangers) -> Usual:
    clock = START
    for _ in range(decisions):
        clock = with_decision(clock, best)
    return usual(clock)


CASES = {  # name: best scores of strangers, in each of 400 decisions -> what is usual
    "nobody near: lowest": (Strangers(None, None), Usual(-1.2, -1.2)),
    "both are followed": (Strangers(0.3, 0.4), Usual(0.3, 0.4)),
    "one language alone": (Strangers(0.6, None), Usual(0.6, -1.2)),
    "high across: more is taken off, within a language at most 2 less": (Strangers(None, 0.75), Usual(-0.65, 1.35)),
    "at most": (Strangers(9.0, 9.0), Usual(2.0, 2.0)),
}


@pytest.mark.parametrize(("best", "expected"), CASES.values(), ids=CASES.keys())
def test_what_is_usual(best: Strangers, expected: Usual) -> None:
    found = after(400, best)
    assert found.same == pytest.approx(expected.same, abs=0.1)
    assert found.across == pytest.approx(expected.across, abs=0.2)


def test_a_young_stream_is_taken_for_a_middling_one() -> None:
    assert usual(START) == Usual(-0.1, 0.1)
