"""Quiet hours and digests in three zones, over midnight and over both changes of the clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.calendar import next_digest, quiet_until
from wire.watch_settings import DigestSchedule, QuietHours

KYIV, NEW_YORK, KATHMANDU = "Europe/Kyiv", "America/New_York", "Asia/Kathmandu"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# name: (zone, start, end, days, now UTC, end UTC or None)
QUIET = {
    "before": (KYIV, "22:00", "07:00", (), "2026-01-15T19:59", None),
    "at its start": (KYIV, "22:00", "07:00", (), "2026-01-15T20:00", "2026-01-16T05:00"),
    "after midnight": (KYIV, "22:00", "07:00", (), "2026-01-16T03:00", "2026-01-16T05:00"),
    "at its end": (KYIV, "22:00", "07:00", (), "2026-01-16T05:00", None),
    "within one day": (NEW_YORK, "12:00", "13:30", (), "2026-01-15T17:30", "2026-01-15T18:30"),
    "a zone of quarter hours": (KATHMANDU, "22:00", "06:00", (), "2026-01-15T16:15", "2026-01-16T00:15"),
    "just before, in quarter hours": (KATHMANDU, "22:00", "06:00", (), "2026-01-15T16:14", None),
    "the night that is an hour short": (KYIV, "22:00", "07:00", (), "2026-03-28T23:00", "2026-03-29T04:00"),
    "the night that is an hour long": (KYIV, "22:00", "07:00", (), "2026-10-24T23:00", "2026-10-25T05:00"),
    "short night elsewhere": (NEW_YORK, "23:00", "06:00", (), "2026-03-08T05:00", "2026-03-08T10:00"),
    "long night elsewhere": (NEW_YORK, "23:00", "06:00", (), "2026-11-01T04:00", "2026-11-01T11:00"),
    "an end that the clock leaps over": (KYIV, "22:00", "03:30", (), "2026-03-29T01:00", "2026-03-29T01:30"),
    "an end that comes twice: the first": (KYIV, "22:00", "03:30", (), "2026-10-25T00:29", "2026-10-25T00:30"),
    "its second time is not quiet": (KYIV, "22:00", "03:30", (), "2026-10-25T01:15", None),
    "a start that comes twice: the first": (KYIV, "03:30", "05:00", (), "2026-10-25T00:45", "2026-10-25T03:00"),
    "a day that is asked for": (KYIV, "22:00", "07:00", ("fri",), "2026-01-17T03:00", "2026-01-17T05:00"),
    "a day that is not": (KYIV, "22:00", "07:00", ("fri",), "2026-01-18T03:00", None),
    "the day is that of the reader": (NEW_YORK, "20:00", "23:00", ("fri",), "2026-01-17T02:00", "2026-01-17T04:00"),
}


@pytest.mark.parametrize(("zone", "start", "end", "days", "now", "until"), QUIET.values(), ids=QUIET.keys())
def test_quiet_until(zone: str, start: str, end: str, days: tuple[str, ...], now: str, until: str | None) -> None:
    quiet = QuietHours.model_validate({"start": start, "end": end, "days": days})
    found = quiet_until(quiet, ZoneInfo(zone), instant(now))
    assert found == (None if until is None else instant(until))


# name: (zone, times, days, now UTC, next UTC)
DIGESTS = {
    "later today": (KYIV, ("08:00", "18:00"), (), "2026-01-15T06:00", "2026-01-15T16:00"),
    "tomorrow": (KYIV, ("08:00",), (), "2026-01-15T06:00", "2026-01-16T06:00"),
    "over the short night": (KYIV, ("08:00",), (), "2026-03-28T06:00", "2026-03-29T05:00"),
    "over the long night": (KYIV, ("08:00",), (), "2026-10-24T05:00", "2026-10-25T06:00"),
    "at a time that the clock leaps over": (NEW_YORK, ("02:30",), (), "2026-03-08T05:00", "2026-03-08T07:30"),
    "the week's only day": (KATHMANDU, ("09:00",), ("mon",), "2026-01-12T03:15", "2026-01-19T03:15"),
}


@pytest.mark.parametrize(("zone", "at", "days", "now", "then"), DIGESTS.values(), ids=DIGESTS.keys())
def test_next_digest(zone: str, at: tuple[str, ...], days: tuple[str, ...], now: str, then: str) -> None:
    schedule = DigestSchedule.model_validate({"at": at, "days": days})
    assert next_digest(schedule, ZoneInfo(zone), instant(now)) == instant(then)
