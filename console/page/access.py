"""Who may see the page: sessions, the password, tokens against forged requests, and who may be asked for at all."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address

from console.page.tries import WrongTries
from wire.errors import BadSettings, Fault
from wire.settings import PageSettings

SESSION_FOR = timedelta(hours=12)
_MOST_INSIDE = 1000
_ID_BYTES, _ID_CHARS = 24, 32


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


@dataclass(frozen=True, slots=True)
class Session:
    """One browser; `signed_in` always where there is no password."""

    id: str
    signed_in: bool


@dataclass(slots=True)
class Doorkeeper:
    """Who has signed in is kept in memory, so a restart of the page signs everybody out; of strangers nothing is."""

    password: str | None
    now: Callable[[], datetime]
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _inside: "OrderedDict[str, datetime]" = field(default_factory=OrderedDict)  # session -> its end
    _wrong: WrongTries = field(init=False)

    def __post_init__(self) -> None:
        self._wrong = WrongTries(self.now)

    def session(self, named: str | None) -> Session | None:
        """The session of a cookie; None for a cookie that is none of ours."""
        if named is None or len(named) != _ID_CHARS:
            return None
        end = self._inside.get(named)
        if end is not None and end < self.now():
            del self._inside[named]
            end = None
        return Session(named, end is not None or self.password is None)

    def begin(self, *, signed_in: bool) -> Session:
        """A new session; of those signed in the oldest one goes where there are too many."""
        session = Session(secrets.token_urlsafe(_ID_BYTES), signed_in or self.password is None)
        if signed_in:
            self._inside[session.id] = self.now() + SESSION_FOR
        while len(self._inside) > _MOST_INSIDE:
            self._inside.popitem(last=False)
        return session

    def end(self, session: Session) -> None:
        """Sign out."""
        self._inside.pop(session.id, None)

    def admits(self, given: str, address: str) -> bool:
        """Whether this is the password, told in constant time; it is not judged while `address` is locked."""
        if self.password is None or self.locked(address):
            return False
        right = hmac.compare_digest(given.encode("utf-8", "replace"), self.password.encode())
        if not right:
            self._wrong.note(address)
        return right

    def locked(self, address: str) -> bool:
        """Whether too many wrong passwords have just come from there; from elsewhere others are still admitted."""
        return self._wrong.too_many(address)

    def token(self, session: Session) -> str:
        """What a form of this session must send along."""
        return hmac.new(self._key, session.id.encode(), sha256).hexdigest()

    def genuine(self, session: Session, token: str) -> bool:
        """Whether a form came from our own page."""
        return hmac.compare_digest(self.token(session).encode(), token.encode("utf-8", "replace"))
