"""Requests and answers that the network loses, delays or cuts: what is written is whole, what is read is complete.

A proxy between the client and a real broker does the harm, so that the client's own repairs are tested too.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import product

import pytest

from tests.kafka.faulty_commit import (
    LIMITS,
    MOST_TRIES,
    PATIENT,
    SECOND,
    Case,
    Fault,
    Victim,
    again,
    commit_under,
    log_of,
)
from tests.kafka_proxy import Api, Harm, Proxy
from tests.real_broker import real_broker
from tests.wire.log.conformance import SPEC, everything, new, take, texts
from wire.broker import Broker
from wire.errors import InDoubt, LogUnreachable

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

# Longer than the client waits for an answer: it asks again, on another connection, what the broker has done already.
LATE = LIMITS.request.total_seconds() * 1.5


class Distant(Victim):
    """A broker behind a proxy."""

    def __init__(self, broker: Broker, proxy: Proxy) -> None:
        super().__init__(broker)
        self.proxy = proxy


@pytest.fixture(scope="module")
def distant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distant]:
    with Proxy(late=LATE) as proxy, real_broker(tmp_path_factory.mktemp("distant"), advertised=proxy.port) as broker:
        proxy.to = broker.port
        yield Distant(broker, proxy)


def harming(api: Api, harm: Harm) -> Fault:
    def fault(victim: Victim) -> None:
        assert isinstance(victim, Distant)
        victim.proxy.order(api, harm)

    return fault


AT = {  # the call during which the request is on its way
    Api.ADD_PARTITIONS: "send",
    Api.PRODUCE: "send",
    Api.ADD_OFFSETS: "send offsets",
    Api.TXN_OFFSET_COMMIT: "send offsets",
    Api.END_TXN: "commit",
}
CASES = {f"{api.name} {harm.name}": (api, harm) for api, harm in product(AT, Harm)}


@pytest.mark.parametrize(("api", "harm"), CASES.values(), ids=CASES.keys())
def test_a_commit_is_whole(distant: Distant, prefix: str, api: Api, harm: Harm) -> None:
    before = distant.proxy.done[api, harm]
    case = Case(AT[api], harming(api, harm), happened=lambda: distant.proxy.done[api, harm] > before)
    seen = commit_under(case, distant, prefix)
    if api is Api.END_TXN and harm is not Harm.LOST:
        assert seen.written, "the broker had ended it before its answer was lost"


def test_reading_misses_and_repeats_nothing(distant: Distant, prefix: str) -> None:
    """A lane that copies, opened again where an answer came too late for it."""
    patient, hasty = log_of(distant, prefix, PATIENT), log_of(distant, prefix, LIMITS)
    patient.create()
    lane = again(lambda: hasty.lane(SPEC), distant)
    harms = [*Harm, *Harm]
    for turn, harm in enumerate(harms, start=1):
        before = distant.proxy.done[Api.FETCH, harm]
        distant.proxy.order(Api.FETCH, harm)
        patient.append([new("words", f"{turn}.{n}") for n in range(5)])
        while len(everything(patient, "sums")) < 5 * turn or distant.proxy.done[Api.FETCH, harm] == before:
            try:
                if taken := lane.poll(5, SECOND):
                    lane.commit([new("sums", text) for text in texts(taken)], taken)
            except (LogUnreachable, InDoubt) as error:
                print(f"opened again: {error}")
                lane.close()
                lane = again(lambda: hasty.lane(SPEC), distant)
    lane.close()
    expected = [f"{turn}.{n}" for turn, _ in enumerate(harms, start=1) for n in range(5)]
    assert texts(everything(patient, "sums")) == expected


STARTS = [Api.INIT_PRODUCER_ID, Api.OFFSET_FETCH, Api.LIST_OFFSETS, Api.FETCH]


@pytest.mark.parametrize("api", STARTS)
@pytest.mark.parametrize("harm", Harm)
def test_a_start_knows_everything_or_refuses(distant: Distant, prefix: str, harm: Harm, api: Api) -> None:
    """No lost answer passes for 'there is nothing': the state is whole and the position is the one committed."""
    patient, hasty = log_of(distant, prefix, PATIENT), log_of(distant, prefix, LIMITS)
    patient.create()
    patient.append([new("words", str(n)) for n in range(9)])
    with closing(patient.lane(SPEC)) as lane:
        lane.commit([new("memory", f"{n}", key=f"k{n}") for n in range(200)], take(lane, 7))
    before = distant.proxy.done[api, harm]
    for _ in range(MOST_TRIES):
        distant.proxy.order(api, harm)
        try:
            with closing(hasty.lane(SPEC)) as successor:
                restored = texts(successor.restore())
                rest = texts(take(successor, 2))
        except (LogUnreachable, InDoubt) as error:
            print(f"{api.name} {harm.name}: refused, {error}")
        else:
            assert (sorted(restored), rest) == (sorted(str(n) for n in range(200)), ["7", "8"])
        distant.proxy.forget()
        if distant.proxy.done[api, harm] > before:  # else the machine stood still, and the start was refused earlier
            break
    assert distant.proxy.done[api, harm] == before + 1, "the harm was not done"


@pytest.mark.parametrize("harm", Harm)
def test_reading_begins_though_the_first_answer_is_lost(distant: Distant, prefix: str, harm: Harm) -> None:
    """A partition that has no leader for some seconds ends no stage that has just started."""
    patient = log_of(distant, prefix, PATIENT)
    patient.create()
    patient.append([new("words", str(n)) for n in range(3)])
    with closing(again(lambda: log_of(distant, prefix, LIMITS).lane(SPEC), distant)) as lane:
        before = distant.proxy.done[Api.LIST_OFFSETS, harm]
        distant.proxy.order(Api.LIST_OFFSETS, harm)
        assert texts(take(lane, 3)) == ["0", "1", "2"]
    assert distant.proxy.done[Api.LIST_OFFSETS, harm] == before + 1, "the harm was not done"
