"""A service says whether it lives, whether it is ready, and what it counts."""

import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from wire.errors import CannotListen, Exit, PortInUse
from wire.health import HealthServer
from wire.metrics import LaneMetrics


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_alive_ready_and_metrics() -> None:
    ready = False
    registry = CollectorRegistry()
    LaneMetrics(registry).records.labels("enrich.0").inc(3)
    server = HealthServer("127.0.0.1", 0, registry, lambda: ready)
    assert get(server.port, "/healthz")[0] == 200
    assert get(server.port, "/readyz") == (503, "starting\n")
    ready = True
    assert get(server.port, "/readyz") == (200, "ready\n")
    assert 'wirewatch_records_total{lane="enrich.0"} 3.0' in get(server.port, "/metrics")[1]
    assert get(server.port, "/other")[0] == 404
    server.close()


def test_a_port_in_use_is_named_with_its_setting() -> None:
    first = HealthServer("127.0.0.1", 0, CollectorRegistry(), lambda: True)
    with pytest.raises(PortInUse, match=r"health\.port") as raised:
        HealthServer("127.0.0.1", first.port, CollectorRegistry(), lambda: True)
    assert raised.value.exit is Exit.PORT_IN_USE
    first.close()


def test_a_host_that_is_not_ours_is_named() -> None:
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1, port 0: .*health\.host") as raised:
        HealthServer("192.0.2.1", 0, CollectorRegistry(), lambda: True)
    assert raised.value.exit is Exit.ERROR  # it may come up: who supervises tries again


@pytest.mark.parametrize(("fault", "told"), [(BrokenPipeError, False), (TimeoutError, False), (ValueError, True)])
def test_a_client_that_went_away_is_no_traceback(
    capfd: pytest.CaptureFixture[str], fault: type[Exception], told: bool
) -> None:
    def ready() -> bool:
        raise fault

    server = HealthServer("127.0.0.1", 0, CollectorRegistry(), ready)
    with pytest.raises(OSError):  # noqa: PT011 - how the client notices is its own matter
        get(server.port, "/readyz")
    server.close()
    assert ("Traceback" in capfd.readouterr().err) == told
