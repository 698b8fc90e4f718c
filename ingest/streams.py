"""A byte stream over asyncio for httpcore, which has only one over anyio: a third of a poll's cost was there."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpcore


class Stream(httpcore.AsyncNetworkStream):
    """See `httpcore.AsyncNetworkStream`; errors are httpcore's own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, address: str, port: int, timeout: float | None) -> "Stream":
        """A connection to a numeric address.

        Raises:
            httpcore.ConnectError, httpcore.ConnectTimeout: it does not answer.
        """
        async with _translated(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            return cls(*await asyncio.open_connection(address, port))

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes; none at the end."""
        async with _translated(timeout, httpcore.ReadTimeout, httpcore.ReadError):
            return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of `buffer`."""
        async with _translated(timeout, httpcore.WriteTimeout, httpcore.WriteError):
            self._writer.write(buffer)
            await self._writer.drain()

    async def aclose(self) -> None:
        """Let go of the connection; unread and unsent bytes go with it."""
        self._writer.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Speak TLS from here on."""
        async with _translated(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a connection."""
        names = {"ssl_object": "ssl_object", "client_addr": "sockname", "server_addr": "peername", "socket": "socket"}
        if info == "is_readable":
            return self._reader.at_eof()
        return self._writer.get_extra_info(names[info]) if info in names else None


@asynccontextmanager
async def _translated(timeout: float | None, late: type[Exception], broken: type[Exception]) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(timeout):
            yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except (OSError, ssl.SSLError, EOFError) as error:
        raise broken(str(error)) from error
