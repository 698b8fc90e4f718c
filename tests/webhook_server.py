"""A webhook's receiver on loopback: keeps headers and bodies as they came, answers as it is told."""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.loopback import Loopback


@dataclass(frozen=True)
class Reply:
    """One answer; `how` is `answer`, `cut` (nothing taken), `taken-cut` (taken, and no answer) or `hang`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"


class WebhookServer(Loopback):
    """Answers with the next of `script`, then with what `reply` says of the number of the post."""

    PATH = "/hook"

    def __init__(self, *script: Reply, reply: Callable[[int], Reply] = lambda _: Reply()) -> None:
        super().__init__()
        self.posts: list[tuple[dict[str, str], bytes]] = []  # all that was sent, also what was not taken
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self._script = list(script)
        self._reply = reply
        self._lock = threading.Lock()

    def handler(self) -> type[BaseHTTPRequestHandler]:
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
                    server.ended.wait(60)
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

        return Handler
