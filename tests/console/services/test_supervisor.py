"""What dies is started again, what needs somebody is not, and nothing outlives its supervisor."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from console.services.supervisor import BackOff, Supervisor
from console.services.up import down
from tests.console.program import settings_file, wirewatch
from wire.errors import Exit

QUICK = BackOff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=50))
PATIENT = "import sys; sys.stdin.read()"  # lives until its standard input closes


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def run_until(supervisor: Supervisor, done: Callable[[], bool]) -> Exit:
    until = time.monotonic() + 20

    def tick() -> None:
        if done() or time.monotonic() > until:
            supervisor.stop()

    return supervisor.run(tick)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"


def test_what_is_killed_is_started_again() -> None:
    supervisor = Supervisor({"child": python(PATIENT)}, QUICK)
    child = supervisor.children["child"]

    def kill_once_and_wait_for_the_next() -> bool:
        if len(child.pids) == 1 and child.process is not None:
            os.kill(child.pids[0], signal.SIGKILL)
        return len(child.pids) == 2

    assert run_until(supervisor, kill_once_and_wait_for_the_next) is Exit.WELL
    assert not any(alive(pid) for pid in child.pids), "the end of the supervisor is the end of its children"


def test_who_has_lived_a_while_is_no_longer_down() -> None:
    supervisor = Supervisor({"child": python(PATIENT)}, BackOff(progress_after=timedelta(milliseconds=1)))
    supervisor.children["child"].failures = 3
    assert down(supervisor) == {"child": "it died 3 times in a row"}
    assert run_until(supervisor, lambda: not down(supervisor)) is Exit.WELL
    assert down(supervisor) == {}


def test_a_signal_without_a_name_ends_no_supervisor() -> None:
    unnamed = next(number for number in range(35, 64) if number not in [one.value for one in signal.Signals])
    supervisor = Supervisor({"child": python(f"import os; os.kill(os.getpid(), {unnamed})")}, QUICK)
    assert run_until(supervisor, lambda: len(supervisor.children["child"].pids) == 2) is Exit.WELL


def test_what_starting_again_cannot_mend_is_left() -> None:
    commands = {"broken": python("import sys; sys.exit(3)"), "good": python(PATIENT)}
    supervisor = Supervisor(commands, QUICK)
    broken = supervisor.children["broken"]
    assert run_until(supervisor, lambda: broken.final is not None) is Exit.SOMEBODY_NEEDED
    assert len(broken.pids) == 1
    assert len(supervisor.children["good"].pids) == 1


CASES = {1: 10, 2: 20, 3: 40, 4: 50, 100: 50}  # deaths in a row: milliseconds


@pytest.mark.parametrize(("failures", "wait_ms"), CASES.items())
def test_back_off(failures: int, wait_ms: int) -> None:
    assert QUICK.wait(failures) == timedelta(milliseconds=wait_ms)


@pytest.mark.slow
def test_a_service_ends_well_by_a_signal_and_with_its_supervisor(tmp_path: Path) -> None:
    settings_file(tmp_path)
    assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
    command = [sys.executable, "-m", "console.main", "stage", "alerts", "--supervised"]
    for end in (lambda service: service.send_signal(signal.SIGTERM), lambda service: service.stdin.close()):
        service = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        restored = threading.Event()

        def read(stream: object, restored: threading.Event = restored) -> None:
            for line in stream:  # type: ignore[attr-defined]
                if b"restored" in line:
                    restored.set()

        threading.Thread(target=read, args=(service.stderr,), daemon=True).start()
        assert restored.wait(120)
        end(service)
        assert service.wait(120) == Exit.WELL
