"""No alert is lost through faults and sudden deaths; repeats only where nobody could know, each marked."""

import random

import pytest

from tests.delivery_faults import failures, run, summary


def survives(alerts: int, kills: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}: python -m tests.delivery_faults --alerts {alerts} --kills {kills} --seed {seed}")
    outcome = run(alerts, kills, seed)
    print(summary(outcome))
    assert list(failures(outcome)) == []
    assert outcome.kills == kills


@pytest.mark.slow
def test_a_few_alerts_and_two_deaths() -> None:
    survives(45, 2)


@pytest.mark.long
def test_a_thousand_alerts_and_ten_deaths() -> None:
    survives(1000, 10)
