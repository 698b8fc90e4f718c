"""The converted model: real, made once on this machine and kept between test runs."""

import os
from pathlib import Path

import pytest

from enrich.weights import E5_SMALL, ModelFolder, converted


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where converted models are kept: `WIREWATCH_CACHE`, else the user's cache folder."""
    return Path(os.environ.get("WIREWATCH_CACHE") or Path.home() / ".cache" / "wirewatch")


@pytest.fixture(scope="session")
def model(cache: Path) -> ModelFolder:
    """The default model, converted at most once."""
    return converted(E5_SMALL, cache)
