"""A record is one line: readable for people, whole for machines, harmless for a terminal."""

import json
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest

from console.topics.tail import Filter, details, json_line, read_message, readable_line
from console.topics.tail_run import PAGE, Pace, follow_topic
from tests.messages import NOON, article, article_record
from wire.codec import encode
from wire.log.port import BEGINNING, NewRecord, Record
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Article
from wire.topics import ARTICLES, STORIES, topic_catalogue

TOPICS = topic_catalogue()
PUTIN = article("Headline", outlet="cnn", language_hint="en")
FILTERS = {  # name: (filter, passes)
    "nothing asked": (Filter(), True),
    "its outlet": (Filter(outlet="cnn"), True),
    "another outlet": (Filter(outlet="wsj"), False),
    "its language": (Filter(outlet="cnn", language="en"), True),
    "one of two is not": (Filter(outlet="cnn", language="uk"), False),
    "a story that articles have not": (Filter(story="st-1"), False),
}


@pytest.mark.parametrize(("chosen", "passes"), FILTERS.values(), ids=FILTERS.keys())
def test_filter(chosen: Filter, passes: bool) -> None:
    assert chosen.passes(PUTIN) is passes


def test_what_cannot_be_decoded_is_shown_unless_something_is_asked() -> None:
    assert Filter().passes(None)
    assert not Filter(outlet="cnn").passes(None)


def test_a_hostile_title_stays_one_harmless_line() -> None:
    record = article_record(article("a\x1b[2Jb\nc\u202ed"))
    line = readable_line(record, read_message(record, TOPICS))
    assert all(char.isprintable() for char in line)
    assert "a [2Jb c" in line


@pytest.mark.parametrize("value", [b"{", b"\xff\x00", None, b'{"schema":1}', b'{"schema":99}'])
def test_every_value_has_a_line_for_machines(value: bytes | None) -> None:
    record = Record(topic=ARTICLES, key="k", value=value, timestamp=NOON)
    read = json.loads(json_line(record))
    assert (read["topic"], read["key"], read["time"]) == (ARTICLES, "k", "2026-03-01T12:00:00Z")
    assert readable_line(record, read_message(record, TOPICS))


def test_details_stay_harmless_lines() -> None:
    record = article_record(article("a\x1b[2Jb"))
    lines = list(details(record, read_message(record, TOPICS)))
    assert "https://outlet.example/a1" in "".join(lines)
    assert all(char.isprintable() for line in lines for char in line)


def test_it_keeps_up_with_over_a_thousand_records_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every record of 5,000 is printed; the rate is far above what is asked, so a slow machine passes too."""
    log = SqliteLog(LogFile(tmp_path / "log.db"), TOPICS)
    log.create()
    value = encode(article("Headline " * 8, body="words " * 300))
    log.append([NewRecord(topic=ARTICLES, partition=0, key=str(number), value=value) for number in range(5000)])
    begun = perf_counter()
    follow_topic(log, ARTICLES, BEGINNING, Filter(outlet="outlet"), as_json=False, follow=False)
    rate = 5000 / (perf_counter() - begun - 0.5)  # the last page waits half a second for more
    log.close()
    assert len(capsys.readouterr().out.splitlines()) == 5000
    assert rate > 1000, f"{rate:.0f} records/s"


def test_a_tail_that_falls_behind_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteLog(LogFile(tmp_path / "log.db"), TOPICS)
    log.create()
    log.append([NewRecord(topic=ARTICLES, partition=0, key="k", value=b"{}")] * 3000)
    monkeypatch.setattr("console.topics.tail_run.LOOK_EVERY", timedelta(0))
    pace = Pace(log, ARTICLES)
    records = list(log.reader([ARTICLES]).read(PAGE, timedelta(0)))
    assert pace.notice(records) == "tail is 2500 records behind news.articles"
    assert pace.notice(records[:10]) is None
    log.close()


def test_state_records_are_shown_as_they_are() -> None:
    record = Record(topic=STORIES, key="story:1", value=encode(PUTIN))
    assert read_message(record, TOPICS) is None
    assert "story:1" in readable_line(record, None)


def test_a_message_is_read_by_its_topic() -> None:
    assert isinstance(read_message(article_record(PUTIN), TOPICS), Article)
