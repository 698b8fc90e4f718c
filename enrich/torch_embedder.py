"""Vectors from a sentence-transformers model on this machine.  Import it late: torch takes five seconds and more."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling
from transformers.utils.logging import disable_progress_bar

from enrich.encoder import MOST_TOKENS, Vectors, encodable, space_name, unit_rows
from enrich.ways import Precision, Way, batch_within, paired, probe, said
from enrich.weights import ModelFolder

_DTYPES = {"fp32": torch.float32, "bfloat16": torch.bfloat16}

_MANY_CORES = 4
# Beyond 8 texts a batch gains little; 32 keep both cores busy without making the short wait for the long.
_TEXTS_PER_BATCH = 32


class TorchEmbedder:
    """`Encoder` over a sentence-transformers folder of any architecture.  Never downloads anything.

    One per process: lanes share it, calls come from one thread at a time.  fp32 vectors depend on the other texts of
    the call by about 1e-7, bfloat16 ones by up to 1e-3: the vector in the message is the truth.

    Args:
        model: what `enrich.weights.model_folder` found.
        precision: `auto` measures both on this processor and takes the faster.
        threads: for the arithmetic of the whole process; 0 takes all cores, or half of them where that is faster.
        prefix: put before each text; by default the one that the folder names.
        clock: seconds, for the measurement.
    """

    runtime = "torch"

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
        ways = _ways(precision, threads)
        # One each while they are measured: narrowing is in place and loses bits for good.
        networks = {way.precision: _loaded(model, max_tokens, way.precision) for way in ways}
        self._prefix = _own_prefix(networks[ways[0].precision]) if prefix is None else prefix

        def probed(way: Way) -> int:
            torch.set_num_threads(way.threads)
            return len(_encoded(networks[way.precision], probe(way), self._prefix))

        found = paired(ways, probed, clock)
        self.way = min(found, key=lambda way: found[way])
        # What the start found, for the log: `bfloat16, 2 threads, 1 worker: 130/s; fp32, 2 threads, 1 worker: 48/s`.
        self.choice = said(found)
        self._seconds_a_text = found[self.way]
        torch.set_num_threads(self.way.threads)
        self._network = networks[self.way.precision]
        self.space = space_name(model.digest, self._prefix, _pooling(self._network), self._dimensions())

    def batch_within(self, limit: timedelta) -> int:
        """How many texts of ordinary length take no longer than `limit` here (`enrich.ways.batch_within`)."""
        return batch_within(limit, self._seconds_a_text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One L2-normalised float32 row per text, in order; longer texts are cut at the token limit."""
        if not texts:
            return np.empty((0, self._dimensions()), dtype=np.float32)
        return _encoded(self._network, [encodable(text) for text in texts], self._prefix)

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the network reads for each text, prefix and end marks included, before the cut."""
        found = self._network.tokenizer([self._prefix + encodable(text) for text in texts])
        return [len(ids) for ids in found["input_ids"]]

    def _dimensions(self) -> int:
        return int(self._network.get_embedding_dimension() or 0)


def _ways(precision: Precision | Literal["auto"], threads: int) -> tuple[Way, ...]:
    """The ways among which to choose; bfloat16 first, since its network is in fp32 while it is loaded."""
    precisions: tuple[Precision, ...] = ("bfloat16", "fp32") if precision == "auto" else (precision,)
    cores = torch.get_num_threads()
    # Half of the cores is faster where two of them share one arithmetic unit.
    counts = (threads,) if threads else (cores, cores // 2) if cores >= _MANY_CORES else (cores,)
    return tuple(Way(each, count) for each in precisions for count in counts)


def _loaded(model: ModelFolder, max_tokens: int, precision: Precision) -> SentenceTransformer:
    # A bar of a tenth of a second on stderr would break the JSON lines of the log.
    disable_progress_bar()  # type: ignore[no-untyped-call]
    network = SentenceTransformer(str(model.path), device="cpu", local_files_only=True)
    network.max_seq_length = min(max_tokens, network.max_seq_length or max_tokens)
    return network.to(_DTYPES[precision])


def _encoded(network: SentenceTransformer, texts: list[str], prefix: str) -> Vectors:
    # `encode` sorts by length before it cuts batches, and gives the rows back in order.
    rows = network.encode(
        texts, prompt=prefix, batch_size=_TEXTS_PER_BATCH, show_progress_bar=False, convert_to_numpy=True
    )
    # Again in float32: a norm taken in bfloat16 is off by up to 1e-2.
    return unit_rows(np.asarray(rows, dtype=np.float32))


def _own_prefix(network: SentenceTransformer) -> str:
    """The default prompt of the folder, else its `query`: both sides of our comparison are queries."""
    return network.prompts.get(network.default_prompt_name or "query") or ""


def _pooling(network: SentenceTransformer) -> str:
    modes = [module.pooling_mode for module in network if isinstance(module, Pooling)]
    return "+".join(mode if isinstance(mode, str) else ",".join(mode) for mode in modes)
