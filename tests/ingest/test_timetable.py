"""Due is what the clock has passed, the longest due first, and few of one host at a time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.timetable import Timetable
from tests.messages import NOON

SECOND = timedelta(seconds=1)


def timetable(feeds: str, *, per_host: int = 9) -> Timetable:
    """Feeds of one letter; capital letters share a host."""
    table = Timetable(per_host=per_host)
    for feed in feeds:
        table.add(feed, "shared" if feed.isupper() else feed)
    return table


def test_a_new_feed_is_due_at_once_and_a_strange_one_never() -> None:
    table = timetable("ab")
    table.set("removed", NOON)
    table.remove("removed")
    assert table.due(NOON, 9) == ["a", "b"]
    table.remove("a")
    assert table.due(NOON, 9) == ["b"]


def test_feeds_of_one_host_stand_in_line() -> None:
    table = timetable("ABCDx", per_host=2)
    for number, feed in enumerate("DCBAx"):
        table.set(feed, NOON + number * SECOND)
    assert table.due(NOON + 9 * SECOND, 9) == ["D", "C", "x"]
    table.set("D", NOON + timedelta(hours=1))
    assert table.due(NOON + 9 * SECOND, 9) == ["C", "B", "x"]


def test_a_start_is_spread_alike_each_time() -> None:
    orders = []
    for _ in range(2):
        table = timetable("abcdefgh")
        table.set("h", NOON + timedelta(hours=1))
        table.spread(NOON, 2.0)
        order = [table.due(NOON + number * SECOND / 2, 9) for number in range(7)]
        assert [len(due) for due in order] == [1, 2, 3, 4, 5, 6, 7]
        orders.append(order[-1])
        assert "h" not in order[-1]
    assert orders[0] == orders[1] != sorted(orders[0])


MOVES = st.lists(st.tuples(st.sampled_from("abcDE"), st.integers(-5, 5) | st.none()), max_size=30)


@given(MOVES, st.integers(1, 6), st.integers(1, 3))
def test_due(moves: list[tuple[str, int | None]], limit: int, per_host: int) -> None:
    table, times = timetable("abcDE", per_host=per_host), dict.fromkeys("abcDE", -99)
    for feed, minutes in moves:
        if minutes is None:
            table.remove(feed)
            times.pop(feed, None)
        else:
            table.set(feed, NOON + timedelta(minutes=minutes))
            times |= {feed: minutes} if feed in times else {}
    waiting = [feed for minutes, feed in sorted((minutes, feed) for feed, minutes in times.items()) if minutes <= 0]
    shared = [feed for feed in waiting if feed.isupper()][per_host:]
    expected = [feed for feed in waiting if feed not in shared]
    found = table.due(NOON, limit)
    assert found == [feed for feed in expected if feed in found]
    assert len(found) >= min(limit, len(expected))
    assert not expected or times[expected[0]] == times[found[0]]
