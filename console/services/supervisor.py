"""All stages of one machine as supervised processes: what dies is started again, with back-off."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from types import FrameType

from wire.errors import Exit

_log = logging.getLogger(__name__)

# Starting again cannot mend these; somebody must look.
FINAL = frozenset({Exit.USAGE, Exit.SOMEBODY_NEEDED, Exit.TOPIC_MISMATCH, Exit.PORT_IN_USE})


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """How long to wait before the n-th start in a row that made no progress."""

    first: timedelta = timedelta(seconds=0.5)
    longest: timedelta = timedelta(seconds=10)  # a start costs some seconds of a core, a pause costs the newsroom
    progress_after: timedelta = timedelta(seconds=10)  # a process that lived this long begins anew

    def wait(self, failures: int) -> timedelta:
        """The wait after `failures` (from 1) deaths in a row."""
        return min(self.first * float(1 << min(failures - 1, 16)), self.longest)


@dataclass(slots=True)
class Child:
    """One supervised process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    restart_at: float = 0.0
    final: int | None = None  # the status that starting again cannot mend
    pids: list[int] = field(default_factory=list)  # of every start, the newest last


class Supervisor:
    """Starts children, starts them again, ends them; children end by themselves when the supervisor dies."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        back_off: BackOff | None = None,
        output: Path | None = None,
        beside: Collection[str] = (),
    ) -> None:
        """Starts nothing yet.

        Args:
            commands: the command line of each child.
            back_off: waits between starts.
            output: a file for what the children print; by default they share our terminal.
            beside: children whose failure is said, and makes no difference to the rest or to the status.
        """
        self._beside = frozenset(beside)
        self._output = output
        self.children = {name: Child(name, command) for name, command in commands.items()}
        self._back_off = back_off or BackOff()
        self._stopping = threading.Event()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask all to end; `run` returns when they have."""
        self._stopping.set()

    def run(self, tick: Callable[[], None] = lambda: None) -> Exit:
        """Keep the children alive until `stop`; returns 3 if one of them needs somebody, else 0.

        Args:
            tick: called about five times a second.
        """
        while not self._stopping.is_set():
            for child in self.children.values():
                self._look_after(child)
            if all(child.final is not None for child in self._needed()):
                break
            tick()
            self._stopping.wait(0.2)
        self._end_all()
        return Exit.SOMEBODY_NEEDED if any(c.final is not None for c in self._needed()) else Exit.WELL

    def _needed(self) -> list[Child]:
        return [child for child in self.children.values() if child.name not in self._beside]

    def _look_after(self, child: Child) -> None:
        now = monotonic()
        if child.final is not None:
            return
        if child.process is None:
            if now >= child.restart_at:
                self._start(child, now)
            return
        status = child.process.poll()
        if now - child.started > self._back_off.progress_after.total_seconds():
            child.failures = 0
        if status is None:
            return
        child.process = None
        self._decide(child, status, now)

    def _decide(self, child: Child, status: int, now: float) -> None:
        if status in FINAL:
            child.final = status
            _log.error(
                f"{child.name} needs you: it ended with status {status} and will not be started again",
                extra={"stage": child.name, "status": status},
            )
            return
        child.failures += 1
        wait = self._back_off.wait(child.failures)
        child.restart_at = now + wait.total_seconds()
        _log.warning(
            f"{child.name} ended with {_said(status)}; started again in {wait.total_seconds():g} s",
            extra={"stage": child.name, "status": status},
        )

    def _start(self, child: Child, now: float) -> None:
        # Its standard input is ours: when we die, however, it closes and the child ends.
        with nullcontext() if self._output is None else self._output.open("ab") as output:
            child.process = subprocess.Popen(
                child.command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )
        child.pids.append(child.process.pid)
        child.started = now

    def _end_all(self) -> None:
        living = [child.process for child in self.children.values() if child.process is not None]
        for process in living:
            process.terminate()
        until = monotonic() + 10
        for process in living:
            try:
                process.wait(max(0.1, until - monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _said(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    # Most real-time signals have no name.
    named = {one.value: one.name for one in signal.Signals}
    return f"signal {named.get(-status, -status)}"


def page_command(settings_path: str) -> list[str]:
    """The command line of the live page under a supervisor."""
    return [sys.executable, "-m", "console.main", "page", "--settings", settings_path, "--supervised"]


def stage_command(name: str, settings_path: str) -> list[str]:
    """The command line of one stage's service under a supervisor."""
    return [sys.executable, "-m", "console.main", "stage", name, "--settings", settings_path, "--supervised"]
