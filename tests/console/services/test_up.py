"""`wirewatch up` on real input: every distinct item becomes one article, a broken feed is named and stops nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.console.program import wirewatch
from tests.feed_server import Answer, FeedServer, feed_server
from tests.ingest.test_outside_feeds import files, listing
from wire.broker import Broker
from wire.errors import Exit

outside = pytest.mark.skipif("WIREWATCH_DATA" not in os.environ, reason="WIREWATCH_DATA is not set")
PATIENCE_S = 420

SETTINGS = """
[log]
{log}
[ingest]
contact = "desk@example.org"
allow_networks = ["127.0.0.0/8"]
[health]
port = 0
"""
OUTLET = """
[[outlet]]
id = "o{number}"
name = "{name}"
[[outlet.feed]]
id = "f{number}"
url = "{url}"
"""


def write_settings(folder: Path, log: str, server: FeedServer, names: list[str]) -> None:
    outlets = [OUTLET.format(number=n, name=name, url=server.url(f"/{name}")) for n, name in enumerate(names)]
    (folder / "wirewatch.toml").write_text(SETTINGS.format(log=log) + "".join(outlets), encoding="utf-8")


def run_up(folder: Path, articles: int) -> None:
    """Run `up` until every lane has taken everything, then end it well."""
    assert wirewatch("topics", cwd=folder).returncode == Exit.WELL
    with (folder / "up.log").open("wb") as output:
        up = subprocess.Popen([sys.executable, "-m", "console.main", "up"], cwd=folder, stdout=output, stderr=output)
        try:
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until and not _all_taken(folder, articles):
                assert up.poll() is None, (folder / "up.log").read_text(encoding="utf-8")[-3000:]
                time.sleep(2)
            up.send_signal(signal.SIGTERM)
            assert up.wait(120) == Exit.WELL
        finally:
            up.kill()  # its children end with it


def _all_taken(folder: Path, articles: int) -> bool:
    # A line for each input of a lane: a lane with two has taken everything when it has of both.
    inputs = [line for line in map(json.loads, _lines(folder, "status", "--json")) if "lane" in line]
    enriched = max(line["position"] or 0 for line in inputs if line["lane"] == "enrich.0")
    return enriched >= articles and not any(line["behind"] for line in inputs)


def _lines(folder: Path, *arguments: str) -> list[str]:
    done = wirewatch(*arguments, cwd=folder)
    assert done.returncode == Exit.WELL, done.stderr
    return done.stdout.splitlines()


def feeds_become_articles(folder: Path, log: str) -> None:
    total, listed = listing()
    names = [path.name for path in files()]
    with feed_server({f"/{path.name}": [Answer(body=path.read_bytes())] for path in files()}) as server:
        write_settings(folder, log, server, names)
        run_up(folder, total["articles"])
    told = Counter(record["key"] for record in map(json.loads, _lines(folder, "tail", "news.articles", "--json")))
    assert len(told) == total["articles"]
    assert set(told.values()) == {1}, "an article was told twice"
    grouped = [json.loads(line)["value"] for line in _lines(folder, "tail", "news.story-events", "--json")]
    assert {event["article"]["article_id"] for event in grouped if event["kind"] in ("opened", "joined")} == set(told)
    assert _lines(folder, "tail", "news.deadletters") == []
    # These files are years old, so that every feed that answers is reported too: as silent.
    feeds = [line for line in map(json.loads, _lines(folder, "status", "--json")) if "feed" in line]
    failing = {line["feed"] for line in feeds if line["failures"]}
    assert failing == {f"f{number}" for number, name in enumerate(names) if listed[name].failed}
    assert failing


@outside
@pytest.mark.slow
def test_real_feeds_on_the_embedded_log(tmp_path: Path) -> None:
    feeds_become_articles(tmp_path, 'path = "wirewatch.db"')


@outside
@pytest.mark.kafka
@pytest.mark.slow
def test_real_feeds_on_kafka(tmp_path: Path, broker: Broker, prefix: str) -> None:
    feeds_become_articles(tmp_path, f'kind = "kafka"\nbootstrap = ["{broker.bootstrap}"]\nprefix = "{prefix}"')


SEED_WATCH = """
[[watch]]
name = "musk-putin"
all = ["elon-musk", "vladimir-putin"]
channels = ["terminal"]
[[channel]]
kind = "console"
name = "terminal"
"""


@outside
@pytest.mark.slow
def test_the_article_that_the_project_began_with_raises_an_alert(tmp_path: Path) -> None:
    text = (Path(os.environ["WIREWATCH_DATA"]) / "seed" / "nasa-urges-probe.txt").read_text(encoding="utf-8")
    paragraphs = [line.strip() for line in text.splitlines() if line.strip()]
    item = {
        "id": "seed",
        "url": "https://outlet.example/nasa",
        "title": paragraphs[1],
        "content_text": "\n".join(paragraphs[2:]),
    }
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [item]}).encode()
    with feed_server({"/seed.json": [Answer(body=body)]}) as server:
        write_settings(tmp_path, 'path = "wirewatch.db"', server, ["seed.json"])
        with (tmp_path / "wirewatch.toml").open("a", encoding="utf-8") as file:
            file.write(SEED_WATCH)
        run_up(tmp_path, 1)
    (enriched,) = (json.loads(line)["value"] for line in _lines(tmp_path, "tail", "news.enriched", "--json"))
    assert {"elon-musk", "vladimir-putin"} <= {mention["entity"] for mention in enriched["reading"]["mentions"]}
    (alert,) = (json.loads(line)["value"] for line in _lines(tmp_path, "tail", "news.alerts", "--json"))
    assert alert["watch"] == "musk-putin"
    (evidence,) = alert["evidence"]
    assert {span["entity"] for snippet in evidence["snippets"] for span in snippet["spans"]} >= {
        "elon-musk",
        "vladimir-putin",
    }
    assert "musk-putin" in (tmp_path / "up.log").read_text(encoding="utf-8"), "the console channel printed the alert"
