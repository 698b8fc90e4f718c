"""Rules and dashboard know only what the program shows; a real Prometheus scrapes a running system and tells."""

import json
import re
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from console.page.numbers import PageCollector
from console.services.stage_metrics import ModelMetrics, SendMetrics
from ingest.metrics import FeedMetrics
from tests.deploy.prometheus import Prometheus, binary, prometheus
from tests.deploy.system import (
    DEPLOY,
    FEED,
    RULES,
    SERVICES,
    config,
    feed,
    free_ports,
    lay_out,
    rules,
    up,
    wait_for_all,
)
from tests.feed_server import Answer, feed_server
from wire.metrics import LaneMetrics
from wire.process_metrics import process_metrics

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


CHANNEL = """
[[channel]]
kind = "console"
name = "out"
"""


@pytest.mark.slow
def test_a_real_prometheus_scrapes_a_running_system(tmp_path: Path) -> None:
    """No panel is dead; an alert fires when the services end, and clears when they are there again."""
    now, base = datetime.now(UTC).isoformat(), free_ports()
    item = {"id": "1", "url": "https://one.example/1", "title": "Musk met Putin", "date_published": now}
    item["content_text"] = "Elon Musk met Vladimir Putin."
    with feed_server({FEED: [Answer(body=feed([item]))]}) as server:
        lay_out(tmp_path, base, server.url(FEED), CHANNEL)
        with prometheus(tmp_path, config(tmp_path, base), base + SERVICES) as watching:
            with up(tmp_path) as running:
                watch_it(watching)
                running.send_signal(signal.SIGTERM)
                assert running.wait(120) == 0
            watching.wait("the alert", lambda: "WirewatchServiceDown" in watching.firing())
            with up(tmp_path):
                watching.wait("the end of the alert", lambda: "WirewatchServiceDown" not in watching.firing(), 90)


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
    wait_for_all(watching)
    reached = {row["metric"]["stage"] for row in watching.query("wirewatch_seen_to_stage_seconds_count > 0")}
    assert reached == {"ingest", "enrich", "cluster", "alerts", "deliver"}
