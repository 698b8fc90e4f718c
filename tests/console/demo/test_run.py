"""The main job, as the README's first command runs it: feeds to alert, on both logs, whatever is killed."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from wire.topics import STAGES

# In the middle of the day: articles have come and more will.
KILL_AT_S = 12


def demo(folder: Path, *arguments: str) -> str:
    """Run the demo to its end and give back what it showed; it judges its own outcome by its status."""
    done = subprocess.run(
        [sys.executable, "-m", "console.main", "demo", "--folder", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    stages = folder / "stages.log"
    ended = stages.read_text(encoding="utf-8")[-3000:] if stages.exists() else ""
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + ended
    return done.stdout


def judged(shown: str) -> None:
    assert "articles 80 " in shown
    assert "alerts 1\n" in shown
    assert "delivered: 1 e-mail, 1 Slack" in shown
    held = re.search(r"now holds (\d+) articles, (\d+) outlets in ([a-z ]+)", shown)
    assert held is not None
    assert int(held[2]) >= 5
    assert {"uk", "ru", "en"} <= set(held[3].split())


@pytest.mark.slow
def test_on_the_embedded_log_with_a_kill_of_every_stage(tmp_path: Path) -> None:
    """One after the other, every stage dies by kill -9 in one run; nothing changes but the duration."""
    kills = [f"--kill={stage}@{KILL_AT_S + 4 * place}" for place, stage in enumerate(STAGES)]
    shown = demo(tmp_path, *kills)
    judged(shown)
    assert shown.count("kill -9") == len(STAGES)


@pytest.mark.kafka
@pytest.mark.slow
def test_on_kafka(tmp_path: Path) -> None:
    judged(demo(tmp_path, "--log", "kafka"))


@pytest.mark.long
@pytest.mark.parametrize("log", ["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def test_twenty_kills_at_random_five_seconds_apart(log: str, tmp_path: Path) -> None:
    """WIREWATCH_SEED repeats a run: `pytest -m long -rP tests/console/demo/test_run.py` prints it."""
    seed = int(os.environ.get("WIREWATCH_SEED") or random.randrange(10**6))
    stages = random.Random(seed).choices(list(STAGES), k=20)
    print(f"seed {seed}: {' '.join(stages)}")
    shown = demo(tmp_path, f"--log={log}", *(f"--kill={stage}@{5 * n}" for n, stage in enumerate(stages, 1)))
    print(shown)
    judged(shown)
    assert shown.count("kill -9") == 20
