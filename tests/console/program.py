"""The real program in a process of its own."""

import subprocess
import sys
from pathlib import Path

GOOD = """
[log]
path = "wirewatch.db"
[ingest]
contact = "desk@example.org"
allow_networks = ["127.0.0.0/8"]
[[watch]]
name = "pair"
all = ["elon-musk", "vladimir-putin"]
channels = ["terminal"]
[[channel]]
kind = "console"
name = "terminal"
"""


def settings_file(folder: Path, text: str = GOOD) -> Path:
    path = folder / "wirewatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def wirewatch(*arguments: str, cwd: Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "console.main", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=timeout_s,
        check=False,
    )
