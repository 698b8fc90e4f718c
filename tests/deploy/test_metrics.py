"""Rules and dashboard know only what the program shows; a real Prometheus scrapes a running system and tells."""

import json
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from console.page.numbers import PageCollector
from console.services.stage_metrics import ModelMetrics, SendMetrics
from ingest.metrics import FeedMetrics
from tests.console.program import wirewatch
from tests.deploy.prometheus import Prometheus, binary, prometheus
from tests.feed_server import Answer, feed_server
from wire.metrics import LaneMetrics
from wire.process_metrics import process_metrics

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yaml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "wirewatch.json").read_text(encoding="utf-8"))
PANELS = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]
SERIES = re.compile(r"\b(?:wirewatch|process)_\w+")


def shown() -> set[str]:
    """Every series that the program can show."""
    registry = CollectorRegistry()
    LaneMetrics(registry)
    FeedMetrics(registry)
    ModelMetrics(registry)
    SendMetrics(registry)
    process_metrics(registry, Path(__file__).parent, lambda: ())
    registry.register(PageCollector(None))
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {f"{one.name}{suffix}" for one in registry.collect() for suffix in suffixes.get(one.type, ("",))}


def rules() -> list[dict[str, str]]:
    return list(yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"])


def test_no_unknown_series() -> None:
    expressions = [rule["expr"] for rule in rules()] + [expression for _, expression in PANELS]
    named = {name for expression in expressions for name in SERIES.findall(expression)}
    assert len(named) > 15
    assert named - shown() == set()


def test_names_follow_the_conventions() -> None:
    for name in shown():
        assert re.fullmatch(r"(wirewatch|process)_[a-z0-9_]+", name)
        assert not re.search(r"(milliseconds|minutes|kilobytes)", name)


def test_every_rule_fires_and_clears() -> None:
    """`promtool test rules` runs the cases; each rule has one in which it fires."""
    text = (DEPLOY / "prometheus" / "alerts.test.yaml").read_text(encoding="utf-8")
    tests = [case for test in yaml.safe_load(text)["tests"] for case in test["alert_rule_test"]]
    for rule in rules():
        mine = [case for case in tests if case["alertname"] == rule["alert"]]
        assert any(case.get("exp_alerts") for case in mine), rule["alert"]
        assert rule["alert"] == "WirewatchAlive" or any(not case.get("exp_alerts") for case in mine[1:])
    for arguments in (["check", "rules", RULES.name], ["test", "rules", "alerts.test.yaml"],
                      ["check", "config", "prometheus.yaml"]):  # fmt: skip
        done = subprocess.run(
            [binary("promtool"), *arguments], cwd=RULES.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


SETTINGS = """
[log]
path = "wirewatch.db"
[ingest]
contact = "desk@example.org"
allow_networks = ["127.0.0.0/8"]
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
channels = ["terminal"]
[[channel]]
kind = "console"
name = "terminal"
"""


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for base in range(20_100, 32_000, count + 3):
        try:
            for port in range(base, base + count):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


@pytest.fixture
def base() -> int:
    return free_ports(7)


def up(folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "up.log").open("ab") as output:
        return subprocess.Popen([sys.executable, "-m", "console.main", "up"], cwd=folder, stdout=output, stderr=output)


@pytest.mark.slow
def test_a_real_prometheus_scrapes_a_running_system(tmp_path: Path, base: int) -> None:
    """No panel is dead; an alert fires when the services end, and clears when they are there again."""
    now = datetime.now(UTC).isoformat()
    item = {"id": "1", "url": "https://one.example/1", "title": "Musk met Putin", "date_published": now}
    item["content_text"] = "Elon Musk met Vladimir Putin."
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [item]}).encode()
    with feed_server({"/feed.json": [Answer(body=body)]}) as server:
        text = SETTINGS.format(port=base, page=base + 5, url=server.url("/feed.json"))
        (tmp_path / "wirewatch.toml").write_text(text, encoding="utf-8")
        wirewatch("topics", cwd=tmp_path)
        with prometheus(tmp_path, config(tmp_path, base), base + 6) as watching:
            running = up(tmp_path)
            try:
                watch_it(watching)
                running.send_signal(signal.SIGTERM)
                assert running.wait(120) == 0
                watching.wait("the alert", lambda: "WirewatchServiceDown" in watching.firing())
                running = up(tmp_path)
                watching.wait("the end of the alert", lambda: "WirewatchServiceDown" not in watching.firing(), 90)
            finally:
                running.terminate()
                running.wait(120)


def config(folder: Path, base: int) -> Path:
    """The shipped configuration with the test's ports, scraping each second, and rules that wait for a second."""
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text(encoding="utf-8"))
    said["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    said["rule_files"] = [str(folder / "alerts.yaml")]
    for place, target in enumerate(said["scrape_configs"][0]["static_configs"]):
        target["targets"] = [f"127.0.0.1:{base + place}"]
    (folder / "alerts.yaml").write_text(re.sub(r"for: \w+", "for: 1s", RULES.read_text(encoding="utf-8")))
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(said))
    return folder / "prometheus.yaml"


def watch_it(watching: Prometheus) -> None:
    watching.wait("a message sent", lambda: watching.query('wirewatch_sends_total{outcome="accepted"} > 0'), 120)
    dead = dict(PANELS)

    def all_alive() -> bool:
        for title, expression in PANELS:
            # What is counted once has no rate yet in a young series; the panels' own ranges are longer than the test.
            if title in dead and watching.query(expression):
                dead.pop(title)
        return not dead

    watching.wait("a value in every panel", all_alive, 60)
    watching.wait("all services up", lambda: len(watching.query('up{job="wirewatch"} == 1')) == 6)
    reached = {row["metric"]["stage"] for row in watching.query("wirewatch_seen_to_stage_seconds_count > 0")}
    assert reached == {"ingest", "enrich", "cluster", "alerts", "deliver"}
