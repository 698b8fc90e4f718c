"""What is held back and let go: quiet hours, digests, floods and mutes, over the ledger.  Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.delivery import Delivery, gathered, held, muted, of_members, released, taken, urgent
from alerts.entries import Mute, alert_key, line, mute_key
from alerts.ledger import Batch, Ledger
from alerts.notice import digest_head, notice
from alerts.policy import Hold, Policy, Urgency, hold
from alerts.takedown import says_nothing
from wire.messages import Alert, AlertKind, Command
from wire.settings import DeliverSettings
from wire.stage import Change

# Slack takes 50 blocks; people read fewer.
MOST_IN_DIGEST = 25


class Holding:
    """Decides what a new delivery waits for, and what goes out when that has ended."""

    def __init__(self, ledger: Ledger, policies: Mapping[str, Policy], settings: DeliverSettings) -> None:
        """`policies`: of the watches, by name; one without goes out at once."""
        self._ledger = ledger
        self._policies = policies
        self._usual = Policy(flood=settings.flood)
        self._settings = settings

    def placed(self, delivery: Delivery, alert: Alert, now: datetime) -> Iterator[Change]:
        """The new delivery as it begins: waiting, held or muted."""
        policy = self._policies.get(alert.watch, self._usual)
        delivery = urgent(delivery, policy.urgency)
        if (why := self.muted(alert, now)) is not None:
            yield line(muted(delivery, why, now=now))
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
                yield from notified(
                    self._ledger,
                    self._settings,
                    f"{policy.flood.most} messages within {_minutes(policy.flood.within)}: the rest come as a digest",
                    f"Watch {alert.watch} is in flood; what comes until {wait.until:%H:%M} UTC is sent as one message",
                    watch=alert.watch,
                    channel=delivery.channel,
                    now=now,
                )
        yield line(delivery if wait is None else held(delivery, wait.until, wait.why))

    def _flood(self, batch: Batch, policy: Policy, now: datetime) -> tuple[Hold, bool]:
        """Until when the flood is held, and whether it has just begun."""
        ends = [one.release for one in self._ledger.held(batch) if one.held_for == "flood" and one.release is not None]
        return Hold(min(ends, default=now + policy.flood.within), "flood"), not ends

    def muted(self, alert: Alert, now: datetime) -> str | None:
        """Why nothing is sent of the alert, None if it is."""
        if says_nothing(alert):
            return "what it showed was taken down"
        for target in (alert.watch, alert.story_id):
            mute = self._ledger.mutes.get(target)
            if mute is not None and now < mute.until:
                return f"{target} was muted by {mute.who} until {mute.until:%Y-%m-%d %H:%M} UTC"
        return None

    def let_go(self, batch: Batch, now: datetime) -> tuple[list[Change], list[Delivery]]:
        """What is held for a channel and watch goes out: alone as it is, several as one digest.

        The second are those that have been muted meanwhile.
        """
        due = [one for one in self._ledger.held(batch) if one.release is not None and one.release <= now]
        going, silenced = list[Delivery](), list[Delivery]()
        for one in due[:MOST_IN_DIGEST]:
            why = self.muted(self._ledger.alert(one.alert_id), now)
            if why is None:
                going.append(one)
            else:
                silenced.append(muted(one, why, now=now))
        if len(going) == 1:
            return [line(released(going[0], now=now))], silenced
        return list(self._digest(going, now)) if going else [], silenced

    def _digest(self, going: Sequence[Delivery], now: datetime) -> Iterator[Change]:
        reasons = ", ".join(dict.fromkeys(one.held_for for one in going))
        alerts = [self._ledger.alert(one.alert_id) for one in going]
        top = digest_head(alerts, f"Held back: {reasons}", channel=going[0].channel, now=now)
        first = min(one.order for one in going)
        digest = taken(top, going[0].channel, order=first, now=now, settings=self._settings)
        digest = of_members(digest, [one.delivery_id for one in going])
        yield line(urgent(digest, min(one.urgency for one in going)))
        yield Change(alert_key(top.alert_id), top)
        yield from (line(gathered(one, digest.delivery_id)) for one in going)


def mute(ledger: Ledger, command: Command, now: datetime) -> Iterator[Change]:
    """The mute that a command asks for, bound to the alerts taken before it; those that are over go."""
    if command.until is None:
        return
    asked = Mute(
        target=command.target,
        until=command.until,
        who=command.who,
        command_id=command.command_id,
        offset=ledger.last_order,
    )
    yield Change(mute_key(asked.target), asked)
    over = (name for name, one in ledger.mutes.items() if one.until <= now and name != asked.target)
    yield from (Change(mute_key(name), None) for name in sorted(over))


def notified(
    ledger: Ledger, settings: DeliverSettings, title: str, why: str, *, watch: str, channel: str, now: datetime
) -> Iterator[Change]:
    """A word to people, through `channel`, as a delivery like any other."""
    said = notice(title, why, watch=watch, channel=channel, now=now)
    order = ledger.last_order
    yield line(urgent(taken(said, channel, order=order, now=now, settings=settings), Urgency.HIGH))
    yield Change(alert_key(said.alert_id), said)


def _minutes(span: timedelta) -> str:
    return f"{max(1, round(span.total_seconds() / 60))} min"
