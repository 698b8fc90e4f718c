"""A real SMTP server on loopback that keeps letters and refuses what a test wants refused."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class SmtpServer:
    """Answers `replies[command]` where there is one (`RCPT`, `DATA`, ...), else accepts.

    `silent_after` names a command after which it says nothing more, having read what was sent.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        user: tuple[str, str] | None = None,
        fault: Callable[[EmailMessage], str] = lambda _: "",
    ) -> None:
        """`fault` of a letter: the reply in place of 250, `silent` where it is taken and nothing answered, or ""."""
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.replies: dict[str, str] = {}
        self.silent_after = ""
        self.reached = threading.Event()  # the command of `silent_after` has come
        self._tls = tls
        self._user = user
        self._fault = fault
        self.port = 0

    def __enter__(self) -> "SmtpServer":
        self._events = asyncio.new_event_loop()
        self._server = self._events.run_until_complete(self._events.create_server(self._make, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._events.run_forever, name="smtp", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        async def stop() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._events).result(5)
        self._events.call_soon_threadsafe(self._events.stop)
        self._thread.join(5)
        self._events.close()

    def _make(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.test",
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            authenticator=self._authenticate,
            auth_required=self._user is not None,
            auth_require_tls=self._tls is not None,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == self._user, handled=False)

    async def _answer(self, command: str, default: str) -> str:
        if self.silent_after == command:
            self.reached.set()
            await asyncio.sleep(3600)
        return self.replies.get(command, default)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._answer(f"RCPT {address}", self.replies.get("RCPT", "250 OK"))
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        letter = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        fault = self._fault(letter)
        reply = self.replies.get("DATA", "250 OK") if fault in ("", "silent") else fault
        if reply.startswith("250"):
            self.letters.append(letter)
            self.recipients.append(list(envelope.rcpt_tos))
        if fault == "silent":
            await asyncio.sleep(3600)
        return await self._answer("DATA", reply)
