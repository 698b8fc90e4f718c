"""Connections to permitted addresses only: the address that was checked is the address that is connected to."""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from functools import cached_property
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from ingest.address import AddressRule
from ingest.errors import FetchFailed, Word
from ingest.streams import Stream

# httpcore's own name for what `setsockopt` takes.
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class PermittedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name, refuses it unless each of its addresses is permitted, and connects to one of those.

    A name that resolves differently a moment later changes nothing, and each hop of a redirect passes here.
    """

    def __init__(self, rule: AddressRule) -> None:
        self._rule = rule

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """See the class.

        Raises:
            FetchFailed: no such name, or not permitted.
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answered.
        """
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._addresses(host, port):
            try:
                return await Stream.connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refused: no feed lives in a file."""
        raise FetchFailed(Word.ADDRESS_REFUSED, "feeds are asked over the network only")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        if _is_numeric(host):
            return self._permitted(host, [host])
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(Word.UNREACHABLE, f"the host's name {host!r} cannot be resolved") from error
        return self._permitted(host, list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    def _permitted(self, host: str, addresses: Sequence[str]) -> Sequence[str]:
        refused = [address for address in addresses if not self._rule.permits(address)]
        if refused or not addresses:
            raise FetchFailed(
                Word.ADDRESS_REFUSED,
                f"{host!r} is at {', '.join(refused)}, which is no public address (see ingest.allow_networks)",
            )
        return addresses


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class PermittedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over connections that `AddressRule` permits, one for each request.

    Requests must say `Connection: close`: then the end of an answer is the end of its connection.
    """

    def __init__(self, rule: AddressRule, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: whom to trust; default: the system's certificate authorities."""
        # httpx has no argument for what gives connections.  Its own `__init__` would only make httpcore's pool, which
        # goes through all that are open at each request, and read its own certificate authorities.
        self._pool: Any = _Connections(PermittedBackend(rule), tls)


class _Connections:
    """As much of httpcore's pool as the transport asks for."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext | None) -> None:
        self._backend = backend
        self._given = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Ask over a new connection."""
        origin = request.url.origin
        tls = self._tls if origin.scheme == b"https" else None
        connection = httpcore.AsyncHTTPConnection(origin, ssl_context=tls, network_backend=self._backend)
        return await connection.handle_async_request(request)

    async def aclose(self) -> None:
        """Nothing is kept."""
