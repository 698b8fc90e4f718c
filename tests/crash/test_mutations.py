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
Fault = Callable[[Run], None]


def killed(stage: str, point: str, *hits: int) -> Fault:
    def fault(run: Run) -> None:
        run.crash({stage: [Crash(point, hit) for hit in hits]}, LIMIT)

    return fault


def answer_lost(stage: str, point: str) -> Fault:
    def fault(run: Run) -> None:
        run.crash({stage: [Crash(point, 5, raising=True)]}, LIMIT)
        said = run.pipeline.output(stage)
        run.wait_for(lambda: f"fault at {point}" in said.read_text("utf-8"), "the lost answer")
        run.go_on(timedelta(seconds=1))

    return fault


def two_owners(stage: str) -> Fault:
    def fault(run: Run) -> None:
        said = run.pipeline.output(stage)
        before = said.read_text("utf-8").count('"restored"')
        run.pipeline.second(stage)
        run.wait_for(lambda: said.read_text("utf-8").count('"restored"') > before, "the second owner")
        run.go_on(timedelta(seconds=3))
        for process in run.pipeline.extra:
            process.kill()

    return fault


def poisoned(run: Run) -> None:
    run.poison_with([BAD["not JSON"]])


def nothing_more(run: Run) -> None:
    run.go_on(timedelta(seconds=2))


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


def is_seen(mutation: str, fault: Fault, log: LogSettings, folder: Path) -> None:
    with a_run(log, folder, seed=SEED, mutation=mutation) as run:
        run.go_on(timedelta(seconds=1))
        fault(run)
        run.rest(SHORT)
        violations = check(run.evidence())
    broken = {violation.rule for violation in violations}
    print("\n".join(map(str, violations))[:3000])
    assert broken & MUTATIONS[mutation].breaks, f"found by {broken or 'nothing'}"


def cases(kind: str) -> list[object]:
    return [
        pytest.param(mutation, fault, id=mutation, marks=[pytest.mark.long] if (log, mutation) in LONG else [])
        for (log, mutation), fault in CASES.items()
        if log == kind
    ]


@pytest.mark.parametrize(("mutation", "fault"), cases("sqlite"))
def test_on_the_embedded_log(mutation: str, fault: Fault, tmp_path: Path) -> None:
    is_seen(mutation, fault, LogSettings(path=tmp_path / "log.db"), tmp_path)


@pytest.mark.kafka
@pytest.mark.parametrize(("mutation", "fault"), cases("kafka"))
def test_on_kafka(mutation: str, fault: Fault, tmp_path: Path, broker: Broker, prefix: str) -> None:
    settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
    is_seen(mutation, fault, settings, tmp_path)


@pytest.mark.kafka
def test_futures_that_nobody_asks(tmp_path: Path) -> None:
    """The client gives records up that it cannot write in time, and commits the positions all the same."""

    def unavailable(run: Run) -> None:
        for _ in range(3000):
            proxy.order(Api.PRODUCE, Harm.LOST)
        run.go_on(timedelta(seconds=4))
        proxy.forget()

    with Proxy(late=0) as proxy, real_broker(tmp_path / "broker", advertised=proxy.port) as broker:
        proxy.to = broker.port
        log = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,))
        is_seen("futures not checked", unavailable, log, tmp_path)
