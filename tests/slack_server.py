"""A webhook on loopback that answers as it is told, and keeps what it was sent."""

import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(frozen=True)
class Reply:
    """One answer: a status with headers and text, or `how` it is withheld."""

    status: int = 200
    text: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"  # or "hang", or "cut": the connection ends without an answer


class SlackServer:
    """Takes the next of `script` for each post, and once that is used up answers 200."""

    SECRET = "T0SECRET/B0SECRET/xyzsecretxyz"

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.posts: list[dict[str, object]] = []
        self._end = threading.Event()

    def __enter__(self) -> "SlackServer":
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                server.posts.append(json.loads(raw))
                reply = server.script.pop(0) if server.script else Reply()
                if reply.how == "hang":
                    server._end.wait(60)
                if reply.how != "answer":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.text)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.text.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/services/{self.SECRET}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="slack", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._end.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
