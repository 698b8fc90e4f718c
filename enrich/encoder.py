"""What turns texts into vectors, as the stage sees it; which text that is; what need not be done twice."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b, sha256
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from enrich.ways import Way
from wire.labels import unlabelled

Vectors = NDArray[np.float32]

# Names what `vector_text` does: a changed recipe is another space.
TEXT_RECIPE = "title+400/2"
_LEAD_CHARACTERS = 400
# Headline and 400 characters: 150 tokens at most in ordinary Ukrainian; the limit is for hostile text.
MOST_TOKENS = 256
# 4,096 vectors of 384 components are 6 MB.
_KEPT_VECTORS = 4096


class Encoder(Protocol):
    """Texts in, unit vectors out.  Vectors of two spaces are never compared."""

    @property
    def space(self) -> str:
        """Names weights, prefix, pooling and text recipe; at most 100 characters."""

    @property
    def way(self) -> Way:
        """Precision, threads and workers of the arithmetic: noted beside the vector, no part of the space."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One L2-normalised row per text, in order: float32, `(len(texts), dimensions)`."""


def vector_text(title: str, text: str) -> str:
    """What of an article is embedded: headline and the first 400 characters of the lead, white space folded.

    Measured best on three sets at one threshold: headlines alone lose most, 1,000 characters gain nothing (decision
    11).  A lead that repeats the headline is taken without it.
    Standing labels of the headline are left out: they made strangers alike (`wire.labels`).
    """
    # Cut generously first: folding 300 KB of white space for 400 characters would be paid by every other article.
    lead = " ".join(text[: 20 * _LEAD_CHARACTERS].split())
    headline = " ".join(title[: 20 * _LEAD_CHARACTERS].split())
    lead = lead.removeprefix(headline).lstrip()
    return f"{unlabelled(headline)}\n{lead[:_LEAD_CHARACTERS]}".strip()


def unit_rows(rows: Vectors) -> Vectors:
    """The rows at length 1, in float32; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.float32(1e-12)), dtype=np.float32)


def encodable(text: str) -> str:
    """`text` without lone surrogates, which a tokenizer would refuse together with the whole batch."""
    return text.encode("utf-8", "replace").decode("utf-8")


def space_name(weights_digest: str, prefix: str, pooling: str, dimensions: int) -> str:
    """The space of vectors made so; equal strings mean comparable vectors."""
    parts = "\0".join((weights_digest, prefix, pooling, TEXT_RECIPE))
    return f"{sha256(parts.encode()).hexdigest()[:16]}-{dimensions}-{TEXT_RECIPE}"


class RememberingEncoder:
    """An encoder that computes no text twice while it remembers it: wire copies and unchanged versions are free.

    Bounded: the vectors used longest ago are forgotten.
    """

    def __init__(self, encoder: Encoder, kept_vectors: int = _KEPT_VECTORS) -> None:
        if kept_vectors < 1:
            raise ValueError(f"kept_vectors is {kept_vectors}, must be at least 1")
        self._encoder = encoder
        self._kept_vectors = kept_vectors
        self._kept: OrderedDict[bytes, Vectors] = OrderedDict()
        self.hits = 0
        self.misses = 0

    @property
    def space(self) -> str:
        """As the encoder inside."""
        return self._encoder.space

    @property
    def way(self) -> Way:
        """As the encoder inside."""
        return self._encoder.way

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Encoder.encode`; texts that stand twice in `texts` are computed once."""
        if not texts:
            return self._encoder.encode(texts)
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        self.misses += len(new)
        self.hits += len(texts) - len(new)
        fresh = dict(zip(new, self._encoder.encode(list(new.values())), strict=True)) if new else {}
        rows = np.stack([fresh[key] if key in fresh else self._kept[key] for key in keys])
        for key in keys:
            self._keep(key, fresh)
        return rows

    def _keep(self, key: bytes, fresh: dict[bytes, Vectors]) -> None:
        if key in fresh:
            # A copy, or one row would hold the memory of its whole batch.
            self._kept[key] = fresh[key].copy()
        if key in self._kept:
            self._kept.move_to_end(key)
        if len(self._kept) > self._kept_vectors:
            self._kept.popitem(last=False)


def _key(text: str) -> bytes:
    # Lone surrogates reach this point in hostile titles; they have no UTF-8.
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
