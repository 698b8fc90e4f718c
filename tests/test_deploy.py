"""What of `deploy/` can be checked without a container engine."""

import re
import tomllib
from pathlib import Path

import yaml

from wire.settings_file import load_settings
from wire.topics import STAGES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def test_the_compose_file_runs_every_stage_with_what_it_needs() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {"kafka", "topics", *STAGES} == set(services)
    for stage in STAGES:
        assert services[stage]["command"] == ["stage", stage]
        assert services[stage]["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    assert services["enrich"]["image"] != services["ingest"]["image"], "a poller needs no torch"


def test_the_example_settings_are_good() -> None:
    settings, _ = load_settings(DEPLOY / "wirewatch.example.toml")
    assert settings.log.kind == "kafka"
    assert settings.health.same_port


def test_the_container_file_copies_every_package_and_runs_without_rights() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE)) == set(packages)
    assert re.search(r"^USER \d+$", text, re.MULTILINE)
    extras = set(project["project"]["optional-dependencies"])
    named = {extra for line in re.findall(r"SERVICES=([\w,]+)", text) for extra in line.split(",")}
    assert named <= extras


def test_constraints_are_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line
