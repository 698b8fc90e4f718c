"""A scripted Slack API on loopback: posts, history and replies as Slack documents them, and faults on demand.

Faults of `chat.postMessage`, by word: `429` (Retry-After 1), `500` (nothing taken), `500-taken`, `slow-taken` (posted,
but the connection ends without an answer), `cut` (the same, nothing posted), `invalid_auth`, `internal_error`.
"""

import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import count
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Loopback

TOKEN = "xoxb-very-secret"
CHANNEL = "C0TEST"


class SlackApi(Loopback):
    """Keeps what was posted in `posts`; `fault` says what goes wrong with the next post, "" for nothing."""

    PATH = "/api"

    def __init__(self, fault: Callable[[dict[str, object]], str] = lambda _: "", *, hang_s: float = 60) -> None:
        super().__init__()
        self.posts: list[dict[str, object]] = []
        self.refused: list[str] = []
        self.calls: list[str] = []
        self._fault = fault
        self._hang_s = hang_s
        self._numbers = count(1)
        self._lock = threading.Lock()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                api._post(self, json.loads(raw))

            def do_GET(self) -> None:
                api._read(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def keys(self) -> list[str]:
        """The idempotency keys of what was posted, in order."""
        return [post["metadata"]["event_payload"]["key"] for post in self.posts]  # type: ignore[index]

    def _allowed(self, handler: BaseHTTPRequestHandler) -> bool:
        if handler.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        _answer(handler, 200, {"ok": False, "error": "invalid_auth"})
        return False

    def _post(self, handler: BaseHTTPRequestHandler, body: dict[str, object]) -> None:
        self.calls.append("chat.postMessage")
        if not self._allowed(handler):
            return None
        with self._lock:
            word = self._fault(body)
        if word:
            self.refused.append(word)
        if word == "429":
            return _answer(handler, 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
        if word == "500":
            return _answer(handler, 500, {})
        if word == "cut":
            return _cut(handler)
        if word in ("invalid_auth", "internal_error"):
            return _answer(handler, 200, {"ok": False, "error": word})
        with self._lock:
            ts = f"{time.time():.0f}.{next(self._numbers):06d}"
            self.posts.append({**body, "ts": ts})
        if word == "500-taken":
            return _answer(handler, 500, {})
        if word == "slow-taken":
            self.ended.wait(self._hang_s)
            return _cut(handler)
        return _answer(handler, 200, {"ok": True, "ts": ts, "channel": body["channel"]})

    def _read(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.calls.append(parts.path.rsplit("/", 1)[-1])
        if not self._allowed(handler):
            return
        oldest, thread = float(query.get("oldest", "0")), query.get("ts")
        with self._lock:
            found = [post for post in self.posts if float(str(post["ts"])) >= oldest]
        if thread is None:
            found = [post for post in found if "thread_ts" not in post]
        else:
            found = [post for post in found if thread in (post["ts"], post.get("thread_ts"))]
        begin, limit = int(query.get("cursor", "0")), int(query.get("limit", "100"))
        page = list(reversed(found))[begin : begin + limit]
        keep = query.get("include_all_metadata") == "true"
        shown = [
            {name: post[name] for name in ("ts", "text", "metadata") if name != "metadata" or keep} for post in page
        ]
        following = str(begin + limit) if begin + limit < len(found) else ""
        _answer(handler, 200, {"ok": True, "messages": shown, "response_metadata": {"next_cursor": following}})


def _answer(
    handler: BaseHTTPRequestHandler, status: int, body: dict[str, object], headers: dict[str, str] | None = None
) -> None:
    content = json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        **(headers or {}),
    }.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def _cut(handler: BaseHTTPRequestHandler) -> None:
    try:
        handler.connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was first
    finally:
        handler.close_connection = True
