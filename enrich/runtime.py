"""Which library computes the vectors: OpenVINO where it can, else sentence-transformers on torch (decision 24)."""

from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Literal, Protocol

from enrich.encoder import Encoder
from enrich.errors import ModelUnfit
from enrich.ways import Precision, Way
from enrich.weights import ModelFolder

Runtime = Literal["auto", "openvino", "torch"]


class Embedding(Encoder, Protocol):
    """An encoder that has chosen its way on this machine."""

    runtime: str
    way: Way
    choice: str  # what the start measured, the fastest first

    def batch_within(self, limit: timedelta) -> int:
        """How many texts of ordinary length take no longer than `limit` here."""

    def token_counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens the network reads for each text, prefix and end marks included, before the cut."""


def open_embedding(
    model: ModelFolder,
    *,
    runtime: Runtime = "auto",
    precision: Precision | Literal["auto"] = "auto",
    threads: int = 0,
) -> Embedding:
    """The model ready to encode, by the runtime asked for; `auto` is OpenVINO where it has the model's architecture.

    Both give the same vectors but for the last bits, in one space.  Imports only the library it needs: torch and
    sentence-transformers alone take five seconds.

    Raises:
        ModelUnfit: OpenVINO was asked for and cannot run this model.
    """
    if runtime != "torch" and find_spec("openvino") is not None:
        from enrich.openvino_embedder import OpenVinoEmbedder, runs

        if runs(model.path):
            return OpenVinoEmbedder(model, precision=precision, threads=threads)
    if runtime == "openvino":
        raise ModelUnfit(model.path, "openvino")
    from enrich.torch_embedder import TorchEmbedder

    return TorchEmbedder(model, precision=precision, threads=threads)
