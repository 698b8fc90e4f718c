"""Alerts to a Slack-compatible incoming webhook, whose address is the secret."""

import msgspec
from pydantic import SecretStr

from alerts.channels.blocks import as_blocks
from alerts.channels.http import Answer, HttpSender, address, refusal
from alerts.message import Message
from alerts.outcome import Accepted, Found, Outcome

JSON = {"Content-Type": "application/json; charset=utf-8"}


class SlackSender:
    """Posts each message once per attempt.  A webhook cannot tell what it has taken, so doubt stays doubt."""

    def __init__(self, webhook: SecretStr) -> None:
        """Raises `ValueError`, without the value, if `webhook` is no http or https address."""
        self._webhook = address(webhook)
        self._http = HttpSender()

    async def send(self, message: Message) -> Outcome:
        """See `Channel`."""
        content = msgspec.json.encode(as_blocks(message))
        answer = await self._http.exchange("POST", self._webhook, content=content, headers=JSON)
        if not isinstance(answer, Answer):
            return answer
        return Accepted() if answer.success else refusal(answer)

    async def find(self, message: Message) -> Found:
        """See `Channel`; a webhook shows nothing."""
        return None
