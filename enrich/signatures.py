"""Signatures from which copies are told: the MinHash of a text's word trigrams, as `wire.copies` compares them."""

import base64
import re
from zlib import crc32

import numpy as np
from datasketch import MinHash

from wire.copies import MINIMA

# All that a signature's meaning hangs on is named, so that an upgrade of the library does not change it.  Made once:
# drawing the permutations costs more than using them.
_BLANK = MinHash(num_perm=MINIMA, seed=1, scheme="affine32", hashfunc=crc32)
_WORDS_PER_SHINGLE = 3
_MOST_WORDS = 4000  # of a text; ten pages
_WORD = re.compile(r"\w+")


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
