"""Exports are whole, harmless, and readable by the programs they are for."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import msgspec
import pytest

from console.backfill import read_lines
from console.export import atom, csv_lines, json_feed
from console.index.views import StoryView
from tests.console.index.days import small_day
from tests.console.program import GOOD, in_process, settings_file
from wire.codec import encode
from wire.errors import BadSettings, Exit
from wire.headers import REPLAY, header
from wire.log.port import NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import StoryFacts
from wire.topics import ARTICLES, RECORD_LIMIT_BYTES, topic_catalogue

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = "<b>&\x07\x00 ]]> =1+1 \ufffe"


def view(title: str) -> StoryView:
    return StoryView(
        story_id="st-1", title=title, status="developing", became=None, article_count=2, outlets=("one", "two"),
        languages=("en", "uk"), first_event_time=NOON, last_event_time=NOON, last_seen=NOON, facts=StoryFacts(),
    )  # fmt: skip


def test_an_atom_feed_that_a_reader_takes() -> None:
    feed = feedparser.parse(io.BytesIO(atom([view(HOSTILE)], lambda story: f"http://page/{story}").encode()))
    assert not feed.bozo
    (entry,) = feed.entries
    assert entry.link == "http://page/st-1"
    assert entry.title.startswith("<b>&") or "&lt;b" in entry.title
    assert "2 articles of 2 outlets" in entry.summary


def test_a_json_feed() -> None:
    feed = json.loads(json_feed([view(HOSTILE)], lambda story: story))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"][0]["title"] == HOSTILE


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(title: str) -> None:
    (row,) = csv.DictReader(io.StringIO("".join(csv_lines(iter([{"title": title, "outlets": ["a", "b"], "n": -1}])))))
    assert row == {"title": f"'{title}", "outlets": "a b", "n": "-1"}


def test_the_lists_of_a_story_are_joined() -> None:
    rows = [msgspec.to_builtins(view("a title"))]
    (row,) = csv.DictReader(io.StringIO("".join(csv_lines(iter(rows)))))
    assert (row["outlets"], row["languages"]) == ("one two", "en uk")


BAD_LINES = {  # line: word in the fault
    "{": "truncated",
    '{"title": "t", "outlet": "o"}': "url",
    '{"url": "ftp://x/y", "title": "t", "outlet": "o"}': "no web address",
    '{"url": "http://x.example/", "title": "t", "outlet": "o", "published": "soon"}': "Invalid",
    '{"url": "http://x.example/", "title": "t", "outlet": "o", "published": "2999-01-01"}': "future",
    '{"url": "http://x.example/", "title": "t", "outlet": "o", "published": "1926-01-01"}': "before 1970",
    '{"url": "http://x.example/", "title": "t", "outlet": "o", "published": "9999-12-31T23:59:59-12:00"}': "published",
    '{"url": "http://x.example/", "title": "t", "outlet": " "}': "outlet",
    '{"url": "http://x.example/", "title": "t", "outlet": "o", "language": "klingon"}': "two letters",
    '{"url": "http://x.example/%s", "title": "t", "outlet": "o"}' % ("x" * 3000): "2048",
}


def test_every_bad_line_of_a_backfill_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text("\n".join(BAD_LINES), encoding="utf-8")
    with pytest.raises(BadSettings) as refused:
        read_lines(file, NOON)
    for fault, (number, word) in zip(refused.value.faults, enumerate(BAD_LINES.values(), 1), strict=True):
        assert fault.path == f"line {number}"
        assert word in fault.what


def test_what_is_long_is_cut_as_a_feed_would_have_it(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    line = {
        "url": "http://x.example/1",
        "title": "t" * 10**6,
        "outlet": "o",
        "summary": "s" * 10**6,
        "body": "b" * 10**6,
    }
    file.write_text(json.dumps({**line, "authors": ["a" * 10**6] * 100}), encoding="utf-8")
    (article,) = read_lines(file, NOON)
    assert article.cut
    assert len(encode(article)) < RECORD_LIMIT_BYTES


def test_a_backfill_is_by_event_time(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    lines = [
        {"url": f"http://x.example/{day}", "title": f"t{day}", "outlet": "o", "published": f"2026-02-{day:02}"}
        for day in (3, 1)
    ]
    undated = {"url": "http://x.example/u", "title": "u", "outlet": "o"}
    file.write_text("\n".join(map(json.dumps, [*lines, undated])) + "\n\n", encoding="utf-8")
    assert [article.title for article in read_lines(file, NOON)] == ["t1", "u", "t3"] or [
        article.title for article in read_lines(file, NOON)
    ] == ["u", "t1", "t3"]


def test_the_commands(tmp_path: Path) -> None:
    settings_file(tmp_path)
    log = SqliteLog(LogFile(tmp_path / "wirewatch.db"), topic_catalogue())
    log.create()
    log.append(small_day())
    for what, count in (("stories", 2), ("articles", 3), ("alerts", 1), ("verdicts", 0)):
        done = in_process("export", what, cwd=tmp_path)
        assert done.returncode == Exit.WELL, done.stderr
        assert len([json.loads(line) for line in done.stdout.splitlines()]) == count
    assert in_process("export", "alerts", "--format", "atom", cwd=tmp_path).returncode == Exit.USAGE
    (tmp_path / "b.jsonl").write_text(
        '{"url": "https://x.example/1", "title": "Late news", "outlet": "x", "published": "2026-01-01"}\n'
    )
    done = in_process("backfill", "b.jsonl", cwd=tmp_path)
    assert done.returncode == Exit.WELL, done.stderr
    record = log.reader([ARTICLES]).read(100, NOON - NOON)[-1]
    assert header(record, REPLAY) == "backfill"
    removed = in_process("articles", "remove", "https://one.example/a1", cwd=tmp_path)
    assert removed.returncode == Exit.WELL, removed.stderr
    assert "news.story-events  until 2026-05-30" in removed.stdout
    assert "a1" not in in_process("export", "articles", cwd=tmp_path).stdout
    log.close()


@pytest.mark.parametrize(("keep", "said"), [("", "(30 days)"), ('keep.articles.bytes = "10 MB"', "(its limit, some ")])
def test_the_doctor_says_what_the_log_will_take_and_what_limits_it(tmp_path: Path, keep: str, said: str) -> None:
    """A thousand articles of 3 kB in a minute or less."""
    settings_file(tmp_path, GOOD.replace("[log]", f"[log]\n{keep}"))
    log = SqliteLog(LogFile(tmp_path / "wirewatch.db"), topic_catalogue())
    log.create()
    log.append([NewRecord(topic=ARTICLES, partition=0, key="a", value=bytes(3000)) for _ in range(1000)])
    log.close()
    lines = in_process("doctor", "--json", cwd=tmp_path).stdout.splitlines()
    (growth,) = (one["what"] for one in map(json.loads, lines) if one["check"] == "growth")
    assert said in growth
    assert ("news.articles 10 MB" in growth) == bool(keep)


def test_the_doctor_finds_what_is_wrong(tmp_path: Path) -> None:
    path = settings_file(tmp_path)
    found = [json.loads(line) for line in in_process("doctor", "--json", cwd=tmp_path).stdout.splitlines()]
    wrong = {one["check"] for one in found if one["word"] == "WRONG"}
    assert wrong - {"disk"} == {"topics"}  # how full this machine's disk is, is not for a test to know
    in_process("topics", cwd=tmp_path)
    done = in_process("doctor", cwd=tmp_path)
    assert done.returncode == (Exit.ERROR if "disk" in wrong else Exit.WELL), done.stdout
    assert "never run yet: ingest.0, enrich.0" in done.stdout
    path.write_text(path.read_text() + '[[channel]]\nkind = "slack"\nname = "s"\nwebhook = {env = "NOT_SET"}\n')
    done = in_process("doctor", cwd=tmp_path)
    assert done.returncode == Exit.ERROR
    assert "the environment variable NOT_SET is not set" in done.stdout
    path.write_text("[log]\nkinds = 1\n")
    assert "did you mean kind?" in in_process("doctor", cwd=tmp_path).stdout
