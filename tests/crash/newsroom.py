"""Two outlets on loopback whose feeds grow by an item with each poll while they are open; knows what it has shown."""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "ve",
    "xi",
    "zo",
)
OUTLETS = ("one", "two")
EDIT_EVERY = 9  # items; the edited one was shown by several polls before


class PatientServer(ThreadingHTTPServer):
    """Clients that die in the middle of a request are what these tests are about: nothing to report."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@dataclass
class Item:
    """One article as its outlet shows it now; `titles` are all that it ever had, oldest first."""

    url: str
    text: str
    titles: list[str] = field(default_factory=list)


class Newsroom:
    """See the module.  `shown` is the truth that the log is judged by."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._feeds: dict[str, list[Item]] = {outlet: [] for outlet in OUTLETS}
        self.polls: dict[str, int] = dict.fromkeys(OUTLETS, 0)
        self.open = False
        self._server = PatientServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="newsroom", daemon=True)
        self._thread.start()

    def url(self, outlet: str) -> str:
        """Where an outlet's feed is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{outlet}.json"

    def answer(self, outlet: str) -> bytes:
        """The feed as it stands; one item more than before while the newsroom is open."""
        with self._lock:
            self.polls[outlet] += 1
            if self.open:
                self._write(outlet)
            items = [
                {"id": item.url, "url": item.url, "title": item.titles[-1], "content_text": item.text}
                for item in self._feeds[outlet]
            ]
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": outlet, "items": items}).encode()

    def _write(self, outlet: str) -> None:
        items = self._feeds[outlet]
        if len(items) % EDIT_EVERY == EDIT_EVERY - 1 and len(items[-EDIT_EVERY // 2].titles) == 1:
            items[-EDIT_EVERY // 2].titles.append(f"{items[-EDIT_EVERY // 2].titles[0]}, corrected")
            return
        title, text = self._story(outlet)
        number = len(items)
        items.append(Item(f"https://{outlet}.example/{number}", text, [title]))

    def _story(self, outlet: str) -> tuple[str, str]:
        other = self._feeds[OUTLETS[0] if outlet == OUTLETS[1] else OUTLETS[1]]
        if other and self._chance.random() < 0.3:  # the other outlet tells it too: it joins
            told = other[-1]
            return told.titles[0], f"{told.text} {self._words(3)}"
        pair = "Elon Musk met Vladimir Putin. " if self._chance.random() < 0.5 else ""
        return self._words(6).capitalize(), f"{pair}{self._words(30).capitalize()}."

    def _words(self, count: int) -> str:
        return " ".join("".join(self._chance.choices(_SYLLABLES, k=3)) for _ in range(count))

    def items(self) -> list[Item]:
        """Everything shown so far."""
        with self._lock:
            return [item for items in self._feeds.values() for item in items]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(newsroom: Newsroom) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            outlet = self.path.strip("/").removesuffix(".json")
            body = newsroom.answer(outlet) if outlet in OUTLETS else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "application/feed+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def newsroom(seed: int) -> Iterator[Newsroom]:
    """A newsroom for the length of a `with`."""
    room = Newsroom(seed)
    try:
        yield room
    finally:
        room.close()
