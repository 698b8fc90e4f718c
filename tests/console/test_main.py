"""What holds for every command, whatever it does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.console.program import in_process, settings_file
from wire.errors import Exit


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "console.main", "schema"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    said = program.stderr.read()
    program.stderr.close()
    assert (program.wait(60), said) == (Exit.WELL, "")


@pytest.mark.parametrize("words", ["mute pair", "feeds list", "deadletters list", "tail news.alerts", "stories list"])
def test_before_the_first_start_the_topics_are_missed(words: str, tmp_path: Path) -> None:
    settings_file(tmp_path)
    done = in_process(*words.split(), cwd=tmp_path)
    assert done.returncode == Exit.TOPIC_MISMATCH, done.stderr
    assert "create it with: wirewatch topics" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["init", "--settings", "none/x.toml"], "cannot be written: No such file"),
        (["feeds", "export", "none/x.opml"], "cannot write none/x.opml"),
        (["demo", "--folder", "wirewatch.toml/x"], "Not a directory"),
        (["demo", "--kill", "enrich"], "STAGE@SECONDS"),
        (["broker", "--port", "99999"], "65535"),
        (["stories", "list", "--since", "900000 d"], "longer than 50 years"),
        (["backtest", "pair", "--days", "99999999"], "--days"),
        (["why", "a\udcff"], "'a\\udcff' is no text in utf-8"),
        (["stories", "merge", "st-1", "st-2", "--why", "\udcff"], "is no text"),
        (["init", "--settings", "new.toml", "--contact", "\udcff"], "is no text"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_in_a_line(words: list[str], said: str, tmp_path: Path) -> None:
    settings_file(tmp_path)
    assert in_process("topics", cwd=tmp_path).returncode == Exit.WELL
    done = in_process(*words, cwd=tmp_path)
    assert done.returncode == Exit.USAGE, done.stderr
    assert said in " ".join(done.stderr.replace("│", " ").split())
