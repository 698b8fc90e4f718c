"""Where the demo's alerts arrive: a real SMTP server and a Slack-compatible endpoint, both on loopback."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.smtp import SMTP, Envelope, Session

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One accepted e-mail."""

    at: datetime
    message: EmailMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One accepted Slack message: the JSON as it came."""

    at: datetime
    payload: dict[str, object]


class MailInbox:
    """An SMTP server that accepts every message and keeps it in `letters`."""

    def __init__(self, now: Now) -> None:
        self.letters: list[Letter] = []
        self._now = now
        self._events = asyncio.new_event_loop()
        server = self._events.run_until_complete(
            self._events.create_server(lambda: SMTP(self, hostname="demo.invalid"), "127.0.0.1", 0)
        )
        self.port: int = server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._events.run_forever, name="mail", daemon=True)
        self._thread.start()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message; the name is aiosmtpd's."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.append(Letter(at=self._now(), message=message))
        return "250 accepted"

    def close(self) -> None:
        """Stop accepting."""
        self._events.call_soon_threadsafe(self._events.stop)
        self._thread.join(timeout=2)


class SlackInbox:
    """An endpoint that takes what Slack's incoming webhooks take and keeps it in `posts`."""

    def __init__(self, now: Now) -> None:
        self.posts: list[Post] = []
        posts = self.posts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                posts.append(Post(at=now(), payload=json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/services/T0/B0/demo"
        threading.Thread(target=self._server.serve_forever, name="slack", daemon=True).start()

    def close(self) -> None:
        """Stop accepting."""
        self._server.shutdown()
        self._server.server_close()
