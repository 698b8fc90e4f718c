"""A scripted host on loopback: for each path a sequence of answers, the last of which repeats; notes what was asked."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer.

    `declared_bytes` lies about the length; `stall` holds the body back until the server closes, `mute` all of the
    answer; `endless` repeats the body as long as somebody reads; `drip` sends it one byte at a time.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    declared_bytes: int | None = None
    stall: bool = False
    mute: bool = False
    endless: bool = False
    drip: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]  # names in lower case


class FeedServer:
    """See the module.  `url(path)` is where it is."""

    def __init__(self, script: Mapping[str, list[Answer]]) -> None:
        self.asked: list[Asked] = []
        self._script = {path: list(answers) for path, answers in script.items()}
        self._counts: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def url(self, path: str = "/feed") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def script(self, path: str, *answers: Answer) -> None:
        """Put new answers in place of what `path` had left."""
        with self._lock:
            self._script[path] = list(answers)
            self._counts[path] = 0

    def next(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            answers = self._script.get(asked.path, [Answer(status=404)])
            number = self._counts[asked.path]
            self._counts[asked.path] += 1
            return answers[min(number, len(answers) - 1)]

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answer = owner.next(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}))
                if answer.mute:
                    owner.closing.wait(30)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                length = len(answer.body) if answer.declared_bytes is None else answer.declared_bytes
                if answer.endless:
                    self.endless(answer.body)
                    return
                self.send_header("Content-Length", str(length))
                self.end_headers()
                if answer.drip:
                    self.drip(answer.body)
                    return
                if answer.stall:
                    self.wfile.flush()
                    owner.closing.wait(30)
                self.wfile.write(answer.body)
                if length != len(answer.body) or answer.stall:
                    self.close_connection = True

            def endless(self, body: bytes) -> None:
                self.close_connection = True
                self.end_headers()
                with suppress(OSError):
                    while not owner.closing.is_set():
                        self.wfile.write(body)

            def drip(self, body: bytes) -> None:
                with suppress(OSError):
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        if owner.closing.wait(0.05):
                            return

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@contextmanager
def feed_server(script: Mapping[str, list[Answer]]) -> Iterator[FeedServer]:
    """A server for the length of a `with`."""
    server = FeedServer(script)
    try:
        yield server
    finally:
        server.close()
