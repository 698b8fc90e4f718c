"""Whatever happens to the broker or the process during a commit: all of it counts or nothing, and success is never said
of what did not happen.

The client itself gets this wrong in several of these cases: it returns from a commit that wrote nothing, or blocks for
ever.  A commit that blocks has to pass a limit at which the watchdog would end the process; what it wrote is whole.
"""

from collections.abc import Iterator
from time import sleep

import pytest

from tests.kafka.faulty_commit import DOUBT, HUNG, Case, Victim, commit_under
from tests.real_broker import real_broker

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def sleep_too_long(_: Victim) -> None:
    """As a stopped process does; the broker gives the transaction up meanwhile."""
    sleep(9)


def lose_the_answer(_: Victim) -> None:
    raise ConnectionError("the answer was lost")


NO_SUCCESS = (DOUBT, HUNG)
CASES = {
    "broker stopped, records unsent": Case("send", Victim.stop_for_a_while),
    "broker stopped, records on their way": Case("flush", Victim.stop_for_a_while),
    "broker stopped, records written": Case("send offsets", Victim.stop_for_a_while),
    "broker stopped, end of transaction on its way": Case("commit", Victim.stop_for_a_while),
    "broker killed, records unsent": Case("send", Victim.kill),
    "broker killed, records written": Case("flush", Victim.kill, after=True),
    "broker killed, end of transaction on its way": Case("commit", Victim.kill),
    "process stopped, records unsent": Case("send", sleep_too_long, outcomes=NO_SUCCESS, written=False),
    "process stopped, records written": Case("flush", sleep_too_long, after=True, outcomes=NO_SUCCESS, written=False),
    "process stopped before the end": Case("commit", sleep_too_long, outcomes=NO_SUCCESS, written=False),
    "answer lost after the end": Case("commit", lose_the_answer, after=True, outcomes=NO_SUCCESS, written=True),
}


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """A broker of this module's own: it is stopped and killed."""
    with real_broker(tmp_path_factory.mktemp("victim")) as broker:
        yield Victim(broker)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_commit_is_whole(victim: Victim, prefix: str, case: Case) -> None:
    seen = commit_under(case, victim, prefix)
    assert seen.outcome in case.outcomes
    assert case.written in (None, seen.written)


HUGE = "2" * 3_000_000  # more than the client takes: its `send` does not raise, it returns a failed future


def test_a_record_that_the_client_did_not_take_is_a_doubt(victim: Victim, prefix: str) -> None:
    no_fault = Case("send", lambda _: None, second=HUGE)
    seen = commit_under(no_fault, victim, prefix)
    assert seen.outcome in NO_SUCCESS
    assert not seen.written
