"""What outlasts its limit ends the process; what ends in time leaves no trace."""

import subprocess
import sys
import threading
from datetime import timedelta

from wire.errors import Exit
from wire.watchdog import Watchdog


def test_a_guard_that_outlasts_its_limit_is_named() -> None:
    said: list[str] = []
    expired = threading.Event()

    def note(what: str) -> None:
        said.append(what)
        expired.set()

    watchdog = Watchdog(note, every=timedelta(milliseconds=5))
    with watchdog.guard("quick", timedelta(seconds=60)), watchdog.guard("commit", timedelta(milliseconds=1)):
        assert expired.wait(60)
    watchdog.close()
    assert set(said) == {"commit"}


def test_the_process_ends_with_the_watchdogs_status() -> None:
    program = """
from datetime import timedelta
from time import sleep
from wire.watchdog import Watchdog
with Watchdog(every=timedelta(milliseconds=5)).guard("a hung call", timedelta(milliseconds=10)):
    sleep(60)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == Exit.WATCHDOG
    assert "a hung call" in done.stderr
