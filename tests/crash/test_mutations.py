"""The checker is checked: each breach of the discipline is found by it, under the name of the rule that broke."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.checker import check
from tests.crash.life import Crash
from tests.crash.mutations import MUTATIONS
from tests.crash.poison import BAD
from tests.crash.run import Run, a_run
from tests.kafka_proxy import Api, Harm, Proxy
from tests.real_broker import real_broker
from wire.broker import Broker
from wire.settings import LogSettings

pytestmark = pytest.mark.slow

SEED = 20260302
SHORT = timedelta(seconds=8)
LIMIT = timedelta(seconds=180)
MOST_TRIES = 4
Fault = Callable[[Run, timedelta], None]  # the run, and how long a fault that lasts has to last


def killed(stage: str, point: str, *hits: int) -> Fault:
    def fault(run: Run, span: timedelta) -> None:
        run.crash({stage: [Crash(point, hit) for hit in hits]}, LIMIT)

    return fault


def answer_lost(stage: str, point: str) -> Fault:
    def fault(run: Run, span: timedelta) -> None:
        run.crash({stage: [Crash(point, 5, raising=True)]}, LIMIT)
        said = run.pipeline.output(stage)
        run.wait_for(lambda: f"fault at {point}" in said.read_text("utf-8"), "the lost answer")
        run.go_on(span)

    return fault


def two_owners(stage: str) -> Fault:
    def fault(run: Run, span: timedelta) -> None:
        said = run.pipeline.output(stage)
        before = said.read_text("utf-8").count('"restored"')
        run.pipeline.second(stage)
        run.wait_for(lambda: said.read_text("utf-8").count('"restored"') > before, "the second owner")
        run.go_on(span)
        for process in run.pipeline.extra:
            process.kill()

    return fault


def poisoned(run: Run, _span: timedelta) -> None:
    run.poison_with([BAD["not JSON"]])


def nothing_more(run: Run, span: timedelta) -> None:
    run.go_on(span)


CASES: dict[tuple[str, str], Fault] = {
    ("sqlite", "goes on after a doubtful commit"): answer_lost("cluster", "sqlite written"),
    ("sqlite", "poison passed over in silence"): poisoned,
    ("sqlite", "work begun before the commit"): killed("deliver", "work answered", 1, 2, 1),
    ("sqlite", "positions in a transaction of their own"): killed("enrich", "sqlite written", 4, 5),
    ("sqlite", "owner epoch not looked at"): two_owners("enrich"),
    ("sqlite", "a record not folded"): nothing_more,
    ("sqlite", "a step that looks at the clock"): nothing_more,
    ("kafka", "producer reused after an abort"): answer_lost("enrich", "kafka offsets sent"),
    ("kafka", "reads what is not committed"): killed("enrich", "kafka flushed", 4, 5, 4),
    ("kafka", "offsets outside the transaction"): killed("enrich", "kafka ended", 4, 5),
    ("kafka", "random transactional id"): two_owners("enrich"),
    ("kafka", "a record not folded"): nothing_more,
}


# One log is enough for `make test` where the breach is none of the log's.
LONG = {("sqlite", "a step that looks at the clock"), ("kafka", "a record not folded")}


def is_seen(mutation: str, fault: Fault, log: Callable[[str], LogSettings], folder: Path) -> None:
    """In one of some tries, each on a log of its own and longer than the one before.

    On a machine that stands still meanwhile a breach may have had no occasion.
    """
    for turn in range(1, MOST_TRIES + 1):
        place = folder / str(turn)
        place.mkdir()
        with a_run(log(f"try-{turn}."), place, seed=SEED + turn, mutation=mutation) as run:
            run.go_on(timedelta(seconds=1))
            fault(run, turn * timedelta(seconds=3))
            run.rest(SHORT)
            violations = check(run.evidence())
        broken = {violation.rule for violation in violations}
        print(f"try {turn}, seed {SEED + turn}", *map(str, violations), sep="\n")
        if broken & MUTATIONS[mutation].breaks:
            return
    raise AssertionError(f"found by {broken or 'nothing'}")


def cases(kind: str) -> list[object]:
    return [
        pytest.param(mutation, fault, id=mutation, marks=[pytest.mark.long] if (log, mutation) in LONG else [])
        for (log, mutation), fault in CASES.items()
        if log == kind
    ]


@pytest.mark.parametrize(("mutation", "fault"), cases("sqlite"))
def test_on_the_embedded_log(mutation: str, fault: Fault, tmp_path: Path) -> None:
    is_seen(mutation, fault, lambda name: LogSettings(path=tmp_path / f"{name}db"), tmp_path)


def on(broker: Broker, prefix: str) -> LogSettings:
    return LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)


@pytest.mark.kafka
@pytest.mark.parametrize(("mutation", "fault"), cases("kafka"))
def test_on_kafka(mutation: str, fault: Fault, tmp_path: Path, broker: Broker, prefix: str) -> None:
    is_seen(mutation, fault, lambda name: on(broker, prefix + name), tmp_path)


@pytest.mark.kafka
def test_futures_that_nobody_asks(tmp_path: Path) -> None:
    """The client gives records up that it cannot write in time, and commits the positions all the same."""

    def unavailable(run: Run, span: timedelta) -> None:
        for _ in range(3000):
            proxy.order(Api.PRODUCE, Harm.LOST)
        run.go_on(span + timedelta(seconds=1))
        proxy.forget()

    with Proxy(late=0) as proxy, real_broker(tmp_path / "broker", advertised=proxy.port) as broker:
        proxy.to = broker.port
        is_seen("futures not checked", unavailable, lambda name: on(broker, name), tmp_path)
