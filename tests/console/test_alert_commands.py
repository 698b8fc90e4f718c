"""What a person asks about watches and messages: back-test, why, deliveries, mute, test, rate."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from alerts.delivery import Delivery, DeliveryState
from alerts.history import replayed
from alerts.stage import Alerts
from alerts.watch import watch_from
from console.main import app
from tests.smtp_server import SmtpServer
from tests.story_events import body, event, headline
from wire.clock import SystemClock
from wire.codec import decode, encode
from wire.errors import WireError
from wire.log.port import BEGINNING, NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Alert, Command, CommandKind, StoryEvent
from wire.settings import WatchSettings
from wire.topics import ALERTS, COMMANDS, DELIVERIES, STORY_EVENTS, topic_catalogue

NOW = datetime.now(UTC).replace(microsecond=0)
SETTINGS = """
[ingest]
contact = "desk@example.org"
[[watch]]
name = "pair"
all = ["elon-musk", "vladimir-putin"]
scope = "sentence"
channels = ["terminal"]
[[channel]]
kind = "console"
name = "terminal"
[[channel]]
kind = "email"
name = "mail"
host = "127.0.0.1"
port = PORT
security = "none"
sender = "w@desk.example"
to = ["o@desk.example"]
"""
DRAFT = """
[[watch]]
name = "pair"
all = ["elon-musk", "vladimir-putin"]
channels = ["terminal"]
"""


def renamed(one: StoryEvent, hours_ago: float) -> StoryEvent:
    """The sample's entities are those of the catalogue, and its time is of late."""
    assert one.reading is not None
    assert one.article is not None
    ids = {"musk": "elon-musk", "putin": "vladimir-putin"}
    mentions = tuple(replace(m, entity=ids[m.entity]) for m in one.reading.mentions)
    seen = NOW - timedelta(hours=hours_ago)
    article = replace(one.article, seen=seen, published=seen, event_time=seen)
    return replace(one, reading=replace(one.reading, mentions=mentions), article=article, seen=seen, event_time=seen)


EVENTS = (
    renamed(event(headline("*MUSK* met *PUTIN*"), article_id="a1", story="st-1"), 30),
    renamed(event(headline("*MUSK* flew"), body("*PUTIN* stayed"), article_id="b1", story="st-2"), 20),
    renamed(event(headline("Elena Rossi spoke of Odesa"), article_id="c1", story="st-3"), 10),
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wirewatch.toml").write_text(SETTINGS.replace("PORT", "1"))
    (tmp_path / "draft.toml").write_text(DRAFT)
    log = SqliteLog(LogFile(tmp_path / "wirewatch.db"), topic_catalogue(), SystemClock())
    log.create()
    append = [NewRecord(topic=STORY_EVENTS, partition=0, key=one.story_id, value=encode(one)) for one in EVENTS]
    log.append(append)
    reader = log.reader([STORY_EVENTS], BEGINNING)
    watch = watch_from(
        WatchSettings(name="pair", all=("elon-musk", "vladimir-putin"), scope="sentence", channels=("terminal",))
    )
    (told,) = replayed(Alerts([watch], {}), reader.read(100, timedelta(0)))
    reader.close()
    line = Delivery(
        delivery_id="de-1",
        alert_id=told.alert_id,
        watch="pair",
        story_id="st-1",
        channel="terminal",
        order=0,
        state=DeliveryState.FAILED,
        attempts=3,
        taken=told.seen,
        deadline=told.seen,
        next_try=None,
        ended=told.seen,
        reason="no reader",
    )
    log.append(
        [
            NewRecord(topic=ALERTS, partition=0, key="pair", value=encode(told)),
            NewRecord(topic=DELIVERIES, partition=0, key="delivery:de-1", value=encode(line)),
        ]
    )
    log.close()
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        if isinstance(done.exception, WireError):
            return 1, done.stdout, str(done.exception)
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def told_id(place: Path) -> str:
    log = SqliteLog(LogFile(place / "wirewatch.db"), topic_catalogue(), SystemClock())
    reader = log.reader([ALERTS], BEGINNING)
    (record,) = reader.read(10, timedelta(0))
    reader.close()
    log.close()
    return decode(record.value, Alert).alert_id


def commands(place: Path) -> list[Command]:
    log = SqliteLog(LogFile(place / "wirewatch.db"), topic_catalogue(), SystemClock())
    reader = log.reader([COMMANDS], BEGINNING)
    found = [decode(record.value, Command) for record in reader.read(10, timedelta(0))]
    reader.close()
    log.close()
    return found


def test_a_back_test_tells_the_same_alert_as_was_told(place: Path) -> None:
    status, out, remarks = run("backtest", "pair", "--days", "2", "--json")
    assert status == 0, remarks
    (line,) = out.splitlines()
    assert json.loads(line)["alert_id"] == told_id(place)


def test_a_draft_is_compared_with_the_watch_in_force(place: Path) -> None:
    status, out, remarks = run("backtest", "pair", "--days", "2", "--draft", "draft.toml", "--messages")
    assert status == 0, remarks
    assert "2 alerts, 0 updates" in out
    assert "against the watch in force: 1 more, 0 fewer" in out
    assert "+ st-2  MUSK flew" in out
    assert "https://one.example/a1" in out, "the message itself"
    assert "stories are taken as they were grouped then" in remarks
    assert "the log begins at" in remarks


def test_an_entity_new_to_the_catalogue_is_looked_for_in_the_old_texts(place: Path) -> None:
    (place / "more.toml").write_text('[elena-rossi]\nkind = "person"\nnames = {en = ["Elena Rossi"]}\n')
    (place / "draft.toml").write_text(
        '[[watch]]\nname = "rossi"\nall = ["elena-rossi", "odesa"]\nchannels = ["terminal"]\n'
    )
    status, out, remarks = run("backtest", "rossi", "--draft", "draft.toml", "--entities", "more.toml")
    assert status == 0, remarks
    assert "rossi since" in out
    assert "1 alert, 0 updates" in out
    assert "Elena Rossi and Odesa in one sentence of the headline" in out
    assert "read anew with the catalogue of now, for elena-rossi, odesa" in remarks


def test_only_the_days_asked_for_count(place: Path) -> None:
    _, out, _ = run("backtest", "pair", "--days", "1")
    assert "0 alerts" in out


def test_a_watch_that_nobody_knows(place: Path) -> None:
    status, _, remarks = run("backtest", "piar")
    assert status == 1
    assert "did you mean pair?" in remarks


def test_why_an_alert_came(place: Path) -> None:
    status, out, remarks = run("why", told_id(place))
    assert status == 0, remarks
    assert "terminal: failed" in out
    assert "yes  scope          in one sentence of the headline" in out
    assert "NO" not in out


def test_why_an_article_was_not_told(place: Path) -> None:
    status, out, remarks = run("why", "b1", "--watch", "pair")
    assert status == 0, remarks
    assert "NO   scope          in one article, not in one sentence" in out
    assert "nothing yet of this story" in out


def test_deliveries(place: Path) -> None:
    _, out, _ = run("deliveries", "--state", "failed")
    assert "no reader" in out
    assert len(out.splitlines()) == 2
    _, out, _ = run("deliveries", "--state", "sent")
    assert len(out.splitlines()) == 1
    assert run("deliveries", "--state", "faild")[0] == 2


def test_mute_and_rate_are_commands(place: Path) -> None:
    assert run("mute", "pair", "--for", "3 h", "--why", "a long day")[0] == 0
    assert run("alerts", "rate", told_id(place)[:12], "wrong", "--why", "another Musk")[0] == 0
    mute, rate = commands(place)
    assert (mute.kind, mute.stage, mute.target, mute.why) == (CommandKind.MUTE, "deliver", "pair", "a long day")
    assert mute.until is not None
    assert mute.until - mute.when == timedelta(hours=3)
    assert (rate.kind, rate.target, rate.verdict) == (CommandKind.RATE, told_id(place), "wrong")
    status, out, remarks = run("export", "verdicts")
    assert status == 0, remarks
    assert '"wrong"' in out


def test_mute_knows_its_watches(place: Path) -> None:
    status, _, remarks = run("mute", "piar")
    assert status == 1
    assert "did you mean pair?" in remarks
    assert commands(place) == []


def test_a_sample_through_a_channel(place: Path) -> None:
    status, _, remarks = run("test", "mail")
    assert status == 1
    assert "TryLater" in remarks
    with SmtpServer() as server:
        (place / "wirewatch.toml").write_text(SETTINGS.replace("PORT", str(server.port)))
        status, _, remarks = run("test", "mail")
        assert status == 0, remarks
        assert "sample" in server.letters[0]["Subject"]
