"""An outlet's date is believed where it can be true."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.event_time import event_time
from tests.messages import NOON
from wire.messages import Dated

HOUR = timedelta(hours=1)
CASES = {  # name: published, updated -> event time, where from
    "dated": (NOON - HOUR, None, NOON - HOUR, Dated.OUTLET),
    "published outranks updated": (NOON - 2 * HOUR, NOON - HOUR, NOON - 2 * HOUR, Dated.OUTLET),
    "updated only": (None, NOON - HOUR, NOON - HOUR, Dated.OUTLET),
    "undated": (None, None, NOON, Dated.SEEN),
    "a clock that is ahead": (NOON + timedelta(minutes=9), None, NOON, Dated.OUTLET),
    "future": (NOON + HOUR, None, NOON, Dated.SEEN),
    "future, but updated before": (NOON + HOUR, NOON - HOUR, NOON - HOUR, Dated.OUTLET),
    "an unset field": (datetime(1970, 1, 1, tzinfo=UTC), None, NOON, Dated.SEEN),
    "years ago": (datetime(2014, 5, 1, tzinfo=UTC), None, datetime(2014, 5, 1, tzinfo=UTC), Dated.OUTLET),
}


@pytest.mark.parametrize(("published", "updated", "when", "dated"), CASES.values(), ids=CASES.keys())
def test_event_time(published: datetime | None, updated: datetime | None, when: datetime, dated: Dated) -> None:
    assert event_time(published, updated, seen=NOON) == (when, dated)
