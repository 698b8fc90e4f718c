"""The address that was checked is the address that is connected to, however a name resolves a moment later."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from ingest.errors import FetchFailed, Word
from ingest.fetch import Answer, Fetcher
from ingest.polled import Validators
from tests.feed_server import Answer as Scripted
from tests.feed_server import FeedServer, feed_server
from tests.hand_clock import HandClock
from wire.settings import IngestSettings

SETTINGS = IngestSettings(allow_networks=("127.0.0.1/32",))
METADATA = "169.254.169.254"


def fetch(server: FeedServer, *lookups: Sequence[str]) -> tuple[Answer | FetchFailed, int]:
    """What comes of asking for a name that resolves like this, one look-up after another; and how many there were."""
    asked = 0

    async def resolve(_host: str, port: int, **_more: object) -> list[object]:
        nonlocal asked
        asked += 1
        if not lookups:
            raise socket.gaierror("no such name")
        found = lookups[min(asked, len(lookups)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    async def run() -> Answer | FetchFailed:
        # The system's resolver is not ours, and no test can make it change its mind.
        asyncio.get_running_loop().getaddrinfo = resolve  # type: ignore[method-assign, assignment]
        fetcher = Fetcher(SETTINGS, HandClock(), version="1")
        try:
            return await fetcher.fetch(server.url().replace("127.0.0.1", "outlet.example"), Validators())
        except FetchFailed as failure:
            return failure
        finally:
            await fetcher.close()

    return asyncio.run(run()), asked


def test_a_name_is_resolved_once() -> None:
    with feed_server({"/feed": [Scripted(body=b"x")]}) as server:
        answer, lookups = fetch(server, ["127.0.0.1"], [METADATA])
        assert isinstance(answer, Answer)
        assert lookups == 1
        assert [asked.headers["host"].partition(":")[0] for asked in server.asked] == ["outlet.example"]


@pytest.mark.parametrize("addresses", [[METADATA], ["127.0.0.1", METADATA], ["10.0.0.1"], []])
def test_one_address_that_is_refused_refuses_the_name(addresses: Sequence[str]) -> None:
    with feed_server({"/feed": [Scripted(body=b"x")]}) as server:
        failed, _ = fetch(server, addresses)
        assert isinstance(failed, FetchFailed)
        assert failed.word is Word.ADDRESS_REFUSED
        assert server.asked == []


def test_a_redirect_is_resolved_and_checked_like_the_first() -> None:
    script = {"/feed": [Scripted(status=302, headers={"Location": "http://inside.example/"})]}
    with feed_server(script) as server:
        failed, lookups = fetch(server, ["127.0.0.1"], ["127.0.0.2"])
        assert isinstance(failed, FetchFailed)
        assert failed.word is Word.ADDRESS_REFUSED
        assert lookups == 2


def test_a_name_that_nobody_knows() -> None:
    with feed_server({}) as server:
        failed, _ = fetch(server)
    assert isinstance(failed, FetchFailed)
    assert failed.word is Word.UNREACHABLE
    assert "outlet.example" in failed.reason
