"""Any Kafka tool can tail a topic: the client's own console consumer reads what a stage wrote."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.messages import NOON
from wire.broker import Broker
from wire.codec import encode
from wire.log.kafka import KafkaLog
from wire.log.port import NewRecord
from wire.messages import Command, CommandKind
from wire.settings import LogSettings
from wire.topics import COMMANDS, topic_catalogue


def test_json_on_every_topic(tmp_path: Path, broker: Broker, prefix: str) -> None:
    settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
    message = Command(command_id="c1", stage="ingest", kind=CommandKind.POLL_NOW, target="кнн.1", who="me", when=NOON)
    with closing(KafkaLog(settings, topic_catalogue(), environment={})) as log:
        log.create()
        log.append([NewRecord(topic=COMMANDS, partition=0, key="ingest", value=encode(message))])
    shown = tmp_path / "shown"
    command = [sys.executable, "-m", "kafka.consumer", "-b", broker.bootstrap, "-t", f"{prefix}{COMMANDS}"]
    command += ["-g", f"{prefix}tail", "-C", "auto_offset_reset=earliest"]
    with shown.open("wb") as output:
        reader = subprocess.Popen(command, stdout=output, env=os.environ | {"PYTHONUNBUFFERED": "1"})
        until = time.monotonic() + 180
        while time.monotonic() < until and b"}" not in shown.read_bytes():
            time.sleep(0.2)
        reader.kill()
        reader.wait()
    text = shown.read_text(encoding="utf-8")
    assert json.loads(text[text.index("{") : text.rindex("}") + 1])["command_id"] == "c1"
