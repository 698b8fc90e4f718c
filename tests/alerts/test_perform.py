"""One work is one try on the channel that it names."""

import asyncio
from datetime import timedelta

import pytest

from alerts.message import Message
from alerts.outcome import Accepted, Outcome, Refused, SendRequest
from alerts.perform import Sender
from tests.alert_samples import NAMES, alert
from tests.messages import NOON
from wire.stage import Work


class Box:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> Outcome:
        self.messages.append(message)
        return Accepted()


def work(channel: str) -> Work:
    body = SendRequest(delivery_id="de-1", channel=channel, attempt=2, may_repeat=True, alert=alert())
    return Work("de-1", body, NOON + timedelta(seconds=20))


@pytest.mark.parametrize(("channel", "outcome"), [("box", Accepted), ("gone", Refused)])
def test_the_channel_is_found_by_name(channel: str, outcome: type[Outcome]) -> None:
    box = Box()
    result = asyncio.run(Sender({"box": box}, NAMES)(work(channel)))
    assert isinstance(result.outcome, outcome)
    assert [(m.key, m.attempt, m.may_repeat, m.who) for m in box.messages] == (
        [("de-1", 2, True, "Elon Musk and Vladimir Putin")] if channel == "box" else []
    )
