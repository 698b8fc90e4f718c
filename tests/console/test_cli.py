"""Every fault of an operator's making ends with one clear message and its exit status, never a traceback."""

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.console.program import GOOD, settings_file, wirewatch
from wire.errors import Exit
from wire.log.port import NewRecord, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import ARTICLES, DEAD_LETTERS, STAGES, topic_catalogue

pytestmark = pytest.mark.slow  # a process for each command
UNREACHABLE = GOOD.replace('path = "wirewatch.db"', 'kind = "kafka"\nbootstrap = ["127.0.0.1:1"]')


def one_message(stderr: str, *words: str) -> None:
    assert "Traceback" not in stderr
    for word in words:
        assert word in stderr, stderr


def test_init_writes_what_check_accepts_and_never_overwrites(tmp_path: Path) -> None:
    assert wirewatch("init", "--contact", "desk@example.org", cwd=tmp_path).returncode == Exit.WELL
    checked = wirewatch("check", cwd=tmp_path)
    assert checked.returncode == Exit.WELL, checked.stderr
    assert "is good" in checked.stdout
    again = wirewatch("init", cwd=tmp_path)
    assert again.returncode == Exit.USAGE
    one_message(again.stderr, "exists already")


def test_bad_settings(tmp_path: Path) -> None:
    settings_file(tmp_path, GOOD.replace("contact", "contakt"))
    for command in (["check"], ["up"], ["stage", "ingest"], ["status"], ["tail", "news.alerts"], ["topics"]):
        done = wirewatch(*command, cwd=tmp_path)
        assert done.returncode == Exit.USAGE
        one_message(done.stderr, "did you mean contact?")


@pytest.mark.parametrize("command", [["status"], ["stage", "alerts"], ["up"], ["topics"]])
def test_an_unreachable_broker(tmp_path: Path, command: list[str]) -> None:
    settings_file(tmp_path, UNREACHABLE)
    done = wirewatch(*command, cwd=tmp_path)
    assert done.returncode == Exit.LOG_UNREACHABLE
    one_message(done.stderr, "127.0.0.1:1")


def test_missing_topics(tmp_path: Path) -> None:
    settings_file(tmp_path)
    done = wirewatch("stage", "alerts", cwd=tmp_path)
    assert done.returncode == Exit.TOPIC_MISMATCH
    one_message(done.stderr, "news.story-events", "wirewatch topics")


def test_a_wrong_partition_count(tmp_path: Path) -> None:
    settings_file(tmp_path)
    assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
    settings_file(tmp_path, GOOD.replace("[log]", "[log]\narticle_partitions = 4"))
    done = wirewatch("stage", "alerts", cwd=tmp_path)
    assert done.returncode == Exit.TOPIC_MISMATCH
    one_message(done.stderr, "news.articles", "has 1 partitions, the settings say 4")


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings_file(tmp_path, GOOD + f"[health]\nport = {port}\nsame_port = true\n")
        assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
        done = wirewatch("stage", "alerts", cwd=tmp_path)
    assert done.returncode == Exit.PORT_IN_USE
    one_message(done.stderr, str(port), "health.port")


def test_a_file_that_is_no_log(tmp_path: Path) -> None:
    settings_file(tmp_path)
    (tmp_path / "wirewatch.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    done = wirewatch("status", cwd=tmp_path)
    assert done.returncode == Exit.SOMEBODY_NEEDED
    one_message(done.stderr, "wirewatch.db")


@pytest.mark.parametrize(
    "command",
    [
        ["stage", "enrrich"],
        ["tail", "news.nothing"],
        ["demo", "--kill", "x@1"],
        ["sing"],
        ["reset", "cluster", "--to", "0001-01-01T00:00+05:00"],
    ],
)
def test_usage(tmp_path: Path, command: list[str]) -> None:
    settings_file(tmp_path)
    done = wirewatch(*command, cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    one_message(done.stderr)


def test_topics_are_created_once_and_status_shows_every_lane(tmp_path: Path) -> None:
    settings_file(tmp_path)
    first, second = wirewatch("topics", cwd=tmp_path), wirewatch("topics", cwd=tmp_path)
    assert first.stdout.count("created") == len(topic_catalogue())
    assert second.stdout.count("is well") == len(topic_catalogue())
    shown = wirewatch("status", cwd=tmp_path).stdout
    for stage in STAGES:
        assert f"{stage}.0" in shown
    lines = map(json.loads, wirewatch("status", "--json", cwd=tmp_path).stdout.splitlines())
    # Other lines tell of trouble, and this machine's disk may be in it.
    assert {line["lane"] for line in lines if "lane" in line} == {f"{stage}.0" for stage in STAGES}


def test_the_schema_names_every_message_topic(tmp_path: Path) -> None:
    document = json.loads(wirewatch("schema", cwd=tmp_path).stdout)
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == {t.name for t in topic_catalogue().values() if t.message is not None}
    assert "Enriched" in document["components"]["schemas"]


def test_a_hostile_title_cannot_steer_the_terminal(tmp_path: Path) -> None:
    settings_file(tmp_path)
    wirewatch("topics", cwd=tmp_path)
    with sqlite3.connect(tmp_path / "wirewatch.db") as connection:
        (number,) = connection.execute("SELECT number FROM partitions WHERE topic = 'news.deadletters'").fetchone()
        connection.execute(
            "INSERT INTO records VALUES (?, 'k', ?, ?, 0, NULL)", (number << 40, b"\x1b[2Jhostile", b"\x90")
        )
        connection.execute("UPDATE partitions SET next = 1 WHERE number = ?", (number,))
    shown = wirewatch("tail", "news.deadletters", cwd=tmp_path).stdout
    assert "hostile" in shown
    assert "\x1b" not in shown
    (line,) = wirewatch("tail", "news.deadletters", "--json", cwd=tmp_path).stdout.splitlines()
    assert json.loads(line)["key"] == "k"


def test_a_model_that_is_gone_stops_enrich_and_costs_nothing(tmp_path: Path) -> None:
    settings_file(tmp_path, GOOD + '[enrich]\nmodel = "/gone"\n')
    assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
    with closing(SqliteLog(LogFile(tmp_path / "wirewatch.db"), topic_catalogue())) as log:
        log.append([NewRecord(topic=ARTICLES, partition=0, key="a", value=b"{}")])
        done = wirewatch("stage", "enrich", cwd=tmp_path)
        assert done.returncode == Exit.SOMEBODY_NEEDED
        one_message(done.stderr, "model-missing", "/gone")
        assert log.bounds([DEAD_LETTERS])[DEAD_LETTERS, 0] == (0, 0)
        (enrich,) = log.progress(lane_specs(STAGES["enrich"], log.topics))
        assert enrich.behind == 1
