"""A command's module is read when the command is asked for, and no other."""

import subprocess
import sys

import pytest

from console.late_commands import MODULES, registered

# What a start of any command would cost without need.
HEAVY = ("alerts.stage", "console.index.queries", "rich.progress", "kafka", "numpy", "httpx", "starlette", "torch")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_registers_what_the_list_says(module: str) -> None:
    assert tuple(registered(module)) == MODULES[module]


def test_the_root_reads_none_of_them() -> None:
    code = f"import sys, console.main; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
