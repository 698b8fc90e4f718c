"""One HTTP exchange of a channel, with every end of it as an outcome; never a secret in a log or a reason."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx
from pydantic import SecretStr

from alerts.outcome import NoAnswer, Refused, TryLater

# A backstop under the caller's limit.
_SILENCE = timedelta(seconds=60)
_BODY_WAIT = timedelta(seconds=10)
# Slack's own error words, such as no_service; anything else a reply may say is not repeated.
_ERROR_WORD = re.compile(r"[a-z_]{1,60}")
_LATER = frozenset({408, 425, 429, 500, 503})
# The other side of a gateway may have taken it.
_UNKNOWN = frozenset({502, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: at most so much of the body as was asked for; `whole` if that is all of it."""

    status: int
    body: bytes
    whole: bool
    retry_after: float | None  # seconds

    @property
    def success(self) -> bool:
        """Whether the status says so."""
        return 200 <= self.status < 300


class HttpSender:
    """Sends requests to the transport directly: httpx's client would write addresses into its log.

    Redirects are not followed, since that would show the address and what is in it to somebody else.
    """

    def __init__(self) -> None:
        # No kept connections: one that the server has closed meanwhile cannot be told from a lost answer.
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def exchange(
        self,
        method: str,
        url: httpx.URL,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 200,
    ) -> Answer | TryLater | NoAnswer:
        """One exchange; `NoAnswer` where the request may have been taken."""
        timeout = httpx.Timeout(_SILENCE.total_seconds()).as_dict()
        request = httpx.Request(method, url, content=content, headers=headers, extensions={"timeout": timeout})
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return TryLater(reason=f"no connection: {type(error).__name__}")
        except httpx.TransportError as error:
            return NoAnswer(reason=f"the connection ended without an answer: {type(error).__name__}")
        try:
            body, whole = await _body(response, most_bytes)
        finally:
            await response.aclose()
        return Answer(status=response.status_code, body=body, whole=whole, retry_after=_seconds(response))


def address(secret: SecretStr) -> httpx.URL:
    """The address; `ValueError`, without the value, where it is no http or https address."""
    try:
        url = httpx.URL(secret.get_secret_value())
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("a webhook's address begins with https:// or http://")
    return url


def refusal(answer: Answer) -> TryLater | NoAnswer | Refused:
    """What a status other than success means, with the reply's error word if it is one."""
    text = answer.body.decode("ascii", "replace").strip()
    reason = f"HTTP {answer.status} {text if _ERROR_WORD.fullmatch(text) else ''}".rstrip()
    if answer.status in _UNKNOWN:
        return NoAnswer(reason=reason)
    if answer.status in _LATER or answer.status > 504:
        return TryLater(reason=reason, after_seconds=answer.retry_after)
    return Refused(reason=reason)


async def _body(response: httpx.Response, most_bytes: int) -> tuple[bytes, bool]:
    """The body's beginning; a reply that breaks off or drips is not whole."""
    said = b""
    try:
        async with asyncio.timeout(_BODY_WAIT.total_seconds()):
            async for part in response.aiter_raw():
                said += part
                if len(said) > most_bytes:
                    return said[:most_bytes], False
    except (httpx.TransportError, TimeoutError):
        return said, False
    return said, True


def _seconds(response: httpx.Response) -> float | None:
    """RFC 9110, section 10.2.3; Slack sends seconds, and a date is left to our own back-off."""
    said = response.headers.get("retry-after")
    return float(said) if said is not None and re.fullmatch(r"\d{1,9}", said.strip()) else None
