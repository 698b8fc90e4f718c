"""Timers answer in order of time, whatever the order in which they were set, and looking changes nothing."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cluster.timers import Timers
from tests.cluster.samples import START

KEYS = st.sampled_from("abcdefgh")
MINUTES = st.integers(0, 6)
STEPS = st.lists(st.tuples(KEYS, st.none() | MINUTES), max_size=60)


@given(STEPS, MINUTES)
def test_equals_a_sorted_map(steps: list[tuple[str, int | None]], until: int) -> None:
    timers = Timers()
    truth: dict[str, int] = {}
    for key, minute in steps:
        if minute is None:
            timers.remove(key)
            truth.pop(key, None)
        else:
            timers.put(key, START + timedelta(minutes=minute))
            truth[key] = minute
        expected = [known for at, known in sorted((at, known) for known, at in truth.items()) if at < until]
        assert list(timers.before(START + timedelta(minutes=until))) == expected
        assert list(timers.before(START + timedelta(minutes=until))) == expected
