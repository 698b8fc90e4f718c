"""A feed in trouble is told to the operators through their channel, and shows in `status` and in the metrics."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.console.program import wirewatch
from tests.feed_server import Answer, feed_server
from wire.errors import Exit

SETTINGS = """
[ingest]
contact = "desk@example.org"
allow_networks = ["127.0.0.0/8"]
shortest_interval = "1 s"
failing_after = 2
host_gap = "0 s"
start_per_second = 0
[health]
port = 0
[deliver]
operators = ["desk"]
[[channel]]
kind = "console"
name = "other"
[[channel]]
kind = "console"
name = "desk"
"""
OUTLET = '[[outlet]]\nid = "{name}"\nname = "{name}"\n[[outlet.feed]]\nid = "{name}"\nurl = "{url}"\n'
PAGE = Answer(body=b"<!DOCTYPE html><html></html>")
PATIENCE_SECONDS = 120


def feed(*dates: str) -> Answer:
    items = "".join(
        f"<item><title>n{date}</title><link>https://o.example/{date}</link><pubDate>{date}T08:00:00Z</pubDate></item>"
        for date in dates
    )
    return Answer(body=f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode())


@contextmanager
def stage(folder: Path, name: str) -> Iterator[Callable[[], str]]:
    """The stage in a process of its own; what it has printed and logged so far."""
    place = folder / f"{name}.log"
    with place.open("wb") as output:
        command = [sys.executable, "-m", "console.main", "stage", name]
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        try:
            yield lambda: place.read_text(encoding="utf-8")
            process.terminate()
            assert process.wait(120) == Exit.WELL
        finally:
            process.kill()


def wait_for(words: str, said: Callable[[], str]) -> None:
    until = monotonic() + PATIENCE_SECONDS
    while words not in said():
        assert monotonic() < until, f"nobody said {words!r}:\n{said()[-2000:]}"
        sleep(0.05)


def metrics(said: Callable[[], str]) -> str:
    logged = (json.loads(line) for line in said().splitlines() if line.startswith("{"))
    port = next(line["health"] for line in logged if "health" in line)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read(), "utf-8")


@pytest.mark.slow
def test_feeds_in_trouble_are_told(tmp_path: Path) -> None:
    script = {
        "/quiet": [feed("2020-03-01", "2020-03-02", "2020-03-03")],
        "/broken": [PAGE],
        "/blocked": [Answer(status=403)],
        "/gone": [Answer(status=410)],
    }
    with ExitStack() as stack:
        server = stack.enter_context(feed_server(script))
        outlets = "".join(OUTLET.format(name=path[1:], url=server.url(path)) for path in script)
        (tmp_path / "wirewatch.toml").write_text(SETTINGS + outlets, encoding="utf-8")
        assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
        told = stack.enter_context(stage(tmp_path, "deliver"))
        wait_for('"restored"', told)  # what was said before its first start is not its to tell
        polled = stack.enter_context(stage(tmp_path, "ingest"))
        for words in ("feed quiet has fallen silent", "feed broken keeps failing", "feed gone is gone"):
            wait_for(words, told)
        assert "a web page came in place of a feed" in told()
        shown = {line["feed"]: line for line in status(tmp_path)}
        assert set(shown) == {"quiet", "broken", "blocked", "gone"}
        assert (shown["quiet"]["word"], shown["quiet"]["failures"]) == ("silent", 0)
        assert (shown["gone"]["word"], shown["broken"]["word"]) == ("gone", "html-page")
        counted = metrics(polled)
        for standing in ("silent", "failing", "gone"):
            assert f'wirewatch_feeds{{lane="ingest.0",standing="{standing}"}} 1.0' in counted
        server.script("/broken", feed("2020-03-01"))
        wait_for("feed broken is well again", told)
    assert told().count("feed quiet has fallen silent") == 1, "told twice, or by another channel than the operators'"


def status(folder: Path) -> list[dict[str, object]]:
    lines = wirewatch("status", "--json", cwd=folder).stdout.splitlines()
    return [line for line in map(json.loads, lines) if "feed" in line]
