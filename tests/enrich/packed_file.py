"""A tiny file in the packed format, written by code that shares nothing with its reader."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np

HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS = 32, 1, 2, 64, 40, 64
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "й", "<mask>")
SCORES = (0.0, 0.0, 0.0, 0.0, -2.0, -3.0, -3.5, -1.5, -4.0, 0.0)
REPLACEMENTS = {"\x07": "", "\t": " ", "\u200b": " ", "ﬁ": "fi"}
BIG = ("q.w", "k.w", "v.w", "ao.w", "fi.w", "fo.w")


def packed_file(*, version: int = 1, without: str = "") -> bytes:
    """The whole file; all its 4-bit weights are (place % 16 - 8) / 2, all plain ones 1."""
    head = b"E5S1" + struct.pack(
        "<I7ifi", version, HIDDEN, LAYERS, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, 2, 1e-12, 32
    )
    head += _pieces(PIECES, SCORES) + _replacements(REPLACEMENTS)
    bodies = {name: body for name, body in _tensors().items() if name != without}
    directory_bytes = 4 + sum(2 + len(name) + 21 for name in bodies)
    at = len(head) + directory_bytes
    directory = struct.pack("<i", len(bodies))
    for name, (kind, count, stored) in bodies.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, at, len(stored))
        at += len(stored)
    return head + directory + b"".join(stored for _, _, stored in bodies.values())


def _pieces(pieces: Sequence[str], scores: Sequence[float]) -> bytes:
    joined = [piece.encode() for piece in pieces]
    offsets = [sum(map(len, joined[:place])) for place in range(len(joined) + 1)]
    size_bytes = offsets[-1]
    return (
        struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, size_bytes)
        + struct.pack(f"<{len(offsets)}I", *offsets)
        + struct.pack(f"<{len(scores)}f", *scores)
        + b"".join(joined)
    )


def _replacements(replacements: Mapping[str, str]) -> bytes:
    entries = b"".join(
        struct.pack(f"<IB{len(new)}I", ord(old), len(new), *map(ord, new)) for old, new in replacements.items()
    )
    return struct.pack("<iI", len(replacements), len(entries)) + entries


def _tensors() -> dict[str, tuple[int, int, bytes]]:
    sizes = {"emb.word": VOCABULARY * HIDDEN, "emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN}
    sizes |= {"emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for part in ("q", "k", "v", "ao", "aln", "fi", "fo", "oln"):
        outputs = FEED_FORWARD if part == "fi" else HIDDEN
        inputs = 1 if part.endswith("ln") else FEED_FORWARD if part == "fo" else HIDDEN
        sizes |= {f"l0.{part}.w": outputs * inputs, f"l0.{part}.b": outputs}
    four_bit = {"emb.word", *(f"l0.{name}" for name in BIG)}
    return {name: _four_bit(count) if name in four_bit else _plain(count) for name, count in sizes.items()}


def _plain(count: int) -> tuple[int, int, bytes]:
    return 0, count, np.ones(count, dtype="<f4").tobytes()


def _four_bit(count: int) -> tuple[int, int, bytes]:
    # Weights j and j+16 of a block are both j % 16 here, so both halves of byte j hold j.
    block = np.float16(0.5).tobytes() + bytes(j << 4 | j for j in range(16))
    return 1, count, block * (count // 32)
