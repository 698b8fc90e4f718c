"""The stage `deliver`: every alert becomes one delivery per channel, and the ledger accounts for each.

At least once: a try that ended without an answer is made again, marked as a possible repeat, with the same
idempotency key, unless the channel can tell that it has arrived.  A dead process's tries are such: `@started` finds
them, and each waits out its `until`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from alerts.delivery import (
    Delivery,
    DeliveryState,
    answered,
    begun,
    doubted,
    ended_with,
    expired,
    failed,
    muted,
    retry_after,
    taken,
)
from alerts.entries import Pause, Thread, alert_key, delivery_key, line, pause_key, thread_key
from alerts.holding import Holding, mute
from alerts.ledger import Ledger
from alerts.outcome import Accepted, NoAnswer, SendRequest, SendResult, TryLater
from alerts.policy import Policy, Urgency
from alerts.takedown import titles_of, without
from alerts.trouble import noted, to_be_told, told
from wire.codec import decode
from wire.headers import REPLAY, header
from wire.log.port import Record
from wire.messages import Alert, AlertKind, Command, CommandKind
from wire.settings import DeliverSettings
from wire.stage import DUE, ERROR, NOTHING, RESULT, STARTED, Change, Effects, Failure, Work, WorkFailed
from wire.topics import COMMANDS

# Enough for a slow mail server, few enough that it is not taken for an attack.
_MOST_PER_CHANNEL = 4
_AGAIN = "a replay after a reset: noted, not sent"
_RELEASE, _TROUBLE = "@release:", "@trouble:"


class Deliver:
    """Deliveries of alerts.  Restores from and writes `news.deliveries`."""

    def __init__(
        self,
        channels: Collection[str],
        settings: DeliverSettings,
        *,
        per_second: Mapping[str, float] | None = None,
        policies: Mapping[str, Policy] | None = None,
        in_flight: int = 32,
    ) -> None:
        """`channels`: names of those that exist, in the settings' order; `per_second`: the rate of each.

        `policies`: when messages of a watch go out; a watch without one goes out at once.
        `in_flight`: how much work may be under way, shared among the channels.
        """
        self._channels = channels
        self._settings = settings
        self._per_second = per_second or {}
        self._in_flight = in_flight
        # No channel can take so much of the pool that another has to wait for it.
        self._per_channel = max(1, min(_MOST_PER_CHANNEL, in_flight // max(1, len(channels))))
        self._ledger = Ledger()
        self._holding = Holding(self._ledger, policies or {}, settings)

    def fold(self, record: Record) -> None:
        """See `wire.stage.Stage`."""
        self._ledger.fold(record)

    def remembered(self) -> Iterable[Change]:
        """See `wire.stage.Stage`."""
        return self._ledger.remembered()

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing is cheaper together."""

    def due(self, now: datetime) -> Sequence[Record]:
        """What is held and may go out, channels to be complained of, and the deliveries to try now by their id."""
        batches = self._ledger.releases(now, self._in_flight)
        found = self._ledger.due(now, per_channel=self._per_channel, limit=self._in_flight, per_second=self._per_second)
        keys = [
            *(f"{_RELEASE}{channel}\0{watch}" for channel, watch in batches),
            *(f"{_TROUBLE}{channel}" for channel in to_be_told(self._ledger, now)),
            *(delivery.delivery_id for delivery in found),
        ]
        return [Record(topic=DUE, key=key) for key in keys]

    def step(self, record: Record, now: datetime) -> Effects:
        """See `wire.stage.Stage`."""
        key = record.key or ""
        if record.topic == STARTED:
            return self._after_start(now)
        if record.topic == COMMANDS:
            command = decode(record.value, Command)
            if command.kind is CommandKind.REMOVE:
                return Effects(changes=tuple(self._take_down(command)))
            is_mute = command.kind is CommandKind.MUTE
            return Effects(changes=tuple(mute(self._ledger, command, now))) if is_mute else NOTHING
        if record.topic not in (DUE, RESULT, ERROR):
            again = record.offset < self._ledger.replay_until or header(record, REPLAY) is not None
            takedowns = self._ledger.takedowns
            alert = without(decode(record.value, Alert), takedowns, takedowns.titles)
            return self._take(alert, record.offset, now, again=again)
        if key.startswith(_RELEASE):
            channel, _, watch = key.removeprefix(_RELEASE).partition("\0")
            changes, silenced = self._holding.let_go((channel, watch), now)
            return Effects(changes=(*changes, *self._kept(*silenced)))
        if key.startswith(_TROUBLE):
            channel = key.removeprefix(_TROUBLE)
            words = told(self._ledger, channel, channels=self._channels, settings=self._settings, now=now)
            return Effects(changes=tuple(words))
        delivery = self._ledger.deliveries.get(key)
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
        return self._after(failed(delivery, f"{why.code}: {why.reason}", now=now), now=now)

    def _take(self, alert: Alert, offset: int, now: datetime, *, again: bool) -> Effects:
        if alert.kind is AlertKind.OTHER:
            return NOTHING
        channels = dict.fromkeys(alert.channels)
        made = (taken(alert, name, order=offset, now=now, settings=self._settings) for name in channels)
        new = [delivery for delivery in made if delivery.delivery_id not in self._ledger.deliveries]
        changes = list[Change]()
        for delivery in new:
            changes += [line(muted(delivery, _AGAIN, now=now))] if again else self._holding.placed(delivery, alert, now)
        if any(isinstance(c.value, Delivery) and c.value.open and c.value.alert_id == alert.alert_id for c in changes):
            changes.append(Change(alert_key(alert.alert_id), alert))
        # One more than came, so that the ledger shrinks to a year's, digests and notices included.
        for old in self._ledger.outdated(now, len(new) + 1):
            changes += (Change(delivery_key(old.delivery_id), None), *self._threads_gone(old))
        return Effects(changes=tuple(changes))

    def _take_down(self, command: Command) -> Iterator[Change]:
        """What waits to be sent loses the words of an article that was taken down, and so will what is still unread."""
        alerts = self._ledger.open_alerts()
        titles = set[str]().union(*(titles_of(alert, command.target) for alert in alerts))
        for alert in alerts:
            left = without(alert, {command.target}, titles | {*command.titles})
            if left != alert:
                yield Change(alert_key(alert.alert_id), left)
        yield self._ledger.takedowns.taken(command, titles)

    def _threads_gone(self, delivery: Delivery) -> Iterator[Change]:
        return (Change(key, None) for key in self._ledger.threads_of(delivery))

    def _after_start(self, now: datetime) -> Effects:
        reason = "the process ended while it was being sent"
        unsure = [doubted(one, reason, now=now, settings=self._settings) for one in self._ledger.sending()]
        return self._after(*unsure, now=now)

    def _try(self, delivery: Delivery, now: datetime) -> Effects:
        if not delivery.is_due(now):
            return NOTHING
        alert = self._ledger.alert(delivery.alert_id)
        if (why := self._holding.muted(alert, now)) is not None and not delivery.members:
            return self._after(muted(delivery, why, now=now), now=now)
        if delivery.deadline <= now:
            return self._after(expired(delivery, now=now), now=now)
        if delivery.channel not in self._channels:
            return self._after(failed(delivery, "the settings have no channel of that name", now=now), now=now)
        sending = begun(delivery, now=now, settings=self._settings)
        assert sending.until is not None
        members = (self._ledger.deliveries[one] for one in sending.members)
        request = SendRequest(
            delivery_id=sending.delivery_id,
            channel=sending.channel,
            attempt=sending.attempts,
            may_repeat=sending.doubtful > 0,
            since=sending.taken,
            thread=self._ledger.thread(sending.channel, sending.story_id),
            alert=alert,
            urgent=sending.urgency == Urgency.HIGH,
            members=tuple(self._ledger.alert(one.alert_id) for one in members),
        )
        work = Work(sending.delivery_id, request, sending.until)
        return Effects(changes=(line(sending),), work=(work,))

    def _result(self, delivery: Delivery, result: SendResult, now: datetime) -> Effects:
        after = self._after(answered(delivery, result.outcome, now=now, settings=self._settings), now=now)
        more = (*_pause(delivery, result, now), *self._begins_thread(delivery, result))
        return Effects(changes=(*after.changes, *more))

    def _begins_thread(self, delivery: Delivery, result: SendResult) -> Iterator[Change]:
        receipt = result.outcome.receipt if isinstance(result.outcome, Accepted) else ""
        if receipt and not delivery.members and not self._ledger.thread(delivery.channel, delivery.story_id):
            yield Change(
                thread_key(delivery.channel, delivery.story_id),
                Thread(
                    channel=delivery.channel,
                    story_id=delivery.story_id,
                    receipt=receipt,
                    delivery_id=delivery.delivery_id,
                ),
            )

    def _after(self, *deliveries: Delivery, now: datetime) -> Effects:
        """Their new lines, and of those that have ended all that follows: members', texts', complaints'."""
        lines = list(deliveries)
        for ended in (one for one in deliveries if not one.open):
            members = (self._ledger.deliveries[one] for one in ended.members)
            lines += (ended_with(member, ended, now=now) for member in members if member.open)
        lost = [one for one in lines if one.state is DeliveryState.FAILED and not one.members]
        return Effects(changes=(*self._kept(*lines), *noted(self._ledger, lost, now)))

    def _kept(self, *deliveries: Delivery) -> Iterator[Change]:
        """The new lines of these deliveries; with the last open delivery of an alert its text goes."""
        yield from map(line, deliveries)
        ended = {delivery.delivery_id for delivery in deliveries if not delivery.open}
        for alert_id in sorted({delivery.alert_id for delivery in deliveries if not delivery.open}):
            if self._ledger.open_of(alert_id) <= ended:
                yield Change(alert_key(alert_id), None)


def _pause(delivery: Delivery, result: SendResult, now: datetime) -> Iterator[Change]:
    """A channel that asks for a break gets it for all its deliveries."""
    if isinstance(result.outcome, TryLater) and result.outcome.after_seconds:
        until = now + retry_after(result.outcome.after_seconds)
        yield Change(pause_key(delivery.channel), Pause(channel=delivery.channel, until=until))
