"""Who minds the stages where no Prometheus does: tells the operators of what lasts, and pings a dead-man's address."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from wire.codec import encode
from wire.disk import Disk, disk_of
from wire.errors import WireError
from wire.log.port import Log, NewRecord, Progress
from wire.notice import OPERATORS, notice
from wire.settings import HealthSettings

_log = logging.getLogger(__name__)
LOOK_EVERY = timedelta(seconds=15)
PING_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that must not last."""

    subject: str  # `lane:cluster.0`, `service:enrich`, `disk`
    what: str  # one sentence
    do: str


def troubles(
    progress: Sequence[Progress], down: Mapping[str, str], disk: Disk | None, lag_limit: int
) -> Iterator[Trouble]:
    """What is wrong now.

    Args:
        progress: of every lane.
        down: why a service does not run, by name.
        disk: that holds the log, None where there is no disk of ours.
        lag_limit: records that may wait for a lane.
    """
    for name, why in down.items():
        yield Trouble(f"service:{name}", f"{name} does not run: {why}", "wirewatch status; its log says why it ends")
    for one in progress:
        if one.behind > lag_limit:
            what = f"{one.lane} has {one.behind} records of {one.topic} waiting"
            yield Trouble(f"lane:{one.lane}", what, "wirewatch status; wirewatch doctor")
    if disk is not None and disk.nearly_full:
        do = "make room; wirewatch doctor estimates what the log will take"
        yield Trouble("disk", f"{disk.used:.0%} of the disk that holds the log are used", do)


@dataclass(slots=True)
class Memory:
    """What has been wrong since when, and what the operators know.  Pure but for itself."""

    after: timedelta  # how long a trouble lasts before anybody is told
    _since: dict[str, tuple[datetime, Trouble]] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def look(self, found: Sequence[Trouble], now: datetime) -> Iterator[tuple[Trouble, bool]]:
        """What to tell now: (trouble, True) where it lasts, (trouble, False) where one that was told of is over.

        What the caller fails to tell, and so asks for nothing after it, comes again at the next look.
        """
        here = {one.subject: one for one in found}
        for subject, (_, trouble) in list(self._since.items()):
            if subject not in here:
                if subject in self._told:
                    yield trouble, False
                self._told.discard(subject)
                del self._since[subject]
        for subject, trouble in here.items():
            since, _ = self._since.get(subject, (now, trouble))
            self._since[subject] = (since, trouble)
            if now - since >= self.after and subject not in self._told:
                yield trouble, True
                self._told.add(subject)

    @property
    def well(self) -> bool:
        """Whether nothing that was told of is still wrong."""
        return not self._told


class Minder:
    """Looks every few seconds on a thread of its own, so that a log that hangs holds up no supervisor."""

    def __init__(
        self,
        settings: HealthSettings,
        *,
        log: Log,
        progress: Callable[[], Sequence[Progress]],
        down: Callable[[], Mapping[str, str]],
        folder: Path,
        channels: Sequence[str],
        now: Callable[[], datetime],
        ping: Callable[[], None] | None = None,
        look_every: timedelta = LOOK_EVERY,
    ) -> None:
        """`channels`: through which operators are told; `ping`: calls the dead-man's address."""
        self._settings = settings
        self._log = log
        self._progress, self._down, self._folder = progress, down, folder
        self._channels = tuple(channels)
        self._now, self._ping, self._every = now, ping, look_every
        self._memory = Memory(settings.tell_after)
        self._pinged: datetime | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="minder", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits a moment for a look that is under way."""
        self._stopping.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopping.wait(self._every.total_seconds()):
            try:
                self.look()
            except (WireError, OSError) as error:
                _log.warning("the minder could not look", extra={"reason": str(error)})

    def look(self) -> None:
        """Look once: tell what lasts or is over, and ping where all is well."""
        now = self._now()
        disk = disk_of(self._folder) if self._folder.exists() else None
        found = list(troubles(self._progress(), self._down(), disk, self._settings.lag_limit))
        for trouble, lasts in self._memory.look(found, now):
            self._tell(trouble, now, lasts=lasts)
        due = self._pinged is None or now - self._pinged >= PING_EVERY
        if self._ping is not None and self._memory.well and due:
            self._pinged = now
            self._ping()

    def _tell(self, trouble: Trouble, now: datetime, *, lasts: bool) -> None:
        text = trouble.what if lasts else f"over: {trouble.what}"
        why = f"it has lasted for {self._settings.tell_after}; {trouble.do}" if lasts else "all is well again"
        said = notice(trouble.subject, text, why=why, channels=self._channels, now=now)
        _log.warning(text, extra={"subject": trouble.subject})
        self._log.append([NewRecord(topic=said.topic, partition=0, key=OPERATORS, value=encode(said.message))])


def pinger(address: str) -> Callable[[], None]:
    """Asks the dead-man's address; a failure is only logged, since its silence is the alarm."""
    import httpx

    def ping() -> None:
        try:
            httpx.get(address, timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            _log.warning("the dead-man's address does not answer", extra={"reason": type(error).__name__})

    return ping
