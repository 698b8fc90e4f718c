"""A reset stage reads again, what it tells again is marked, and nobody is told twice unless it is asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.deliver import Deliver
from alerts.delivery import Delivery, DeliveryState
from alerts.entries import Mute
from alerts.stage import Alerts
from alerts.watch import Watch, watch_from
from cluster.stage import Cluster
from console.main import app
from console.reset import LaneReset, plan, replays_of, reset
from tests.cluster.samples import PRIOR, command, enriched
from tests.messages import NOON
from tests.story_events import event, headline
from wire.clock import SystemClock
from wire.codec import decode, encode
from wire.errors import PositionLost
from wire.headers import REPLAY, header
from wire.log.port import BEGINNING, LaneSpec, NewRecord, Record, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Alert, Command, CommandKind, Message, StoryEvent, StoryEventKind
from wire.outgoing import Outgoing
from wire.settings import ClusterSettings, DeliverSettings, WatchSettings
from wire.stage import DUE, Stage
from wire.topics import ALERTS, COMMANDS, DELIVERIES, ENRICHED, STAGES, STORY_EVENTS, WATCH_STATE, topic_catalogue

TOPICS = topic_catalogue()
AGO = timedelta(hours=1)
NOTHING = timedelta(0)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(LogFile(tmp_path / "wirewatch.db"), TOPICS, SystemClock())
    log.create()
    yield log
    log.close()


def spec_of(stage: str) -> LaneSpec:
    (spec,) = lane_specs(STAGES[stage], TOPICS)
    return spec


def drive(log: SqliteLog, name: str, stage: Stage, *, timers: bool = False) -> None:
    """The stage over all that its lane has to read, as the loop does it."""
    spec = spec_of(name)
    outgoing = Outgoing(spec, TOPICS, "0", replay_until=replays_of(log, name).get(0, 0))
    with closing(log.lane(spec)) as lane:
        for record in lane.restore():
            stage.fold(record)
        while records := list(lane.poll(100, NOTHING)):
            writes = []
            for record in [*records, *(stage.due(NOON) if timers else ())]:
                written = outgoing.encode(stage.step(record, NOON), record, NOON)
                writes += written
                for one in written:
                    if one.topic == spec.place.state:
                        stage.fold(Record(topic=one.topic, key=one.key, value=one.value))
            lane.commit(writes, records)


def read(log: SqliteLog, topic: str) -> list[Record]:
    with closing(log.reader([topic], BEGINNING)) as reader:
        return list(reader.read(1000, NOTHING))


def put(log: SqliteLog, topic: str, *messages: Message) -> None:
    log.append([NewRecord(topic=topic, partition=0, key="k", value=encode(one)) for one in messages])


def watch(scope: str = "headline") -> Watch:
    said = {"name": "pair", "all": ("musk", "putin"), "scope": scope, "channels": ("mail",)}
    return watch_from(WatchSettings.model_validate(said))


def pair(story: str) -> StoryEvent:
    return event(headline("*MUSK* met *PUTIN*"), story=story, article_id=f"a-{story}")


def do(log: SqliteLog, stage: str, *, deliver: bool = False) -> list[LaneReset]:
    plans = plan(log, stage, SystemClock().now() - AGO, timedelta(days=4))
    return reset(log, plans, who="ada", when=NOON, why="", deliver=deliver)


def test_alerts_tells_the_same_again_and_marks_it(log: SqliteLog) -> None:
    put(log, STORY_EVENTS, pair("st-1"), pair("st-2"))
    drive(log, "alerts", Alerts([watch()], {}))
    (done,) = do(log, "alerts")
    assert done.forgotten > 0
    drive(log, "alerts", Alerts([watch()], {}))
    put(log, STORY_EVENTS, pair("st-3"))
    drive(log, "alerts", Alerts([watch()], {}))
    told = [(decode(r.value, Alert).story_id, header(r, REPLAY)) for r in read(log, ALERTS)]
    assert told == [("st-1", None), ("st-2", None), ("st-1", "1"), ("st-2", "1"), ("st-3", None)]


@pytest.mark.parametrize(("deliver", "state"), [(False, DeliveryState.MUTED), (True, DeliveryState.WAITING)])
def test_what_is_replayed_is_sent_only_where_it_is_asked_for(
    log: SqliteLog, deliver: bool, state: DeliveryState
) -> None:
    stage = lambda: Deliver(("mail",), DeliverSettings())  # noqa: E731
    drive(log, "deliver", stage())
    put(log, STORY_EVENTS, pair("st-1"))
    drive(log, "alerts", Alerts([watch()], {}))
    drive(log, "deliver", stage())
    assert [line.state for line in lines(log)] == [DeliveryState.WAITING]
    do(log, "deliver", deliver=deliver)
    assert lines(log) == []
    drive(log, "deliver", stage())
    assert [line.state for line in lines(log)] == [state]
    put(log, STORY_EVENTS, pair("st-2"))
    drive(log, "alerts", Alerts([watch()], {}))
    drive(log, "deliver", stage())
    assert [line.state for line in lines(log)] == [state, DeliveryState.WAITING], "what is new is sent"


def lines(log: SqliteLog) -> list[Delivery]:
    last: dict[str, Record] = {record.key or "": record for record in read(log, DELIVERIES)}
    found = [decode(r.value, Delivery) for key, r in last.items() if key.startswith("delivery:") and r.value]
    return sorted(found, key=lambda line: line.order)


def test_alerts_that_a_replayed_story_event_brings_are_noted_and_not_told(log: SqliteLog) -> None:
    one = pair("st-1")
    log.append([NewRecord(topic=STORY_EVENTS, partition=0, key="k", value=encode(one), headers=((REPLAY, b"1"),))])
    drive(log, "alerts", Alerts([watch()], {}))
    assert read(log, ALERTS) == []
    assert any(record.key == "told:st-1:pair" for record in read(log, WATCH_STATE))


def test_a_cluster_retires_its_stories_and_tells_them_again_as_they_were_corrected(log: SqliteLog) -> None:
    def cluster() -> Cluster:
        return Cluster(ClusterSettings(), PRIOR)

    def told(records: Sequence[Record]) -> list[tuple[StoryEventKind, str, int]]:
        events = [decode(record.value, StoryEvent) for record in records]
        return [(event.kind, event.story_id, event.number) for event in events]

    put(log, ENRICHED, enriched("a1"), enriched("a2", "grain"))
    drive(log, "cluster", cluster())
    (_, first, _), (_, second, _) = told(read(log, STORY_EVENTS))
    merge = command(CommandKind.MERGE, first, other=second)
    log.append([NewRecord(topic=COMMANDS, partition=0, key="cluster", value=merge.value)])
    drive(log, "cluster", cluster())
    put(log, ENRICHED, enriched("a3", "ferry"))
    drive(log, "cluster", cluster())
    history = told(read(log, STORY_EVENTS))
    assert StoryEventKind.MERGED in {kind for kind, _, _ in history}
    do(log, "cluster")
    retired = told(read(log, STORY_EVENTS))[len(history) :]
    assert {kind for kind, _, _ in retired} == {StoryEventKind.RETIRED}
    assert {story for _, story, _ in retired} == {story for _, story, _ in history} - {second}
    drive(log, "cluster", cluster())
    again = read(log, STORY_EVENTS)[len(history) + len(retired) :]
    assert told(again) == history
    assert {header(record, REPLAY) for record in again} == {"1"}


def test_mutes_outlive_a_reset(log: SqliteLog) -> None:
    mute = Mute(target="pair", until=NOON, who="ada", command_id="c", offset=0)
    with closing(log.lane(spec_of("deliver"))) as lane:
        lane.commit([NewRecord(topic=DELIVERIES, partition=0, key="mute:pair", value=encode(mute))], ())
    do(log, "deliver")
    with closing(log.lane(spec_of("deliver"))) as lane:
        assert [record.key for record in lane.restore()] == ["mute:pair", "replay"]


def test_what_was_taken_down_is_not_sent_by_a_stage_that_reads_late_or_again(log: SqliteLog) -> None:
    stage = lambda: Deliver(("mail",), DeliverSettings())  # noqa: E731
    drive(log, "deliver", stage())
    for story in ("st-1", "st-2"):
        put(log, STORY_EVENTS, pair(story))
    drive(log, "alerts", Alerts([watch()], {}))
    said = command(CommandKind.REMOVE, "a-st-1")
    log.append([NewRecord(topic=COMMANDS, partition=0, key="cluster", value=said.value)])
    for again in (False, True):
        if again:
            do(log, "deliver", deliver=True)
        drive(log, "deliver", stage())
        last = {record.key: record.value for record in read(log, DELIVERIES)}
        (kept,) = (decode(v, Alert) for k, v in last.items() if v is not None and (k or "").startswith("alert:"))
        assert [one.article_id for one in kept.evidence] == ["a-st-2"]
        states = {line.story_id: line.state for line in lines(log)}
        assert states == {"st-1": DeliveryState.MUTED, "st-2": DeliveryState.WAITING}


@pytest.mark.parametrize("stage", STAGES)
def test_the_command_says_what_it_will_do_before_it_does_it(
    stage: str, log: SqliteLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wirewatch.toml").write_text("")
    ask: Callable[..., object] = CliRunner().invoke
    refused = ask(app, ["reset", stage, "--to", "2 h"], input="n\n")
    assert "Resetting" in refused.stdout  # type: ignore[attr-defined]
    assert [decode(r.value, Command) for r in read(log, COMMANDS)] == []
    done = ask(app, ["reset", stage, "--to", "2 h", "--yes", "--why", "a trial"])
    assert done.exit_code == 0, done.output  # type: ignore[attr-defined]
    kept = [decode(r.value, Command) for r in read(log, COMMANDS)]
    assert {(c.kind, c.target, c.why) for c in kept} == {(CommandKind.RESET, stage, "a trial")}


@pytest.mark.parametrize("said", ["yesterday", "2026-11-24", "2026-11-24T09:00", "99999999 d"])
def test_a_time_that_is_none(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wirewatch.toml").write_text("")
    assert CliRunner().invoke(app, ["reset", "alerts", "--to", said, "--yes"]).exit_code == 2


def test_the_beginning_of_time_is_the_beginning_of_the_log(log: SqliteLog) -> None:
    put(log, STORY_EVENTS, pair("st-1"))
    drive(log, "alerts", Alerts([watch()], {}))
    (one,) = plan(log, "alerts", datetime.min.replace(tzinfo=UTC), timedelta(days=4))
    assert (one.begin[STORY_EVENTS, 0], one.again) == (0, 1)


def test_timers_are_no_replay() -> None:
    outgoing = Outgoing(spec_of("alerts"), TOPICS, "0", replay_until=100)
    assert outgoing._is_replay(Record(topic=DUE)) is False


def test_a_lost_position_is_decided_by_a_reset(log: SqliteLog, tmp_path: Path) -> None:
    """What the stage may have told is counted as told: nothing is sent again."""
    put(log, STORY_EVENTS, event(headline("*MUSK* met *PUTIN*"), kind=StoryEventKind.OPENED))
    drive(log, "alerts", Alerts([watch()], {}))
    file = LogFile(tmp_path / "wirewatch.db")
    with closing(file.connect()) as connection:
        connection.execute("DELETE FROM positions WHERE lane = 'alerts.0'")
    with pytest.raises(PositionLost, match="wirewatch reset alerts"):
        log.lane(spec_of("alerts"))
    (one,) = plan(log, "alerts", NOON, AGO)
    assert one.until == 1
    reset(log, [one], who="desk", when=NOON, why="the position was lost", deliver=False)
    drive(log, "alerts", Alerts([watch()], {}))
    alerts = read(log, ALERTS)
    assert [header(record, REPLAY) is not None for record in alerts] == [False, True][: len(alerts)]
