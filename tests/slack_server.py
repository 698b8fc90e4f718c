"""A webhook on loopback that answers as it is told, and keeps what it was sent."""

import json
import socket
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.loopback import Loopback


@dataclass(frozen=True)
class Reply:
    """One answer: a status with headers and text, or `how` it is withheld."""

    status: int = 200
    text: str = "ok"
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"  # or "hang", or "cut": the connection ends without an answer


class SlackServer(Loopback):
    """Takes the next of `script` for each post, and once that is used up answers 200."""

    SECRET = "T0SECRET/B0SECRET/xyzsecretxyz"
    PATH = f"/services/{SECRET}"

    def __init__(self, *script: Reply) -> None:
        super().__init__()
        self.script = list(script)
        self.posts: list[dict[str, object]] = []

    def handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                server.posts.append(json.loads(raw))
                reply = server.script.pop(0) if server.script else Reply()
                if reply.how == "hang":
                    server.ended.wait(60)
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

        return Handler
