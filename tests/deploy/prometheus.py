"""A real Prometheus and its promtool from the distribution's package, unpacked for the tests and never installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

KEPT = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "wirewatch-tests" / "prometheus"


@cache
def binary(name: str) -> str:
    """`prometheus` or `promtool`; the test is skipped loudly where neither can be had, and fails in CI."""
    found = shutil.which(name) or (str(KEPT / "usr/bin" / name) if (KEPT / "usr/bin" / name).exists() else None)
    if found is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        KEPT.mkdir(parents=True, exist_ok=True)
        _run("apt-get", "update")
        _run("apt-get", "download", "prometheus")
        for package in KEPT.glob("prometheus_*.deb"):
            _run("dpkg-deb", "-x", package.name, ".")
        found = str(KEPT / "usr/bin" / name) if (KEPT / "usr/bin" / name).exists() else None
    if found is None:
        said = "NO PROMETHEUS, metrics and alert rules are untested: install the package prometheus"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return found


def _run(*command: str) -> None:
    subprocess.run(command, cwd=KEPT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=180)


class Prometheus:
    """One that runs; asked over its own interface."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10).json()
        assert answer["status"] == "success", answer
        return list(answer["data"]["result"])

    def firing(self) -> set[str]:
        alerts = httpx.get(f"{self.url}/api/v1/alerts", timeout=10).json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def wait(self, what: str, done: Any, seconds: float = 60) -> None:
        until = monotonic() + seconds
        while not done():
            assert monotonic() < until, f"waited {seconds} s for {what}"
            sleep(0.5)


@contextmanager
def prometheus(folder: Path, config: Path, port: int) -> Iterator[Prometheus]:
    """Runs with `config` until the end of the block."""
    command: Sequence[str] = [
        binary("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    running = Prometheus(f"http://127.0.0.1:{port}")
    try:
        running.wait("Prometheus", lambda: process.poll() is None and _ready(running.url))
        yield running
    finally:
        process.terminate()
        process.wait(120)


def _ready(url: str) -> bool:
    try:
        with closing(httpx.Client(timeout=2)) as client:
            return client.get(f"{url}/-/ready").status_code == 200
    except httpx.HTTPError:
        return False
