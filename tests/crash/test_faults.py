"""Faults other than a kill: lost answers, two owners, a stopped owner, poison; the sound program comes through each."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.checker import check
from tests.crash.life import Crash
from tests.crash.poison import BAD, KILLERS, article
from tests.crash.run import Run, a_run, read_all
from wire.broker import Broker
from wire.codec import decode, encode
from wire.errors import Exit
from wire.log.port import NewRecord, lane_specs
from wire.messages import Article
from wire.settings import LogSettings
from wire.topics import ARTICLES, DEAD_LETTERS, STAGES

pytestmark = pytest.mark.slow

SEED = 20260303
LIMIT = timedelta(seconds=180)
KINDS = ["sqlite", pytest.param("kafka", marks=(pytest.mark.kafka, pytest.mark.long))]


@pytest.fixture(params=KINDS)
def log(request: pytest.FixtureRequest, tmp_path: Path, prefix: str) -> LogSettings:
    if request.param == "sqlite":
        return LogSettings(path=tmp_path / "log.db")
    broker: Broker = request.getfixturevalue("broker")
    return LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)


def come_through(log: LogSettings, folder: Path, fault: Callable[[Run], None]) -> Run:
    with a_run(log, folder, seed=SEED) as run:
        run.go_on(timedelta(seconds=1))
        fault(run)
        run.go_on(timedelta(seconds=1))
        run.rest()
        violations = check(run.evidence())
    assert not violations, "\n".join(map(str, violations))
    return run


LAST_CALL = {"sqlite": "sqlite moved", "kafka": "kafka offsets sent"}
AFTER_IT = {"sqlite": "sqlite ended", "kafka": "kafka ended"}


def test_a_lost_answer_ends_the_process(log: LogSettings, tmp_path: Path) -> None:
    """Before and after the end of the transaction: nobody can tell the two apart, so both are doubt."""
    points = [LAST_CALL[log.kind], AFTER_IT[log.kind]]
    asked = {stage: [Crash(point, 4, raising=True) for point in points] for stage in ("enrich", "cluster")}

    def lose(run: Run) -> None:
        run.crash(asked, LIMIT)
        run.wait_for(
            lambda: all(run.pipeline.output(s).read_text("utf-8").count("fault at") == 2 for s in asked), "the faults"
        )

    run = come_through(log, tmp_path, lose)
    assert all(run.pipeline.places[stage].ends[Exit.DOUBT] >= 1 for stage in asked)


def test_of_two_owners_one_ends_by_itself(log: LogSettings, tmp_path: Path) -> None:
    """Each stage gets a second process: who had the lane is fenced, comes back, and fences the other."""

    def double(run: Run) -> None:
        seconds = {stage: run.pipeline.second(stage) for stage in STAGES}
        run.wait_for(lambda: all(second.exitcode is not None for second in seconds.values()), "the end of one owner")
        assert {second.exitcode for second in seconds.values()} == {Exit.DOUBT}

    run = come_through(log, tmp_path, double)
    assert all(place.ends[Exit.DOUBT] == 1 for place in run.pipeline.places.values()), run.pipeline.state()


def test_a_stopped_owner_finds_itself_succeeded(log: LogSettings, tmp_path: Path) -> None:
    """SIGSTOP, a successor takes over, SIGCONT: the zombie writes nothing and ends by itself."""

    def stop(run: Run) -> None:
        zombies = [run.pipeline.succeed(stage) for stage in ("ingest", "enrich", "cluster", "deliver")]
        run.go_on(timedelta(seconds=3))
        for zombie in zombies:
            assert zombie is not None
            assert zombie.pid is not None
            os.kill(zombie.pid, signal.SIGCONT)
        run.wait_for(lambda: all(zombie and zombie.exitcode is not None for zombie in zombies), "the zombies' end")
        assert {zombie and zombie.exitcode for zombie in zombies} == {Exit.DOUBT}

    come_through(log, tmp_path, stop)


@pytest.mark.kafka
@pytest.mark.long
def test_a_process_stopped_within_a_transaction_ends_by_itself(tmp_path: Path, broker: Broker, prefix: str) -> None:
    """For longer than the broker keeps the transaction open, and without a successor: it must not believe itself."""
    log = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)

    def stop(run: Run) -> None:
        enrich = run.pipeline.places["enrich"]
        run.crash({"enrich": [Crash("kafka flushed", 5, stopping=True)]}, LIMIT)
        said = run.pipeline.output("enrich")
        run.wait_for(lambda: "fault at kafka flushed" in said.read_text("utf-8"), "the stop")
        assert enrich.process is not None
        assert enrich.process.pid is not None
        run.go_on(timedelta(seconds=34))
        os.kill(enrich.process.pid, signal.SIGCONT)
        run.wait_for(lambda: enrich.ends[Exit.DOUBT] + enrich.ends[Exit.WATCHDOG] > 0, "the end of the stopped one")

    come_through(log, tmp_path, stop)


def test_bad_records_become_dead_letters(log: LogSettings, tmp_path: Path) -> None:
    come_through(log, tmp_path, lambda run: run.poison_with(list(BAD.values())))


def test_records_that_kill_the_process_are_found(log: LogSettings, tmp_path: Path) -> None:
    """A hang, a crash in native code, no memory: after some deaths each is a dead letter, and the rest goes on."""
    ends = (Exit.ERROR, -signal.SIGSEGV)
    with a_run(log, tmp_path, seed=SEED, mutation="poisonable", may_end=ends, stuck_after=timedelta(seconds=3)) as run:
        run.go_on(timedelta(seconds=1))
        run.poison_with([encode(article(f"killer-{n}", title=title)) for n, title in enumerate(KILLERS)])
        run.rest(LIMIT)
        evidence = run.evidence()
    assert not check(evidence), "\n".join(map(str, check(evidence)))
    seen = run.pipeline.places["enrich"].ends
    assert all(seen[end] for end in (*ends, Exit.WATCHDOG)), seen


def test_a_clock_that_steps_loses_and_repeats_nothing(log: LogSettings, tmp_path: Path) -> None:
    """Forward and back by an hour, while the stages also die."""
    with a_run(log, tmp_path, seed=SEED, mutation="the clock steps") as run:

        def stepped() -> bool:
            seen = [decode(record.value, Article).seen for record in read_all(run.log, ARTICLES) if record.value]
            return max(seen) - min(seen) > timedelta(minutes=50) if seen else False

        for stage in STAGES:
            run.go_on(timedelta(seconds=1.5))
            run.pipeline.kill(stage)
        run.wait_for(stepped, "articles from both sides of a step")
        run.rest(LIMIT)
        evidence = run.evidence()
    assert not check(evidence), "\n".join(map(str, check(evidence)))


def test_a_newer_schema_stops_its_stage_and_costs_nothing(log: LogSettings, tmp_path: Path) -> None:
    """However often it is started: it waits for the upgrade, and everything behind it too."""
    tomorrow = encode(article("tomorrow")).replace(b'"schema":1', b'"schema":99')
    assert b'"schema":99' in tomorrow
    with a_run(log, tmp_path, seed=SEED, may_end=[Exit.SOMEBODY_NEEDED]) as run:
        run.go_on(timedelta(seconds=1))
        run.log.append([NewRecord(topic=ARTICLES, partition=0, key="tomorrow", value=tomorrow)])
        ends = run.pipeline.places["enrich"].ends
        run.wait_for(lambda: ends[Exit.SOMEBODY_NEEDED] >= 7, "seven starts over it")
        run.pipeline.stop()
        (at,) = [record.offset for record in read_all(run.log, ARTICLES) if record.key == "tomorrow"]
        (enrich,) = run.log.progress(lane_specs(STAGES["enrich"], run.log.topics))
        assert enrich.position == at
        assert read_all(run.log, DEAD_LETTERS) == []
