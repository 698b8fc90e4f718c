"""Compressed bodies under a limit: a bomb ends at the limit, not at the end of memory."""

import zlib
from collections.abc import AsyncIterable

from ingest.errors import FetchFailed, Word

_GZIP_MARK = b"\x1f\x8b"
# Those that compress in parallel make one of every 64 KiB; empty ones without end would be a trap.
_MEMBERS_LIMIT = 1000
_SLICE_BYTES = 64 * 1024
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})


async def read_body(chunks: AsyncIterable[bytes], encoding: str, limit_bytes: int) -> bytes:
    """The body behind `chunks`, as they came over the wire, decompressed.

    `limit_bytes` bounds both what comes over the wire and what it decompresses to.  A body that is a gzip file
    without saying so (sitemaps often are) is decompressed too.

    Raises:
        FetchFailed: too large, compressed in a way that was not asked for, or broken.
    """
    encoding = encoding.strip().lower()
    if encoding not in _ENCODINGS:
        raise FetchFailed(Word.BAD_ENCODING, f"the host compressed with {encoding[:40]!r}, which was not asked for")
    wire = bytearray()
    async for chunk in chunks:
        wire += chunk
        if len(wire) > limit_bytes:
            raise _too_large(limit_bytes)
    body = bytes(wire)
    if encoding in ("gzip", "x-gzip", "deflate") and body:
        body = _inflate(body, limit_bytes)
    return _inflate(body, limit_bytes) if body.startswith(_GZIP_MARK) else body


def _inflate(data: bytes, limit_bytes: int) -> bytes:
    # 47: gzip or zlib, by the header; `deflate` without a header is what some servers send.
    windows = (47,) if data.startswith(_GZIP_MARK) else (47, -15)
    for bits in windows:
        try:
            return _inflate_members(data, bits, limit_bytes)
        except zlib.error:
            continue
    raise FetchFailed(Word.BAD_ENCODING, "the compressed answer is broken")


def _inflate_members(data: bytes, bits: int, limit_bytes: int) -> bytes:
    """What is in `data`, to the end: a gzip file may be several, one behind another (RFC 1952, section 2.2)."""
    body, at = bytearray(), 0
    for _ in range(_MEMBERS_LIMIT):
        decoder = zlib.decompressobj(bits)
        while not decoder.eof:
            # In slices: what is behind a member's end is copied.
            piece = data[at : at + _SLICE_BYTES]
            if not piece:
                raise FetchFailed(Word.BAD_ENCODING, "the compressed answer breaks off")
            body += decoder.decompress(piece, limit_bytes + 1 - len(body))
            if len(body) > limit_bytes:
                raise _too_large(limit_bytes)
            at += len(piece) - len(decoder.unused_data)
        if not data.startswith(_GZIP_MARK, at):
            return bytes(body)
    raise FetchFailed(Word.BAD_ENCODING, f"the compressed answer is more than {_MEMBERS_LIMIT} files")


def _too_large(limit_bytes: int) -> FetchFailed:
    return FetchFailed(Word.TOO_LARGE, f"the answer is larger than {limit_bytes} bytes")
