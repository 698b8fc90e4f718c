"""How many requests one host gets at a time, and how close to one another: the same for feeds and for pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta


class _Line:
    def __init__(self, limit: int) -> None:
        self.free = asyncio.Semaphore(limit)
        self.next_start = 0.0  # of the asyncio loop's clock
        self.users = 0


class HostGate:
    """At most `limit` requests under way at one host, their beginnings `gap` apart.  Belongs to one asyncio loop."""

    def __init__(self, limit: int, gap: timedelta) -> None:
        self._limit = limit
        self._gap_seconds = gap.total_seconds()
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def passing(self, host: str) -> AsyncIterator[None]:
        """Wait for the host's turn; the request belongs inside."""
        line = self._lines.setdefault(host, _Line(self._limit))
        line.users += 1
        try:
            async with line.free:
                await self._keep_distance(line)
                yield
        finally:
            line.users -= 1
            # Hosts are as many as redirects name: what nobody waits for is forgotten.
            asyncio.get_running_loop().call_later(self._gap_seconds, self._forget, host)

    async def _keep_distance(self, line: _Line) -> None:
        clock = asyncio.get_running_loop().time
        # Whoever wakes first goes; the gap counts from when it really went, however late that was.
        while (early := line.next_start - clock()) > 0:
            await asyncio.sleep(early)
        line.next_start = clock() + self._gap_seconds

    def _forget(self, host: str) -> None:
        line = self._lines.get(host)
        if line is not None and not line.users and asyncio.get_running_loop().time() >= line.next_start:
            del self._lines[host]
