"""The states of a delivery, and what leads from one to the next."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from alerts.delivery import Delivery, DeliveryState, answered, begun, doubted, expired, taken
from alerts.outcome import Accepted, NoAnswer, Outcome, Refused, TryLater
from tests.alert_samples import alert
from tests.messages import NOON
from wire.settings import DeliverSettings

S = DeliveryState
SETTINGS = DeliverSettings(
    timeout=timedelta(seconds=20),
    retry_first=timedelta(seconds=5),
    retry_longest=timedelta(seconds=60),
    deadline=timedelta(hours=2),
)


def new() -> Delivery:
    return taken(alert(), "mail", order=7, now=NOON, settings=SETTINGS)


def sending(attempts: int = 1) -> Delivery:
    return replace(begun(new(), now=NOON, settings=SETTINGS), attempts=attempts)


OUTCOMES: dict[str, tuple[int, Outcome, DeliveryState, int | None, int]] = {
    # name: (attempts so far, outcome) -> state, seconds to the next try, tries in doubt
    "accepted": (1, Accepted(), S.SENT, None, 0),
    "refused": (1, Refused(reason="no such user"), S.FAILED, None, 0),
    "later, first time": (1, TryLater(reason="busy"), S.RETRY, 5, 0),
    "later, second time": (2, TryLater(reason="busy"), S.RETRY, 10, 0),
    "later, fourth time": (4, TryLater(reason="busy"), S.RETRY, 40, 0),
    "later, fifth time: longest": (5, TryLater(reason="busy"), S.RETRY, 60, 0),
    "later, thousandth time: longest": (1000, TryLater(reason="busy"), S.RETRY, 60, 0),
    "asked to wait longer": (1, TryLater(reason="429", after_seconds=90), S.RETRY, 90, 0),
    "asked to wait less": (3, TryLater(reason="429", after_seconds=1), S.RETRY, 20, 0),
    "a mistyped wait is an hour": (1, TryLater(reason="429", after_seconds=1e9), S.RETRY, 3600, 0),
    "a negative wait is none": (1, TryLater(reason="429", after_seconds=-5), S.RETRY, 5, 0),
    "no answer: after `until`, in doubt": (1, NoAnswer(reason="cut"), S.RETRY, 20, 1),
}


@pytest.mark.parametrize("case", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_answered(case: tuple[int, Outcome, DeliveryState, int | None, int]) -> None:
    attempts, outcome, state, seconds, doubtful = case
    after = answered(sending(attempts), outcome, now=NOON, settings=SETTINGS)
    wait = None if after.next_try is None else (after.next_try - NOON).total_seconds()
    assert (after.state, wait, after.doubtful) == (state, seconds, doubtful)
    assert after.open == (state is S.RETRY)
    assert after.delivery_id == new().delivery_id
    assert after.until is None


def test_a_new_one_is_due_at_once_and_while_sending_never() -> None:
    assert new().is_due(NOON)
    assert not sending().is_due(NOON + timedelta(days=9))
    assert sending().until == NOON + timedelta(seconds=20)


def test_two_channels_have_two_ids() -> None:
    other = taken(alert(), "slack", order=7, now=NOON, settings=SETTINGS)
    assert (
        other.delivery_id
        != new().delivery_id
        == taken(alert(), "mail", order=9, now=NOON, settings=SETTINGS).delivery_id
    )


def test_no_try_begins_after_the_deadline() -> None:
    late = NOON + timedelta(hours=2, seconds=-3)
    after = answered(sending(), TryLater(reason="busy"), now=late, settings=SETTINGS)
    assert (after.state, after.reason) == (S.FAILED, "no try is left before the deadline; last: busy")


def test_one_that_waited_too_long_fails_and_says_what_was_last() -> None:
    waiting = answered(sending(), TryLater(reason="450 busy"), now=NOON, settings=SETTINGS)
    assert waiting.is_due(NOON + timedelta(hours=2))
    assert expired(waiting, now=NOON).reason == "not sent before its deadline; last: 450 busy"


def test_doubt_waits_out_the_time_in_which_a_dead_process_may_still_send() -> None:
    after = doubted(sending(), "the process ended", now=NOON + timedelta(seconds=2), settings=SETTINGS)
    assert after.next_try == NOON + timedelta(seconds=20)
    assert (after.doubtful, after.reason) == (1, "in doubt: the process ended")
