"""The stage `deliver`: every alert becomes one delivery per channel, and the ledger accounts for each.

At least once: a try that ended without an answer is made again, marked as a possible repeat, with the same
idempotency key.  A dead process's tries are such: `@started` finds them, and each waits out its `until`.
"""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime

from alerts.delivery import Delivery, answered, begun, doubted, expired, failed, retry_after, taken
from alerts.ledger import Ledger, Pause, alert_key, delivery_key, pause_key
from alerts.outcome import NoAnswer, SendRequest, SendResult, TryLater
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Alert, AlertKind
from wire.settings import DeliverSettings
from wire.stage import DUE, ERROR, NOTHING, RESULT, STARTED, Change, Effects, Failure, Work, WorkFailed

# Enough for a slow mail server, few enough that it is not taken for an attack.
_MOST_PER_CHANNEL = 4


class Deliver:
    """Deliveries of alerts.  Restores from and writes `news.deliveries`."""

    def __init__(self, channels: Set[str], settings: DeliverSettings, *, in_flight: int = 32) -> None:
        """`channels`: names of those that exist; `in_flight`: how much work may be under way, shared among them."""
        self._channels = channels
        self._settings = settings
        self._in_flight = in_flight
        # No channel can take so much of the pool that another has to wait for it.
        self._per_channel = max(1, min(_MOST_PER_CHANNEL, in_flight // max(1, len(channels))))
        self._ledger = Ledger()

    def fold(self, record: Record) -> None:
        """See `wire.stage.Stage`."""
        self._ledger.fold(record)

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing is cheaper together."""

    def due(self, now: datetime) -> Sequence[Record]:
        """The deliveries to try now, by id, which is also the key of their work."""
        found = self._ledger.due(now, per_channel=self._per_channel, limit=self._in_flight)
        return [Record(topic=DUE, key=delivery.delivery_id) for delivery in found]

    def step(self, record: Record, now: datetime) -> Effects:
        """See `wire.stage.Stage`."""
        if record.topic == STARTED:
            return self._after_start(now)
        if record.topic not in (DUE, RESULT, ERROR):
            return self._take(decode(record.value, Alert), record.offset, now)
        delivery = self._ledger.deliveries.get(record.key or "")
        if delivery is None or not delivery.open:
            return NOTHING
        if record.topic == DUE:
            return self._try(delivery, now)
        if delivery.until is None:
            return NOTHING  # of a try that has been judged already
        if record.topic == RESULT:
            return self._result(delivery, decode(record.value, SendResult), now)
        why = decode(record.value, WorkFailed).reason
        return self._result(delivery, SendResult(outcome=NoAnswer(reason=why)), now)

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """A delivery whose own record cannot be processed fails; an alert that cannot be read is a dead letter only."""
        delivery = self._ledger.deliveries.get(record.key or "") if record.topic in (DUE, RESULT, ERROR) else None
        if delivery is None or not delivery.open:
            return NOTHING
        return Effects(changes=tuple(self._kept(failed(delivery, f"{why.code}: {why.reason}", now=now))))

    def _take(self, alert: Alert, offset: int, now: datetime) -> Effects:
        if alert.kind is AlertKind.OTHER:
            return NOTHING
        made = (taken(alert, name, order=offset, now=now, settings=self._settings) for name in _each(alert.channels))
        new = [delivery for delivery in made if delivery.delivery_id not in self._ledger.deliveries]
        lines = [Change(delivery_key(delivery.delivery_id), delivery) for delivery in new]
        kept = [Change(alert_key(alert.alert_id), alert)] if new else []
        old = self._ledger.outdated(now)
        gone = [] if old is None else [Change(delivery_key(old), None)]
        return Effects(changes=(*lines, *kept, *gone))

    def _after_start(self, now: datetime) -> Effects:
        reason = "the process ended while it was being sent"
        unsure = [doubted(d, reason, now=now, settings=self._settings) for d in self._ledger.sending()]
        return Effects(changes=tuple(self._kept(*unsure)))

    def _try(self, delivery: Delivery, now: datetime) -> Effects:
        if not delivery.is_due(now):
            return NOTHING
        if delivery.deadline <= now:
            return Effects(changes=tuple(self._kept(expired(delivery, now=now))))
        if delivery.channel not in self._channels:
            unknown = failed(delivery, "the settings have no channel of that name", now=now)
            return Effects(changes=tuple(self._kept(unknown)))
        sending = begun(delivery, now=now, settings=self._settings)
        assert sending.until is not None
        request = SendRequest(
            delivery_id=sending.delivery_id,
            channel=sending.channel,
            attempt=sending.attempts,
            may_repeat=sending.doubtful > 0,
            alert=self._ledger.alert(sending.alert_id),
        )
        work = Work(sending.delivery_id, request, sending.until)
        return Effects(changes=tuple(self._kept(sending)), work=(work,))

    def _result(self, delivery: Delivery, result: SendResult, now: datetime) -> Effects:
        after = answered(delivery, result.outcome, now=now, settings=self._settings)
        return Effects(changes=(*self._kept(after), *_pause(delivery, result, now)))

    def _kept(self, *deliveries: Delivery) -> Iterator[Change]:
        """The new lines of these deliveries; with the last open delivery of an alert its text goes."""
        yield from (Change(delivery_key(delivery.delivery_id), delivery) for delivery in deliveries)
        ended = {delivery.delivery_id for delivery in deliveries if not delivery.open}
        for alert_id in sorted({delivery.alert_id for delivery in deliveries if not delivery.open}):
            if self._ledger.open_of(alert_id) <= ended:
                yield Change(alert_key(alert_id), None)


def _pause(delivery: Delivery, result: SendResult, now: datetime) -> Iterator[Change]:
    """A channel that asks for a break gets it for all its deliveries."""
    if isinstance(result.outcome, TryLater) and result.outcome.after_seconds:
        until = now + retry_after(result.outcome.after_seconds)
        yield Change(pause_key(delivery.channel), Pause(channel=delivery.channel, until=until))


def _each(names: Sequence[str]) -> Iterator[str]:
    return iter(dict.fromkeys(names))
