"""The real model on both runtimes: tokens as the packed file demands, one vector per text, translations near."""

import json
import os
import random
import socket
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest

from enrich.encoder import Encoder, vector_text
from enrich.openvino_embedder import OpenVinoEmbedder
from enrich.ways import Way
from enrich.weights import ModelFolder

if TYPE_CHECKING:  # torch takes seconds to import, also where these tests are left out
    from enrich.torch_embedder import TorchEmbedder

# One story per row; the same sentence in Ukrainian, Russian and English.
STORIES = [
    (
        "Порт Одеси знову приймає судна із зерном після тижневої перерви",
        "Порт Одессы снова принимает суда с зерном после недельного перерыва",
        "Odesa's port is taking grain ships again after a week's pause",
    ),
    (
        "Вчені знайшли воду під поверхнею Марса",
        "Учёные нашли воду под поверхностью Марса",
        "Scientists have found water beneath the surface of Mars",
    ),
    (
        "Центральний банк підвищив облікову ставку до 15 відсотків",
        "Центральный банк повысил ключевую ставку до 15 процентов",
        "The central bank has raised its key rate to 15 per cent",
    ),
    (
        "Збірна Польщі виграла чемпіонат світу з волейболу",
        "Сборная Польши выиграла чемпионат мира по волейболу",
        "Poland have won the volleyball world championship",
    ),
]
FLAT = [sentence for story in STORIES for sentence in story]
pytestmark = pytest.mark.slow  # the real model
DATA = os.environ.get("WIREWATCH_DATA")


Either: TypeAlias = "OpenVinoEmbedder | TorchEmbedder"


def opened(runtime: str, model: ModelFolder, **options: Any) -> Either:
    """The model on one of the two runtimes."""
    if runtime == "openvino":
        return OpenVinoEmbedder(model, **options)
    from enrich.torch_embedder import TorchEmbedder

    return TorchEmbedder(model, **options)


@pytest.fixture(scope="module", params=["openvino", "torch"])
def embedder(request: pytest.FixtureRequest, model: ModelFolder) -> Either:
    return opened(request.param, model, precision="fp32")


def test_is_an_encoder(embedder: Either) -> None:
    encoder: Encoder = embedder
    assert encoder.space.endswith("-384-title+400/2")
    assert encoder.way.precision == "fp32"


TOKENS = {  # text -> tokens, prefix and end marks included, as the package's own tokenizer counts them
    "": 6,
    "Elon Musk": 8,
    "Ілон Маск і Володимир Путін": 12,
    "Заява Пєскова: «без коментарів»": 16,
    "Сборная выиграла 3:1, счёт рос": 14,
    "  two   spaces\tand a tab ": 12,
    "zero\u200bwidth, bell\x07": 10,
    "①②③ ﬁne": 7,
    "日本の首相": 8,
    "😀😀": 7,
    "ʼяблукоʼ та п’ять": 14,
    "a b\u00a0c": 8,
    "x" * 40: 19,
}


def test_token_counts(embedder: Either) -> None:
    assert dict(zip(TOKENS, embedder.token_counts(list(TOKENS)), strict=True)) == TOKENS


def test_rows_are_unit_vectors(embedder: Either) -> None:
    vectors = embedder.encode(FLAT)
    assert vectors.shape == (len(FLAT), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_no_texts_no_rows(embedder: Either) -> None:
    assert embedder.encode([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_its_batch(embedder: Either) -> None:
    order = random.Random(7).sample(range(len(FLAT)), len(FLAT))
    together = embedder.encode([FLAT[place] for place in order])
    alone = np.concatenate([embedder.encode([FLAT[place]]) for place in order[:4]])
    assert np.allclose(together[:4], alone, atol=1e-6)


def test_translations_are_nearer_than_other_stories(embedder: Either) -> None:
    vectors = embedder.encode(FLAT)
    cosines = vectors @ vectors.T
    same = np.kron(np.eye(len(STORIES)), np.ones((3, 3))).astype(bool)
    assert cosines[same].min() > cosines[~same].max()


def test_hostile_texts_are_embedded_alone(embedder: Either) -> None:
    hostile = ["", "\x00\x01", "\ud800", "x" * 300_000, "😀" * 5_000, "\u202eabc\u202c", FLAT[0]]
    vectors = embedder.encode(hostile)
    assert np.isfinite(vectors).all()
    assert np.allclose(vectors[-1], embedder.encode([FLAT[0]])[0], atol=1e-6)


def test_bfloat16_shares_the_space(model: ModelFolder, embedder: Either) -> None:
    narrow = opened(embedder.runtime, model, precision="bfloat16")
    assert narrow.space == embedder.space
    # OpenVINO computes and notes fp32 where the processor has no bfloat16.
    assert narrow.way.precision == "bfloat16" or (embedder.runtime, narrow.way.precision) == ("openvino", "fp32")
    assert np.einsum("ij,ij->i", narrow.encode(FLAT), embedder.encode(FLAT)).min() > 0.999


@pytest.mark.slow
@pytest.mark.parametrize(("wide_seconds", "narrow_seconds", "chosen"), [(0.6, 0.2, "bfloat16"), (0.2, 0.6, "fp32")])
def test_auto_takes_the_faster(model: ModelFolder, wide_seconds: float, narrow_seconds: float, chosen: str) -> None:
    # The beginning; start and end of each way; then too late for another turn.
    readings = iter((0, 0, narrow_seconds, 0, wide_seconds, 9))
    import torch

    from enrich.torch_embedder import TorchEmbedder

    cores = torch.get_num_threads()
    found = TorchEmbedder(model, precision="auto", threads=cores, clock=lambda: float(next(readings)))
    assert found.way == Way(chosen, cores)
    assert found.choice.startswith(str(found.way))
    assert next(readings, None) is None
    assert found.batch_within(timedelta(seconds=10)) == 100 * cores  # two texts a core took a fifth of a second
    assert found.batch_within(timedelta(milliseconds=100)) == 16


def test_both_runtimes_give_the_same_vectors(model: ModelFolder) -> None:
    quick, plain = (opened(runtime, model, precision="fp32") for runtime in ("openvino", "torch"))
    assert quick.space == plain.space
    assert np.allclose(quick.encode(FLAT), plain.encode(FLAT), atol=1e-6)


def test_another_prefix_is_another_space(model: ModelFolder, embedder: Either) -> None:
    assert opened(embedder.runtime, model, precision="fp32", prefix="passage: ").space != embedder.space


def test_nothing_is_fetched(model: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for runtime in ("openvino", "torch"):
        assert opened(runtime, model, precision="fp32").encode(["offline"]).shape == (1, 384)


@pytest.mark.slow
@pytest.mark.skipif(not DATA, reason="WIREWATCH_DATA is not set")
@pytest.mark.parametrize(("source", "target"), [("uk", "en"), ("ru", "en"), ("uk", "ru")])
def test_the_nearest_article_is_the_translation(model: ModelFolder, source: str, target: str) -> None:
    embedder = OpenVinoEmbedder(model)  # as shipped, in the quicker precision
    lines = (Path(DATA or "") / "eval" / "parallel_dev.jsonl").read_text(encoding="utf-8").splitlines()
    articles: dict[str, dict[str, str]] = {}
    for row in map(json.loads, lines):
        articles.setdefault(row["cluster"], {})[row["lang"]] = vector_text(row["title"], row["text"])
    pairs = [found for found in articles.values() if source in found and target in found][:60]
    cosines = embedder.encode([p[source] for p in pairs]) @ embedder.encode([p[target] for p in pairs]).T
    assert (cosines.argmax(axis=1) == np.arange(len(pairs))).mean() >= 0.98
