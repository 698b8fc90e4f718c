"""The shell completes commands, groups and options."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = {
    "wirewatch sto": {"stories"},
    "wirewatch stories m": {"merge", "move"},
    "wirewatch export stories --for": {"--format"},
}


@pytest.mark.parametrize("typed", CASES)
def test_completion(typed: str) -> None:
    program = Path(sys.executable).with_name("wirewatch")
    environment = os.environ | {
        "_WIREWATCH_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    done = subprocess.run([str(program)], env=environment, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == CASES[typed]
