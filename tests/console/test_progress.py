"""Bars are for people at a terminal: a script's standard error stays clean."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.program import in_process, settings_file
from wire.errors import Exit

SHOWN = "from console.progress import bar\nwith bar('counting', 3) as advance:\n    advance(2)\nprint('done')"
LINE = '{"url": "https://x.example/1", "title": "Late news", "outlet": "x", "published": "2026-01-01"}\n'


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_shown_on_terminals_only(terminal: bool) -> None:
    inside, outside = pty.openpty() if terminal else os.pipe()[::-1]
    reader, writer = (inside, outside) if terminal else (outside, inside)
    done = subprocess.run([sys.executable, "-c", SHOWN], stderr=writer, stdout=subprocess.PIPE, check=True)
    os.close(writer)
    try:
        seen = os.read(reader, 10_000)
    except OSError:  # a terminal that nothing was written to
        seen = b""
    os.close(reader)
    assert (b"counting" in seen) == terminal
    assert done.stdout == b"done\n"


def test_a_script_that_backfills_reads_remarks_only(tmp_path: Path) -> None:
    settings_file(tmp_path)
    in_process("topics", cwd=tmp_path)
    (tmp_path / "past.jsonl").write_text(LINE, encoding="utf-8")
    done = in_process("backfill", "past.jsonl", cwd=tmp_path)
    assert done.returncode == Exit.WELL
    assert done.stderr == "1 article written; the stages take them in now: wirewatch status\n"
