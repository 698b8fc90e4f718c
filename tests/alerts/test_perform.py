"""One work is one try on the channel that it names."""

import asyncio
from datetime import timedelta

import pytest

from alerts.message import Manner, Message
from alerts.outcome import Absent, Accepted, Found, Outcome, Refused, SendRequest, TryLater
from alerts.perform import Sender
from tests.alert_samples import NAMES, alert
from tests.messages import NOON
from wire.stage import Work


class Box:
    def __init__(self, found: Found = None) -> None:
        self.messages: list[Message] = []
        self.found = found

    async def find(self, message: Message) -> Found:
        return self.found

    async def send(self, message: Message) -> Outcome:
        self.messages.append(message)
        return Accepted()


def work(channel: str) -> Work:
    body = SendRequest(delivery_id="de-1", channel=channel, attempt=2, may_repeat=True, alert=alert())
    return Work("de-1", body, NOON + timedelta(seconds=20))


@pytest.mark.parametrize(("channel", "outcome"), [("box", Accepted), ("gone", Refused)])
def test_the_channel_is_found_by_name(channel: str, outcome: type[Outcome]) -> None:
    box = Box()
    result = asyncio.run(Sender({"box": box}, Manner(names=NAMES))(work(channel)))
    assert isinstance(result.outcome, outcome)
    assert [(m.key, m.attempt, m.may_repeat, m.who) for m in box.messages] == (
        [("de-1", 2, True, "Elon Musk and Vladimir Putin")] if channel == "box" else []
    )


DOUBTS: dict[str, tuple[Found, list[bool], type[Outcome]]] = {  # name: (look-up, marks of what is sent, outcome)
    "nobody can tell: again, marked": (None, [True], Accepted),
    "it has not arrived: again, unmarked": (Absent(), [False], Accepted),
    "it has arrived: not again": (Accepted(receipt="1.2"), [], Accepted),
    "the look-up failed: later": (TryLater(reason="busy"), [], TryLater),
    "the look-up is not allowed": (Refused(reason="missing_scope"), [], Refused),
}


@pytest.mark.parametrize(("found", "marks", "outcome"), DOUBTS.values(), ids=DOUBTS.keys())
def test_what_is_in_doubt_is_looked_up_first(found: Found, marks: list[bool], outcome: type[Outcome]) -> None:
    box = Box(found)
    result = asyncio.run(Sender({"box": box}, Manner())(work("box")))
    assert [message.may_repeat for message in box.messages] == marks
    assert isinstance(result.outcome, outcome)
