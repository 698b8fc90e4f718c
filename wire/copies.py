"""How much of two texts is word for word the same, told from signatures of a few bytes that travel with articles.

A signature is the MinHash of a text's word trigrams (Broder 1997): 64 minima, one byte of each kept (Li, König 2010).
enrich makes it from one article alone (`enrich.signatures`); who repeats whom only a stage that sees many can say.
"""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from wire.errors import Undecodable

MINIMA = 64  # bytes of a signature

Minima = NDArray[np.uint8]


def decode_signature(signature: str) -> Minima:
    """The 64 bytes of a signature, for comparing one with many at once: `(many == one).mean(axis=1)`.

    Raises:
        Undecodable: not what `enrich.signatures` writes; "" too, which has none.
    """
    try:
        stored = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undecodable("copy_signature", str(error)) from error
    if len(stored) != MINIMA:
        raise Undecodable("copy_signature", f"{len(stored)} bytes where {MINIMA} are expected")
    return np.frombuffer(stored, dtype=np.uint8)


def resemblance(one: str, other: str) -> float:
    """The share of word trigrams that two texts have in common (Jaccard), 0 to 1; 0 where either has no signature.

    An estimate: its standard error is at most .063, and .05 at a true .8.
    """
    if not one or not other:
        return 0.0
    agreeing = float((decode_signature(one) == decode_signature(other)).mean())
    by_chance = 1 / 256
    return max(0.0, (agreeing - by_chance) / (1 - by_chance))
