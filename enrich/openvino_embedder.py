"""Vectors by OpenVINO: the model's own arithmetic, quicker than torch and ready in a second (decision 24)."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer

from enrich.bert_graph import bert_graph
from enrich.encoder import MOST_TOKENS, Vectors, encodable, space_name, unit_rows
from enrich.ways import Precision, Way, batch_within, paired, probe, said
from enrich.weights import ModelFolder

_HINTS = {"fp32": "f32", "bfloat16": "bf16"}
# More at once gain nothing and pad more; lengths are rounded up, since each new shape of a batch costs preparation.
_TEXTS_PER_BATCH = 8
_LENGTH_STEP = 8
_MANY_CORES = 4
_WEIGHTS = "model.safetensors"
_FIRST_WEIGHT = "embeddings.word_embeddings.weight"
_NEEDED = (_WEIGHTS, "config.json", "tokenizer.json", "modules.json")
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])


class OpenVinoEmbedder:
    """`Encoder` over the folder of a BERT with mean pooling, for which `runs` is true.  Never downloads anything.

    One per process: lanes share it, calls come from one thread at a time.  Vectors are those of
    sentence-transformers but for the last bits, in the same space; bfloat16 ones differ by up to 1e-3.

    Args:
        model: what `enrich.weights.model_folder` found.
        precision: `auto` measures both on this processor and takes the faster; without native bfloat16 it is fp32.
        threads: for the arithmetic of the whole process; 0 takes all cores, or half of them where that is faster.
        prefix: put before each text; by default the one that the folder names.
        clock: seconds, for the measurement.
    """

    runtime = "openvino"

    def __init__(
        self,
        model: ModelFolder,
        *,
        precision: Precision | Literal["auto"] = "auto",
        threads: int = 0,
        prefix: str | None = None,
        max_tokens: int = MOST_TOKENS,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        config = _read(model.path / "config.json")
        self._prefix = _own_prefix(model.path) if prefix is None else prefix
        self._tokenizer = Tokenizer.from_file(str(model.path / "tokenizer.json"))
        limits = (max_tokens, config["max_position_embeddings"], _sentence_config(model.path).get("max_seq_length"))
        self._tokenizer.enable_truncation(min(limit for limit in limits if limit))
        self._tokenizer.no_padding()
        self._dimensions = int(config["hidden_size"])
        self._padding = int(config.get("pad_token_id") or 0)
        self._compiled = _Compiled(model.path, config)
        found = self._measured(precision, threads or cores(), clock)
        self.way = min(found, key=lambda way: found[way])
        # What the start found, for the log: `bfloat16, 2 threads, 2 workers: 60/s; fp32, 2 threads, 2 workers: 34/s`.
        self.choice = said(found)
        self._seconds_a_text = found[self.way]
        self._queue = self._compiled.queue(self.way)
        self._compiled.forget()
        self.space = space_name(model.digest, self._prefix, "mean", self._dimensions)

    def batch_within(self, limit: timedelta) -> int:
        """How many texts of ordinary length take no longer than `limit` here (`enrich.ways.batch_within`)."""
        return batch_within(limit, self._seconds_a_text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One L2-normalised float32 row per text, in order; longer texts are cut at the token limit."""
        if not texts:
            return np.empty((0, self._dimensions), dtype=np.float32)
        return unit_rows(self._means(self._queue, self.way.workers, texts))

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the network reads for each text, prefix and end marks included, before the cut."""
        whole = Tokenizer.from_str(self._tokenizer.to_str())
        whole.no_truncation()
        return [len(found) for found in whole.encode_batch([self._prefix + encodable(text) for text in texts])]

    def _measured(
        self, precision: Precision | Literal["auto"], threads: int, clock: Callable[[], float]
    ) -> dict[Way, float]:
        """First the precision, a core for each batch; then how the cores are best shared at that precision."""
        precisions = [each for each in native_precisions() if precision in ("auto", each)] or ["fp32"]
        found = paired([Way(each, threads, threads) for each in precisions], self._probed, clock)
        best = min(found, key=lambda way: found[way])
        if precision == "auto" and threads > 1:
            found |= paired([best, *_other_shares(best)], self._probed, clock)
        return found

    def _probed(self, way: Way) -> int:
        texts = probe(way)
        self._means(self._compiled.queue(way), way.workers, texts)
        return len(texts)

    def _means(self, queue: Any, workers: int, texts: Sequence[str]) -> Vectors:
        """Means of the tokens' rows, one for each text, in order."""
        read = self._tokenizer.encode_batch([self._prefix + encodable(text) for text in texts])
        ids = [found.ids for found in read]
        rows = np.empty((len(texts), self._dimensions), dtype=np.float32)

        def keep(request: Any, places: Sequence[int]) -> None:
            rows[places] = request.get_output_tensor(0).data

        queue.set_callback(keep)
        for places in in_batches([len(one) for one in ids], workers):
            queue.start_async(padded([ids[place] for place in places], self._padding), places)
        queue.wait_all()
        return rows


def runs(folder: Path) -> bool:
    """Whether this module computes what sentence-transformers would for the model in `folder`."""
    if any(not (folder / name).is_file() for name in _NEEDED):
        return False
    config = _read(folder / "config.json")
    known = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    if any(config.get(key, value) != value for key, value in known.items()):
        return False
    if _sentence_config(folder).get("do_lower_case") or not _has_plain_weights(folder / _WEIGHTS):
        return False
    modules = _read(folder / "modules.json")
    return [one["type"].rsplit(".", 1)[-1] for one in modules] in _MODULES and _pools_means(folder / modules[1]["path"])


def in_batches(lengths: Sequence[int], workers: int) -> Iterator[list[int]]:
    """The places of all texts in batches of like length, the longest first, so that the workers end together."""
    size = min(_TEXTS_PER_BATCH, ceil(len(lengths) / workers))
    longest_first = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    for start in range(0, len(lengths), size):
        yield longest_first[start : start + size]


def padded(ids: Sequence[Sequence[int]], padding: int) -> list[NDArray[np.int64]]:
    """Ids and mask as arrays, filled up to the next multiple of eight tokens."""
    width = ceil(max(map(len, ids)) / _LENGTH_STEP) * _LENGTH_STEP
    tokens = np.full((len(ids), width), padding, dtype=np.int64)
    mask = np.zeros((len(ids), width), dtype=np.int64)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return [tokens, mask]


def batch_queue(graph: ov.Model, way: Way) -> Any:
    """Takes batches, as many at once as the way has workers."""
    hints = {
        "INFERENCE_PRECISION_HINT": _HINTS[way.precision],
        "NUM_STREAMS": way.workers,
        "INFERENCE_NUM_THREADS": way.threads,
    }
    return ov.AsyncInferQueue(ov.Core().compile_model(graph, "CPU", hints), way.workers)


class _Compiled:
    """The graph, compiled once for each way that is asked for."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder
        self._config = config
        self._queues: dict[Way, Any] = {}

    def queue(self, way: Way) -> Any:
        """Takes batches, as many at once as the way has workers."""
        if way not in self._queues:
            self._queues[way] = batch_queue(self._graph, way)
        return self._queues[way]

    def forget(self) -> None:
        """Let go of what is not in use."""
        self._queues.clear()
        del self._graph

    @cached_property
    def _graph(self) -> ov.Model:
        with safe_open(self._folder / _WEIGHTS, framework="numpy") as weights:
            return bert_graph(weights.get_tensor, self._config)


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def native_precisions() -> Sequence[Precision]:
    """What this processor computes natively; without native bfloat16 the library would widen it again in silence."""
    return ("bfloat16", "fp32") if "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else ("fp32",)


def _other_shares(best: Way) -> list[Way]:
    """Other ways to share the cores: all for one batch, and half of them where two share one arithmetic unit."""
    half = best.threads // 2
    shares = [best._replace(workers=1)]
    return [*shares, Way(best.precision, half, half)] if best.threads >= _MANY_CORES else shares


def _pools_means(folder: Path) -> bool:
    pooling = _read(folder / "config.json")
    modes = {key for key, value in pooling.items() if key.startswith("pooling_mode") and value}
    if not pooling.get("include_prompt", True):
        return False
    return modes == {"pooling_mode_mean_tokens"} or (modes == {"pooling_mode"} and pooling["pooling_mode"] == "mean")


def _has_plain_weights(path: Path) -> bool:
    """Whether the names are those of a bare encoder, and the numbers float32."""
    with safe_open(path, framework="numpy") as weights:
        return _FIRST_WEIGHT in weights.keys() and weights.get_slice(_FIRST_WEIGHT).get_dtype() == "F32"  # noqa: SIM118


def _sentence_config(folder: Path) -> Any:
    path = folder / "sentence_bert_config.json"
    return _read(path) if path.is_file() else {}


def _own_prefix(folder: Path) -> str:
    """The default prompt of the folder, else its `query`: both sides of our comparison are queries."""
    path = folder / "config_sentence_transformers.json"
    described = _read(path) if path.is_file() else {}
    return (described.get("prompts") or {}).get(described.get("default_prompt_name") or "query") or ""


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
