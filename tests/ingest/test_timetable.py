"""Due is what the clock has passed, the longest due first."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.timetable import Timetable
from tests.messages import NOON


def test_a_new_feed_is_due_at_once_and_a_strange_one_never() -> None:
    table = Timetable(["a", "b"])
    table.set("removed", NOON)
    assert table.due(NOON, 9) == ["a", "b"]


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(-5, 5)), max_size=30), st.integers(0, 6))
def test_due(moves: list[tuple[str, int]], limit: int) -> None:
    table, times = Timetable(["a", "b", "c", "d", "e"]), dict.fromkeys("abcde", -99)
    for feed, minutes in moves:
        table.set(feed, NOON + timedelta(minutes=minutes))
        times[feed] = minutes
    expected = [feed for minutes, feed in sorted((minutes, feed) for feed, minutes in times.items()) if minutes <= 0]
    assert table.due(NOON, limit) == expected[:limit]
