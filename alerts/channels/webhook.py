"""Alerts as JSON to a web address, signed as Standard Webhooks prescribes.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

import msgspec
from pydantic import SecretStr

from alerts.channels.http import Answer, HttpSender, address, refusal
from alerts.message import Message
from alerts.outcome import Accepted, Found, Outcome
from wire.messages import Alert

PREFIX = "whsec_"
_SHORTEST_KEY_BYTES, _LONGEST_KEY_BYTES = 24, 64


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The body: `type` is `wirewatch.alert`, `.update`, `.digest` or `.notice`; `data` the alert as on its topic."""

    type: str
    timestamp: datetime
    may_repeat: bool
    text: str  # for people
    story_url: str | None
    data: Alert
    members: tuple[Alert, ...] = ()  # of a digest


class WebhookSender:
    """Posts each message; `webhook-id` is the same in every attempt, so that a receiver can drop repeats."""

    def __init__(self, url: SecretStr, secret: SecretStr, now: Callable[[], datetime]) -> None:
        """Raises `ValueError`, without the value, if the address or the key is none."""
        self._url = address(url)
        self._key = signing_key(secret)
        self._now = now
        self._http = HttpSender()

    async def send(self, message: Message) -> Outcome:
        """See `Channel`."""
        content = msgspec.json.encode(payload(message))
        stamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._key, message.key, stamp, content),
        }
        answer = await self._http.exchange("POST", self._url, content=content, headers=headers)
        if not isinstance(answer, Answer):
            return answer
        return Accepted() if answer.success else refusal(answer)

    async def find(self, message: Message) -> Found:
        """See `Channel`; the receiver knows the id, but shows nothing."""
        return None


def payload(message: Message) -> Payload:
    """The body of a message."""
    return Payload(
        type=f"wirewatch.{message.label.lower()}",
        timestamp=message.at,
        may_repeat=message.may_repeat,
        text=f"{message.watch}: {message.subject}",
        story_url=message.story_link,
        data=message.alert,
        members=message.members,
    )


def signing_key(secret: SecretStr) -> bytes:
    """The key in a secret of the form `whsec_` and base64; `ValueError`, without the value, where it is none."""
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _SHORTEST_KEY_BYTES <= len(key) <= _LONGEST_KEY_BYTES:
        raise ValueError(f"a signing secret is {PREFIX} and base64 of 24 to 64 bytes")
    return key


def signature(key: bytes, message_id: str, timestamp: str, content: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = b".".join((message_id.encode(), timestamp.encode(), content))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
