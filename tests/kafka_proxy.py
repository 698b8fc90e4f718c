"""A loopback proxy that knows as much of Kafka's protocol as it takes to lose, delay or cut chosen answers.

The broker has to advertise its port (`Broker(folder, advertised=proxy.port)`), else clients go past it.
"""

import asyncio
import struct
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from enum import Enum, IntEnum, auto
from types import TracebackType
from typing import Self

_HOST = "127.0.0.1"


class Api(IntEnum):
    """The protocol's number of a kind of request."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    OFFSET_FETCH = 9
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS = 24
    ADD_OFFSETS = 25
    END_TXN = 26
    TXN_OFFSET_COMMIT = 28


class Harm(Enum):
    """What happens to one request; in all but the first case the broker has done what was asked."""

    LOST = auto()  # the connection breaks and the broker never gets it
    CUT = auto()  # the connection breaks in the middle of the answer
    SILENT = auto()  # neither the answer nor anything else comes on this connection again
    LATE = auto()  # the answer comes after `late` seconds


class Proxy:
    """Forwards to the port `to`; does each harm that was ordered to the next request of its kind, and counts it."""

    def __init__(self, *, late: float) -> None:
        self.to = 0
        self.done: Counter[tuple[Api, Harm]] = Counter()
        self._late = late
        self._orders: list[tuple[Api, Harm]] = []
        self._lock = threading.Lock()
        self._started: Future[tuple[int, Callable[[], object]]] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="kafka proxy", daemon=True)
        self._thread.start()
        self.port, self._stop = self._started.result()

    def order(self, api: Api, harm: Harm) -> None:
        """Do `harm` to the next request of this kind; from any thread."""
        with self._lock:
            self._orders.append((api, harm))

    def forget(self) -> None:
        """Do no more harm."""
        with self._lock:
            self._orders.clear()

    async def _run(self) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, _HOST, 0)
        self._started.set_result((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(stopping.set)))
        await stopping.wait()
        server.close()

    async def _connected(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        writers = [to_client]
        with suppress(OSError, asyncio.CancelledError):  # cancelled when the proxy ends
            broker, to_broker = await asyncio.open_connection(_HOST, self.to)
            writers.append(to_broker)
            asked: dict[int, int] = {}
            ways = [self._requests(client, to_broker, asked), self._answers(broker, to_client, asked)]
            tasks = [asyncio.create_task(way) for way in ways]
            _, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in others:
                task.cancel()
        for writer in writers:
            writer.transport.abort()

    async def _requests(
        self, client: asyncio.StreamReader, broker: asyncio.StreamWriter, asked: dict[int, int]
    ) -> None:
        while frame := await _frame(client):
            api, _, correlation = struct.unpack_from(">hhi", frame, 4)
            asked[correlation] = api
            if self._taken(api, lost=True):
                return
            broker.write(frame)

    async def _answers(self, broker: asyncio.StreamReader, client: asyncio.StreamWriter, asked: dict[int, int]) -> None:
        while frame := await _frame(broker):
            (correlation,) = struct.unpack_from(">i", frame, 4)
            harm = self._taken(asked.pop(correlation), lost=False)
            if harm is Harm.CUT:
                client.write(frame[: len(frame) // 2])
                await client.drain()
                return
            if harm is Harm.SILENT:
                await asyncio.Event().wait()  # until the client has had enough
            if harm is Harm.LATE:
                await asyncio.sleep(self._late)
            client.write(frame)

    def _taken(self, api: int, *, lost: bool) -> Harm | None:
        with self._lock:
            for order in self._orders:
                if order[0] == api and (order[1] is Harm.LOST) == lost:
                    self._orders.remove(order)
                    self.done[order] += 1
                    return order[1]
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._thread.join()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """The next message with its length before it; empty at the end of the connection."""
    with suppress(asyncio.IncompleteReadError, OSError):
        size = await reader.readexactly(4)
        return size + await reader.readexactly(int.from_bytes(size))
    return b""
