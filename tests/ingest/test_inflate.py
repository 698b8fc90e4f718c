"""Compressed answers are read as far as the limit allows."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest

from ingest.errors import FetchFailed, Word
from ingest.inflate import read_body

TEXT = b"<rss>" + bytes(range(256)) * 4 + b"</rss>"
RAW = zlib.compressobj(wbits=-15)
BARE = RAW.compress(TEXT) + RAW.flush()


def read(data: bytes, encoding: str, limit: int = 4096) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 100):
            yield data[start : start + 100]

    return asyncio.run(read_body(chunks(), encoding, limit))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT), "gzip"),
        (gzip.compress(TEXT), " GZIP "),
        (zlib.compress(TEXT), "deflate"),
        (BARE, "deflate"),
        (gzip.compress(TEXT), ""),
        (gzip.compress(gzip.compress(TEXT)), "gzip"),
        (gzip.compress(TEXT[:300]) + gzip.compress(b"") + gzip.compress(TEXT[300:]), "gzip"),
        (gzip.compress(TEXT[:300]) + gzip.compress(TEXT[300:]) + bytes(512), ""),
    ],
)
def test_read(data: bytes, encoding: str) -> None:
    assert read(data, encoding) == TEXT


@pytest.mark.parametrize(
    ("data", "encoding", "word"),
    [
        (TEXT * 5, "", Word.TOO_LARGE),
        (gzip.compress(bytes(50_000_000)), "gzip", Word.TOO_LARGE),
        (gzip.compress(gzip.compress(bytes(50_000_000))), "gzip", Word.TOO_LARGE),
        (gzip.compress(TEXT)[:-9], "gzip", Word.BAD_ENCODING),
        (gzip.compress(TEXT * 2) + gzip.compress(TEXT * 2), "gzip", Word.TOO_LARGE),
        (gzip.compress(TEXT) + gzip.compress(TEXT)[:-9], "gzip", Word.BAD_ENCODING),
        (gzip.compress(b"") * 2000, "gzip", Word.BAD_ENCODING),
        (b"\x01\x02\x03", "gzip", Word.BAD_ENCODING),
        (TEXT, "br", Word.BAD_ENCODING),
    ],
)
def test_refused(data: bytes, encoding: str, word: Word) -> None:
    with pytest.raises(FetchFailed) as failure:
        read(data, encoding, limit=100_000 if len(data) > 20_000 else 4096)
    assert failure.value.word is word
