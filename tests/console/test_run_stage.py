"""A service is ready when all of its lanes are, not when the first of them is."""

from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from console.run_stage import all_ready

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
