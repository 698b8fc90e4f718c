"""Older readers survive newer writers; what nobody can read is refused by type, never by surprise."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.codec import decode, encode
from wire.errors import SchemaTooNew, Undecodable
from wire.messages import Command, CommandKind, HeaderPair, StoryEvent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMMAND = Command(command_id="c1", stage="ingest", kind=CommandKind.POLL_NOW, target="cnn.1", who="me", when=NOW)
BYTES = encode(COMMAND)
UNREADABLE = {
    "a tombstone": None,
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b"\xff",
    "a list": b"[]",
    "a lone surrogate": BYTES.replace(b'"me"', b'"\\ud800"'),
    "a number for a text": BYTES.replace(b'"me"', b"7"),
    "a time without a zone": BYTES.replace(b"Z", b""),
    "a time before all time": BYTES.replace(b"2026-03-01T12:00:00Z", b"0001-01-01T00:00:00+05:00"),
    "nested beyond reason": b"[" * 100_000,
}


def test_equal_messages_give_equal_bytes_and_come_back() -> None:
    assert decode(BYTES, Command) == COMMAND
    assert encode(decode(BYTES, Command)) == BYTES


def test_instants_are_utc_whatever_was_written() -> None:
    kyiv = timezone(timedelta(hours=2))
    there = Command(command_id="c", stage="s", kind=CommandKind.OTHER, target="t", who="w", when=NOW.astimezone(kyiv))
    assert there.when == NOW
    assert there.when.tzinfo is UTC
    assert decode(BYTES.replace(b"12:00:00Z", b"14:00:00+02:00"), Command).when.tzinfo is UTC


def test_unknown_fields_and_kinds_of_newer_writers_are_survived() -> None:
    newer = BYTES.replace(b'"poll-now"', b'"sing"').replace(b'"who"', b'"mood":"good","who"')
    assert decode(newer, Command).kind is CommandKind.OTHER


def test_a_newer_schema_stops_the_reader_even_where_it_cannot_decode() -> None:
    for newer in (BYTES.replace(b'"schema":1', b'"schema":2'), b'{"schema":2}'):
        with pytest.raises(SchemaTooNew):
            decode(newer, Command)


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable(value: bytes | None) -> None:
    with pytest.raises(Undecodable):
        decode(value, Command)


def test_a_lone_surrogate_is_refused_when_written() -> None:
    with pytest.raises(Undecodable, match="Unicode"):
        encode(HeaderPair("name", "\ud800"))


def test_a_naive_time_is_refused_when_made() -> None:
    with pytest.raises(ValueError, match="zone"):
        Command(command_id="c", stage="s", kind=CommandKind.OTHER, target="t", who="w", when=datetime(2026, 1, 1))  # noqa: DTZ001


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_a_typed_error(value: bytes) -> None:
    try:
        decode(value, StoryEvent)
    except (Undecodable, SchemaTooNew):
        return
