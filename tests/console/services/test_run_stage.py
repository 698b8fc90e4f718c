"""A service is ready when all of its lanes are, not when the first is; asked to end, it ends well at any time."""

import subprocess
import sys
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from console.services.run_stage import all_ready

CASES = {  # name: (lanes opened so far, and whether each has restored) of two -> ready
    "none taken yet": ([], False),
    "one of two taken": ([True], False),
    "both taken, one restores": ([True, False], False),
    "both restored": ([True, True], True),
}


@pytest.mark.parametrize(("restored", "ready"), CASES.values(), ids=CASES.keys())
def test_ready(restored: list[bool], ready: bool) -> None:
    loops: list[Any] = [SimpleNamespace(ready=Event()) for _ in restored]
    for loop, done in zip(loops, restored, strict=True):
        if done:
            loop.ready.set()
    assert all_ready(loops, 2) is ready


EARLY = """
import os, signal, sys
from console import main
from console.commands import stage
stage.log_to = lambda: os.kill(os.getpid(), signal.SIGTERM)  # when nothing has been opened yet
sys.argv[1:] = ["stage", "ingest"]
main.main()
"""


@pytest.mark.slow
def test_a_stage_asked_to_end_before_it_has_begun_ends_well() -> None:
    assert subprocess.run([sys.executable, "-c", EARLY], check=False, timeout=60).returncode == 0
