"""A clock that tests move by hand."""

from datetime import UTC, datetime, timedelta


class HandClock:
    def __init__(self, start: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def move(self, span: timedelta) -> None:
        self.time += span
