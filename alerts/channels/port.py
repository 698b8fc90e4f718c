"""What a channel promises."""

from typing import Protocol

from alerts.message import Message
from alerts.outcome import Found, Outcome


class Channel(Protocol):
    """Sends one message to the people behind it.

    Promises, held by `tests/alerts/test_channels.py`:

    * What `send` can foresee it returns: `Accepted`, `Refused`, `TryLater`; `NoAnswer` whenever the other side may have
      taken the message without our knowing.  An exception is a bug, and counts as no answer.
    * Once `send` is cancelled it no longer touches the outside.
    * No secret appears in an outcome, an exception or a log line.
    * Nothing in a message can forge another one or break this one's form.
    """

    async def send(self, message: Message) -> Outcome:
        """Try once; the caller sets the time limit by cancelling."""
        ...

    async def find(self, message: Message) -> Found:
        """Whether the message has arrived, asked before a try that may repeat one; None where nobody can tell."""
        ...
