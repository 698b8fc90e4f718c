"""A digest of a state by which two of them are compared without moving either: what is in memory, what a topic holds.

Equal keys with equal values give equal digests, in whatever order they come; nothing is held, however many there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

_SIZE = 2**256


@dataclass(frozen=True, slots=True)
class StateDigest:
    """How many keys a state has, and the sum of their SHA-256, modulo 2**256, as 64 hex digits."""

    keys: int
    digest: str


def digest_of(state: Iterable[tuple[str, bytes]]) -> StateDigest:
    """The digest of keys and values; each enters as SHA-256 of key (UTF-8), a zero byte, and value."""
    keys = total = 0
    for key, value in state:
        keys += 1
        total += int.from_bytes(sha256(b"\0".join((key.encode("utf-8", "surrogatepass"), value))).digest())
    return StateDigest(keys, f"{total % _SIZE:064x}")
