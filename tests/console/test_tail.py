"""A record is one line: readable for people, whole for machines, harmless for a terminal."""

import json

import pytest

from console.tail import Filter, json_line, read_message, readable_line
from tests.messages import NOON, article, article_record
from wire.codec import encode
from wire.log.port import Record
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


@pytest.mark.parametrize("value", [b"{", b"\xff\x00", None, b'{"schema":1}'])
def test_every_value_has_a_line_for_machines(value: bytes | None) -> None:
    record = Record(topic=ARTICLES, key="k", value=value, timestamp=NOON)
    read = json.loads(json_line(record))
    assert (read["topic"], read["key"], read["time"]) == (ARTICLES, "k", "2026-03-01T12:00:00Z")
    assert readable_line(record, read_message(record, TOPICS))


def test_state_records_are_shown_as_they_are() -> None:
    record = Record(topic=STORIES, key="story:1", value=encode(PUTIN))
    assert read_message(record, TOPICS) is None
    assert "story:1" in readable_line(record, None)


def test_a_message_is_read_by_its_topic() -> None:
    assert isinstance(read_message(article_record(PUTIN), TOPICS), Article)
