"""Every command in the documentation is taken by the parser as it stands, and run where it ends by itself."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from console.main import app
from tests.console.index.days import small_day
from tests.console.program import in_process, settings_file
from wire.errors import Exit
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import topic_catalogue

ROOT = Path(__file__).parent.parent
# Decisions are history; the reference is written from the parser; the tutorial has a test of its own.
PAGES = [ROOT / "README.md", *(ROOT / "docs" / "how-to").glob("*.md"), *(ROOT / "docs" / "explanation").glob("*.md")]
_INDENTED = re.compile(r"^    (wirewatch [^\n]+)$", re.M)
_INLINE = re.compile(r"`(wirewatch [^`\n]+)`")
# They go on until they are ended, ask a person, go out to the network, or act on what only a real desk has.
NOT_RUN = ("up", "page", "stage", "broker", "demo", "feeds", "test", "reset", "backup", "deadletters", "backtest",
           "alerts", "mute", "deliveries")  # fmt: skip


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for said in [*_INDENTED.findall(text), *_INLINE.findall(text)]:
            yield page.name, re.split(r"\s+(?:>|\||#|;|&&)", said)[0]


ALL = sorted(set(commands()))


def test_there_are_many() -> None:
    assert len(ALL) > 30


@pytest.mark.parametrize(("page", "said"), ALL, ids=[f"{page}: {said}" for page, said in ALL])
def test_the_parser_takes_it(page: str, said: str) -> None:
    """Words and options exist as they are written; nothing is run."""
    words = shlex.split(said)[1:]
    if any(word.startswith("--") and word.endswith("completion") for word in words):
        return
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        found = command.get_command(typer.Context(command), words.pop(0))
        assert found is not None, f"{page}: {said}"
        command = found
    if words:  # a command's bare name in a sentence is only named
        command.make_context(said, list(words), resilient_parsing=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    settings_file(folder)
    log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())
    log.create()
    log.append(small_day())
    log.close()
    line = '{"url": "https://x.example/1", "title": "Late news", "outlet": "x", "published": "2026-01-01"}\n'
    (folder / "past.jsonl").write_text(line, encoding="utf-8")
    return folder


ENDING = [
    said for _, said in ALL if len(said.split()) > 1 and said.split()[1] not in NOT_RUN and "--follow" not in said
]
# What takes an article down comes last.
IN_ORDER = sorted(
    {said for said in ENDING if not said.endswith("-completion")}, key=lambda said: ("remove" in said, said)
)


@pytest.mark.parametrize("said", IN_ORDER)
def test_it_runs(desk: Path, said: str) -> None:
    words = shlex.split(said)[1:]
    if words in (["stories"], ["articles"], ["export"], ["tail"], ["why"], ["trace"], ["search"], ["backfill"]):
        pytest.skip("only named")
    if words[0] == "init":
        words += ["--settings", "new.toml"]
    done = in_process(*words, cwd=desk)
    # The doctor finds fault with the test's own desk, and some examples name what only a real desk has.
    found_fault = words[0] == "doctor" or "not-found" in done.stderr
    assert done.returncode == Exit.WELL or (found_fault and done.returncode == Exit.ERROR), f"{said}: {done.stderr}"
