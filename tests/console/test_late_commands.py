"""A command's module is read when the command is asked for, and no other."""

import subprocess
import sys
from importlib.metadata import version

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


def test_help_needs_no_extra() -> None:
    """What an installation without extras lacks is told when it is needed, and not by `wirewatch --help`."""
    lines = (
        "import sys",
        "from console.extras import EXTRAS",
        "from console.main import main",
        "sys.modules.update(dict.fromkeys(EXTRAS))",  # None there: an import of it fails
        "sys.argv = ['wirewatch', '--help']",
        "main()",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "deadletters" in done.stdout


def test_the_version_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console.main", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"wirewatch {version('wirewatch')}\n"
