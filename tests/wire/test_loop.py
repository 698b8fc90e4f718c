"""The loop takes every record once, gives up bad ones in the same commit, and ends on any doubt."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from tests.echo_stage import ECHO, Count, Echo
from tests.hand_clock import HandClock
from wire.codec import decode, encode
from wire.digest import StateDigest, digest_of
from wire.errors import InDoubt, SchemaTooNew, StateUnreadable, TooManyDeadLetters
from wire.headers import CAUSE, TRACEPARENT, header
from wire.log.port import BEGINNING, NewRecord, Record, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.loop import Loop, LoopLimits
from wire.messages import DeadLetter
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.stage import ERROR, RESULT, STARTED, Work, WorkFailed
from wire.topics import ARTICLES, COMMANDS, DEAD_LETTERS, FEEDS, topic_catalogue
from wire.work import Perform, Performer, WorkPool

TOPICS = topic_catalogue()
(SPEC,) = lane_specs(ECHO, TOPICS)
CLOCK = HandClock()
LONG = timedelta(hours=1)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(LogFile(tmp_path / "log.db"), TOPICS, CLOCK)
    log.create()
    yield log
    log.close()


def make_loop(
    log: SqliteLog,
    stage: Echo,
    batch: int = 64,
    perform: Perform | None = None,
    recommit: timedelta = LONG,
    metrics: CollectorRegistry | None = None,
) -> Loop:
    limits = LoopLimits(
        batch=batch, idle_wait=timedelta(milliseconds=20), drain=timedelta(seconds=2), recommit=recommit
    )
    return Loop(
        stage,
        log.lane(SPEC),
        Outgoing(SPEC, TOPICS, "0"),
        clock=CLOCK,
        guard=lambda _what, _limit: nullcontext(),
        metrics=LaneMetrics(metrics or CollectorRegistry()),
        limits=limits,
        performer=None if perform is None else Performer(perform),
    )


def run_until(loop: Loop, done: Callable[[], bool]) -> None:
    """Run the loop on a thread until `done`, then stop it; what it raises is raised here."""
    raised: list[BaseException] = []

    def live() -> None:
        try:
            loop.run()
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    thread = threading.Thread(target=live)
    thread.start()
    until = monotonic() + 60
    while not raised and not done() and monotonic() < until:
        sleep(0.005)
    loop.stop()
    thread.join(60)
    if raised:
        raise raised[0]
    assert done(), "nothing happened within a minute"


def put(log: SqliteLog, *items: tuple[str, bytes | None]) -> None:
    log.append([NewRecord(topic=ARTICLES, partition=0, key=key, value=value) for key, value in items])


def read(log: SqliteLog, topic: str) -> list[Record]:
    reader = log.reader([topic], BEGINNING)
    records: list[Record] = []
    while page := reader.read(500, timedelta(0)):
        records += page
    reader.close()
    return records


def behind(log: SqliteLog) -> int:
    return sum(progress.behind for progress in log.progress([SPEC]))


def test_each_record_has_one_output_in_order_with_its_cause(log: SqliteLog) -> None:
    put(log, *[(f"k{number % 3}", b"{}") for number in range(200)])
    stage = Echo()
    run_until(make_loop(log, stage, batch=7), lambda: behind(log) == 0)
    outputs = read(log, COMMANDS)
    assert [record.key for record in outputs] == [f"k{number % 3}" for number in range(200)]
    assert [header(record, CAUSE) for record in outputs] == [f"{ARTICLES}/0/{number}" for number in range(200)]
    assert len({header(record, TRACEPARENT) for record in outputs}) == 200
    assert stage.counts == {"k0": 67, "k1": 67, "k2": 66}


def test_who_asks_is_told_the_state_and_told_again_at_the_end(log: SqliteLog, caplog: pytest.LogCaptureFixture) -> None:
    put(log, ("a", b"{}"), ("a", b"{}"))
    loop = make_loop(log, Echo())
    caplog.set_level("INFO")

    def told() -> list[StateDigest]:
        said = (vars(record) for record in caplog.records if record.message == "state")
        return [StateDigest(one["keys"], one["digest"]) for one in said]

    loop.tell()
    run_until(loop, lambda: behind(log) == 0 and bool(told()))
    due = digest_of([("a", encode(Count(2)))])
    assert len(told()) == 2
    assert told()[-1] == due


def test_a_restart_goes_on_from_the_committed_state(log: SqliteLog) -> None:
    put(log, ("a", b"{}"), ("a", b"{}"))
    run_until(make_loop(log, Echo()), lambda: behind(log) == 0)
    put(log, ("a", b"{}"))
    second = Echo()
    run_until(make_loop(log, second), lambda: behind(log) == 0)
    assert second.counts == {"a": 3}
    assert len(read(log, COMMANDS)) == 3


def test_a_bad_record_goes_to_the_dead_letters_and_the_rest_goes_on(log: SqliteLog) -> None:
    put(log, ("a", b"{}"), ("b", b"poison"), ("c", b"{}"))
    stage = Echo()
    run_until(make_loop(log, stage), lambda: behind(log) == 0)
    assert [record.key for record in read(log, COMMANDS)] == ["a", "c"]
    (letter,) = [decode(record.value, DeadLetter) for record in read(log, DEAD_LETTERS)]
    assert (letter.topic, letter.offset, letter.key, letter.value) == (ARTICLES, 1, "b", b"poison")
    assert letter.code == "bug"
    assert "a hostile record" in letter.reason
    assert stage.counts["failed"] == 1, "what `failed` adds is in the same commit"


def test_a_state_of_another_kind_is_not_guessed_at(log: SqliteLog) -> None:
    log.append([NewRecord(topic=FEEDS, partition=0, key="a", value=b'{"often": 3}')])
    with pytest.raises(StateUnreadable, match=r"'a'.*wirewatch reset echo"):
        run_until(make_loop(log, Echo()), lambda: False)


def test_many_bad_records_stop_the_stage_and_commit_nothing(log: SqliteLog) -> None:
    put(log, *[(f"k{number}", b"poison") for number in range(6)])
    with pytest.raises(TooManyDeadLetters, match="6 of the last 6"):
        run_until(make_loop(log, Echo()), lambda: behind(log) == 0)
    assert read(log, DEAD_LETTERS) == []
    assert behind(log) == 6


def test_a_fault_of_the_process_is_never_the_records(log: SqliteLog) -> None:
    put(log, ("a", b"fatal"))
    with pytest.raises(MemoryError):
        run_until(make_loop(log, Echo()), lambda: behind(log) == 0)
    assert read(log, DEAD_LETTERS) == []
    assert behind(log) == 1


def test_the_record_that_kills_the_process_is_found(log: SqliteLog) -> None:
    """Three starts die at one position; from then on records are taken one by one; two more deaths show the killer."""
    put(log, ("a", b"{}"), ("b", b"fatal"), ("c", b"{}"))
    starts = 0
    while behind(log):
        starts += 1
        assert starts < 10, "the killer was never given up"
        try:
            run_until(make_loop(log, Echo()), lambda: behind(log) == 0)
        except MemoryError:
            continue
    (letter,) = [decode(record.value, DeadLetter) for record in read(log, DEAD_LETTERS)]
    assert (letter.key, letter.code) == ("b", "killer")
    assert [record.key for record in read(log, COMMANDS)] == ["a", "c"]


def test_a_record_that_needs_somebody_waits_however_often_it_is_tried(log: SqliteLog) -> None:
    """An orchestrator starts it again and again: that is no death, so it must not make a dead letter of the record."""
    put(log, ("a", b"newer"), ("b", b"{}"))
    for _ in range(12):
        with pytest.raises(SchemaTooNew):
            run_until(make_loop(log, Echo()), lambda: behind(log) == 0)
    assert read(log, DEAD_LETTERS) == []
    assert behind(log) == 2


def test_a_fenced_lane_writes_nothing(log: SqliteLog) -> None:
    put(log, ("a", b"{}"))
    fenced = make_loop(log, Echo())
    log.lane(SPEC).close()
    with pytest.raises(InDoubt, match="another process"):
        run_until(fenced, lambda: behind(log) == 0)
    assert read(log, COMMANDS) == []


def test_an_idle_lane_learns_that_it_was_reset(log: SqliteLog) -> None:
    """Nothing comes that it could commit; whoever resets a stage must not wait for the next article."""
    assert LoopLimits().recommit == timedelta(seconds=15)
    fenced = make_loop(log, Echo(), recommit=timedelta(milliseconds=20))
    taken_away: list[str] = []

    def take_away() -> bool:
        if fenced.ready.is_set() and not taken_away:
            log.lane(SPEC).close()
            taken_away.append(SPEC.name)
        return False

    with pytest.raises(InDoubt, match="another process"):
        run_until(fenced, take_away)


def test_what_an_idle_lane_commits_is_no_progress(log: SqliteLog) -> None:
    """Else the alert on a lane that stands still before its records would never fire."""
    registry = CollectorRegistry()
    loop = make_loop(log, Echo(), recommit=timedelta(milliseconds=20), metrics=registry)
    noted: list[datetime] = []

    def commits() -> float | None:
        return registry.get_sample_value("wirewatch_commit_seconds_count", {"lane": SPEC.name})

    def noted_anew() -> bool:
        (at,) = [one.last_commit for one in log.progress([SPEC]) if one.topic == ARTICLES]
        if loop.ready.is_set() and at is not None and (not noted or noted[-1] != at):
            noted.append(at)
            CLOCK.move(timedelta(seconds=1))
        return len(noted) == 3

    run_until(loop, noted_anew)
    assert commits() == 1, "the one of its start"


class Answer(msgspec.Struct):
    said: str


def test_work_begins_after_the_commit_and_comes_back_as_a_record(log: SqliteLog) -> None:
    seen_outside: list[int] = []

    async def perform(work: Work) -> Answer:
        assert isinstance(work.body, Count)
        seen_outside.append(len(read(log, COMMANDS)))
        return Answer(said=work.key)

    put(log, ("a", b"work"))
    stage = Echo()
    run_until(make_loop(log, stage, perform=perform), lambda: (RESULT, "a") in stage.results)
    assert stage.results == [(STARTED, None), (RESULT, "a")]
    assert seen_outside == [1], "the output was committed before the outside was touched"


def test_a_timer_fires_once_while_its_work_is_in_flight(log: SqliteLog) -> None:
    started: list[str] = []
    release = threading.Event()

    async def perform(work: Work) -> Answer:
        started.append(work.key)
        while not release.is_set():
            await asyncio.sleep(0.005)
        return Answer(said="done")

    class Insistent(Echo):
        def fold(self, record: Record) -> None:
            assert record.key is not None
            self.counts[record.key] = decode(record.value, Count).times  # the timer stays due

    stage = Insistent()
    stage.timers = ["feed"]
    loop = make_loop(log, stage, perform=perform)

    def done() -> bool:
        if len(started) == 1 and stage.counts.get("feed") == 1:
            sleep(0.1)  # time in which a second start would show
            stage.timers = []
            release.set()
        return (RESULT, "feed") in stage.results

    run_until(loop, done)
    assert started == ["feed"]


def test_the_pool_ends_what_runs_and_then_closes_its_performer() -> None:
    """A stage is composed anew in the same process when its rules change: what a performer holds must go with it."""
    happened: list[str] = []
    begun = threading.Event()

    async def perform(work: Work) -> Answer:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            happened.append(f"{work.key} ended")
        raise AssertionError

    async def close() -> None:
        happened.append("closed")

    results: list[Record] = []
    pool = WorkPool(Performer(perform, close), 1, CLOCK, results.append)
    pool.start(Work("feed", Count(times=1), CLOCK.now() + timedelta(seconds=60)))
    assert begun.wait(60)
    pool.close()
    assert happened == ["feed ended", "closed"]
    assert results == []


def test_work_ends_with_a_record_whatever_it_raised(caplog: pytest.LogCaptureFixture) -> None:
    """Else its key would be in flight for ever."""
    caplog.set_level(logging.CRITICAL, "wire.work")  # what it logs could not be sent to the process that reports

    async def perform(work: Work) -> Answer:
        raise ValueError("half a pair: \ud83d")

    results: queue.SimpleQueue[Record] = queue.SimpleQueue()
    pool = WorkPool(Performer(perform), 1, CLOCK, results.put)
    pool.start(Work("feed", Count(times=1), CLOCK.now() + timedelta(seconds=60)))
    record = results.get(timeout=60)
    pool.close()
    assert (record.topic, record.key) == (ERROR, "feed")
    assert decode(record.value, WorkFailed).reason == "ValueError: half a pair: \\ud83d"
