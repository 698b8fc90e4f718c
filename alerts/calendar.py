"""Quiet hours and digest times, in the reader's zone and over its changes of the clock.  Pure.

Hours are looked up as instants: where the clock is put forward over a time of day, that time comes an hour later by
the new clock; where it is put back, the first of the two counts.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from wire.watch_settings import DigestSchedule, QuietHours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


def quiet_until(quiet: QuietHours, zone: tzinfo, now: datetime) -> datetime | None:
    """The end (UTC) of the quiet hours that `now` falls into, None outside them."""
    today = now.astimezone(zone).date()
    ends = [end for day in (today - _DAY, today) for start, end in _hours(quiet, zone, day) if start <= now < end]
    return max(ends, default=None)


def next_digest(schedule: DigestSchedule, zone: tzinfo, now: datetime) -> datetime:
    """The first time of the schedule after `now`, UTC."""
    today = now.astimezone(zone).date()
    days = [today + _DAY * number for number in range(9)]
    times = (_instant(day, at, zone) for day in days if _falls(day, schedule.days) for at in schedule.at)
    return min(moment for moment in times if moment > now)


def _hours(quiet: QuietHours, zone: tzinfo, day: date) -> list[tuple[datetime, datetime]]:
    if not _falls(day, quiet.days):
        return []
    last = day if quiet.start < quiet.end else day + _DAY
    return [(_instant(day, quiet.start, zone), _instant(last, quiet.end, zone))]


def _falls(day: date, days: Sequence[str]) -> bool:
    return not days or _DAYS[day.weekday()] in days


def _instant(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
