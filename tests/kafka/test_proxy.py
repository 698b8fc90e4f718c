"""Requests and answers that the network loses, delays or cuts: what is written is whole, what is read is complete.

A proxy between the client and a real broker does the harm, so that the client's own repairs are tested too.
"""

from collections.abc import Iterator
from itertools import product

import pytest

from tests.kafka.faulty_commit import LIMITS, Case, Fault, Victim, commit_under, restarted
from tests.kafka_proxy import Api, Harm, Proxy
from tests.real_broker import real_broker
from tests.wire.log.conformance import SPEC, TOPICS, new, take, texts
from wire.broker import Broker
from wire.errors import InDoubt, LogUnreachable
from wire.log.kafka import KafkaLog
from wire.settings import LogSettings

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
    seen = commit_under(Case(AT[api], harming(api, harm)), distant, prefix)
    distant.proxy.forget()
    assert distant.proxy.done[api, harm] == before + 1, "the harm was not done"
    assert seen.broken() == []
    if api is Api.END_TXN and harm is not Harm.LOST:
        assert seen.written, "the broker had ended it before its answer was lost"


def a_log(distant: Distant, prefix: str) -> KafkaLog:
    settings = LogSettings(kind="kafka", bootstrap=(distant.broker.bootstrap,), prefix=prefix)
    return KafkaLog(settings, TOPICS, environment={}, limits=LIMITS)


def test_reading_misses_and_repeats_nothing(distant: Distant, prefix: str) -> None:
    log = a_log(distant, prefix)
    log.create()
    lane = log.lane(SPEC)
    seen: list[str] = []
    for turn, harm in enumerate([*Harm, *Harm]):
        before = distant.proxy.done[Api.FETCH, harm]
        distant.proxy.order(Api.FETCH, harm)
        log.append([new("words", f"{turn}.{n}") for n in range(5)])
        taken = take(lane, 5)
        seen += texts(taken)
        lane.commit([new("sums", text) for text in texts(taken)], taken)
        assert distant.proxy.done[Api.FETCH, harm] == before + 1, "the harm was not done"
    lane.close()
    assert seen == [f"{turn}.{n}" for turn in range(8) for n in range(5)]


STARTS = [Api.INIT_PRODUCER_ID, Api.OFFSET_FETCH, Api.LIST_OFFSETS, Api.FETCH]


@pytest.mark.parametrize("harm", Harm)
def test_a_start_knows_everything_or_refuses(distant: Distant, prefix: str, harm: Harm) -> None:
    """No lost answer passes for 'there is nothing': the state is whole and the position is the one committed."""
    log = a_log(distant, prefix)
    log.create()
    log.append([new("words", str(n)) for n in range(9)])
    lane = log.lane(SPEC)
    taken = take(lane, 7)
    state = [new("memory", f"{n}", key=f"k{n}") for n in range(200)]
    lane.commit(state, taken)
    lane.close()
    for api in STARTS:
        before = distant.proxy.done[api, harm]
        distant.proxy.order(api, harm)
        try:
            successor = log.lane(SPEC)
            restored = texts(successor.restore())
            rest = texts(take(successor, 2))
            successor.close()
        except (LogUnreachable, InDoubt) as error:
            print(f"{api.name} {harm.name}: refused, {error}")
        else:
            assert (sorted(restored), rest) == (sorted(str(n) for n in range(200)), ["7", "8"])
        assert distant.proxy.done[api, harm] == before + 1, f"{api.name}: the harm was not done"
    restarted(lambda: log, distant).close()
