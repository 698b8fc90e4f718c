"""What holds for every command, whatever it does."""

import os
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


OUTPUTS = {  # what the shell does with it: (status, what stands on stderr)
    "> /dev/full": (Exit.ERROR, "error [refused]: No space left on device\n"),
    ">&-": (Exit.WELL, ""),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_that_takes_nothing(output: str, tmp_path: Path) -> None:
    line = f"exec {sys.executable} -m console.main schema {output}"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == OUTPUTS[output]


def test_programs_get_utf8_whatever_the_locale(tmp_path: Path) -> None:
    settings_file(tmp_path).rename(tmp_path / "Київ.toml")
    done = subprocess.run(
        [sys.executable, "-m", "console.main", "check", "--settings", "Київ.toml"],
        cwd=tmp_path, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "latin-1"}, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.decode().startswith("Київ.toml is good"), done.stderr


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
        (["export", "stories", "-n", "9" * 20], "less than or equal to 1000000000"),
        (["tail", "news.alerts", "-n", "9" * 20], "less than or equal to 1000000000"),
        (["status", "-s", "a" * 300], "cannot be read: File name too long"),
        (["feeds", "--json", "list"], "say it behind `feeds list`"),
        (["feeds", "-s", "none.toml", "remove", "one.1"], "say it behind `feeds remove`"),
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
