"""A hostile body ends as a failed poll of its feed; the next one is read as if nothing had been."""

import asyncio
import signal
from collections.abc import Sequence

import pytest

from ingest.errors import Word
from ingest.parsers import Parsers
from ingest.tasks import Answer, FeedTask, Read, Task
from tests.messages import NOON

GOOD = b"<rss version='2.0'><channel><item><title>T</title><link>/1</link></item></channel></rss>"


def task(body: bytes) -> FeedTask:
    return FeedTask(feed="f", body=body, content_type="", url="https://o.example/feed", seen=NOON)


def read(*tasks: Task, seconds: float = 20) -> Sequence[Answer]:
    async def run() -> list[Answer]:
        parsers = Parsers(1, seconds)
        try:
            return [await parsers.do(one) for one in tasks]
        finally:
            await parsers.close()

    return asyncio.run(run())


def test_a_feed_is_read_in_another_process() -> None:
    (found,) = read(task(GOOD))
    assert isinstance(found, Read)
    assert [shown.item.title for shown in found.shown] == ["T"]
    assert found.format == "rss20"


def test_what_takes_too_long_is_ended_and_the_next_is_read() -> None:
    # A second is enough for a process to begin nothing but its imports.
    slow, good = read(task(GOOD), seconds=0.01)[0], read(task(GOOD))[0]
    assert isinstance(slow, Read)
    assert isinstance(good, Read)
    assert slow.failed is not None
    assert slow.failed.word is Word.TIMED_OUT
    assert good.shown


def test_a_process_that_dies_fails_one_poll_only() -> None:
    async def run() -> list[Answer]:
        parsers = Parsers(1, 20)
        try:
            first = await parsers.do(task(GOOD))
            (process,) = (idle._running for idle in parsers._idle._queue)  # type: ignore[attr-defined]
            process.send_signal(signal.SIGSTOP)  # in the middle of the next task
            asyncio.get_running_loop().call_later(0.1, process.kill)
            return [first, await parsers.do(task(GOOD)), await parsers.do(task(GOOD))]
        finally:
            await parsers.close()

    first, died, good = asyncio.run(run())
    assert isinstance(first, Read)
    assert isinstance(died, Read)
    assert died.failed is not None
    assert died.failed.reason == "the process that read it died"
    assert good == first
    assert first.shown


@pytest.mark.slow
def test_a_body_that_wants_more_memory_than_there_is() -> None:
    async def run() -> Answer:
        parsers = Parsers(1, 20, memory_limit=300 * 1024 * 1024)
        try:
            hostile = await parsers.do(task(b"<rss version='2.0'><channel>" + b"&x " * 10_000_000))
            assert isinstance(hostile, Read)
            assert hostile.failed is not None
            assert hostile.failed.word is Word.TOO_LARGE
            return await parsers.do(task(GOOD))
        finally:
            await parsers.close()

    found = asyncio.run(run())
    assert isinstance(found, Read)
    assert found.shown
