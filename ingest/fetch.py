"""One polite request for one feed: conditional, bounded in time and size, honest about who asks."""

import asyncio
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin, urlsplit

import httpx

from ingest.address import AddressRule
from ingest.connect import PermittedTransport
from ingest.errors import FetchFailed, Word
from ingest.feeds import host_of
from ingest.gate import HostGate
from ingest.hints import retry_after
from ingest.inflate import read_body
from ingest.polled import Validators
from wire.clock import Clock
from wire.settings import IngestSettings

NOT_MODIFIED = 304
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_REDIRECTS_LIMIT = 5
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_NO_ADDRESS = "the feed's address is no web address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 200 with its body, or a 304 without."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    url: str  # after redirects; relative links belong to it
    moved: str | None = None  # where an unbroken row of permanent redirects from the first address on led

    def validators(self, before: Validators) -> Validators:
        """Those to send next: of a 200 exactly what it has, of a 304 what it has and else what we had."""
        # An empty one is none: nothing could be asked with it.
        etag, modified = self.headers.get("etag") or None, self.headers.get("last-modified") or None
        if self.status == NOT_MODIFIED:
            return Validators(etag=etag or before.etag, last_modified=modified or before.last_modified)
        return Validators(etag=etag, last_modified=modified)


def user_agent(version: str, contact: str) -> str:
    """Who asks, and whom to write to about it."""
    return f"wirewatch/{version} (+{contact})" if contact else f"wirewatch/{version}"


class Fetcher:
    """Asks hosts for feeds and pages.  Belongs to one asyncio loop; keeps no cookies and nothing of a body.

    Connections are not kept alive: polls of one host are minutes apart, and the pool's cost grows with idle ones.
    """

    def __init__(
        self,
        settings: IngestSettings,
        clock: Clock,
        *,
        version: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport`: what requests go through; default: connections to permitted addresses."""
        self._settings = settings
        self._clock = clock
        self._gate = HostGate(settings.host_requests, settings.host_gap)
        self.agent = user_agent(version, settings.contact)
        # The transport itself, without httpx's client around it: no cookies, no redirects, no authentication, no
        # environment to switch off, and half the cost.
        self._transport = transport or PermittedTransport(AddressRule.of(settings.allow_networks))
        silence, connect = settings.silence_timeout.total_seconds(), settings.connect_timeout.total_seconds()
        self._extensions = {"timeout": {"connect": connect, "read": silence, "write": silence}}
        self._headers = [
            (b"connection", b"close"),
            (b"user-agent", self.agent.encode("latin-1", "replace")),
            (b"accept", _ACCEPT.encode()),
            (b"accept-encoding", b"gzip, deflate"),
        ]

    async def fetch(self, url: str, validators: Validators) -> Answer:
        """What is at `url`, or word that it is unchanged.

        Waits for the host's turn first; then the settings' time limit holds for all hops together.

        Raises:
            FetchFailed: everything else.
        """
        limit = self._settings.timeout.total_seconds()
        async with self._gate.passing(host_of(url)):
            try:
                async with asyncio.timeout(limit):
                    return await self._follow(url, validators)
            except TimeoutError as error:
                raise FetchFailed(Word.TIMED_OUT, f"no whole answer within {limit:g} s") from error

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.aclose()

    async def _follow(self, url: str, validators: Validators) -> Answer:
        first, asked = host_of(url), set[str]()
        moved, permanent = None, True
        while len(asked) <= _REDIRECTS_LIMIT:
            if url in asked:
                raise FetchFailed(Word.REDIRECTS, "the redirects go round in a circle")
            asked.add(url)
            answer = await self._ask_in_turn(url, validators, first)
            if answer.status not in _REDIRECTS:
                return replace(answer, moved=moved)
            url = _next_hop(url, answer.headers.get("location", ""))
            permanent = permanent and answer.status in _PERMANENT
            moved = url if permanent else moved
        raise FetchFailed(Word.REDIRECTS, f"more than {_REDIRECTS_LIMIT} redirects")

    async def _ask_in_turn(self, url: str, validators: Validators, first: str) -> Answer:
        """The first host's turn has come already; a redirect to another waits for that one's."""
        host = host_of(url)
        if host == first:
            return await self._ask(url, validators)
        async with self._gate.passing(host):
            return await self._ask(url, validators)

    async def _ask(self, url: str, validators: Validators) -> Answer:
        try:
            headers = [*self._headers, *_conditions(validators)]
            request = httpx.Request("GET", _web(url), headers=headers, extensions=self._extensions)
            response = await self._transport.handle_async_request(request)
            response.request = request
            try:
                return await self._answer(response, validators)
            finally:
                await response.aclose()
        except httpx.TimeoutException as error:
            raise FetchFailed(Word.TIMED_OUT, f"the host stayed silent ({type(error).__name__})") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise FetchFailed(Word.UNREACHABLE, f"the connection failed ({type(error).__name__})") from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchFailed(Word.ADDRESS_REFUSED, _NO_ADDRESS) from error

    async def _answer(self, response: httpx.Response, validators: Validators) -> Answer:
        headers = _headers(response)
        status = response.status_code
        if status in _REDIRECTS:
            return Answer(status=status, headers=headers, body=b"", url=str(response.url))
        if status == NOT_MODIFIED and validators == Validators():
            raise FetchFailed(Word.STATUS, "answered 304 to a request without conditions", status)
        if status not in (200, NOT_MODIFIED):
            reason = f"answered {status} {response.reason_phrase[:60]}".rstrip()
            raise FetchFailed(Word.STATUS, reason, status, retry_after(headers, self._clock.now()))
        body = b""
        if status != NOT_MODIFIED:
            encoding = headers.get("content-encoding", "")
            body = await read_body(response.aiter_raw(), encoding, self._settings.max_body_bytes)
        return Answer(status=status, headers=headers, body=body, url=str(response.url))


def _web(url: str) -> str:
    try:
        parts = urlsplit(url)
        scheme, _ = parts.scheme.lower(), parts.port  # which raises where there is no such port
    except ValueError as error:
        raise FetchFailed(Word.ADDRESS_REFUSED, _NO_ADDRESS) from error
    if scheme not in ("http", "https"):
        raise FetchFailed(Word.ADDRESS_REFUSED, "only http and https addresses are asked")
    return url


def _next_hop(url: str, location: str) -> str:
    if not location:
        raise FetchFailed(Word.REDIRECTS, "a redirect that leads nowhere")
    try:
        return urljoin(url, _written(location.encode("latin-1")))
    except ValueError as error:
        raise FetchFailed(Word.REDIRECTS, "a redirect to what is no address") from error


def _written(address: bytes) -> str:
    """An address as a host gave it, so that the same bytes are asked for: UTF-8 as such, other bytes escaped."""
    try:
        return address.decode("utf-8")
    except UnicodeDecodeError:
        return quote(address, safe=string.punctuation)


def _conditions(validators: Validators) -> list[tuple[bytes, bytes]]:
    # Latin-1 both ways: what a host gave goes back byte by byte.
    pairs = ((b"if-none-match", validators.etag), (b"if-modified-since", validators.last_modified))
    return [(name, value.encode("latin-1")) for name, value in pairs if value is not None]


def _headers(response: httpx.Response) -> dict[str, str]:
    """Headers by lower-case name, byte by byte as Latin-1; of repeated ones the first, Cache-Control joined."""
    found: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cache-control" and name in found:
            value = f"{found[name]}, {value}"
        elif name in found:
            continue
        found[name] = value
    return found
