"""A real Chromium, the system's own: installed where we may, said loudly where it cannot be had."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright

AXE = "axe-core@4.14.1"
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


@cache
def chromium() -> str:
    """The path of the browser; a test that needs it is skipped loudly where it cannot be had, and fails in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update"], **quiet, env=environment)  # type: ignore[call-overload]
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
        subprocess.run(install, **quiet, env=environment)  # type: ignore[call-overload]
        found = shutil.which("chromium")
    if found is None:
        missing("NO CHROMIUM, the live page is untested in a browser: install the package chromium")
    return found


def missing(said: str) -> NoReturn:
    """Skip loudly, but fail in CI."""
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@contextmanager
def browser() -> Iterator[Browser]:
    """One browser for a module's tests."""
    path = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, headless=True, args=_FLAGS)
        yield running
        running.close()


@cache
def axe() -> str:
    """The script of axe-core, fetched from the npm registry once a session; never kept in the project."""
    npm = shutil.which("npm")
    if npm is None:
        missing("NO AXE-CORE, accessibility is untested: npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([npm, "pack", AXE, "--silent"], cwd=folder, capture_output=True, timeout=120, check=False)
        packed = next(Path(folder).glob("*.tgz"), None)
        if done.returncode or packed is None:
            missing("NO AXE-CORE, accessibility is untested: npm could not fetch it")
        with tarfile.open(packed) as archive:
            script = archive.extractfile("package/axe.min.js")
            assert script is not None
            return script.read().decode()
