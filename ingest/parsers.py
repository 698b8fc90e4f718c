"""Parsing in processes of their own: beside the fetching, and what a hostile body does there stays there.

A process has a limit of memory; one that outlasts its time is killed, and the next task begins a new one.
"""

import asyncio
import json
import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import msgspec

from ingest.errors import Word
from ingest.polled import Failed
from ingest.tasks import Answer, PageTask, PageText, Read, Task

MEMORY_LIMIT_BYTES = 1536 * 1024 * 1024  # of address space; libraries take a good part of it
_LENGTH = struct.Struct(">I")
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from ingest.parsers import serve; serve({memory_limit})"
)
_encoder = msgspec.msgpack.Encoder()
_tasks = msgspec.msgpack.Decoder(Task)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def serve(memory_limit: int) -> None:
    """Read tasks from standard input and write answers to standard output, until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    from ingest.reading import read  # the parsers' memory is this process's alone

    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing that a library prints may come between the answers
    while (task := _next(source)) is not None:
        data = _encoder.encode(_answered(task, read))
        sink.write(_LENGTH.pack(len(data)) + data)
        sink.flush()


def _next(source: BinaryIO) -> Task | None:
    head = source.read(_LENGTH.size)
    return _tasks.decode(source.read(*_LENGTH.unpack(head))) if len(head) == _LENGTH.size else None


def _answered(task: Task, read: Callable[[Task], Answer]) -> Answer:
    try:
        return read(task)
    except MemoryError:
        return _refusal(task, Word.TOO_LARGE, "reading it takes more memory than a feed may")
    # A bug of ours or of a library: it harms this feed alone, by its name.
    except Exception as error:  # noqa: BLE001
        return _refusal(task, Word.FAULT, f"reading it raised {type(error).__name__}: {error}"[:300])


def _refusal(task: Task, word: Word, reason: str) -> Answer:
    return PageText(refused=reason) if isinstance(task, PageTask) else Read(failed=Failed(word=word, reason=reason))


class Parsers:
    """A few processes that do tasks, one each at a time.  Belongs to one asyncio loop."""

    def __init__(self, count: int, time_limit_seconds: float, *, memory_limit: int = MEMORY_LIMIT_BYTES) -> None:
        self._time_limit_seconds = time_limit_seconds
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="parser")
        self._idle: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        for _ in range(count):
            self._idle.put_nowait(_Process(memory_limit))

    async def do(self, task: Task) -> Answer:
        """The answer to `task`; a process that does not come back with one is ended, and the answer says so."""
        process = await self._idle.get()
        try:
            async with asyncio.timeout(self._time_limit_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, process.do, task)
        except TimeoutError:
            process.end()
            return _refusal(task, Word.TIMED_OUT, f"reading it took more than {self._time_limit_seconds:g} s")
        except (OSError, EOFError):
            process.end()
            return _refusal(task, Word.FAULT, "the process that read it died")
        except asyncio.CancelledError:
            process.end()  # it may be in the middle of an answer
            raise
        finally:
            self._idle.put_nowait(process)

    async def close(self) -> None:
        """End the processes that are idle."""
        while not self._idle.empty():
            self._idle.get_nowait().end()
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Process:
    """A process that answers one task at a time; begun when first needed, and again after it was ended."""

    def __init__(self, memory_limit: int) -> None:
        self._memory_limit = memory_limit
        self._running: subprocess.Popen[bytes] | None = None

    def do(self, task: Task) -> Answer:
        """Blocks.

        Raises:
            OSError, EOFError: the process died, or was ended meanwhile.
        """
        if self._running is not None and self._running.poll() is not None:
            self.end()  # it died while it was idle
        running = self._running = self._running or self._begun()
        assert running.stdin is not None
        assert running.stdout is not None
        data = _encoder.encode(task)
        running.stdin.write(_LENGTH.pack(len(data)) + data)
        running.stdin.flush()
        head = running.stdout.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            raise EOFError
        (length,) = _LENGTH.unpack(head)
        data = running.stdout.read(length)
        if len(data) < length:
            raise EOFError
        return _answers.decode(data)

    def end(self) -> None:
        """End the process; a `do` in another thread raises."""
        running, self._running = self._running, None
        if running is not None:
            running.kill()
            running.wait()

    def _begun(self) -> subprocess.Popen[bytes]:
        program = _PROGRAM.format(memory_limit=self._memory_limit)
        command = [sys.executable, "-c", program, json.dumps(sys.path)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
