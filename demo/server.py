"""Serve the invented day on loopback: the feeds as they stand now, with validators, and the pages of articles."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic

from demo.day import Day
from demo.feeds import RenderedFeed, render
from demo.pages import CONTENT_TYPE, page


class DayServer:
    """The sites of all outlets on one port; the day begins to come out when `begin` is called.

    Until then every feed is empty: nothing may be lost because a stage was not ready.
    """

    def __init__(self, day: Day, day_start: datetime) -> None:
        self._day = day
        self._day_start = day_start
        self._begun: float | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, name="day", daemon=True).start()

    def begin(self) -> None:
        """Start the day."""
        self._begun = monotonic()

    @property
    def elapsed(self) -> timedelta:
        """How old the run is; negative before `begin`."""
        return timedelta(seconds=-1 if self._begun is None else monotonic() - self._begun)

    def _answer(self, path: str) -> RenderedFeed | bytes | None:
        for outlet in self._day.outlets:
            for feed in outlet.feeds:
                if feed.path == path:
                    return render(
                        self._day, feed.id, elapsed=self.elapsed, base_url=self.url, day_start=self._day_start
                    )
        for article in self._day.articles:
            if article.path == path and article.released <= self.elapsed:
                return page(self._day.feed(article.feed)[0], article)
        return None

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(answer: Callable[[str], RenderedFeed | bytes | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = answer(self.path.partition("?")[0])
            if found is None:
                self._send(HTTPStatus.NOT_FOUND, b"no such page\n", {"Content-Type": "text/plain"})
            elif isinstance(found, bytes):
                self._send(HTTPStatus.OK, found, {"Content-Type": CONTENT_TYPE})
            elif self.headers.get("If-None-Match") == found.etag:
                self._send(HTTPStatus.NOT_MODIFIED, b"", {"ETag": found.etag})
            else:
                modified = format_datetime(found.last_modified.astimezone(UTC), usegmt=True)
                headers = {"Content-Type": found.content_type, "ETag": found.etag, "Last-Modified": modified}
                self._send(HTTPStatus.OK, found.content, headers)

        def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status is not HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo's terminal shows articles, not requests."""

    return Handler
