"""A few records are had from a log that needs a while to answer, and no more is waited for than there is."""

from collections.abc import Sequence
from datetime import timedelta

from console.topics.reading import next_records
from wire.log.port import Record


class Sluggish:
    """A reader whose first answers are empty, as those of a new Kafka consumer are."""

    def __init__(self, records: int, empty: int) -> None:
        self._left = [Record(topic="t", offset=offset) for offset in range(records)]
        self._empty = empty

    def read(self, limit: int, wait: timedelta) -> Sequence[Record]:
        if self._empty:
            self._empty -= 1
            return ()
        taken, self._left = self._left[: min(limit, 2)], self._left[min(limit, 2) :]
        return taken

    def caught_up(self) -> bool:
        return not self._left

    def close(self) -> None:
        pass


def test_an_empty_page_is_not_the_end() -> None:
    assert [one.offset for one in next_records(Sluggish(5, empty=3), 3)] == [0, 1, 2]


def test_fewer_than_asked_for_are_all_that_there_are() -> None:
    assert len(next_records(Sluggish(5, empty=1), 100)) == 5
    assert next_records(Sluggish(0, empty=1), 100) == []
