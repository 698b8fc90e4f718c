"""Every command in the documentation is taken by the parser as it stands, and run where it ends by itself."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from console.main import app
from tests.console.index.days import alerted, small_day
from tests.console.program import in_process, settings_file
from tests.feed_server import Answer, feed_server
from wire.errors import Exit
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import topic_catalogue

ROOT = Path(__file__).parent.parent
# Decisions are history; the reference is written from the parser; the tutorial has a test of its own.
PAGES = [ROOT / "README.md", *(ROOT / "docs" / "how-to").glob("*.md"), *(ROOT / "docs" / "explanation").glob("*.md")]
_INDENTED = re.compile(r"^    (wirewatch [^\n]+)$", re.M)
_INLINE = re.compile(r"`(wirewatch [^`\n]+)`")
# They go on until they are ended: run by tests of their own, which start the program with these words.
ENDLESS = {
    "up": "console/services/test_up.py",
    "page": "console/page/running.py",
    "stage": "console/services/test_run_stage.py",
    "broker": "kafka/test_broker.py",
    "demo": "console/demo/test_run.py",
}
# What the text leaves to the reader.
FILLED_IN = {"ID": "outlet.1", "STAGE": "cluster", "TIME": "2h", "/backups": "backups"}


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
    while words and isinstance(command, typer.core.TyperGroup):
        found = command.get_command(typer.Context(command), words.pop(0))
        assert found is not None, f"{page}: {said}"
        command = found
    if words:  # a command's bare name in a sentence is only named
        command.make_context(said, list(words), resilient_parsing=False)


DESK = """
[log]
path = "wirewatch.db"
[ingest]
contact = "desk@example.org"
allow_networks = ["127.0.0.0/8"]
[[outlet]]
id = "outlet"
name = "The Outlet"
[[outlet.feed]]
url = "https://outlet.example/rss"
[[watch]]
name = "musk-putin"
all = ["elon-musk", "vladimir-putin"]
channels = ["desk"]
[[channel]]
kind = "console"
name = "desk"
"""
WATCH = '[[watch]]\nname = "musk-putin"\nall = ["elon-musk", "vladimir-putin"]\nscope = "story"\nchannels = ["desk"]\n'
OPML = '<opml version="2.0"><body><outline type="rss" xmlUrl="https://other.example/rss"/></body></opml>'
RSS = b"""<rss version="2.0"><channel><title>t</title>
<item><title>Port opens</title><link>https://outlet.example/1</link></item></channel></rss>"""


@pytest.fixture(scope="module")
def outlet() -> Iterator[str]:
    """Where a server stands in for `https://outlet.example`."""
    with feed_server({"/": [Answer(body=RSS, headers={"Content-Type": "application/rss+xml"})]}) as server:
        yield server.url("")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    settings_file(folder, DESK)
    log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())
    log.create()
    log.append([*small_day(), *alerted("a1", alert_id="al-1f0c2b")])
    log.close()
    line = '{"url": "https://x.example/1", "title": "Late news", "outlet": "x", "published": "2026-01-01"}\n'
    for name, text in (("past.jsonl", line), ("new-watch.toml", WATCH), ("subscriptions.opml", OPML)):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "backups").mkdir()
    return folder


def ends(said: str) -> bool:
    words = said.split()[1:]
    return bool(words) and words[0] not in ENDLESS and not said.endswith("-completion")


# What takes an article down, or makes a stage forget, comes last.
IN_ORDER = sorted({said for _, said in ALL if ends(said)}, key=lambda said: ("remove" in said, "reset" in said, said))
# Names of commands in sentences, without what they need.
NAMED = {
    "stories", "articles", "export", "tail", "why", "trace", "search", "backfill", "backtest", "mute", "test", "reset",
    "feeds check", "deadletters", "deadletters redrive", "alerts rate", "backup",
}  # fmt: skip


@pytest.mark.parametrize("said", IN_ORDER)
def test_it_runs(desk: Path, outlet: str, said: str) -> None:
    if said.removeprefix("wirewatch ") in NAMED:
        pytest.skip("only named")
    for word, meant in FILLED_IN.items():
        said = re.sub(rf"(?<= ){word}\b", meant, said)
    words = shlex.split(
        said.replace("https://outlet.example/ ", f"{outlet}/ ").removesuffix("https://outlet.example/")
    )[1:]
    if said.endswith("https://outlet.example/"):
        words.append(f"{outlet}/")
    if words[0] == "init":
        words += ["--settings", "new.toml"]
    if "--follow" in words:
        words += ["--count", "1", "--last", "1"]
    if words[0] == "reset":
        words.append("--yes")
    done = in_process(*words, cwd=desk)
    # The doctor finds fault with the test's own desk, and some examples name stories that only a real desk has.
    found_fault = words[0] == "doctor" or "not-found" in done.stderr
    assert done.returncode == Exit.WELL or (found_fault and done.returncode == Exit.ERROR), f"{said}: {done.stderr}"


@pytest.mark.parametrize("name", sorted({said.split()[1] for _, said in ALL if len(said.split()) > 1} & set(ENDLESS)))
def test_what_goes_on_is_run_by_a_test_of_its_own(name: str) -> None:
    text = (ROOT / "tests" / ENDLESS[name]).read_text(encoding="utf-8")
    assert f'"{name}"' in text
