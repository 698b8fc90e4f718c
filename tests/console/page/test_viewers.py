"""Fifty viewers at fifty events a second: all see all; who does not read is let go, and comes back by event id."""

import re
import selectors
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.console.index.days import new, told
from tests.console.page.running import RunningPage, running_page
from wire.topics import STORY_EVENTS

pytestmark = pytest.mark.slow
VIEWERS, A_SECOND, SECONDS = 50, 50, 4


def viewer(page: RunningPage, *, receive_bytes: int | None = None) -> socket.socket:
    address = urlsplit(page.url)
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.connect((address.hostname, address.port))
    connection.sendall(f"GET /events HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    return connection


def resident_kb(page: RunningPage) -> int:
    status = Path(f"/proc/{page.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found is not None
    return int(found[1])


def story(number: int) -> object:
    return new(STORY_EVENTS, "st-9", told(f"Event {number}", f"e{number}", "one", story="st-9", number=number + 1))


def read_all(connections: list[socket.socket], until: float, wanted: int) -> list[bytes]:
    """What each has received when all have `wanted` events, or at the end of the time."""
    received = dict.fromkeys(connections, b"")
    with selectors.DefaultSelector() as ready:
        for connection in connections:
            ready.register(connection, selectors.EVENT_READ)
        while time.monotonic() < until and any(said.count(b"\nid: ") < wanted for said in received.values()):
            for key, _ in ready.select(0.2):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                part = connection.recv(65536)
                received[connection] += part
                if not part:
                    ready.unregister(connection)
    return [received[connection] for connection in connections]


def test_fifty_viewers_and_one_that_does_not_read(tmp_path: Path) -> None:
    with running_page(tmp_path, records=[]) as page:
        time.sleep(0.5)
        viewers = [viewer(page) for _ in range(VIEWERS)]
        slow = viewer(page, receive_bytes=4096)
        read_all(viewers, time.monotonic() + 1, 1)
        before = resident_kb(page)
        begun, total = time.monotonic(), A_SECOND * SECONDS
        for number in range(total):
            page.log.append([story(number)])  # type: ignore[list-item]
            time.sleep(max(0.0, begun + (number + 1) / A_SECOND - time.monotonic()))
        written = time.monotonic()
        received = read_all(viewers, written + 3, total)
        assert [said.count(b"\nid: ") for said in received] == [total] * VIEWERS
        assert time.monotonic() - written < 1.5, "the last event was on all pages within about a second"
        # The one that does not read is let go by what follows, and nobody else is.
        for number in range(total, total + 4000, 100):
            page.log.append([story(n) for n in range(number, number + 100)])  # type: ignore[misc]
            read_all(viewers, time.monotonic() + 0.15, total * 100)
        services = page.get("/services", accept="text/html").text
        assert "50 viewers follow the page; 1 were too slow" in services, services[-600:]
        assert resident_kb(page) - before < 40_000, "memory is bounded"
        for connection in (*viewers, slow):
            connection.close()
        last = max(int(id_) for id_ in re.findall(rb"\nid: (\d+)", received[0]))
        with (
            page.client() as browser,
            browser.stream("GET", "/events", headers={"last-event-id": str(last + 3900)}) as back,
        ):
            text = next(back.iter_text())
        assert f"id: {last + 3901}\n" in text, "it resumes with the next one"
        with page.client() as browser, browser.stream("GET", "/events", headers={"last-event-id": "0"}) as back:
            assert "event: missed" in next(back.iter_text()), "too much was missed: the page is loaded anew"
