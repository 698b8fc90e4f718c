"""A webhook's receiver on loopback: keeps headers and bodies as they came, answers as it is told."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(frozen=True)
class Reply:
    """One answer; `how` is `answer`, `cut` (nothing taken), `taken-cut` (taken, and no answer) or `hang`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"


class _Quiet(ThreadingHTTPServer):
    """Whoever is killed in the middle of a request is no fault worth a traceback."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class WebhookServer:
    """Answers with the next of `script`, then with what `reply` says of the number of the post."""

    def __init__(self, *script: Reply, reply: Callable[[int], Reply] = lambda _: Reply()) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []  # all that was sent, also what was not taken
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self._script = list(script)
        self._reply = reply
        self._lock = threading.Lock()
        self._end = threading.Event()

    def __enter__(self) -> "WebhookServer":
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # the sender died in the middle: nothing was taken
                post = ({name.lower(): value for name, value in self.headers.items()}, body)
                with server._lock:
                    server.posts.append(post)
                    reply = server._script.pop(0) if server._script else server._reply(len(server.posts))
                    if reply.how == "taken-cut" or (reply.how == "answer" and reply.status < 300):
                        server.taken.append(post)
                if reply.how == "hang":
                    server._end.wait(60)
                if reply.how != "answer":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Length": "0", **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="webhook", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._end.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
