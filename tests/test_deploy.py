"""What of `deploy/` can be checked without a container engine."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from wire.settings_file import load_settings
from wire.topics import STAGES

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def test_the_compose_file_runs_every_stage_with_what_it_needs() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {"kafka", "topics", "page", "prometheus", "grafana", *STAGES} == set(services)
    for stage in STAGES:
        assert services[stage]["command"] == ["stage", stage]
        assert services[stage]["depends_on"]["topics"]["condition"] == "service_completed_successfully"
        assert services[stage]["read_only"]
    assert services["enrich"]["image"] != services["ingest"]["image"], "a poller needs no torch"
    for service in services.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./wirewatch.toml":
                assert (DEPLOY / source).exists(), source


def test_what_runs_comes_back_after_the_machine() -> None:
    for name in COMPOSE_FILES:
        services = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))["services"]
        runs = {service: said.get("restart") for service, said in services.items() if "image" in said}
        assert runs.pop("topics", None) is None, "it ends when the topics are there"
        assert set(runs.values()) == {"unless-stopped"}, "on-failure starts nothing when the engine itself starts anew"


def test_what_brokers_hold_outlives_their_containers() -> None:
    files = [yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8")) for name in COMPOSE_FILES]
    (one, three) = (file["services"] for file in files)
    brokers = [one["kafka"], one["kafka"] | three["kafka"], three["kafka2"], three["kafka3"]]
    for broker in brokers:
        (volume,) = broker["volumes"]
        assert volume.split(":")[1] == broker["environment"]["KAFKA_LOG_DIRS"]


def test_the_unit_can_read_settings_installed_as_it_says() -> None:
    said = (DEPLOY / "systemd" / "wirewatch.service").read_text(encoding="utf-8")
    assert "DynamicUser=yes" in said, "who it runs as owns no file, and is in no group of one"
    (mode,) = re.findall(r"install -D -m (\d+) wirewatch.toml", said)
    assert int(mode, 8) & 0o004


COMPOSE_FILES = ["compose.yaml", "compose.three-nodes.yaml"]


@pytest.mark.parametrize("name", COMPOSE_FILES)
def test_compose_files_are_what_the_specification_says(name: str) -> None:
    checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(DEPLOY / name))


def test_the_container_file_pleases_its_linter() -> None:
    checked("hadolint", str(DEPLOY / "Containerfile"))


def test_ci_pleases_its_linter() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    checked("shellcheck", str(ROOT / ".ci" / "run"))


def checked(program: str, *arguments: str) -> None:
    """Run one of the environment's own programs; it must find nothing."""
    beside = Path(sys.executable).with_name(program)
    done = subprocess.run(
        [str(beside) if beside.exists() else program, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


MANIFESTS = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))


def documents() -> list[dict[str, Any]]:
    found = [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    return [one for one in found if one["kind"] != "Kustomization"]


def test_manifests_are_what_kubernetes_takes() -> None:
    """Each against the schema of its kind, offline."""
    assert len(documents()) >= len(STAGES) + 5
    for document in documents():
        kubernetes_validate.validate(document, "1.30", strict=True)


def test_kustomize_finds_what_it_names() -> None:
    for path in MANIFESTS:
        said = yaml.safe_load_all(path.read_text(encoding="utf-8"))
        for one in (one for one in said if one["kind"] == "Kustomization"):
            files = [*one["resources"]]
            files += [file for made in one.get("configMapGenerator", ()) for file in made["files"]]
            files += [file for made in one.get("secretGenerator", ()) for file in made["envs"]]
            assert [file for file in files if not (path.parent / file).exists()] == []


def test_every_stage_is_a_set_whose_ordinal_is_the_lane() -> None:
    sets = {one["metadata"]["name"]: one for one in documents() if one["kind"] == "StatefulSet"}
    assert set(sets) == {*STAGES, "page"}
    for name in STAGES:
        pod = sets[name]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert f'stage {name} --lane "${{POD##*-}}"' in container["command"][-1]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)


def test_the_settings_for_kubernetes_are_good() -> None:
    settings, _ = load_settings(DEPLOY / "kubernetes" / "example" / "wirewatch.toml")
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "example" / "kustomization.yaml").read_text())
    replicas = {one["name"]: one["count"] for one in kustomization["replicas"]}
    assert replicas["enrich"] == settings.log.article_partitions
    named = {line.split("=")[0] for line in (DEPLOY / "kubernetes/example/secrets.env").read_text().splitlines()}
    assert named == set(re.findall(r'env = "(\w+)"', (DEPLOY / "kubernetes/example/wirewatch.toml").read_text()))


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda path: path.name)
def test_units_are_well_and_hardened(path: Path, tmp_path: Path) -> None:
    """`systemd-analyze` verifies them, with a program that exists in place of ours, and finds little exposed."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI") and shutil.which("apt-get"):
            install = ["apt-get", "install", "-y", "--no-install-recommends", "systemd"]
            subprocess.run(["apt-get", "update"], capture_output=True, check=False)
            subprocess.run(
                install, capture_output=True, check=False, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            )
        if shutil.which("systemd-analyze") is None:
            pytest.skip("NO SYSTEMD, the units are unverified: install the package systemd")
    unit = tmp_path / path.name.replace("@", "@ingest")
    unit.write_text(path.read_text(encoding="utf-8").replace("/opt/wirewatch/bin/wirewatch", "/bin/true"))
    checked("systemd-analyze", "verify", "--man=no", str(unit))
    checked("systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit))


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
