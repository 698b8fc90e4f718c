"""Every alert reaches every channel once, or the ledger says what happened instead."""

import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery import DeliveryState
from alerts.ledger import ENDED_FOR
from alerts.outcome import Accepted, NoAnswer, Outcome, Refused, SendRequest, SendResult, TryLater
from tests.alert_samples import alert
from tests.deliver_desk import desk
from tests.messages import NOON
from tests.stage_runner import StageRunner
from wire.codec import encode
from wire.errors import Undecodable
from wire.log.port import Record
from wire.messages import AlertKind
from wire.stage import DUE, ERROR, RESULT, STARTED, Failure, WorkFailed
from wire.topics import ALERTS

S = DeliveryState
LATER: Outcome = TryLater(reason="busy")


def test_one_delivery_per_channel_each_sent_once() -> None:
    run = desk()
    run.alert(alert())
    assert sorted(request.channel for request in run.turn()) == ["mail", "slack"]
    run.later(days=1)
    assert run.turn() == []
    assert run.states() == {"mail": S.SENT, "slack": S.SENT}
    assert not any(key.startswith("alert:") for key in run.state), "the text goes with the last delivery"


def test_an_alert_read_twice_is_delivered_once() -> None:
    run = desk()
    run.alert(alert())
    run.turn()
    run.alert(alert())
    run.alert(alert(channels=("slack", "slack")))
    assert run.turn() == []


def test_a_refusal_fails_that_channel_alone() -> None:
    run = desk()
    run.alert(alert())
    run.turn(lambda request: Refused(reason="403 no_service") if request.channel == "slack" else Accepted())
    assert run.states() == {"mail": S.SENT, "slack": S.FAILED}


def test_a_retry_comes_after_its_pause_with_the_same_key() -> None:
    run = desk()
    run.alert(alert(channels=("mail",)))
    (first,) = run.turn(lambda _: LATER)
    run.later(seconds=4)
    assert run.begin() == []
    run.later(seconds=1)
    (second,) = run.turn()
    assert (second.delivery_id, second.attempt, second.may_repeat) == (first.delivery_id, 2, False)


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        (ERROR, encode(WorkFailed(reason="no answer within 20 s", timed_out=True))),
        (ERROR, encode(WorkFailed(reason="OSError: gone"))),
        (RESULT, encode(SendResult(outcome=NoAnswer(reason="the connection ended")))),
    ],
)
def test_what_ended_without_an_answer_is_sent_again_and_says_so(topic: str, value: bytes) -> None:
    run = desk()
    run.alert(alert(channels=("mail",)))
    (request,) = run.begin()
    run.take(Record(topic=topic, key=request.delivery_id, value=value), run.now)
    (line,) = run.lines()
    assert (line.state, line.doubtful) == (S.RETRY, 1)
    run.later(seconds=30)
    (again,) = run.turn()
    assert (again.may_repeat, again.delivery_id) == (True, request.delivery_id)
    (line,) = run.lines()
    assert (line.state, line.doubtful, line.attempts) == (S.SENT, 1, 2)


def test_a_successor_waits_out_what_a_dead_process_may_still_do() -> None:
    run = desk()
    run.alert(alert(channels=("mail",)))
    run.begin()
    run.later(seconds=1)
    after = run.restart()
    assert isinstance(after, StageRunner)
    assert after.stage.due(run.now) == []
    after.take(Record(topic=STARTED), run.now)
    assert after.stage.due(run.now + timedelta(seconds=18)) == []
    (due,) = after.stage.due(run.now + timedelta(seconds=19))
    after.take(due, run.now + timedelta(seconds=19))
    (work,) = after.work
    assert isinstance(work.body, SendRequest)
    assert work.body.may_repeat


def test_a_restart_sends_nothing_again() -> None:
    run = desk()
    run.alert(alert())
    run.turn()
    after = run.restart()
    after.take(Record(topic=STARTED), NOON)
    assert after.stage.due(NOON + timedelta(days=2)) == []


def test_one_channel_and_story_keep_their_order() -> None:
    run = desk()
    run.alert(alert(alert_id="al-1", channels=("mail",)))
    run.alert(alert(alert_id="al-2", channels=("mail",)))
    run.alert(alert(alert_id="al-3", story_id="st-2", channels=("mail",)))
    assert [r.alert.alert_id for r in run.turn(lambda r: LATER if r.alert.story_id == "st-1" else Accepted())] == [
        "al-1",
        "al-3",
    ]
    run.later(seconds=5)
    assert [r.alert.alert_id for r in run.turn()] == ["al-1"]
    assert [r.alert.alert_id for r in run.turn()] == ["al-2"]


def test_a_slow_channel_takes_its_share_and_no_more() -> None:
    run = desk()
    for number in range(40):
        run.alert(alert(alert_id=f"al-{number}", story_id=f"st-{number}", channels=("mail",)))
    assert len(run.begin()) == 4
    run.alert(alert(alert_id="al-x", channels=("slack",)))
    assert [request.channel for request in run.begin()] == ["slack"]


def test_channels_take_turns() -> None:
    run = desk()
    for number in range(3):
        run.alert(alert(alert_id=f"al-{number}", story_id=f"st-{number}"))
    assert [request.channel for request in run.begin()] == ["mail", "slack"] * 3


def test_a_channel_that_asks_for_a_break_gets_it_for_all_it_has() -> None:
    run = desk()
    run.alert(alert(alert_id="al-1"))
    run.turn(lambda r: TryLater(reason="429", after_seconds=30) if r.channel == "slack" else Accepted())
    run.alert(alert(alert_id="al-2", story_id="st-2"))
    run.later(seconds=29)
    assert [request.channel for request in run.turn()] == ["mail"]
    run.later(seconds=1)
    assert [request.alert.alert_id for request in run.turn()] == ["al-1", "al-2"]


def test_what_is_still_waiting_at_the_deadline_fails_even_in_a_break() -> None:
    run = desk()
    run.alert(alert(channels=("slack",)))
    run.turn(lambda _: TryLater(reason="429", after_seconds=3000))
    run.later(hours=24)
    assert run.begin() == []
    (line,) = run.lines()
    assert (line.state, line.reason) == (S.FAILED, "not sent before its deadline; last: 429")


def test_a_channel_that_the_settings_no_longer_have() -> None:
    run = desk(("mail",))
    run.alert(alert())
    assert [request.channel for request in run.turn()] == ["mail"]
    assert run.states() == {"mail": S.SENT, "slack": S.FAILED}
    assert run.lines()[1].reason == "the settings have no channel of that name"


def test_a_late_word_on_a_try_that_was_judged_is_passed_over() -> None:
    run = desk()
    run.alert(alert(channels=("mail",)))
    (request,) = run.begin()
    run.end(request, NoAnswer(reason="cut"))
    before = dict(run.state)
    run.end(request, Accepted())
    assert run.state == before


def test_a_delivery_whose_record_raises_fails() -> None:
    run = desk()
    run.alert(alert(channels=("mail",)))
    (request,) = run.begin()
    bad = Record(topic=RESULT, key=request.delivery_id, value=b"{")
    with pytest.raises(Undecodable):
        run.take(bad, run.now)
    run.fail(bad, Failure(code="undecodable", reason="not JSON"), run.now)
    assert run.states() == {"mail": S.FAILED}
    assert run.fail(Record(topic=ALERTS, value=b"{"), Failure(code="x", reason="y"), run.now).changes == ()


def test_alerts_of_a_newer_program_are_passed_over() -> None:
    run = desk()
    run.alert(alert(kind=AlertKind.OTHER))
    assert run.state == {}


def test_two_doubts_about_one_alert_leave_nothing_behind() -> None:
    run = desk()
    run.alert(alert())
    run.begin()
    run.later(hours=25)
    after = run.restart()
    after.take(Record(topic=STARTED), run.now)
    assert [key for key in after.state if key.startswith("alert:")] == []


def test_ended_deliveries_are_kept_as_long_as_their_alerts() -> None:
    run = desk()
    run.alert(alert(channels=("mail",)))
    run.turn()
    run.now += ENDED_FOR
    run.alert(alert(alert_id="al-2", channels=("mail",)))
    assert len(run.lines()) == 2
    run.later(seconds=1)
    run.alert(alert(alert_id="al-3", channels=("mail",)))
    assert {line.alert_id for line in run.lines()} == {"al-2", "al-3"}


def test_the_ledger_does_not_grow_with_the_uptime_however_many_channels_there_are() -> None:
    run = desk()
    for day in range(2 * ENDED_FOR.days):
        run.alert(alert(alert_id=f"al-{day}", story_id=f"st-{day}"))
        run.turn()
        run.later(days=1)
    assert len(run.lines()) <= 2 * (ENDED_FOR.days + 2)


OUTCOMES: list[Outcome] = [
    Accepted(),
    Refused(reason="r"),
    LATER,
    TryLater(reason="w", after_seconds=9),
    NoAnswer(reason="n"),
]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(OUTCOMES), st.booleans()), max_size=12),
    st.integers(0, 2**32),
)
def test_a_restart_in_any_order_of_keys_decides_alike(steps: list[tuple[int, Outcome, bool]], seed: int) -> None:
    run = desk()
    for number, (story, outcome, left_open) in enumerate(steps):
        run.alert(alert(alert_id=f"al-{number}", story_id=f"st-{story}"))
        if not left_open:
            run.turn(lambda _, said=outcome: said)  # type: ignore[misc]
        elif number % 2:
            run.begin()
        run.later(seconds=3)
    after = run.restart(lambda keys: random.Random(seed).sample(list(keys), len(keys)))
    for moment in (run.now, run.now + timedelta(seconds=30), run.now + timedelta(days=2)):
        assert after.stage.due(moment) == run.stage.due(moment)
    for runner in (run, after):
        runner.take(Record(topic=STARTED), run.now)
        runner.take_all(runner.stage.due(run.now + timedelta(days=1)), run.now + timedelta(days=1))
    assert after.state == run.state
    assert msgspec.json.encode(after.outputs) == msgspec.json.encode(run.outputs)
    assert {key.split(":")[0] for key in run.state} <= {"delivery", "alert", "pause", "trouble"}
    assert DUE not in run.state
