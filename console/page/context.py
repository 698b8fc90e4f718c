"""What every answer of the page is made from."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic

from starlette.requests import Request

from console.checkup.status import read_progress
from console.index.file import IndexFile
from console.index.follow import lag, positions
from console.index.projection import FOLLOWED
from console.index.queries import Chosen
from console.page.access import Doorkeeper, Session
from console.page.feed import Feed
from console.page.live import Hub
from console.page.rendering import Templates
from wire.catalogue import Catalogue
from wire.errors import BadSettings
from wire.log.port import Log, Progress
from wire.settings import Settings
from wire.settings_file import load_settings
from wire.settings_stamp import stamp_of

# Asking Kafka for positions costs a few connections.
_KEEP_PROGRESS = timedelta(seconds=5)


class Lanes:
    """How far the lanes are; asked of the log at most every five seconds, by one at a time."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = Lock()
        self._asked = -_KEEP_PROGRESS.total_seconds()
        self._known: list[Progress] = []

    def progress(self) -> list[Progress]:
        """Progress of every lane."""
        with self._lock:
            if monotonic() - self._asked > _KEEP_PROGRESS.total_seconds():
                self._known = read_progress(self._log)
                self._asked = monotonic()
            return self._known

    def behind(self, db: sqlite3.Connection) -> int:
        """How many records the index is behind the log."""
        with self._lock:
            return lag(positions(db), self._log.bounds(FOLLOWED)).records


class Rules:
    """Watches and catalogue as the settings' files have them now; while one is wrong, as they were before."""

    def __init__(self, path: Path, settings: Settings, catalogue: Catalogue) -> None:
        self._path = path
        self._lock = Lock()
        self._now = (settings, catalogue)
        self._seen = stamp_of(path, settings)

    def now(self) -> tuple[Settings, Catalogue]:
        """Read anew where a file has changed."""
        with self._lock:
            if (stamp := stamp_of(self._path, self._now[0])) != self._seen:
                self._seen = stamp
                with suppress(BadSettings):
                    self._now = load_settings(self._path)
            return self._now


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The parts of a running page."""

    settings: Settings
    rules: Rules
    file: IndexFile
    log: Log
    lanes: Lanes
    hub: Hub
    feed: Feed
    door: Doorkeeper
    templates: Templates
    secure: bool  # cookies for https alone

    @contextmanager
    def index(self) -> Iterator[sqlite3.Connection]:
        """A connection to the index for one answer."""
        with closing(self.file.reading()) as db:
            yield db

    def render(self, request: Request, name: str, **values: object) -> str:
        """A template with what every page shows."""
        session: Session = request.state.session
        return self.templates.render(
            name,
            here=request.scope["path"],
            now=datetime.now(UTC),
            trouble=self.feed.trouble,
            token=self.door.token(session),
            can_sign_out=self.door.password is not None,
            **values,
        )


def page_of(request: Request) -> Page:
    """The page that a request is for."""
    page: Page = request.app.state.page
    return page


def chosen_in(request: Request) -> tuple[Chosen, dict[str, str]]:
    """The facets that an address names, and the same as a query for links."""
    query = {name: request.query_params.get(name, "").strip()[:80] for name in ("language", "outlet", "entity")}
    facets = {name: value for name, value in query.items() if value}
    before = _instant(request.query_params.get("before"))
    since = _instant(request.query_params.get("since"))
    beyond = request.query_params.get("beyond") or None
    return Chosen(before=before, beyond=beyond, since=since, **facets), facets


def limit_in(request: Request, usual: int = 50, most: int = 500) -> int:
    """How many are asked for, within bounds."""
    said = request.query_params.get("limit", "")
    return min(max(int(said), 1), most) if said.isascii() and said.isdigit() and len(said) < 7 else usual


def _instant(said: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(said) if said else None
        return None if at is None else at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
