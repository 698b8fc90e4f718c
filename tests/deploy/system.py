"""A running system of one feed and one watch, and the shipped configuration of Prometheus made to scrape it quickly."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.console.program import wirewatch
from tests.deploy.prometheus import Prometheus

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yaml"
FEED = "/feed.json"
SERVICES = 6
PORTS = SERVICES + 1  # the last one is Prometheus's own
Shorter = Mapping[str, str | Callable[[re.Match[str]], str]]
AT_ONCE: Shorter = {r"for: \w+": "for: 1s"}
SETTINGS = """
[log]
path = "wirewatch.db"
[health]
port = {port}
[page]
port = {page}
[[outlet]]
id = "one"
name = "One"
[[outlet.feed]]
url = "{url}"
every = "1 s"
[[watch]]
name = "pair"
all = ["elon-musk", "vladimir-putin"]
channels = ["out"]
[ingest]
contact = "desk@example.org"
allow_networks = ["127.0.0.0/8"]
"""


def rules() -> list[dict[str, str]]:
    return list(yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"])


def free_ports(count: int = PORTS) -> int:
    """The first of so many free ports in a row."""
    for base in range(20_100, 32_000, count + 3):
        try:
            for port in range(base, base + count):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


def feed(items: Sequence[Mapping[str, str]]) -> bytes:
    """What the feed shows."""
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items}).encode()


def lay_out(folder: Path, base: int, url: str, more: str) -> None:
    """Settings and topics; `more` goes on within `[ingest]`, and has the channel `out`."""
    text = SETTINGS.format(port=base, page=base + SERVICES - 1, url=url) + more
    (folder / "wirewatch.toml").write_text(text, encoding="utf-8")
    wirewatch("topics", cwd=folder)


def config(folder: Path, base: int, shorter: Shorter = AT_ONCE) -> Path:
    """The shipped configuration with the test's ports, scraping each second, its waits and ranges made shorter."""
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8"))
    said["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    said["rule_files"] = [str(folder / "alerts.yaml")]
    for place, target in enumerate(said["scrape_configs"][0]["static_configs"]):
        target["targets"] = [f"127.0.0.1:{base + place}"]
    text = RULES.read_text(encoding="utf-8")
    for long, short in shorter.items():
        text = re.sub(long, short, text)
    (folder / "alerts.yaml").write_text(text, encoding="utf-8")
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    return folder / "prometheus.yaml"


@contextmanager
def up(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`wirewatch up` until the end of the block."""
    with (folder / "up.log").open("ab") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "console.main", "up"], cwd=folder, stdout=output, stderr=output
        )
    try:
        yield running
    finally:
        running.terminate()
        running.wait(120)


def wait_for_all(watching: Prometheus) -> None:
    """Until every service is scraped."""
    watching.wait("all services", lambda: len(watching.query('up{job="wirewatch"} == 1')) == SERVICES, 120)
