"""Read the packed 4-bit model: a tokenizer, its normalisation and the tensors of a BERT encoder in one file.

Little-endian, in this order: shape of the network; Unigram pieces with their scores; what single characters are
replaced by; a directory of tensors; the tensors.  A 4-bit tensor is rows of blocks: a float16 scale and 16 bytes for
32 weights, where byte j holds weight j in its low and weight j+16 in its high half, weight = (half - 8) * scale.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from enrich.errors import BadPackedFile

_MAGIC = b"E5S1"
_BLOCK_WEIGHTS = 32
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", (_BLOCK_WEIGHTS // 2,))])
_PLAIN, _FOUR_BIT = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Sizes of the encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int  # rows of the word embedding; at least the number of pieces
    positions: int
    token_types: int
    norm_epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The Unigram vocabulary: place is id, scores are log probabilities."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedModel:
    """One packed file; tensors are unpacked when asked for, from the buffer that was read."""

    shape: Shape
    pieces: Pieces
    replacements: Mapping[str, str]  # normalisation, character by character
    _places: Mapping[str, "_Place"]
    _buffer: memoryview

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all tensors, in file order."""
        return tuple(self._places)

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """The tensor as a new array of that shape, rows = outputs.

        Raises:
            BadPackedFile: there is none of that name, or it has another number of weights.
        """
        place = self._places.get(name)
        if place is None:
            raise BadPackedFile(f"no tensor {name}")
        if place.count != int(np.prod(shape)):
            raise BadPackedFile(f"tensor {name} has {place.count} weights, expected {shape}")
        stored = self._buffer[place.start : place.start + place.size_bytes]
        return (_four_bit(stored) if place.kind == _FOUR_BIT else _plain(stored)).reshape(shape)


@dataclass(frozen=True, slots=True)
class _Place:
    kind: int
    count: int
    start: int
    size_bytes: int


def read_packed(content: bytes | memoryview) -> PackedModel:
    """The model in `content`, whose memory it keeps using.

    Raises:
        BadPackedFile: another format or version, or an end before the end.
    """
    reader = _Reader(memoryview(content))
    if bytes(reader.take(len(_MAGIC))) != _MAGIC:
        raise BadPackedFile("it does not begin with E5S1")
    (version,) = reader.unpack("<I")
    if version != 1:
        raise BadPackedFile(f"version {version}, only 1 is known")
    *sizes, epsilon, block = reader.unpack("<7ifi")
    if block != _BLOCK_WEIGHTS:
        raise BadPackedFile(f"blocks of {block} weights, only {_BLOCK_WEIGHTS} are known")
    hidden, layers, heads, feed_forward, vocabulary, positions, token_types = sizes
    return PackedModel(
        shape=Shape(
            hidden=hidden,
            layers=layers,
            heads=heads,
            feed_forward=feed_forward,
            vocabulary=vocabulary,
            positions=positions,
            token_types=token_types,
            norm_epsilon=epsilon,
        ),
        pieces=_pieces(reader),
        replacements=_replacements(reader),
        _places=_directory(reader),
        _buffer=reader.content,
    )


class _Reader:
    """A place in the file that only moves forward, and never past its end."""

    def __init__(self, content: memoryview) -> None:
        self.content = content
        self._at = 0

    def take(self, size_bytes: int) -> memoryview:
        end = self._at + size_bytes
        if size_bytes < 0 or end > len(self.content):
            raise BadPackedFile(f"it ends at {len(self.content)} bytes, inside of what it announces")
        piece = self.content[self._at : end]
        self._at = end
        return piece

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def array(self, kind: str, count: int) -> NDArray[np.generic]:
        dtype = np.dtype(kind)
        return np.frombuffer(self.take(count * dtype.itemsize), dtype=dtype)


def _pieces(reader: _Reader) -> Pieces:
    count, bos, eos, pad, unknown, size_bytes = reader.unpack("<5iQ")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    joined = bytes(reader.take(size_bytes))
    try:
        texts = tuple(joined[a:b].decode() for a, b in pairwise(offsets))
    except UnicodeDecodeError as error:
        raise BadPackedFile(f"a piece is no UTF-8: {error.reason}") from error
    return Pieces(texts=texts, scores=tuple(scores), bos=bos, eos=eos, pad=pad, unknown=unknown)


def _replacements(reader: _Reader) -> dict[str, str]:
    entries, _size_bytes = reader.unpack("<iI")
    found = {}
    for _ in range(entries):
        code_point, count = reader.unpack("<IB")
        found[chr(code_point)] = "".join(map(chr, reader.unpack(f"<{count}I")))
    return found


def _directory(reader: _Reader) -> dict[str, _Place]:
    (entries,) = reader.unpack("<i")
    places = {}
    for _ in range(entries):
        (length,) = reader.unpack("<H")
        name = str(reader.take(length), "utf-8", "replace")
        places[name] = _checked(name, _Place(*reader.unpack("<BIQQ")), len(reader.content))
    return places


def _checked(name: str, place: _Place, file_bytes: int) -> _Place:
    sizes = {_PLAIN: place.count * 4, _FOUR_BIT: place.count // _BLOCK_WEIGHTS * _BLOCK.itemsize}
    if sizes.get(place.kind) != place.size_bytes or place.start + place.size_bytes > file_bytes:
        raise BadPackedFile(f"tensor {name} does not fit: {place}")
    return place


def _plain(stored: memoryview) -> NDArray[np.float32]:
    return np.frombuffer(stored, dtype="<f4").astype(np.float32)


def _four_bit(stored: memoryview) -> NDArray[np.float32]:
    blocks = np.frombuffer(stored, dtype=_BLOCK)
    low, high = blocks["halves"] & 15, blocks["halves"] >> 4
    weights = np.concatenate((low, high), axis=1).astype(np.float32)
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights
