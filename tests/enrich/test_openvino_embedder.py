"""OpenVINO computes the model of the folder, checked on a tiny one with random weights by arithmetic of our own."""

import json
import shutil
from collections.abc import Callable
from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from enrich.conversion import write_folder
from enrich.errors import ModelUnfit
from enrich.openvino_embedder import OpenVinoEmbedder, in_batches, padded, runs
from enrich.packed import read_packed
from enrich.runtime import open_embedding
from enrich.weights import ModelFolder
from tests.enrich.packed_file import HEADS, HIDDEN, packed_file

Rows = NDArray[np.float64]
TEXTS = ["a", "ab ab", "b" * 30, "й a b", "", "abababab ab"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """One layer, 32 dimensions, ten pieces; weights drawn with a fixed seed."""
    folder = tmp_path_factory.mktemp("tiny")
    write_folder(read_packed(packed_file()), folder)
    chance = np.random.default_rng(7)
    drawn = {
        name: chance.normal(0, 0.4, found.shape).astype(np.float32)
        for name, found in load_file(folder / "model.safetensors").items()
    }
    save_file(drawn, folder / "model.safetensors")
    return ModelFolder(folder, "digest")


@pytest.fixture(scope="module")
def embedder(model: ModelFolder) -> OpenVinoEmbedder:
    return OpenVinoEmbedder(model, precision="fp32", threads=2)


def test_computes_the_model(embedder: OpenVinoEmbedder, model: ModelFolder) -> None:
    weights = load_file(model.path / "model.safetensors")
    expected = np.stack([by_hand(weights, embedder._tokenizer.encode(f"query: {text}").ids) for text in TEXTS])
    assert np.allclose(embedder.encode(TEXTS), expected, atol=1e-5)


def by_hand(weights: dict[str, NDArray[np.float32]], ids: list[int]) -> Rows:
    """BERT as its paper has it, for one text; the mean of the tokens, of length 1."""

    def linear(name: str, rows: Rows) -> Rows:
        return rows @ weights[f"{name}.weight"].T.astype(np.float64) + weights[f"{name}.bias"]

    def norm(name: str, rows: Rows) -> Rows:
        plain = (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + 1e-12)
        return np.asarray(plain * weights[f"{name}.weight"] + weights[f"{name}.bias"])

    def heads(rows: Rows) -> Rows:
        return rows.reshape(len(ids), HEADS, -1).transpose(1, 0, 2)

    words, places, kinds = (
        weights[f"embeddings.{one}_embeddings.weight"] for one in ("word", "position", "token_type")
    )
    rows = norm("embeddings.LayerNorm", (words[ids] + places[: len(ids)] + kinds[0]).astype(np.float64))
    layer = "encoder.layer.0."
    query, key, value = (heads(linear(f"{layer}attention.self.{one}", rows)) for one in ("query", "key", "value"))
    scores = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(HIDDEN // HEADS))
    mixed = (scores / scores.sum(2, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), HIDDEN)
    rows = norm(f"{layer}attention.output.LayerNorm", rows + linear(f"{layer}attention.output.dense", mixed))
    inner = linear(f"{layer}intermediate.dense", rows)
    inner = inner * 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
    mean = norm(f"{layer}output.LayerNorm", rows + linear(f"{layer}output.dense", inner)).mean(0)
    return np.asarray(mean / np.linalg.norm(mean))


def test_a_vector_does_not_depend_on_its_batch(embedder: OpenVinoEmbedder) -> None:
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    assert np.allclose(embedder.encode(TEXTS * 5)[: len(TEXTS)], alone, atol=1e-6)


def test_both_precisions_share_a_space_and_the_quicker_is_taken(model: ModelFolder) -> None:
    found = OpenVinoEmbedder(model, threads=2)
    assert found.choice.startswith(str(found.way))
    assert found.space == OpenVinoEmbedder(model, precision="fp32", threads=1).space


def test_long_and_hostile_texts(embedder: OpenVinoEmbedder) -> None:
    vectors = embedder.encode(["\ud800", "ab " * 10_000, "\x00", "😀" * 1000])
    assert np.isfinite(vectors).all()
    assert embedder.encode([]).shape == (0, HIDDEN)


def test_batches_are_of_like_length_and_reach_every_worker() -> None:
    lengths = [5, 90, 7, 80, 6, 70, 4, 60]
    assert list(in_batches(lengths, workers=2)) == [[1, 3, 5, 7], [2, 4, 0, 6]]
    assert [len(batch) for batch in in_batches([1] * 20, workers=1)] == [8, 8, 4]
    assert list(in_batches([3], workers=64)) == [[0]]


def test_lengths_are_rounded_up() -> None:
    tokens, mask = padded([[5, 6, 7], [8]], padding=1)
    assert tokens.tolist() == [[5, 6, 7, 1, 1, 1, 1, 1], [8, 1, 1, 1, 1, 1, 1, 1]]
    assert mask.sum(1).tolist() == [3, 1]


def changed(name: str, change: Callable[[Any], object]) -> Callable[[Path], None]:
    def in_folder(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return in_folder


def weights_as(folder: Path, change: Callable[[str, Any], tuple[str, Any]]) -> None:
    path = folder / "model.safetensors"
    save_file(dict(change(name, found) for name, found in load_file(path).items()), path)


UNFIT = {
    "another architecture": changed("config.json", lambda config: config.update(model_type="mpnet")),
    "another activation": changed("config.json", lambda config: config.update(hidden_act="relu")),
    "relative places": changed("config.json", lambda config: config.update(position_embedding_type="relative_key")),
    "another pooling": changed("1_Pooling/config.json", lambda one: one.update(pooling_mode_mean_tokens=False)),
    "two poolings": changed("1_Pooling/config.json", lambda one: one.update(pooling_mode_cls_token=True)),
    "a further layer": changed("modules.json", lambda modules: modules.append({"type": "x.Dense", "path": "3"})),
    "a prompt that does not count": changed("1_Pooling/config.json", lambda one: one.update(include_prompt=False)),
    "small letters only": changed("sentence_bert_config.json", lambda config: config.update(do_lower_case=True)),
    "weights under other names": lambda folder: weights_as(folder, lambda name, found: (f"bert.{name}", found)),
    "halved weights": lambda folder: weights_as(folder, lambda name, found: (name, found.astype(np.float16))),
    "no fast tokenizer": lambda folder: (folder / "tokenizer.json").unlink(),
}


@pytest.mark.parametrize("damage", UNFIT.values(), ids=UNFIT.keys())
def test_what_it_does_not_know_is_left_to_torch(damage: Callable[[Path], None], tmp_path: Path) -> None:
    write_folder(read_packed(packed_file()), tmp_path)
    assert runs(tmp_path)
    damage(tmp_path)
    assert not runs(tmp_path)
    with pytest.raises(ModelUnfit, match='runtime = "auto"'):
        open_embedding(ModelFolder(tmp_path, "digest"), runtime="openvino")


def test_the_folders_own_limit_of_tokens_counts(model: ModelFolder, tmp_path: Path) -> None:
    shutil.copytree(model.path, tmp_path / "short")
    changed("sentence_bert_config.json", lambda config: config.update(max_seq_length=12))(tmp_path / "short")
    short = OpenVinoEmbedder(ModelFolder(tmp_path / "short", "digest"), precision="fp32", threads=1)
    assert np.allclose(short.encode(["a b " * 5 + "a"]), short.encode(["a b " * 5 + "b b b"]), atol=1e-6)


def test_auto_takes_openvino(model: ModelFolder) -> None:
    assert open_embedding(model, precision="fp32", threads=1).runtime == "openvino"
