"""The real program in a process of its own, or in ours where a test asks much and a start costs half a second."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import chdir, closing, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from console.main import main
from wire.log.port import NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import topic_catalogue

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


def desk_of(folder: Path, records: Sequence[NewRecord]) -> Path:
    """The folder with good settings and a log of these records."""
    settings_file(folder)
    with closing(SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())) as log:
        log.create()
        log.append(records)
    return folder


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


def in_process(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, by the very entry point."""
    out, err, status = StringIO(), StringIO(), 0
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", ["wirewatch", *arguments]):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())
