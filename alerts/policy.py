"""When a message may go out: what a watch's settings say of quiet hours, digests, floods and urgency.  Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from zoneinfo import ZoneInfo

from alerts.calendar import next_digest, quiet_until
from wire.settings import DeliverSettings, DigestSchedule, FloodGuard, QuietHours, WatchSettings


class Urgency(IntEnum):
    """The smaller goes first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a watch's messages go out."""

    zone: tzinfo = UTC
    quiet: QuietHours | None = None
    digest: DigestSchedule | None = None
    flood: FloodGuard = field(default_factory=FloodGuard)
    urgency: Urgency = Urgency.NORMAL


@dataclass(frozen=True, slots=True)
class Hold:
    """A message waits until `until` (UTC), for a reason that people read."""

    until: datetime
    why: str


def hold(policy: Policy, now: datetime) -> Hold | None:
    """Whether a message that comes now has to wait; never one of high urgency."""
    if policy.urgency is Urgency.HIGH:
        return None
    begun = now
    why = ""
    if policy.digest is not None:
        begun, why = next_digest(policy.digest, policy.zone, now), "digest"
    if policy.quiet is not None and (end := quiet_until(policy.quiet, policy.zone, begun)) is not None:
        begun, why = end, why or "quiet hours"
    return Hold(begun, why) if why else None


def policies_of(watches: Iterable[WatchSettings], settings: DeliverSettings) -> dict[str, Policy]:
    """The policy of each watch by its name; what a watch leaves open is as `[deliver]` says."""
    return {watch.name: _policy(watch, settings) for watch in watches}


def _policy(watch: WatchSettings, settings: DeliverSettings) -> Policy:
    return Policy(
        zone=ZoneInfo(watch.zone or settings.zone),
        quiet=watch.quiet,
        digest=watch.digest,
        flood=watch.flood or settings.flood,
        urgency=Urgency[watch.urgency.upper()],
    )
