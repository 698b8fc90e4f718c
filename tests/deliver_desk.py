"""The stage `deliver` with a clock and channels that answer as a test says."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from alerts.deliver import Deliver
from alerts.delivery import Delivery, DeliveryState
from alerts.outcome import Accepted, Outcome, SendRequest, SendResult
from alerts.policy import Policy
from tests.messages import NOON
from tests.stage_runner import StageRunner
from wire.codec import decode, encode
from wire.log.port import Record
from wire.messages import Alert, Command
from wire.settings import DeliverSettings
from wire.stage import RESULT
from wire.topics import ALERTS, COMMANDS, DELIVERIES

SETTINGS = DeliverSettings(timeout=timedelta(seconds=20), retry_first=timedelta(seconds=5))
CHANNELS = ("mail", "slack")


class Desk(StageRunner[Deliver]):
    now: datetime = NOON
    offset = 0

    def alert(self, of: Alert) -> None:
        self.take(Record(topic=ALERTS, offset=self.offset, key=of.watch, value=encode(of)), self.now)
        self.offset += 1

    def command(self, of: Command) -> None:
        self.take(Record(topic=COMMANDS, offset=0, key="deliver", value=encode(of)), self.now)

    def begin(self) -> list[SendRequest]:
        """What is due begins; returns what is sent now."""
        before = len(self.work)
        while due := [record for record in self.stage.due(self.now) if (record.key or "").startswith("@")]:
            self.take_all(due, self.now)
        for record in self.stage.due(self.now):
            self.take(record, self.now)
        return [work.body for work in self.work[before:] if isinstance(work.body, SendRequest)]

    def end(self, request: SendRequest, outcome: Outcome) -> None:
        result = Record(topic=RESULT, key=request.delivery_id, value=encode(SendResult(outcome=outcome)))
        self.take(result, self.now)

    def turn(self, outcome: Callable[[SendRequest], Outcome] = lambda _: Accepted()) -> list[SendRequest]:
        begun = self.begin()
        for request in begun:
            self.end(request, outcome(request))
        return begun

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def at(self, moment: datetime) -> None:
        self.now = moment

    def lines(self) -> list[Delivery]:
        found = [decode(value, Delivery) for key, value in self.state.items() if key.startswith("delivery:")]
        return sorted(found, key=lambda line: (line.order, line.channel))

    def states(self) -> dict[str, DeliveryState]:
        return {line.channel: line.state for line in self.lines()}


def desk(
    channels: tuple[str, ...] = CHANNELS,
    *,
    policy: Policy | None = None,
    per_second: Mapping[str, float] | None = None,
    settings: DeliverSettings = SETTINGS,
) -> Desk:
    """`policy` is that of the sample alert's watch."""
    policies = {} if policy is None else {"musk-putin": policy}
    return Desk(lambda: Deliver(channels, settings, policies=policies, per_second=per_second), DELIVERIES)
