"""Alerts to a Slack-compatible incoming webhook, whose address is the secret."""

import asyncio
import re
from datetime import timedelta

import httpx
from pydantic import SecretStr

from alerts.channels.blocks import as_blocks
from alerts.message import Message
from alerts.outcome import Accepted, NoAnswer, Outcome, Refused, TryLater

# A backstop under the caller's limit.
_SILENCE = timedelta(seconds=60)
_WORD_WAIT = timedelta(seconds=2)
_LONGEST_REPLY_BYTES = 200
# Slack's own error words, such as no_service; anything else a reply may say is not repeated.
_ERROR_WORD = re.compile(r"[a-z_]{1,60}")
_LATER = frozenset({408, 425, 429})


class SlackSender:
    """Posts each message once per attempt.  A webhook cannot tell what it has taken, so doubt stays doubt.

    Requests go to the transport directly: httpx's client would write the address into its log.  Redirects are not
    followed, since that would show the address to somebody else.
    """

    def __init__(self, webhook: SecretStr) -> None:
        """Raises `ValueError`, without the value, if `webhook` is no http or https address."""
        self._webhook = _address(webhook)
        # No kept connections: one that the server has closed meanwhile cannot be told from a lost answer.
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def send(self, message: Message) -> Outcome:
        """See `Channel`."""
        timeout = httpx.Timeout(_SILENCE.total_seconds()).as_dict()
        request = httpx.Request("POST", self._webhook, json=as_blocks(message), extensions={"timeout": timeout})
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return TryLater(reason=f"no connection: {type(error).__name__}")
        except httpx.TransportError as error:
            return NoAnswer(reason=f"the connection ended without an answer: {type(error).__name__}")
        try:
            return Accepted() if response.is_success else _outcome(response, await _word(response))
        finally:
            await response.aclose()


def _address(webhook: SecretStr) -> httpx.URL:
    try:
        url = httpx.URL(webhook.get_secret_value())
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("a webhook's address begins with https:// or http://")
    return url


async def _word(response: httpx.Response) -> str:
    """The reply's error word, "" where it has none; a reply that breaks off or drips has none either."""
    said = b""
    try:
        async with asyncio.timeout(_WORD_WAIT.total_seconds()):
            async for part in response.aiter_raw():
                said += part
                if len(said) > _LONGEST_REPLY_BYTES:
                    break
    except (httpx.TransportError, TimeoutError):
        return ""
    text = said.decode("ascii", "replace").strip()
    return text if _ERROR_WORD.fullmatch(text) else ""


def _outcome(response: httpx.Response, word: str) -> Outcome:
    """What a status other than success means."""
    status = response.status_code
    reason = f"HTTP {status} {word}".rstrip()
    if status in _LATER or status >= 500:
        return TryLater(reason=reason, after_seconds=_seconds(response.headers.get("retry-after")))
    return Refused(reason=reason)


def _seconds(retry_after: str | None) -> float | None:
    """RFC 9110, section 10.2.3; Slack sends seconds, and a date is left to our own back-off."""
    return float(retry_after) if retry_after is not None and re.fullmatch(r"\d{1,9}", retry_after.strip()) else None
