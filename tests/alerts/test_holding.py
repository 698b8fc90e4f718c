"""What is held is sent in the end, once and in order: quiet hours, digests, floods, mutes, rates, trouble."""

import random
from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery import DeliveryState
from alerts.outcome import Accepted, Outcome, Refused, SendRequest, TryLater
from alerts.policy import Policy, Urgency
from tests.alert_samples import alert
from tests.deliver_desk import SETTINGS, Desk, desk
from tests.messages import NOON
from wire.codec import encode
from wire.headers import REPLAY
from wire.log.port import Record
from wire.messages import Alert, AlertKind, Command, CommandKind
from wire.settings import DeliverSettings
from wire.stage import STARTED
from wire.topics import ALERTS
from wire.watch_settings import DigestSchedule, FloodGuard, QuietHours

S = DeliveryState
KYIV = ZoneInfo("Europe/Kyiv")
# From 11:00 to 13:30 UTC at this time of the year; noon is within.
QUIET = QuietHours.model_validate({"start": "13:00", "end": "15:30"})
MORNING = DigestSchedule.model_validate({"at": ["08:00", "18:00"]})


def one(number: int, story: str = "", **said: object) -> Alert:
    named = {"alert_id": f"al-{number}", "story_id": story or f"st-{number}", "channels": ("mail",), **said}
    return alert(**named)


def ids(requests: list[SendRequest]) -> list[list[str]]:
    """The alerts in each message."""
    return [[a.alert_id for a in request.members] or [request.alert.alert_id] for request in requests]


def test_quiet_hours_hold_and_their_end_sends_one_digest() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET))
    for number in range(3):
        run.alert(one(number))
        run.later(minutes=20)
    assert run.begin() == []
    assert {line.state for line in run.lines()} == {S.HELD}
    run.at(datetime(2026, 3, 1, 13, 29, tzinfo=UTC))
    assert run.begin() == []
    run.later(minutes=1)
    (digest,) = run.turn()
    assert (digest.alert.kind, digest.alert.title, digest.alert.why) == (
        AlertKind.DIGEST,
        "3 messages",
        "Held back: quiet hours",
    )
    assert ids([digest]) == [["al-0", "al-1", "al-2"]]
    assert {line.state for line in run.lines()} == {S.SENT}
    assert not any(key.startswith("alert:") for key in run.state)
    run.alert(one(9))
    assert ids(run.turn()) == [["al-9"]]


def test_what_was_held_alone_is_sent_as_it_is() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET))
    run.alert(one(1))
    run.later(hours=2)
    assert ids(run.turn()) == [["al-1"]]


def test_held_over_a_restart_and_its_deadline_counts_from_the_release() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET), settings=DeliverSettings(deadline=timedelta(minutes=5)))
    run.alert(one(1))
    run.alert(one(2))
    after = run.restart()
    assert isinstance(after, Desk) or after.state == run.state
    run.later(hours=1, minutes=30)
    assert ids(run.turn()) == [["al-1", "al-2"]]


def test_high_urgency_is_not_held() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET, digest=MORNING, urgency=Urgency.HIGH))
    run.alert(one(1))
    (request,) = run.turn()
    assert request.urgent


def test_a_digest_s_time_and_quiet_hours_at_it() -> None:
    run = desk(policy=Policy(zone=KYIV, digest=MORNING))
    run.alert(one(1))
    run.alert(one(2))
    run.at(datetime(2026, 3, 1, 15, 59, tzinfo=UTC))
    assert run.turn() == []
    run.later(minutes=1)
    assert ids(run.turn()) == [["al-1", "al-2"]]
    evening = QuietHours.model_validate({"start": "17:00", "end": "20:00"})
    both = desk(policy=Policy(zone=KYIV, digest=MORNING, quiet=evening))
    both.alert(one(1))
    both.at(datetime(2026, 3, 1, 17, 59, tzinfo=UTC))
    assert both.turn() == []
    both.later(minutes=1)
    assert ids(both.turn()) == [["al-1"]]


def test_an_update_never_overtakes_what_is_held_of_its_story() -> None:
    run = desk(policy=Policy(flood=FloodGuard(most=1, within=timedelta(minutes=10))))
    run.alert(one(0, "st-0"))
    run.alert(one(1, "st-1"))
    run.turn()
    run.later(minutes=9)
    run.alert(one(2, "st-1", kind=AlertKind.UPDATE))
    assert run.turn() == []
    run.later(minutes=1)
    assert ids(run.turn()) == [["al-1", "al-2"]]


def test_what_comes_after_a_digest_waits_for_it() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET))
    run.alert(one(1, "st-1"))
    run.alert(one(2))
    run.later(hours=2)
    assert len(run.turn(lambda _: TryLater(reason="busy"))) == 1
    run.alert(one(3, "st-1", kind=AlertKind.UPDATE))
    assert run.begin() == []
    run.later(seconds=5)
    assert ids(run.turn()) == [["al-1", "al-2"]]
    assert ids(run.turn()) == [["al-3"]]


def test_a_flood_turns_to_a_digest_and_says_so_once() -> None:
    run = desk(policy=Policy(flood=FloodGuard(most=3, within=timedelta(minutes=10))))
    for number in range(8):
        run.alert(one(number))
        run.later(seconds=1)
    sent = run.turn() + run.turn()
    notices = [r.alert for r in sent if r.alert.kind is AlertKind.NOTICE]
    assert [n.title for n in notices] == ["3 messages within 10 min: the rest come as a digest"]
    assert sorted(i for i, *_ in ids(sent) if i.startswith("al-")) == ["al-0", "al-1", "al-2"]
    run.later(minutes=10)
    assert ids(run.turn()) == [["al-3", "al-4", "al-5", "al-6", "al-7"]]
    run.alert(one(9))
    assert ids(run.turn()) == [["al-9"]]


def test_a_long_digest_comes_in_parts() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET))
    for number in range(60):
        run.alert(one(number))
    run.later(hours=2)
    sizes = [len(r.members) for _ in range(4) for r in run.turn()]
    assert sizes == [25, 25, 10]
    assert {line.state for line in run.lines()} == {S.SENT}


def test_a_digest_that_is_refused_fails_all_that_is_in_it_and_operators_are_told() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET))
    run.alert(one(1))
    run.alert(one(2))
    run.later(hours=2)
    run.turn(lambda _: Refused(reason="550 no such user"))
    assert {line.state for line in run.lines()} == {S.FAILED}
    (complaint,) = run.turn()
    assert (complaint.channel, complaint.alert.title) == (
        "slack",
        "Channel mail: 2 deliveries failed since 14:00 UTC",
    )


def mute(target: str, hours: float) -> Command:
    return Command(
        command_id=f"c-{target}",
        stage="deliver",
        kind=CommandKind.MUTE,
        target=target,
        who="ada",
        when=NOON,
        until=NOON + timedelta(hours=hours),
    )


@pytest.mark.parametrize("target", ["musk-putin", "st-1"])
def test_a_muted_watch_or_story_sends_nothing_until_its_end(target: str) -> None:
    run = desk()
    run.command(mute(target, 2))
    run.alert(one(1))
    assert run.turn() == []
    (line,) = run.lines()
    assert (line.state, line.reason) == (S.MUTED, f"{target} was muted by ada until 2026-03-01 14:00 UTC")
    run.later(hours=2)
    run.alert(one(2, "st-1"))
    assert ids(run.turn()) == [["al-2"]]


def test_a_mute_also_stops_what_waits_already() -> None:
    run = desk(policy=Policy(zone=KYIV, quiet=QUIET))
    run.alert(one(1))
    run.alert(one(2))
    run.command(mute("st-1", 5))
    run.later(hours=2)
    assert ids(run.turn()) == [["al-2"]]
    assert [line.state for line in run.lines()] == [S.MUTED, S.SENT]
    assert not any(key.startswith("alert:") for key in run.state)


def test_what_was_never_sent_makes_no_flood() -> None:
    """Muted while it came, or read again after a reset: nobody had a message of it."""
    run = desk(policy=Policy(flood=FloodGuard(most=2, within=timedelta(minutes=10))))
    run.command(mute("musk-putin", 2))
    for number in range(5):
        run.alert(one(number))
    run.command(mute("musk-putin", 0))
    for number in range(5, 8):
        replayed = Record(topic=ALERTS, offset=number, value=encode(one(number)), headers=((REPLAY, b"1"),))
        run.take(replayed, run.now)
    run.alert(one(9))
    assert ids(run.turn()) == [["al-9"]]


def test_a_mute_is_ended_by_another() -> None:
    run = desk()
    run.command(mute("musk-putin", 2))
    run.command(mute("musk-putin", 0))
    run.alert(one(1))
    assert ids(run.turn()) == [["al-1"]]


def test_a_rate_is_kept_and_nothing_is_lost() -> None:
    run = desk(per_second={"mail": 1.0})
    for number in range(3):
        run.alert(one(number))
    moments = []
    for _ in range(20):
        moments += [round((run.now - NOON).total_seconds(), 1) for _ in run.turn()]
        run.later(seconds=0.2)
    assert moments == [0.0, 1.0, 2.0]


RATES = {  # tries a second: when the first ones begin, in seconds; no second has more than the next whole number
    "between one and two": (1.5, [0.0, 0.0, 1.4, 1.4, 2.8, 2.8]),
    "between two and three": (2.5, [0.0, 0.0, 0.0, 1.2, 1.2, 1.2]),
    "below one": (0.4, [0.0, 2.5, 5.0, 7.5, 10.0, 12.5]),
}


@pytest.mark.parametrize(("rate", "moments"), RATES.values(), ids=RATES.keys())
def test_a_rate_need_not_be_whole(rate: float, moments: list[float]) -> None:
    run = desk(per_second={"mail": rate})
    for number in range(len(moments)):
        run.alert(one(number))
    begun: list[float] = []
    while len(begun) < len(moments):
        begun += [round((run.now - NOON).total_seconds(), 1) for _ in run.turn()]
        run.later(seconds=0.1)
    assert begun == moments


def test_a_slow_rate_is_one_in_so_many_seconds() -> None:
    run = desk(per_second={"mail": 0.1})
    run.alert(one(1))
    run.alert(one(2))
    assert ids(run.turn()) == [["al-1"]]
    run.later(seconds=9)
    assert run.turn() == []
    run.later(seconds=1)
    assert ids(run.turn()) == [["al-2"]]


def test_urgent_ones_go_first() -> None:
    run = desk(per_second={"mail": 1.0}, policy=Policy(urgency=Urgency.HIGH))
    run.alert(one(1, watch="other"))
    run.alert(one(2))
    assert ids(run.turn()) == [["al-2"]]


def test_updates_know_the_first_message_of_their_story() -> None:
    run = desk()
    run.alert(one(1, "st-1"))
    run.turn(lambda _: Accepted(receipt="17.5"))
    run.alert(one(2, "st-1", kind=AlertKind.UPDATE))
    (update,) = run.turn(lambda _: Accepted(receipt="18.5"))
    run.alert(one(3, "st-1", kind=AlertKind.UPDATE))
    (again,) = run.turn()
    assert (update.thread, again.thread) == ("17.5", "17.5")


def refuse_slack(request: SendRequest) -> Outcome:
    return Refused(reason="invalid_auth") if request.channel == "slack" else Accepted()


def test_failures_of_a_channel_are_told_through_another_at_most_once_an_hour() -> None:
    run = desk()
    told = []
    for number in range(30):
        run.alert(one(number, channels=("slack",)))
        told += [r.alert.title for r in run.turn(refuse_slack) if r.channel == "mail"]
        run.later(minutes=5)
    assert told == [
        "Channel slack: 1 delivery failed since 12:00 UTC",
        "Channel slack: 12 deliveries failed since 12:05 UTC",
        "Channel slack: 12 deliveries failed since 13:05 UTC",
    ]


def test_operators_have_a_channel_of_their_choice() -> None:
    settings = SETTINGS.model_copy(update={"operators": ("ops",)})
    run = desk(("mail", "slack", "ops"), settings=settings)
    run.alert(one(1, channels=("slack",)))
    run.turn(refuse_slack)
    assert [request.channel for request in run.turn()] == ["ops"]


def test_where_the_operators_own_channel_fails_another_one_says_so() -> None:
    settings = SETTINGS.model_copy(update={"operators": ("slack",)})
    run = desk(("slack", "mail"), settings=settings)
    run.alert(one(1, channels=("slack",)))
    run.turn(refuse_slack)
    assert [request.channel for request in run.turn()] == ["mail"]


def test_a_complaint_that_fails_brings_no_other() -> None:
    run = desk()
    run.alert(one(1, channels=("slack",)))
    for _ in range(5):
        run.turn(lambda _: Refused(reason="no"))
        run.later(hours=2)
    assert len([line for line in run.lines() if line.watch == "operators"]) == 1


@pytest.mark.slow
def test_a_long_backlog_of_a_dead_channel_costs_the_others_nothing() -> None:
    run = desk()
    for number in range(5000):
        run.alert(one(number, channels=("slack",)))
    run.turn(lambda _: TryLater(reason="429", after_seconds=3600))
    begun = perf_counter()
    for _ in range(100):
        assert run.stage.due(run.now) == []
    assert perf_counter() - begun < 0.5, "5 ms each would be ten times what all else of a turn costs"
    run.alert(one(9999))
    assert ids(run.turn()) == [["al-9999"]]


STEPS = st.tuples(
    st.integers(0, 3), st.integers(0, 90), st.sampled_from(["ok", "later", "doubt", "open"]), st.booleans()
)


@given(st.lists(STEPS, max_size=20), st.integers(0, 2**32))
def test_every_alert_is_sent_once_whatever_holds_it_and_restarts_decide_alike(
    steps: list[tuple[int, int, str, bool]], seed: int
) -> None:
    policy = Policy(zone=KYIV, quiet=QUIET, flood=FloodGuard(most=2, within=timedelta(minutes=10)))
    run = desk(("mail", "slack"), policy=policy)
    sent: list[str] = []

    def answer(word: str, request: SendRequest) -> Outcome:
        if word == "ok":
            sent.extend(i for (*them,) in ids([request]) for i in them if i.startswith("al-"))
            return Accepted(receipt="r")
        return TryLater(reason="busy", after_seconds=1)

    for number, (story, minutes, word, dies) in enumerate(steps):
        run.alert(one(number, f"st-{story}"))
        if word == "open":
            for request in run.begin():
                run.end(request, answer("later", request))
        else:
            run.turn(lambda request, said=word: answer(said, request))  # type: ignore[misc]
        if dies:
            fresh = run.restart(lambda keys: random.Random(seed).sample(list(keys), len(keys)))
            assert fresh.state == run.state
            assert fresh.stage.due(run.now) == run.stage.due(run.now)
            run.stage = fresh.stage
            run.take(Record(topic=STARTED), run.now)
        run.later(minutes=minutes)
    for _ in range(60):
        run.later(minutes=20)
        run.turn(lambda request: answer("ok", request))
    assert sorted(sent) == sorted(f"al-{number}" for number in range(len(steps)))
