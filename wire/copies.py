"""How much of two texts is word for word the same, told from signatures of a few bytes that travel with articles.

A signature is the MinHash of a text's word trigrams (Broder 1997): 64 minima, one byte of each kept (Li, König 2010).
enrich makes it from one article alone; who repeats whom only a stage that sees many can say.
"""

import base64
import binascii
import re
from zlib import crc32

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

from wire.errors import Undecodable

_MINIMA = 64
# All that a signature's meaning hangs on is named, so that an upgrade of the library does not change it.  Made once:
# drawing the permutations costs more than using them.
_BLANK = MinHash(num_perm=_MINIMA, seed=1, scheme="affine32", hashfunc=crc32)
_WORDS_PER_SHINGLE = 3
_MOST_WORDS = 4000  # of a text; ten pages
_WORD = re.compile(r"\w+")

Minima = NDArray[np.uint8]


def copy_signature(text: str) -> str:
    """The signature of a text: 88 characters, or "" for a text of fewer than three words.

    Case, punctuation and white space do not count; beyond 4,000 words nothing is read.
    """
    words = [match.group() for match, _ in zip(_WORD.finditer(text.casefold()), range(_MOST_WORDS), strict=False)]
    shingles = {" ".join(words[at : at + _WORDS_PER_SHINGLE]) for at in range(len(words) - _WORDS_PER_SHINGLE + 1)}
    if not shingles:
        return ""
    minhash = _BLANK.copy()
    minhash.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in shingles])
    return base64.b64encode(minhash.hashvalues.astype(np.uint8).tobytes()).decode("ascii")


def decode_signature(signature: str) -> Minima:
    """The 64 bytes of a signature, for comparing one with many at once: `(many == one).mean(axis=1)`.

    Raises:
        Undecodable: not what `copy_signature` writes; "" too, which has none.
    """
    try:
        stored = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undecodable("copy_signature", str(error)) from error
    if len(stored) != _MINIMA:
        raise Undecodable("copy_signature", f"{len(stored)} bytes where {_MINIMA} are expected")
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
