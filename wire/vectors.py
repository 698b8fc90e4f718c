"""Vectors on the wire: base64 of little-endian float16.  The only module of the ground that needs numpy.

Rounding: each component goes to the nearest float16, ties to even: a relative error of at most 2**-11 for components
of 6.1e-5 and more, at most 3e-8 absolutely below.  The cosine of a unit vector of 384 dimensions with its stored
form differs from 1 by less than 1e-6.  What is stored is the truth: round first, then use; so memory equals restore.
"""

import binascii
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from wire.errors import Undecodable

Vector = NDArray[np.float32]

_STORED = np.dtype("<f2")


def encode_vector(vector: Vector) -> str:
    """`vector` (one dimension, finite) as text for a message; 1,024 characters for 384 components.

    Raises:
        ValueError: another shape, or a component that float16 cannot hold (NaN, infinity, beyond 65,504).
    """
    return binascii.b2a_base64(vector_to_bytes(vector), newline=False).decode("ascii")


def vector_to_bytes(vector: Vector) -> bytes:
    """`vector` as a field of bytes holds it, which is the same text in a message.

    Raises:
        ValueError: as `encode_vector`.
    """
    return _stored(vector).tobytes()


def decode_vector(text: str) -> Vector:
    """The vector in `text`, widened to float32 without loss: `encode_vector` of it gives `text` again.

    Raises:
        Undecodable: not base64, half a component too many, or a component that is not finite.
    """
    try:
        stored = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise Undecodable("vector", str(error)) from error
    return vector_of(stored)


def vector_of(stored: bytes) -> Vector:
    """The vector that `vector_to_bytes` stored, widened to float32 without loss.

    Raises:
        Undecodable: half a component too many, or a component that is not finite.
    """
    if len(stored) % _STORED.itemsize:
        raise Undecodable("vector", f"{len(stored)} bytes are no whole number of float16")
    vector = np.frombuffer(stored, dtype=_STORED).astype(np.float32)
    if not _is_finite(vector):
        raise Undecodable("vector", "a component is not finite")
    return vector


def rounded(vector: Vector) -> Vector:
    """`vector` as every reader of the message will see it: what `decode_vector` makes of `encode_vector`."""
    return _stored(vector).astype(np.float32)


def _stored(vector: Vector) -> NDArray[np.float16]:
    if vector.ndim != 1:
        raise ValueError(f"a vector has one dimension, this array has {vector.ndim}")
    # Overflow becomes infinity and is refused below, so numpy need not warn of it.
    with np.errstate(over="ignore"):
        stored = vector.astype(_STORED)
    if not _is_finite(stored.astype(np.float32)):
        raise ValueError("a component is not finite as float16")
    return stored


def _is_finite(vector: Vector) -> bool:
    """Of what was float16: squares of those are far from the largest float32, so the sum tells of each."""
    return isfinite(vector.dot(vector))
