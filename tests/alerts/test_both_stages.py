"""Story event in, letter out: both stages on the real loop and the embedded log, also over a sudden death."""

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from alerts.channels.email import EmailSender, MailServer
from alerts.channels.letter import Envelope
from alerts.channels.port import Channel
from alerts.channels.slack import SlackSender
from alerts.deliver import Deliver
from alerts.delivery import Delivery, DeliveryState
from alerts.message import Manner
from alerts.perform import Sender
from alerts.stage import Alerts
from alerts.watch import watch_from
from tests.slack_server import Reply, SlackServer
from tests.smtp_server import SmtpServer
from tests.story_events import event, headline
from wire.clock import SystemClock
from wire.codec import decode, encode
from wire.log.port import NewRecord, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.loop import Loop, LoopLimits
from wire.messages import StoryEvent
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.settings import DeliverSettings, WatchSettings
from wire.stage import Stage
from wire.topics import STAGES, STORY_EVENTS, topic_catalogue
from wire.work import Perform, Performer

TOPICS = topic_catalogue()
NAMES = {"musk": "Elon Musk", "putin": "Vladimir Putin"}
WATCH = watch_from(WatchSettings(name="pair", all=("musk", "putin"), channels=("mail", "hook")))
SETTINGS = DeliverSettings(timeout=timedelta(seconds=1), retry_first=timedelta(milliseconds=50))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(LogFile(tmp_path / "log.db"), TOPICS, SystemClock())
    log.create()
    yield log
    log.close()


def run(log: SqliteLog, name: str, stage: Stage, until: Callable[[], bool], perform: Perform | None = None) -> None:
    """One stage on its lane until something holds; ends it well."""
    (spec,) = lane_specs(STAGES[name], TOPICS)
    loop = Loop(
        stage,
        log.lane(spec),
        Outgoing(spec, TOPICS, "0"),
        clock=SystemClock(),
        guard=lambda _what, _limit: nullcontext(),
        metrics=LaneMetrics(CollectorRegistry()),
        limits=LoopLimits(idle_wait=timedelta(milliseconds=10), drain=timedelta(seconds=2)),
        performer=None if perform is None else Performer(perform),
    )
    thread = threading.Thread(target=loop.run)
    thread.start()
    latest = monotonic() + 10
    while not until() and monotonic() < latest:
        sleep(0.01)
    loop.stop()
    thread.join(10)
    assert until(), "nothing happened within 10 s"


def put(log: SqliteLog, *events: StoryEvent) -> None:
    log.append([NewRecord(topic=STORY_EVENTS, partition=0, key=e.story_id, value=encode(e)) for e in events])


def states(log: SqliteLog) -> dict[str, Delivery]:
    """The ledger's lines as committed, by channel."""
    (spec,) = lane_specs(STAGES["deliver"], TOPICS)
    lane = log.lane(spec)
    lines = [decode(r.value, Delivery) for r in lane.restore() if (r.key or "").startswith("delivery:")]
    lane.close()
    return {line.channel: line for line in lines}


def channels(mail: SmtpServer, hook: SlackServer) -> dict[str, Channel]:
    server = MailServer(host="127.0.0.1", port=mail.port, security="none")
    return {
        "mail": EmailSender(server, Envelope(sender="w@desk.example", to=("o@desk.example",))),
        "hook": SlackSender(SecretStr(hook.url)),
    }


def deliver(log: SqliteLog, by: dict[str, Channel], until: Callable[[], bool]) -> None:
    run(log, "deliver", Deliver(by.keys(), SETTINGS), until, Sender(by, Manner(names=NAMES)))


def test_the_pair_is_told_once_through_both_channels(log: SqliteLog) -> None:
    with SmtpServer() as mail, SlackServer(Reply(500, "boom")) as hook:
        by = channels(mail, hook)
        deliver(log, by, lambda: True)  # its first start: later alerts are new to it
        put(log, event(headline("*MUSK* met *PUTIN*")), event(headline("*MUSK* and *PUTIN* again"), number=2))
        alerts = Alerts([WATCH], NAMES)
        run(log, "alerts", alerts, lambda: alerts._state.told("st-1") != {})
        deliver(log, by, lambda: len(mail.letters) == 1 and len(hook.posts) == 2)
        deliver(log, by, lambda: True)
        assert {name: line.state for name, line in states(log).items()} == {
            "mail": DeliveryState.SENT,
            "hook": DeliveryState.SENT,
        }
        assert (len(mail.letters), len(hook.posts)) == (1, 2)
        assert "Elon Musk and Vladimir Putin: MUSK met PUTIN" in mail.letters[0]["Subject"]


def test_a_send_without_an_answer_is_repeated_with_a_mark(log: SqliteLog) -> None:
    with SmtpServer() as mail, SlackServer(Reply(how="hang")) as hook:
        by = channels(mail, hook)
        deliver(log, by, lambda: True)
        put(log, event(headline("*MUSK* met *PUTIN*")))
        alerts = Alerts([WATCH], NAMES)
        run(log, "alerts", alerts, lambda: alerts._state.told("st-1") != {})
        deliver(log, by, lambda: len(hook.posts) == 2)
        assert ["may repeat" in str(post) for post in hook.posts] == [False, True]
        assert len(mail.letters) == 1, "the slow channel delayed nobody"
        line = states(log)["hook"]
        assert (line.state, line.attempts, line.doubtful) == (DeliveryState.SENT, 2, 1)
