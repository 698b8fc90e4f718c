"""An encoder without a model, for tests in which the model is not what is judged."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from enrich.encoder import Vectors
from enrich.ways import Way

_DIMENSIONS = 384
_LONGEST_GRAM = 4


class SmallEncoder:
    """Counts of hashed character n-grams (3 and 4), signed, L2-normalised: the same text always gives the same vector.

    Alike spelling is near, so translations are far from each other.
    """

    space = "small-384-ngrams/1"
    way = Way("fp32", 1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `enrich.encoder.Encoder.encode`; a text without any n-gram gets the first unit vector."""
        rows = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in _grams(f" {text.casefold()} "):
                digest = crc32(gram.encode("utf-8", "surrogatepass"))
                row[digest % _DIMENSIONS] += 1 if digest & 0x8000_0000 else -1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        return rows


def _grams(text: str) -> list[str]:
    return [text[at : at + size] for size in (3, _LONGEST_GRAM) for at in range(len(text) - size + 1)]
