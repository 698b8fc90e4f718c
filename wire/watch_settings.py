"""The settings of watches: what to be told of, when, and how."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from wire.settings_base import Day, Id, Language, Model, Span, TimeOfDay, Zone

# The kinds of news for which a watch may ask to be told again of a story.
Update = Literal["language", "outlet", "headline", "merged", "correction"]


class QuietHours(Model):
    """Hours in which messages are held; over midnight where `end` is earlier than `start`."""

    start: TimeOfDay
    end: TimeOfDay
    days: tuple[Day, ...] = ()  # on which they begin; empty: every day

    @model_validator(mode="after")
    def _some_hours(self) -> "QuietHours":
        if self.start == self.end:
            raise ValueError("start and end are the same: that is no time at all, or always; use `wirewatch mute`")
        return self


class DigestSchedule(Model):
    """Times of day at which what has come together is sent as one message."""

    at: Annotated[tuple[TimeOfDay, ...], Field(min_length=1)]
    days: tuple[Day, ...] = ()  # empty: every day


class FloodGuard(Model):
    """More than `most` messages of a watch `within` the span turn the rest of them into one digest."""

    most: Annotated[int, Field(ge=1)] = 20
    within: Annotated[Span, Field(gt=timedelta(0), le=timedelta(days=1))] = timedelta(minutes=10)


class GroupSettings(Model):
    """Entities under one name, so that a watch can ask for any of them."""

    name: Id
    entities: Annotated[tuple[str, ...], Field(min_length=1)]


class WatchSettings(Model):
    """A standing question: these entities together, on these conditions, told through these channels."""

    name: Id
    all: tuple[str, ...] = ()  # entities that must be named, each; a group stands for any of its members
    any: tuple[str, ...] = ()  # entities or groups of which at least one must be named
    none: tuple[str, ...] = ()  # entities or groups none of which may be named where the others are
    words: tuple[Annotated[str, Field(min_length=1)], ...] = ()  # at least one must be in the article; `sanction*`
    without_words: tuple[Annotated[str, Field(min_length=1)], ...] = ()  # none of these may be in the article
    scope: Literal["headline", "sentence", "paragraph", "article", "story"] = "article"
    languages: tuple[Language, ...] = ()  # empty: any
    outlets: tuple[str, ...] = ()  # empty: any
    kinds: tuple[Literal["media", "agency", "official", "blog"], ...] = ()  # of outlets; empty: any
    min_outlets: Annotated[int, Field(ge=1)] = 1  # independent ones that must cover the story
    cites: tuple[str, ...] = ()  # outlets, one of which the article must name as its source
    expires: datetime | date | None = None  # in `zone` where it has none; a date counts to its end
    updates: tuple[Update, ...] = ()  # kinds of news for which a story is told again
    update_outlets: tuple[str, ...] = ()  # for updates = ["outlet"]: which; empty: any
    cooldown: Span = timedelta(hours=1)  # between two messages on one story; holds updates only
    urgency: Literal["low", "normal", "high"] = "normal"  # high: neither quiet hours nor digest times hold it
    zone: Zone | None = None  # of quiet hours, digests and times in messages; default: that of [deliver]
    quiet: QuietHours | None = None
    digest: DigestSchedule | None = None
    flood: FloodGuard | None = None  # default: that of [deliver]
    channels: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _asks_for_something(self) -> "WatchSettings":
        if not (self.all or self.any):
            raise ValueError("a watch needs at least one entity or group in `all` or `any`")
        if self.update_outlets and "outlet" not in self.updates:
            raise ValueError('update_outlets says which outlets, but updates does not have "outlet"')
        return self


def last_moment(expires: datetime | date, zone: str) -> datetime:
    """The instant from which a watch is silent, aware."""
    if isinstance(expires, datetime):
        return expires if expires.tzinfo else expires.replace(tzinfo=ZoneInfo(zone))
    if expires == date.max:
        return datetime.combine(expires, time.max, ZoneInfo(zone))  # the last day has none after it
    return datetime.combine(expires + timedelta(days=1), time(0), ZoneInfo(zone))
