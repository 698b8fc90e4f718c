"""A newcomer's path: own feed, own watch, delivered alert in under ten minutes, by the tutorial's very commands."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.deploy.system import free_ports

PAGE = Path(__file__).parent.parent / "docs" / "tutorial" / "first-watch.md"
LIMIT_S = 600  # what the tutorial promises


def script() -> str:
    """The tutorial's commands in order, as one script that stops at the first that fails."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 6
    return "set -euo pipefail\n" + "\n".join(blocks)


@pytest.mark.slow
def test_a_newcomer_comes_to_an_alert(tmp_path: Path) -> None:
    """Only the ports are the test's own: others may be at work on this machine."""
    first = free_ports(2)
    text = script().replace("8765", str(first))
    text = text.replace(
        "cat > wirewatch.toml <<'EOF'\n",
        f"cat > wirewatch.toml <<'EOF'\n[health]\nport = 0\n[page]\nport = {first + 1}\n",
    )
    bin_folder = Path(sys.executable).parent
    begun = time.monotonic()
    try:
        done = subprocess.run(
            ["bash", "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S, check=False,
            env=os.environ | {"PATH": f"{bin_folder}:{os.environ['PATH']}"},
        )  # fmt: skip
        took = time.monotonic() - begun
        said = done.stdout + done.stderr
        log = (tmp_path / "desk" / "up.log").read_text(encoding="utf-8")
        assert done.returncode == 0, said[-3000:] + log[-2000:]
    finally:
        for name in ("up.pid", "feeds.pid"):
            path = tmp_path / "desk" / name
            if path.exists():
                subprocess.run(["kill", path.read_text().strip()], capture_output=True, check=False)
    assert took < LIMIT_S
    assert "is good: 1 outlet with" in said
    assert re.search(r"ALERT zelensky-turkey st-\w+", said), "the alert is on its topic"
    assert log.count("zelensky-turkey") >= 1, "the channel printed it"
    assert "published, as the outlet says" in said or "seen in feed morning.1" in said
    assert "sent through terminal" in said
    assert "ranok: Порт Одеси" in said
    assert re.search(r"2 in +2 outlets", said), "one story in two languages"
