"""A service says whether it lives, whether it is ready, and what it counts."""

import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from wire.errors import Exit, PortInUse
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
