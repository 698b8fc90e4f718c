"""New rules are taken over while a stage runs, wrong ones change nothing, and no message is lost or told twice."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from console.services.reload import Reload, Rules
from tests.story_events import event, headline
from wire.clock import SystemClock
from wire.codec import decode, encode
from wire.log.port import BEGINNING, NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Alert
from wire.settings_file import load_settings
from wire.topics import ALERTS, STORY_EVENTS, WATCH_STATE, topic_catalogue

SETTINGS = """
[ingest]
contact = "desk@example.org"
[enrich]
entities = "mine.toml"
[health]
port = 0
[[channel]]
kind = "console"
name = "terminal"
"""
MINE = '[musk]\nnames = {en = ["Musk of tests"]}\n[putin]\nnames = {en = ["Putin of tests"]}\n'


def watch(name: str, *entities: str) -> str:
    return f'[[watch]]\nname = "{name}"\nall = {list(entities)!r}\nchannels = ["terminal"]\n'.replace("'", '"')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(MINE)
    (tmp_path / "watches").mkdir()
    (tmp_path / "wirewatch.toml").write_text(SETTINGS)
    return tmp_path / "wirewatch.toml"


def reload(path: Path, told: list[str], stage: str = "alerts") -> Reload:
    return Reload(stage, path, Rules(*load_settings(path)), lambda: told.append("anew"))


def test_a_new_file_is_taken_over_once_it_rests(path: Path) -> None:
    told: list[str] = []
    looks = reload(path, told)
    (path.parent / "watches" / "a.toml").write_text(watch("a", "musk"))
    looks.look()
    assert told == [], "it may still be written"
    looks.look()
    looks.look()
    assert told == ["anew"]
    assert [one.name for one in looks.take().settings.watch] == ["a"]


def test_wrong_rules_change_nothing_until_they_are_mended(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    looks = reload(path, told)
    file = path.parent / "watches" / "a.toml"
    file.write_text(watch("a", "nobody-at-all"))
    looks.look()
    looks.look()
    assert told == []
    assert "the old rules stay" in caplog.text
    assert "watches/a.toml: watch[0].all" in caplog.text
    file.write_text(watch("a", "putin"))
    looks.look()
    looks.look()
    assert told == ["anew"]


def test_what_a_stage_is_not_made_of_does_not_disturb_it(path: Path) -> None:
    told: list[str] = []
    looks = reload(path, told)
    path.write_text(SETTINGS + '[index]\npath = "other.db"\n')
    looks.look()
    looks.look()
    assert told == []
    looks.look(asked=True)
    assert told == ["anew"], "a hang-up asks for it in any case"


class Running:
    """The stage `alerts` as a process, and the log that it reads."""

    def __init__(self, path: Path) -> None:
        self.log = SqliteLog(LogFile(path.parent / "wirewatch.db"), topic_catalogue(), SystemClock())
        self.log.create()
        self.output = path.parent / "stage.log"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "console.main", "stage", "alerts", "--settings", str(path)],
                stdout=output,
                stderr=output,
            )

    def put(self, *texts: str) -> None:
        events = [event(headline(text), story=f"st-{text}", article_id=f"a-{text}") for text in texts]
        self.log.append([NewRecord(topic=STORY_EVENTS, partition=0, key=e.story_id, value=encode(e)) for e in events])

    def alerts(self) -> list[tuple[str, str]]:
        reader = self.log.reader([ALERTS], BEGINNING)
        found = [decode(record.value, Alert) for record in reader.read(1000, timedelta(0))]
        reader.close()
        return [(alert.watch, alert.title) for alert in found]

    def state(self, key: str) -> bool:
        reader = self.log.reader([WATCH_STATE], BEGINNING)
        found = any(record.key == key for record in reader.read(1000, timedelta(0)))
        reader.close()
        return found

    def until(self, holds: Callable[[], bool]) -> None:
        latest = monotonic() + 30
        while not holds():
            assert self.process.poll() is None, self.output.read_text()
            assert monotonic() < latest, self.output.read_text()
            sleep(0.05)


@pytest.fixture
def running(path: Path) -> Iterator[Running]:
    (path.parent / "watches" / "a.toml").write_text(watch("a", "musk"))
    stage = Running(path)
    yield stage
    stage.process.send_signal(signal.SIGTERM)
    assert stage.process.wait(120) == 0
    stage.log.close()


@pytest.mark.slow
def test_rules_change_under_a_running_stage(path: Path, running: Running) -> None:
    running.put("*MUSK* one")
    running.until(lambda: running.alerts() == [("a", "MUSK one")])
    (path.parent / "watches" / "b.toml").write_text(watch("b", "putin"))
    running.until(lambda: "new rules" in running.output.read_text())
    running.put("*MUSK* two", "*PUTIN* three")
    running.until(lambda: len(running.alerts()) == 3)
    assert sorted(running.alerts()) == [("a", "MUSK one"), ("a", "MUSK two"), ("b", "PUTIN three")]
    assert running.state("watch:b"), "with the offset from which on it speaks"
