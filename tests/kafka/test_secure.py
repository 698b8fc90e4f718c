"""Kafka with TLS and SASL, for real: the program works through PLAIN and SCRAM, and a wrong anything is said."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import pytest

from console.checkup.status import read_progress
from console.open_log import open_log
from tests.console.program import GOOD
from tests.kafka.secure_broker import PASSWORD, USERS, SecureBroker, make_keys
from tests.story_events import event, headline
from wire.codec import encode
from wire.errors import BrokerUnavailable, Exit
from wire.log.port import NewRecord
from wire.settings_file import load_settings
from wire.topics import STORY_EVENTS

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
LOG = """
kind = "kafka"
bootstrap = ["{bootstrap}"]
prefix = "{prefix}"
{tls}
[log.sasl]
mechanism = "{mechanism}"
user = "{user}"
password = {{env = "KAFKA_PASSWORD"}}
"""
TLS = '[log.tls]\nca = "{ca}"'


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    broker = SecureBroker(tmp_path_factory.mktemp("secure"))
    try:
        broker.start()
    except BrokerUnavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"no Kafka broker in CI: {error}")
        pytest.skip(f"NO KAFKA BROKER, TLS and SASL are untested: {error}")
    yield broker
    broker.stop()


def settings(folder: Path, broker: SecureBroker, mechanism: str, *, prefix: str = "", tls: str = TLS) -> Path:
    shutil.copy(broker.ca, folder / "ca.pem")
    said = LOG.format(
        bootstrap=broker.bootstrap, prefix=prefix, mechanism=mechanism, user=USERS[mechanism],
        tls=tls.format(ca="ca.pem"),
    )  # fmt: skip
    path = folder / "wirewatch.toml"
    path.write_text(GOOD.replace('path = "wirewatch.db"\n', said) + "[health]\nport = 0\n", encoding="utf-8")
    return path


def program(folder: Path, *arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console.main", *arguments, "--settings", str(folder / "wirewatch.toml")],
        capture_output=True, text=True, timeout=90, check=False, env=os.environ | {"KAFKA_PASSWORD": password},
    )  # fmt: skip


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", pytest.param("SCRAM-SHA-512", marks=pytest.mark.long)])
def test_a_stage_works(tmp_path: Path, secure: SecureBroker, mechanism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Topics are made, a stage takes a record in a transaction, and `status` says so; paths are the settings file's."""
    monkeypatch.setenv("KAFKA_PASSWORD", PASSWORD)
    path = settings(tmp_path, secure, mechanism, prefix=mechanism.lower() + ".")
    made = program(tmp_path, "topics")
    assert made.returncode == Exit.WELL, made.stderr
    assert "created" in made.stdout
    told = event(headline("Headline"), number=1)
    with closing(open_log(load_settings(path)[0].log)) as log:
        log.append([NewRecord(topic=STORY_EVENTS, partition=0, key="st-1", value=encode(told))])
    command = [sys.executable, "-m", "console.main", "stage", "alerts", "--settings", str(path)]
    with (tmp_path / "stage.log").open("wb") as output:
        stage = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until = monotonic() + 180
        while not _taken(path):
            assert monotonic() < until, (tmp_path / "stage.log").read_text()[-2000:]
            assert stage.poll() is None, (tmp_path / "stage.log").read_text()[-2000:]
            sleep(0.2)
        stage.send_signal(signal.SIGTERM)
        assert stage.wait(60) == Exit.WELL
    finally:
        stage.kill()


def _taken(path: Path) -> bool:
    with closing(open_log(load_settings(path)[0].log)) as log:
        return any(one.lane == "alerts.0" and one.position and not one.behind for one in read_progress(log))


WRONG = {  # name: (TLS section, password)
    "a wrong password": (TLS, "no"),
    "an unknown authority": ('[log.tls]\nca = "other/ca.pem"', PASSWORD),
    "no TLS": ("", PASSWORD),
}


@pytest.mark.parametrize(
    ("tls", "password"),
    [
        pytest.param(*said, id=name, marks=[] if name == "a wrong password" else [pytest.mark.long])
        for name, said in WRONG.items()
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, secure: SecureBroker, tls: str, password: str) -> None:
    settings(tmp_path, secure, "SCRAM-SHA-256", tls=tls)
    (tmp_path / "other").mkdir()
    make_keys(tmp_path / "other")
    done = program(tmp_path, "topics", password=password)
    assert done.returncode == Exit.LOG_UNREACHABLE, done.stderr
    assert secure.bootstrap in done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stderr
