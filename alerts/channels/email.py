"""Alerts by SMTP (RFC 5321), with STARTTLS, TLS or in the clear."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from alerts.channels.letter import Envelope, letter
from alerts.channels.threads import on_own_thread
from alerts.message import Message
from alerts.outcome import Accepted, Found, NoAnswer, Outcome, Refused, TryLater
from alerts.plain import cut, one_line

# A backstop under the caller's limit, for the thread of a server that says nothing at all.
_SILENCE_SECONDS = 60.0
# So often a message waits until every recipient can be had; then those go first who can.
_PATIENCE = 3
_LONGEST_REPLY_CHARS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where letters are handed over."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None = None
    password: SecretStr | None = None


class EmailSender:
    """Sends each message as one letter to all recipients."""

    def __init__(self, server: MailServer, envelope: Envelope, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: how the server's certificate is judged; default: the system's authorities, host name checked."""
        self._server = server
        self._envelope = envelope
        self._tls = tls

    async def send(self, message: Message) -> Outcome:
        """See `Channel`."""
        content = letter(message, self._envelope).as_bytes()
        attempt = _Attempt(self._server, self._envelope, self._tls, content, patient=message.attempt < _PATIENCE)
        return await on_own_thread(attempt.run, attempt.abort)

    async def find(self, message: Message) -> Found:
        """See `Channel`; nobody can look into a mailbox."""
        return None


class _Connection(smtplib.SMTP):
    """An SMTP client that another thread can end at any moment, also while it connects."""

    def __init__(self, host: str, *, implicit_tls: ssl.SSLContext | None) -> None:
        # An own name without a look-up, which could take long.
        name = socket.gethostname()
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]", timeout=_SILENCE_SECONDS)
        self._host = host  # which STARTTLS checks; smtplib sets it only where its constructor connects
        self._implicit_tls = implicit_tls
        self._wire: socket.socket | None = None
        self.aborted = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self._wire = socket.create_connection((host, port), timeout)
        if self._implicit_tls is not None:
            encrypted = self._implicit_tls.wrap_socket(self._wire, server_hostname=host, do_handshake_on_connect=False)
            self._wire = encrypted
            self.check()
            encrypted.do_handshake()
        return self._wire

    def check(self) -> None:
        """Go on only if nobody has given up."""
        if self.aborted:
            raise ConnectionAbortedError("given up")

    def abort(self) -> None:
        self.aborted = True
        wire = self.sock if isinstance(self.sock, socket.socket) else self._wire
        if wire is not None:
            try:
                # Of the connection itself, beneath any TLS: the thread that reads there wakes with an error.
                socket.socket.shutdown(wire, socket.SHUT_RDWR)
            except OSError:
                return  # closed already, which is what was wanted


class _Attempt:
    """One conversation with the server."""

    def __init__(
        self, server: MailServer, envelope: Envelope, tls: ssl.SSLContext | None, content: bytes, *, patient: bool
    ) -> None:
        self._server = server
        self._envelope = envelope
        self._tls = tls or ssl.create_default_context()
        self._content = content
        self._patient = patient
        self._smtp = _Connection(server.host, implicit_tls=self._tls if server.security == "tls" else None)
        self._handed_over = False  # the letter is, or may be, on its way

    def abort(self) -> None:
        """End the conversation, wherever it is."""
        self._smtp.abort()

    def run(self) -> Outcome:
        """Talk; every reply and every break of the connection becomes an outcome."""
        try:
            return self._talk()
        except smtplib.SMTPAuthenticationError as error:
            # Without the server's words: they could repeat what it was given.
            what = f"{error.smtp_code}: user or password was not accepted"
            return Refused(reason=what) if _is_final(error.smtp_code) else TryLater(reason=what)
        except smtplib.SMTPNotSupportedError:
            return Refused(reason="the server offers no STARTTLS or no AUTH: see security, user and password")
        except smtplib.SMTPResponseException as error:
            return self._reply(error.smtp_code, error.smtp_error)
        except UnicodeError:
            return Refused(reason="user, password or an address has letters that this server cannot take")
        except (smtplib.SMTPException, OSError) as error:
            reason = f"{self._server.host}:{self._server.port}: {_named(error)}"
            return NoAnswer(reason=reason) if self._handed_over else TryLater(reason=reason)
        finally:
            self._smtp.close()

    def _talk(self) -> Outcome:
        self._sign_in()
        code, words = self._smtp.mail(self._envelope.sender)
        if code != 250:
            return self._reply(code, words)
        refused = self._recipients()
        if len(refused) == len(self._envelope.to) or (self._patient and any(not _is_final(c) for c, _ in refused)):
            return self._refusal(refused)
        self._smtp.check()
        self._handed_over = True
        code, words = self._smtp.data(self._content)
        if code != 250:
            return self._reply(code, words)
        return Accepted(remark="; ".join(["accepted", *(f"but not {text}" for _, text in refused)]))

    def _sign_in(self) -> None:
        self._smtp.check()
        code, words = self._smtp.connect(self._server.host, self._server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        self._smtp.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            self._smtp.starttls(context=self._tls)
            self._smtp.ehlo_or_helo_if_needed()
        if self._server.user is not None and self._server.password is not None:
            self._smtp.login(self._server.user, self._server.password.get_secret_value())

    def _recipients(self) -> list[tuple[int, str]]:
        """Codes and words for the recipients that were refused."""
        refused = []
        for address in self._envelope.to:
            code, words = self._smtp.rcpt(address)
            if code not in (250, 251):
                refused.append((code, f"{address} ({code} {self._said(words)})"))
        return refused

    def _refusal(self, refused: list[tuple[int, str]]) -> Outcome:
        what = "; ".join(text for _, text in refused)
        return Refused(reason=what) if all(_is_final(code) for code, _ in refused) else TryLater(reason=what)

    def _reply(self, code: int, words: bytes | str) -> Outcome:
        what = f"{code} {self._said(words)}"
        if code < 0:  # smtplib's word for a reply that was none
            return NoAnswer(reason=what) if self._handed_over else TryLater(reason=what)
        return Refused(reason=what) if _is_final(code) else TryLater(reason=what)

    def _said(self, words: bytes | str) -> str:
        """The server's words, short, and without the password even if it repeats that."""
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        if self._server.password is not None and (secret := self._server.password.get_secret_value()):
            text = text.replace(secret, "***")
        return cut(one_line(text).strip(), _LONGEST_REPLY_CHARS)


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _named(error: Exception) -> str:
    """What went wrong, from the error's kind alone: smtplib's own texts may quote the conversation."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the connection ended" if isinstance(error, smtplib.SMTPServerDisconnected) else type(error).__name__
