"""A server on a free port of loopback for as long as a block lasts."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class _Quiet(ThreadingHTTPServer):
    """Whoever is killed in the middle of a request is no fault worth a traceback."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Loopback:
    """What answers is the subclass's `handler`; what it makes wait goes on when `ended` is set."""

    PATH = ""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._server = _Quiet(("127.0.0.1", 0), self.handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.PATH}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
