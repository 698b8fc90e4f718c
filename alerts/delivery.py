"""One alert on its way to one channel: the states, and what leads from one to the next.  Pure.

held ──its time──▶ waiting, or in-digest: ends as the digest does, which is a delivery of its own
muted: it came while its watch or story was muted; nothing is sent
waiting ──begin──▶ sending ──accepted──▶ sent
   ▲                  │ ├──refused for good──▶ failed
   │                  │ ├──not now──▶ retry ──begin──▶ sending …
   │                  │ └──no answer──▶ retry, in doubt: the next message says that it may be a repeat
   └ taken            └ a try that would begin after the deadline: failed
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts.ids import hashed
from alerts.outcome import Accepted, NoAnswer, Outcome, Refused
from wire.messages import Alert, Kind, Message, StoryId, UtcTime
from wire.settings import DeliverSettings

# A mistyped Retry-After must not use up the whole deadline; services that limit rates ask for seconds.
LONGEST_RETRY_AFTER = timedelta(hours=1)
_MOST_DOUBLINGS = 30  # beyond any bound that the settings may give
_LONGEST_REASON_CHARS = 300


class DeliveryState(Kind):
    """Where a delivery stands."""

    WAITING = "waiting"
    HELD = "held"
    IN_DIGEST = "in-digest"
    SENDING = "sending"
    RETRY = "retry"
    SENT = "sent"
    FAILED = "failed"
    MUTED = "muted"
    OTHER = "other"


class Delivery(Message, frozen=True, kw_only=True):
    """The ledger's line for one alert and one channel.  `delivery_id` is the idempotency key of all its messages."""

    delivery_id: str
    alert_id: str
    watch: str
    story_id: StoryId
    channel: str
    order: int  # of the alert among all: its offset in news.alerts
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    doubtful: int = 0  # tries that ended without an answer; each may have arrived
    taken: UtcTime
    deadline: UtcTime
    next_try: UtcTime | None  # waiting, retry
    until: UtcTime | None = None  # sending: after this nobody touches the channel for this try
    begun: UtcTime | None = None  # the last try
    ended: UtcTime | None = None  # sent, failed, muted
    urgency: int = 1  # the smaller goes first
    release: UtcTime | None = None  # held until then
    held_for: str = ""  # why it was held, also afterwards; empty for one that never was
    digest: str = ""  # in-digest: the delivery that has it
    members: tuple[str, ...] = ()  # of a digest: the deliveries in it
    reason: str = ""  # the last try's outcome, for people

    @property
    def open(self) -> bool:
        """Neither sent nor failed nor muted."""
        return self.ended is None

    def is_due(self, now: datetime) -> bool:
        """Whether its next try may begin, or its deadline has passed."""
        return self.next_try is not None and min(self.next_try, self.deadline) <= now


def taken(alert: Alert, channel: str, *, order: int, now: datetime, settings: DeliverSettings) -> Delivery:
    """A new delivery, due at once.  Its deadline counts from now: what waited in the log is not late by that."""
    return Delivery(
        delivery_id=hashed("de", alert.alert_id, channel),
        alert_id=alert.alert_id,
        watch=alert.watch,
        story_id=alert.story_id,
        channel=channel,
        order=order,
        taken=now,
        deadline=now + settings.deadline,
        next_try=now,
    )


def urgent(delivery: Delivery, urgency: int) -> Delivery:
    """It goes before those of a larger number."""
    return replace(delivery, urgency=urgency)


def of_members(delivery: Delivery, members: Sequence[str]) -> Delivery:
    """A digest of these deliveries."""
    return replace(delivery, members=tuple(members))


def held(delivery: Delivery, until: datetime, why: str) -> Delivery:
    """It waits for the end of quiet hours, a digest's time or a flood; its deadline counts from then."""
    late = max(delivery.deadline - delivery.taken, timedelta(0))
    return replace(
        delivery, state=DeliveryState.HELD, next_try=None, release=until, held_for=why, deadline=until + late
    )


def released(delivery: Delivery, *, now: datetime) -> Delivery:
    """What was held alone goes out as it is."""
    return replace(delivery, state=DeliveryState.WAITING, next_try=now, release=None)


def gathered(delivery: Delivery, digest: str) -> Delivery:
    """What was held goes out in a digest, and ends as that does."""
    return replace(delivery, state=DeliveryState.IN_DIGEST, release=None, digest=digest)


def ended_with(member: Delivery, digest: Delivery, *, now: datetime) -> Delivery:
    """A member of a digest that has ended."""
    return _ended(member, digest.state, f"in digest {digest.delivery_id}: {digest.reason}", now)


def muted(delivery: Delivery, why: str, *, now: datetime) -> Delivery:
    """Nothing is sent of it."""
    return _ended(delivery, DeliveryState.MUTED, why, now)


def begun(delivery: Delivery, *, now: datetime, settings: DeliverSettings) -> Delivery:
    """The next try begins; it may touch the channel until `until`."""
    return replace(
        delivery,
        state=DeliveryState.SENDING,
        attempts=delivery.attempts + 1,
        next_try=None,
        until=now + settings.timeout,
        begun=now,
    )


def answered(delivery: Delivery, outcome: Outcome, *, now: datetime, settings: DeliverSettings) -> Delivery:
    """The try has ended with `outcome`."""
    match outcome:
        case Accepted():
            return _ended(delivery, DeliveryState.SENT, outcome.remark, now)
        case Refused():
            return failed(delivery, outcome.reason, now=now)
        case NoAnswer():
            return doubted(delivery, outcome.reason, now=now, settings=settings)
        case _:
            return _again(delivery, outcome.reason, retry_after(outcome.after_seconds), now, settings)


def doubted(delivery: Delivery, reason: str, *, now: datetime, settings: DeliverSettings) -> Delivery:
    """The try has ended, or will at its `until`, and nobody knows whether the channel took the message."""
    rest = max(delivery.until or now, now) - now
    unsure = replace(delivery, doubtful=delivery.doubtful + 1)
    return _again(unsure, f"in doubt: {reason}", rest, now, settings)


def failed(delivery: Delivery, reason: str, *, now: datetime) -> Delivery:
    """It will not be tried again."""
    return _ended(delivery, DeliveryState.FAILED, reason, now)


def expired(delivery: Delivery, *, now: datetime) -> Delivery:
    """Its deadline has passed while it waited."""
    return failed(delivery, f"not sent before its deadline; last: {delivery.reason or 'never tried'}", now=now)


def retry_after(seconds: float | None) -> timedelta:
    """What a channel asked for, within bounds."""
    wished = min(max(seconds or 0.0, 0.0), LONGEST_RETRY_AFTER.total_seconds())
    return timedelta(seconds=wished)


def _again(delivery: Delivery, reason: str, at_least: timedelta, now: datetime, settings: DeliverSettings) -> Delivery:
    doublings = min(max(delivery.attempts - 1, 0), _MOST_DOUBLINGS)
    pause = min(settings.retry_first * 2**doublings, settings.retry_longest)
    next_try = now + max(pause, at_least)
    if next_try > delivery.deadline:
        return failed(delivery, f"no try is left before the deadline; last: {reason}", now=now)
    return replace(
        delivery, state=DeliveryState.RETRY, next_try=next_try, until=None, reason=reason[:_LONGEST_REASON_CHARS]
    )


def _ended(delivery: Delivery, state: DeliveryState, reason: str, now: datetime) -> Delivery:
    return replace(
        delivery,
        state=state,
        next_try=None,
        until=None,
        release=None,
        ended=now,
        reason=reason[:_LONGEST_REASON_CHARS],
    )
