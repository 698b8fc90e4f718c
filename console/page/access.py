"""Who may see the page: sessions, the password, tokens against forged requests, and who may be asked for at all."""

import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from wire.errors import BadSettings, Fault
from wire.settings import PageSettings

SESSION_FOR = timedelta(hours=12)
_MOST_SESSIONS = 1000
_TRIES, _TRIES_WITHIN = 5, timedelta(minutes=1)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_password(settings: PageSettings) -> None:
    """Refuse to be reachable from elsewhere without a password.

    Raises:
        BadSettings: the host is not loopback, and there is no password.
    """
    if not is_loopback(settings.host) and settings.password is None:
        what = f"{settings.host} can be reached from other machines: set page.password, or keep to 127.0.0.1"
        raise BadSettings("page", [Fault("page.password", what)])


@dataclass(slots=True)
class Session:
    """One browser; `signed_in` always where there is no password."""

    id: str
    until: datetime
    signed_in: bool


@dataclass(slots=True)
class Doorkeeper:
    """Sessions in memory: a restart of the page signs everybody out."""

    password: str | None
    now: Callable[[], datetime]
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _sessions: "OrderedDict[str, Session]" = field(default_factory=OrderedDict)
    _failures: "deque[datetime]" = field(default_factory=deque)

    def session(self, named: str | None) -> Session | None:
        """The living session of a cookie."""
        found = self._sessions.get(named or "")
        if found is None or found.until < self.now():
            self._sessions.pop(named or "", None)
            return None
        return found

    def begin(self, *, signed_in: bool) -> Session:
        """A new session; the oldest one goes where there are too many."""
        session = Session(secrets.token_urlsafe(24), self.now() + SESSION_FOR, signed_in or self.password is None)
        self._sessions[session.id] = session
        while len(self._sessions) > _MOST_SESSIONS:
            # Whoever floods the sign-in form signs nobody out.
            oldest = next((id_ for id_, one in self._sessions.items() if not one.signed_in), next(iter(self._sessions)))
            del self._sessions[oldest]
        return session

    def end(self, session: Session) -> None:
        """Sign out."""
        self._sessions.pop(session.id, None)

    def sign_in(self, given: str) -> Session | None:
        """A signed-in session for the right password; None for a wrong one, or while there were too many tries."""
        if self.password is None or self.locked() or not self.knows(given):
            self._failures.append(self.now())
            return None
        return self.begin(signed_in=True)

    def knows(self, given: str) -> bool:
        """Whether this is the password, told in constant time."""
        wanted = (self.password or "").encode()
        return self.password is not None and hmac.compare_digest(given.encode("utf-8", "replace"), wanted)

    def locked(self) -> bool:
        """Whether there were too many wrong passwords just now."""
        while self._failures and self._failures[0] < self.now() - _TRIES_WITHIN:
            self._failures.popleft()
        return len(self._failures) >= _TRIES

    def failed(self) -> None:
        """Count a wrong password that came another way than by the form."""
        self._failures.append(self.now())

    def token(self, session: Session) -> str:
        """What a form of this session must send along."""
        return hmac.new(self._key, session.id.encode(), sha256).hexdigest()

    def genuine(self, session: Session, token: str) -> bool:
        """Whether a form came from our own page."""
        return hmac.compare_digest(self.token(session).encode(), token.encode("utf-8", "replace"))
