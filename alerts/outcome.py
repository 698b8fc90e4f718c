"""How a try to send can end, and what travels between the stage `deliver` and the channels."""

from msgspec import Struct

from wire.messages import Alert, Message, UtcTime


class Accepted(Struct, frozen=True, kw_only=True, tag="accepted"):
    """The channel has taken responsibility for the message; `remark` is for people.

    `receipt` is what the channel calls the message, where later ones can be put under it.
    """

    remark: str = ""
    receipt: str = ""


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


class Absent(Struct, frozen=True, kw_only=True, tag="absent"):
    """The channel says that it has not taken the message."""


Outcome = Accepted | Refused | TryLater | NoAnswer


Found = Accepted | Absent | TryLater | Refused | None
"""What a channel knows of a message in doubt; None where it cannot tell, `TryLater` where it could not be asked."""


class SendRequest(Message, frozen=True, kw_only=True):
    """The body of a work: send this alert through this channel.  `delivery_id` is the same in every attempt."""

    delivery_id: str
    channel: str
    attempt: int  # from 1
    may_repeat: bool  # an earlier attempt ended without an answer
    since: UtcTime | None = None  # no attempt was made before this
    thread: str = ""  # receipt of the channel's first message on the story
    alert: Alert
    members: tuple[Alert, ...] = ()  # of a digest
    urgent: bool = False


class SendResult(Message, frozen=True, kw_only=True):
    """What came of a work."""

    outcome: Outcome
