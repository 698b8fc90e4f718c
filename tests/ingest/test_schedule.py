"""A feed is never polled earlier than its host asked, nor outside our bounds."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ingest.schedule import Bounds, Wishes, usual_gap
from wire.settings import IngestSettings

MINUTE = timedelta(minutes=1)
DAY = 24 * 60


def minutes(value: float | None) -> timedelta | None:
    return None if value is None else value * MINUTE


SUCCESS = {  # name: (usual gap, silence, fresh for, ttl, retry after) -> wait; all in minutes
    "nothing known: shortest": ((None, 0, None, None, None), 5),
    "steady feed: half its gap": ((40, 0, None, None, None), 20),
    "burst: shortest": ((1, 0, None, None, None), 5),
    "silence stretches": ((40, 480, None, None, None), 60),
    "silent for weeks: longest": ((40, 30 * DAY, None, None, None), DAY),
    "rare feed: longest": ((5 * DAY, 0, None, None, None), DAY),
    "cache hint lengthens": ((40, 0, 30, None, None), 30),
    "cache hint never shortens": ((40, 0, 1, None, None), 20),
    "ttl lengthens": ((40, 0, 10, 45, None), 45),
    "absurd hint: longest": ((40, 0, 99_999, None, None), DAY),
    "a demand outranks longest": ((40, 0, None, None, 2160), 2160),
    "mistyped year is cut at 7 days": ((40, 0, None, None, 18_934_560), 7 * DAY),
}


@pytest.mark.parametrize(("known", "wait"), SUCCESS.values(), ids=SUCCESS.keys())
def test_after_success(known: tuple[float | None, ...], wait: float) -> None:
    gap, silence, fresh, ttl, retry = (minutes(value) for value in known)
    wishes = Wishes(fresh_for=fresh, ttl=ttl, retry_after=retry)
    assert Bounds().after_success(gap, silence or timedelta(0), wishes) == wait * MINUTE


def test_a_fixed_pace_is_kept_but_not_against_the_host() -> None:
    second = timedelta(seconds=1)
    bounds = Bounds(every=second)
    assert bounds.after_success(100 * MINUTE, 100 * MINUTE, Wishes()) == second
    assert bounds.after_success(None, timedelta(0), Wishes(fresh_for=MINUTE)) == MINUTE
    assert Bounds(every=timedelta(days=3)).after_success(None, timedelta(0), Wishes()) == timedelta(days=3)


def test_failures_back_off_to_the_longest_interval() -> None:
    waits = [Bounds().after_failure(n, Wishes(), "outlet.1") for n in range(1, 40)]
    assert waits[0] >= 5 * MINUTE
    for number, wait in enumerate(waits[:8]):
        assert 0.8 * 5 * 2**number * MINUTE <= wait <= 1.2 * 5 * 2**number * MINUTE
    assert all(0.8 * DAY * MINUTE <= wait <= 1.2 * DAY * MINUTE for wait in waits[10:])


def test_feeds_that_fail_together_come_back_apart() -> None:
    waits = {Bounds().after_failure(3, Wishes(), f"outlet.{n}") for n in range(20)}
    assert len(waits) > 15
    assert waits == {Bounds().after_failure(3, Wishes(), f"outlet.{n}") for n in range(20)}


def test_a_demand_is_kept_after_a_failure() -> None:
    assert Bounds().after_failure(1, Wishes(retry_after=36 * 60 * MINUTE), "f") == 36 * 60 * MINUTE
    assert Bounds().after_failure(1, Wishes(retry_after=60 * DAY * MINUTE), "f") == 7 * DAY * MINUTE


def test_the_usual_gap_goes_down_at_once_and_up_slowly() -> None:
    assert usual_gap(None, 10 * MINUTE) == 10 * MINUTE
    assert usual_gap(60 * MINUTE, 10 * MINUTE) == 10 * MINUTE
    assert usual_gap(10 * MINUTE, 490 * MINUTE) == 70 * MINUTE


def test_impossible_bounds_are_refused_with_the_settings() -> None:
    with pytest.raises(ValidationError, match=r"0:10:00.* is longer than longest_interval .0:05:00"):
        IngestSettings(shortest_interval=10 * MINUTE, longest_interval=5 * MINUTE)
