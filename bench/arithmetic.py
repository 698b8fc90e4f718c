"""What bfloat16 gives here against fp32: on bare matrix products of the model's shapes, and on the network alone.

    python -m bench arithmetic [--threads 2]

Nothing is read, cut into tokens or written: the most that the stage could gain by bfloat16, were all else free.
"""

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op
from safetensors import safe_open

from enrich.bert_graph import bert_graph
from enrich.openvino_embedder import batch_queue, cores, native_precisions
from enrich.ways import Precision, Way
from enrich.weights import model_folder

_TEXTS, _TOKENS = 8, 128  # a batch of the stage, of texts of ordinary length
_BATCHES = 4  # for each worker, between two looks at the clock
_ROUNDS = 9

Inputs = Sequence[NDArray[Any]]


def main(arguments: Sequence[str]) -> int:
    """Print the speed of each precision that is native here, and how many times as fast bfloat16 is."""
    parser = ArgumentParser("bench arithmetic", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "wirewatch", help="of converted weights")
    parser.add_argument("--model", help="folder or hub name; default: the packaged weights")
    parser.add_argument("--threads", type=int, default=0, help="default: all cores")
    options = parser.parse_args(arguments)
    threads = options.threads or cores()
    ways = [Way(precision, threads, threads) for precision in native_precisions()]
    print(f"{ov.Core().get_property('CPU', 'FULL_DEVICE_NAME')}: {'; '.join(map(str, ways))}")
    for name, (graph, inputs) in _measured(model_folder(options.model, options.cache).path).items():
        print(f"{name}: {said(best_seconds(ways, _runs(graph, inputs, ways)))}")
    return 0


def products(sizes: Sequence[int]) -> ov.Model:
    """Matrix products in a row, from rows of `sizes[0]` numbers to rows of `sizes[-1]`."""
    chance = np.random.default_rng(7)
    rows = begin = op.parameter([-1, sizes[0]], np.float32)
    for narrow, wide in pairwise(sizes):
        weight = chance.normal(0, narrow**-0.5, (wide, narrow)).astype(np.float32)
        rows = op.matmul(rows, op.constant(weight), False, True)
    return ov.Model([rows], [begin], "products")


def best_seconds(
    ways: Sequence[Way], runs: Mapping[Way, Callable[[], int]], clock: Callable[[], float] = time.perf_counter
) -> dict[Precision, float]:
    """Seconds for a text in the best run of each way, taken in turns after one run of each that does not count."""
    found = {way.precision: float("inf") for way in ways}
    for turn in range(_ROUNDS + 1):
        for way in ways:
            begun = clock()
            texts = runs[way]()
            if turn:
                found[way.precision] = min(found[way.precision], (clock() - begun) / texts)
    return found


def said(seconds: Mapping[Precision, float]) -> str:
    """The speeds, and what bfloat16 gains where there are both."""
    speeds = ", ".join(f"{precision} {1 / spent:.0f} texts/s" for precision, spent in seconds.items())
    if "bfloat16" not in seconds:
        return f"{speeds}; no bfloat16 on this processor"
    return f"{speeds}, {seconds['fp32'] / seconds['bfloat16']:.2f} times as fast"


def _measured(folder: Path) -> dict[str, tuple[ov.Model, Inputs]]:
    """The graphs by name, each with a batch to feed it."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    hidden, inner, layers = (config[name] for name in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    with safe_open(folder / "model.safetensors", framework="numpy") as weights:
        network = bert_graph(weights.get_tensor, config)
    chance = np.random.default_rng(7)
    rows = chance.normal(size=(_TEXTS * _TOKENS, hidden)).astype(np.float32)
    ids = chance.integers(5, config["vocab_size"], (_TEXTS, _TOKENS))
    return {
        f"{4 * layers} products {hidden} x {hidden}": (products([hidden] * (4 * layers + 1)), [rows]),
        f"{2 * layers} products {hidden} x {inner} and back": (products([hidden, *[inner, hidden] * layers]), [rows]),
        "the network alone": (network, [ids, np.ones_like(ids)]),
    }


def _runs(graph: ov.Model, inputs: Inputs, ways: Sequence[Way]) -> dict[Way, Callable[[], int]]:
    """For each way what computes some batches by it and says how many texts they were."""

    def run_of(way: Way) -> Callable[[], int]:
        queue = batch_queue(graph, way)

        def run() -> int:
            for _ in range(_BATCHES * way.workers):
                queue.start_async(inputs)
            queue.wait_all()
            return _BATCHES * way.workers * _TEXTS

        return run

    return {way: run_of(way) for way in ways}
