"""The stage `deliver`: every alert becomes one delivery per channel, and the ledger accounts for each.

At least once: a try that ended without an answer is made again, marked as a possible repeat, with the same
idempotency key, unless the channel can tell that it has arrived.  A dead process's tries are such: `@started` finds
them, and each waits out its `until`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace

from alerts.delivery import (
    Delivery,
    DeliveryState,
    answered,
    begun,
    doubted,
    ended_with,
    expired,
    failed,
    gathered,
    held,
    muted,
    of_members,
    released,
    retry_after,
    taken,
    urgent,
)
from alerts.ledger import (
    Batch,
    Ledger,
    Mute,
    Pause,
    Thread,
    Trouble,
    alert_key,
    delivery_key,
    mute_key,
    pause_key,
    thread_key,
    trouble_key,
)
from alerts.notice import digest_head, notice
from alerts.outcome import Accepted, NoAnswer, SendRequest, SendResult, TryLater
from alerts.policy import Hold, Policy, Urgency, hold
from wire.codec import decode
from wire.headers import REPLAY, header
from wire.log.port import Record
from wire.messages import Alert, AlertKind, Command, CommandKind
from wire.notice import OPERATORS
from wire.settings import DeliverSettings
from wire.stage import DUE, ERROR, NOTHING, RESULT, STARTED, Change, Effects, Failure, Work, WorkFailed
from wire.topics import COMMANDS

# Enough for a slow mail server, few enough that it is not taken for an attack.
_MOST_PER_CHANNEL = 4
# Slack takes 50 blocks; people read fewer.
MOST_IN_DIGEST = 25
# Between two notices that deliveries of one channel fail.
_TROUBLE_EVERY = timedelta(hours=1)
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
        self._policies = policies or {}
        self._usual = Policy(flood=settings.flood)
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
        """What is held and may go out, channels to be complained of, and the deliveries to try now by their id."""
        batches = self._ledger.releases(now, self._in_flight)
        troubles = [one.channel for one in self._ledger.troubles.values() if _to_be_told(one, now)]
        found = self._ledger.due(now, per_channel=self._per_channel, limit=self._in_flight, per_second=self._per_second)
        keys = [
            *(f"{_RELEASE}{channel}\0{watch}" for channel, watch in batches),
            *(f"{_TROUBLE}{channel}" for channel in sorted(troubles)),
            *(delivery.delivery_id for delivery in found),
        ]
        return [Record(topic=DUE, key=key) for key in keys]

    def step(self, record: Record, now: datetime) -> Effects:
        """See `wire.stage.Stage`."""
        key = record.key or ""
        if record.topic == STARTED:
            return self._after_start(now)
        if record.topic == COMMANDS:
            return self._command(decode(record.value, Command), now)
        if record.topic not in (DUE, RESULT, ERROR):
            again = record.offset < self._ledger.replay_until or header(record, REPLAY) is not None
            return self._take(decode(record.value, Alert), record.offset, now, again=again)
        if key.startswith(_RELEASE):
            channel, _, watch = key.removeprefix(_RELEASE).partition("\0")
            return self._release((channel, watch), now)
        if key.startswith(_TROUBLE):
            return self._complain(key.removeprefix(_TROUBLE), now)
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

    def _command(self, command: Command, now: datetime) -> Effects:
        """Mutes; each is bound to the alerts taken before it, and those that are over go."""
        if command.kind is not CommandKind.MUTE or command.until is None:
            return NOTHING
        mute = Mute(
            target=command.target,
            until=command.until,
            who=command.who,
            command_id=command.command_id,
            offset=self._ledger.last_order,
        )
        over = [name for name, one in self._ledger.mutes.items() if one.until <= now and name != mute.target]
        return Effects(
            changes=(Change(mute_key(mute.target), mute), *(Change(mute_key(name), None) for name in sorted(over)))
        )

    def _muted(self, alert: Alert, now: datetime) -> str | None:
        """Why nothing is sent of the alert, None if it is."""
        for target in (alert.watch, alert.story_id):
            mute = self._ledger.mutes.get(target)
            if mute is not None and now < mute.until:
                return f"{target} was muted by {mute.who} until {mute.until:%Y-%m-%d %H:%M} UTC"
        return None

    def _take(self, alert: Alert, offset: int, now: datetime, *, again: bool) -> Effects:
        if alert.kind is AlertKind.OTHER:
            return NOTHING
        channels = dict.fromkeys(alert.channels)
        made = (taken(alert, name, order=offset, now=now, settings=self._settings) for name in channels)
        new = [delivery for delivery in made if delivery.delivery_id not in self._ledger.deliveries]
        changes = list[Change]()
        for delivery in new:
            changes += [_line(muted(delivery, _AGAIN, now=now))] if again else self._placed(delivery, alert, now)
        if any(isinstance(c.value, Delivery) and c.value.open and c.value.alert_id == alert.alert_id for c in changes):
            changes.append(Change(alert_key(alert.alert_id), alert))
        if (old := self._ledger.outdated(now)) is not None:
            changes += (Change(delivery_key(old.delivery_id), None), *self._threads_gone(old))
        return Effects(changes=tuple(changes))

    def _threads_gone(self, delivery: Delivery) -> Iterator[Change]:
        return (Change(key, None) for key in self._ledger.threads_of(delivery))

    def _placed(self, delivery: Delivery, alert: Alert, now: datetime) -> Iterator[Change]:
        """The new delivery as it begins: waiting, held or muted."""
        policy = self._policies.get(alert.watch, self._usual)
        delivery = urgent(delivery, policy.urgency)
        if (why := self._muted(alert, now)) is not None:
            yield _line(muted(delivery, why, now=now))
            return
        batch = (delivery.channel, delivery.watch)
        wait = hold(policy, now)
        before = self._ledger.before_it(*batch, alert.story_id)
        flooded = self._ledger.taken_since(batch, now - policy.flood.within) >= policy.flood.most
        if wait is None and before is not None:
            wait = Hold(before, "an earlier message on the story is held")
        if wait is None and flooded and alert.kind is not AlertKind.NOTICE:
            wait, first = self._flood(batch, policy, now)
            if first:
                yield from self._notify(
                    f"{policy.flood.most} messages within {_minutes(policy.flood.within)}: the rest come as a digest",
                    f"Watch {alert.watch} is in flood; what comes until {wait.until:%H:%M} UTC is sent as one message",
                    watch=alert.watch,
                    channel=delivery.channel,
                    now=now,
                )
        yield _line(delivery if wait is None else held(delivery, wait.until, wait.why))

    def _flood(self, batch: Batch, policy: Policy, now: datetime) -> tuple[Hold, bool]:
        """Until when the flood is held, and whether it has just begun."""
        ends = [one.release for one in self._ledger.held(batch) if one.held_for == "flood" and one.release is not None]
        return Hold(min(ends, default=now + policy.flood.within), "flood"), not ends

    def _notify(self, title: str, why: str, *, watch: str, channel: str, now: datetime) -> Iterator[Change]:
        """A word to people, through `channel`, as a delivery like any other."""
        said = notice(title, why, watch=watch, channel=channel, now=now)
        order = self._ledger.last_order
        yield _line(urgent(taken(said, channel, order=order, now=now, settings=self._settings), Urgency.HIGH))
        yield Change(alert_key(said.alert_id), said)

    def _release(self, batch: Batch, now: datetime) -> Effects:
        """What is held for a channel and watch goes out: alone as it is, several as one digest."""
        due = [one for one in self._ledger.held(batch) if one.release is not None and one.release <= now]
        changes, going = list[Change](), list[Delivery]()
        for one in due[:MOST_IN_DIGEST]:
            why = self._muted(self._ledger.alert(one.alert_id), now)
            if why is None:
                going.append(one)
            else:
                changes += self._kept(muted(one, why, now=now))
        if len(going) == 1:
            changes.append(_line(released(going[0], now=now)))
        elif going:
            changes += self._digest(going, now)
        return Effects(changes=tuple(changes))

    def _digest(self, going: Sequence[Delivery], now: datetime) -> Iterator[Change]:
        reasons = ", ".join(dict.fromkeys(one.held_for for one in going))
        alerts = [self._ledger.alert(one.alert_id) for one in going]
        top = digest_head(alerts, f"Held back: {reasons}", channel=going[0].channel, now=now)
        first = min(one.order for one in going)
        digest = taken(top, going[0].channel, order=first, now=now, settings=self._settings)
        digest = of_members(digest, [one.delivery_id for one in going])
        yield _line(urgent(digest, min(one.urgency for one in going)))
        yield Change(alert_key(top.alert_id), top)
        yield from (_line(gathered(one, digest.delivery_id)) for one in going)

    def _after_start(self, now: datetime) -> Effects:
        reason = "the process ended while it was being sent"
        unsure = [doubted(one, reason, now=now, settings=self._settings) for one in self._ledger.sending()]
        return self._after(*unsure, now=now)

    def _try(self, delivery: Delivery, now: datetime) -> Effects:
        if not delivery.is_due(now):
            return NOTHING
        alert = self._ledger.alert(delivery.alert_id)
        if (why := self._muted(alert, now)) is not None and not delivery.members:
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
        return Effects(changes=(_line(sending),), work=(work,))

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
        return Effects(changes=(*self._kept(*lines), *self._troubles(lost, now)))

    def _kept(self, *deliveries: Delivery) -> Iterator[Change]:
        """The new lines of these deliveries; with the last open delivery of an alert its text goes."""
        yield from map(_line, deliveries)
        ended = {delivery.delivery_id for delivery in deliveries if not delivery.open}
        for alert_id in sorted({delivery.alert_id for delivery in deliveries if not delivery.open}):
            if self._ledger.open_of(alert_id) <= ended:
                yield Change(alert_key(alert_id), None)

    def _troubles(self, lost: Sequence[Delivery], now: datetime) -> Iterator[Change]:
        """Notes that deliveries of channels fail; people are told by `due`, at most once an hour."""
        # A complaint that nobody takes is no reason for another.
        by_channel = groupby(sorted((one for one in lost if one.watch != OPERATORS), key=_channel), key=_channel)
        for channel, failures in by_channel:
            *_, last = new = list(failures)
            known = self._ledger.troubles.get(channel) or Trouble(channel=channel, failed=0, since=now, told=None)
            since = known.since if known.failed else now
            told = replace(known, failed=known.failed + len(new), since=since, reason=last.reason)
            yield Change(trouble_key(channel), told)

    def _complain(self, channel: str, now: datetime) -> Effects:
        trouble = self._ledger.troubles.get(channel)
        if trouble is None or not _to_be_told(trouble, now):
            return NOTHING
        told = Trouble(channel=channel, failed=0, since=now, told=now, reason=trouble.reason)
        count = f"{trouble.failed} deliver{'y' if trouble.failed == 1 else 'ies'}"
        changes = [Change(trouble_key(channel), told)]
        for other in self._operators(but=channel):
            changes += self._notify(
                f"Channel {channel}: {count} failed since {trouble.since:%H:%M} UTC",
                f"{trouble.reason}. See: wirewatch deliveries --channel {channel} --state failed",
                watch=OPERATORS,
                channel=other,
                now=now,
            )
        return Effects(changes=tuple(changes))

    def _operators(self, *, but: str) -> list[str]:
        """The channel in which operators are told of another's trouble; none where there is no other."""
        wished = self._settings.operators or tuple(self._channels)
        return [name for name in wished if name != but and name in self._channels][:1]


def _to_be_told(trouble: Trouble, now: datetime) -> bool:
    return trouble.failed > 0 and (trouble.told is None or trouble.told + _TROUBLE_EVERY <= now)


def _pause(delivery: Delivery, result: SendResult, now: datetime) -> Iterator[Change]:
    """A channel that asks for a break gets it for all its deliveries."""
    if isinstance(result.outcome, TryLater) and result.outcome.after_seconds:
        until = now + retry_after(result.outcome.after_seconds)
        yield Change(pause_key(delivery.channel), Pause(channel=delivery.channel, until=until))


def _channel(delivery: Delivery) -> str:
    return delivery.channel


def _line(delivery: Delivery) -> Change:
    return Change(delivery_key(delivery.delivery_id), delivery)


def _minutes(span: timedelta) -> str:
    return f"{max(1, round(span.total_seconds() / 60))} min"
