"""What takes long to make, made once: the dictionaries, a reader of the starter catalogue, the converted model."""

import os
from pathlib import Path

import pytest

from enrich.article_reader import ArticleReader, article_reader
from enrich.inflection import Inflection
from enrich.weights import E5_SMALL, ModelFolder, converted
from wire.catalogue import load_catalogue
from wire.settings import OutletSettings


@pytest.fixture(scope="session")
def inflection() -> Inflection:
    """Both dictionaries."""
    return Inflection()


@pytest.fixture(scope="session")
def reader() -> ArticleReader:
    """Knows the starter catalogue and two outlets of settings, one of which the catalogue has too."""
    outlets = (
        OutletSettings(id="our-cnn", name="CNN"),
        OutletSettings(id="vesti", name="Ранкові вісті", names=("Morning News Kyiv",)),
    )
    return article_reader(load_catalogue(), outlets=outlets)


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where converted models are kept: `WIREWATCH_CACHE`, else the user's cache folder."""
    return Path(os.environ.get("WIREWATCH_CACHE") or Path.home() / ".cache" / "wirewatch")


@pytest.fixture(scope="session")
def model(cache: Path) -> ModelFolder:
    """The default model, converted at most once."""
    return converted(E5_SMALL, cache)
