"""Dead letters are listed, shown, put back with their identity, and discarded."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.deadletters import RE_DRIVEN, Lying, again, lying, word
from console.errors import CannotRedrive
from console.orders import record_of
from tests.console.program import in_process, settings_file, wirewatch
from tests.echo_stage import Echo
from tests.wire.test_loop import CLOCK, SPEC, behind, make_loop, put, read, run_until
from wire.codec import decode, encode
from wire.errors import Exit
from wire.log.port import NewRecord, Record
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import CommandKind, DeadLetter
from wire.outgoing import Outgoing
from wire.stage import Failure
from wire.topics import ARTICLES, COMMANDS, DEAD_LETTERS, topic_catalogue

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = topic_catalogue()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(LogFile(tmp_path / "wirewatch.db"), TOPICS, CLOCK)
    log.create()
    yield log
    log.close()


class Mended(Echo):
    """Takes poison as any other record."""

    def step(self, record: Record, now: datetime) -> object:  # type: ignore[override]
        return super().step(Record(topic=record.topic, key=record.key, value=b"{}"), now)


def test_a_record_put_back_has_its_one_effect_and_its_identity(log: SqliteLog) -> None:
    headers = (("ce_id", b"one"), ("traceparent", b"00-0123-45-01"))
    log.append([NewRecord(topic=ARTICLES, partition=0, key="a", value=b"poison", headers=headers)])
    put(log, ("b", b"{}"))
    run_until(make_loop(log, Echo()), lambda: behind(log) == 0)
    (one,) = lying(log)
    assert (one.name, one.state) == (f"{ARTICLES}/0/0", "open")
    log.append([again(log, one), record_of(word(one, CommandKind.RE_DRIVE, who="desk", when=NOON, why="mended"))])
    stage = Mended()
    run_until(make_loop(log, stage), lambda: behind(log) == 0)
    assert stage.counts["a"] == 1
    (once_more,) = [record for record in read(log, ARTICLES) if record.offset == 2]
    assert (once_more.key, once_more.value) == ("a", b"poison")
    assert once_more.headers == (*headers, (RE_DRIVEN, one.name.encode()))
    (settled,) = lying(log)
    assert settled.state == "re-driven"


def letter(record: Record) -> Lying:
    written = Outgoing(SPEC, TOPICS, "0").dead_letter(record, Failure(code="bug", reason="?"), NOON)
    return Lying(letter=decode(written.value, DeadLetter))


def test_what_the_topic_has_dropped_comes_from_the_letter(log: SqliteLog) -> None:
    gone = Record(topic=ARTICLES, offset=7, key="a", value=b"words", headers=(("ce_id", b"one"),))
    record = again(log, letter(gone))
    assert (record.topic, record.key, record.value) == (ARTICLES, "a", b"words")


REFUSED = {
    "half kept": Record(topic=ARTICLES, offset=7, key="a", value=b"x" * 100_000),
    "a timer": Record(topic="@due", key="feed"),
}


@pytest.mark.parametrize("record", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_put_back_says_why(log: SqliteLog, record: Record) -> None:
    with pytest.raises(CannotRedrive, match="65536 of 100000" if record.value else "by its own schedule"):
        again(log, letter(record))


def test_what_nobody_can_read_hides_no_letter(log: SqliteLog, tmp_path: Path) -> None:
    hostile = DeadLetter(
        topic=ARTICLES, partition=0, offset=1, key="a", stage="enrich.0", program="0", code="bug",
        reason="odd \x1b[2J", at=NOON, value=b"words \x1b]0;mine\x07",
    )  # fmt: skip
    for topic in (COMMANDS, DEAD_LETTERS):
        log.append([NewRecord(topic=topic, partition=0, key="k", value=b"not ours")])
    log.append([NewRecord(topic=DEAD_LETTERS, partition=0, key="k", value=encode(hostile))])
    settings_file(tmp_path)
    for words in (["list"], ["show", f"{ARTICLES}/0/1"]):
        done = in_process("deadletters", *words, cwd=tmp_path)
        assert done.returncode == Exit.WELL, done.stderr
        assert "odd" in done.stdout
        assert done.stdout.replace("\n", "").isprintable(), "nothing steers the terminal"


@pytest.mark.slow
def test_the_command(tmp_path: Path, log: SqliteLog) -> None:
    settings_file(tmp_path)
    put(log, ("a", b"poison"), ("b", b"poison"))
    run_until(make_loop(log, Echo()), lambda: behind(log) == 0)

    def said(*arguments: str) -> str:
        done = wirewatch("deadletters", *arguments, cwd=tmp_path)
        assert done.returncode == Exit.WELL, done.stderr
        return done.stdout

    assert said("list").count("open") == 2
    shown = said("show", f"{ARTICLES}/0/1")
    assert "ValueError: a hostile record" in shown
    assert "poison" in shown
    said("discard", f"{ARTICLES}/0/0", "--why", "a test")
    said("redrive", "--all")
    assert said("list") == "no dead letters\n"
    states = {one["name"]: one["state"] for one in map(json.loads, said("list", "--settled", "--json").splitlines())}
    assert states == {f"{ARTICLES}/0/0": "discarded", f"{ARTICLES}/0/1": "re-driven"}
    assert len(read(log, COMMANDS)) == 2
    assert wirewatch("deadletters", "show", "news.articles/0/99", cwd=tmp_path).returncode == Exit.USAGE
