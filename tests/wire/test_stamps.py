"""Latency is measured from an article's own times, carried through all stages; replayed records are not news."""

from datetime import timedelta

from tests.messages import NOON, article, article_record
from wire.headers import REPLAY
from wire.log.port import NewRecord, Record
from wire.messages import Command, CommandKind
from wire.stamps import ages, stamps


def written(headers: tuple[tuple[str, bytes], ...]) -> NewRecord:
    return NewRecord(topic="t", partition=0, key="k", value=b"", headers=headers)


def test_an_article_gives_its_times_and_what_it_causes_inherits_them() -> None:
    first = stamps(Record(topic="@result"), article("Headline"))
    later = stamps(Record(topic="t", headers=first), command())
    assert first == later
    assert dict(ages(written(later), NOON + timedelta(seconds=3))) == {
        "seen": timedelta(seconds=3),
        "published": timedelta(seconds=3),
    }


def command() -> Command:
    return Command(command_id="c", stage="ingest", kind=CommandKind.POLL_NOW, target="f", who="w", when=NOON)


def test_what_is_replayed_or_odd_is_not_measured() -> None:
    first = stamps(Record(topic="@result"), article("Headline"))
    assert list(ages(written((*first, (REPLAY, b"x"))), NOON)) == []
    assert list(ages(written((("ww_seen", b"soon"),)), NOON)) == []
    assert stamps(article_record(article("x")), command()) == ()
