"""How a try to send can end, and what travels between the stage `deliver` and the channels."""

from msgspec import Struct

from wire.messages import Alert, Message


class Accepted(Struct, frozen=True, kw_only=True, tag="accepted"):
    """The channel has taken responsibility for the message; `remark` is for people."""

    remark: str = ""


class Refused(Struct, frozen=True, kw_only=True, tag="refused"):
    """The channel will never take this message as things stand: somebody must change something."""

    reason: str


class TryLater(Struct, frozen=True, kw_only=True, tag="try-later"):
    """The channel did not take the message now; `after_seconds` is what it asked for, for all its messages."""

    reason: str
    after_seconds: float | None = None


class NoAnswer(Struct, frozen=True, kw_only=True, tag="no-answer"):
    """The message was on its way when the connection ended: it may have been taken."""

    reason: str


Outcome = Accepted | Refused | TryLater | NoAnswer


class SendRequest(Message, frozen=True, kw_only=True):
    """The body of a work: send this alert through this channel.  `delivery_id` is the same in every attempt."""

    delivery_id: str
    channel: str
    attempt: int  # from 1
    may_repeat: bool  # an earlier attempt ended without an answer
    alert: Alert


class SendResult(Message, frozen=True, kw_only=True):
    """What came of a work."""

    outcome: Outcome
