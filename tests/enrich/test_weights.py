"""Weights are used only if they are the pinned file, and are converted once, whole or not at all."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from enrich.errors import BadPackedFile, ModelBusy, ModelDiffers, ModelFault, ModelMissing
from enrich.weights import E5_SMALL, PackagedFile, converted, locked, model_folder, verified
from tests.enrich.packed_file import packed_file

Install = Callable[[bytes], PackagedFile]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package of our own with one data file, and pins that file."""
    place = tmp_path / "site"
    (place / "tinymodel-1.0.dist-info").mkdir(parents=True)
    (place / "tinymodel-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n"
    )
    monkeypatch.syspath_prepend(str(place))

    def installed(content: bytes) -> PackagedFile:
        (place / "weights.bin").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return PackagedFile(
            name="tiny", distribution="tinymodel", path="weights.bin", size_bytes=len(content), sha256=digest
        )

    return installed


def test_converted_once(install: Install, tmp_path: Path) -> None:
    packaged = install(packed_file())
    folder = converted(packaged, tmp_path / "cache")
    assert folder.digest == packaged.sha256
    first = (folder.path / "model.safetensors").stat().st_mtime_ns
    assert converted(packaged, tmp_path / "cache") == folder
    assert (folder.path / "model.safetensors").stat().st_mtime_ns == first


def test_found_without_the_package_once_converted(install: Install, tmp_path: Path) -> None:
    packaged = install(packed_file())
    folder = converted(packaged, tmp_path / "cache")
    Path(str(metadata.distribution("tinymodel").locate_file("weights.bin"))).unlink()
    assert converted(packaged, tmp_path / "cache") == folder


def cut_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"cut")


def lose_marker(folder: Path) -> None:
    (folder / "wirewatch.json").unlink()


def older_recipe(folder: Path) -> None:
    marker = folder / "wirewatch.json"
    marker.write_text(marker.read_text().replace('"conversion":', '"conversion":-'))


def lose_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def lose_folder(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize("damage", [cut_weights, lose_marker, older_recipe, lose_tokenizer, lose_folder])
def test_a_broken_or_old_conversion_is_made_again(
    install: Install, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    packaged = install(packed_file())
    whole = {path.name: path.read_bytes() for path in files(converted(packaged, tmp_path / "cache").path)}
    damage(tmp_path / "cache" / "tiny")
    again = converted(packaged, tmp_path / "cache").path
    assert {path.name: path.read_bytes() for path in files(again)} == whole


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_a_killed_conversion_left_is_swept(install: Install, tmp_path: Path) -> None:
    left = tmp_path / "cache" / ".tiny.killed"
    left.mkdir(parents=True)
    converted(install(packed_file()), tmp_path / "cache")
    assert not left.exists()


def test_a_failed_conversion_leaves_nothing(install: Install, tmp_path: Path) -> None:
    packaged = install(packed_file(without="l0.q.w"))
    with pytest.raises(BadPackedFile):
        converted(packaged, tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["tiny.lock"]


WRONG = {  # what is wrong: (pinned otherwise, error, what is said)
    "one byte changed": ({"sha256": "0" * 64}, ModelDiffers, "SHA-256"),
    "another size": ({"size_bytes": 1}, ModelDiffers, "expected 1 bytes"),
    "file absent": ({"path": "other.bin"}, ModelMissing, r"no file other\.bin"),
    "package absent": ({"distribution": "wirewatch-no-such"}, ModelMissing, "not installed"),
}


@pytest.mark.parametrize(("pin", "error", "said"), WRONG.values(), ids=WRONG.keys())
def test_another_file_is_refused_with_the_way_out(
    install: Install, pin: dict[str, str | int], error: type[ModelFault], said: str
) -> None:
    packaged = replace(install(packed_file()), **pin)  # type: ignore[arg-type]
    with pytest.raises(error, match=rf"(?s){said}.*\[enrich\] model"):
        verified(packaged)


def test_the_pinned_package_is_the_expected_one() -> None:
    assert verified(E5_SMALL).name == "e5-small-q4.bin"


def test_waiting_for_the_lock_has_an_end(tmp_path: Path) -> None:
    naps: list[float] = []
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ModelBusy, match="over 2 s"), locked(tmp_path / "lock", 2.0, naps.append):
            pass
    assert sum(naps) == pytest.approx(2.0)


def test_the_lock_is_taken_once_it_is_free(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        freed = locked(tmp_path / "lock", 2.0, lambda _: fcntl.flock(held, fcntl.LOCK_UN))
        with freed, pytest.raises(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_of_the_settings(install: Install, tmp_path: Path) -> None:
    made = converted(install(packed_file()), tmp_path / "cache")
    assert model_folder(str(made.path), tmp_path) == made
    lose_marker(made.path)
    weights = (made.path / "model.safetensors").read_bytes()
    assert model_folder(str(made.path), tmp_path).digest == hashlib.sha256(weights).hexdigest()


def test_a_folder_without_weights_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="holds no weights"):
        model_folder(str(tmp_path), tmp_path)


def test_neither_folder_nor_hub_name(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="neither a folder nor a hub model"):
        model_folder(str(tmp_path / "absent"), tmp_path)
