"""Many feeds on one machine for `bench polling`: as fast as asyncio can, in a process of its own.

`/N` is feed N.  Its ETag names its edition; `/edition/E` on any host makes E the edition of every tenth feed.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_HEAD = (
    "HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: {}\r\nETag: {}\r\nContent-Type: application/rss+xml\r\n\r\n"
)
_TEXT = "The lead of article {}: a sentence or two that say what has happened, where, and who is said to have said so."


class Editions:
    """What every feed shows now."""

    def __init__(self, items: int) -> None:
        self._items = items
        self._edition = 1
        self._now = datetime.now(UTC).replace(microsecond=0)

    def answer(self, path: str, condition: str) -> bytes:
        """The whole HTTP answer."""
        if path.startswith("/edition/"):
            self._edition = int(path.rpartition("/")[2])
            return _HEAD.format("200 OK", 0, '"-"').encode()
        number = int(path[1:])
        edition = self._edition if number % 10 == 0 else 1
        etag = f'"{number}-{edition}"'
        if condition == etag:
            return _HEAD.format("304 Not Modified", 0, etag).encode()
        body = self._feed(number, edition).encode()
        return _HEAD.format("200 OK", len(body), etag).encode() + body

    def _feed(self, number: int, edition: int) -> str:
        # Each edition brings one article and drops the oldest.
        articles = range(edition - 1, edition - 1 + self._items)
        items = "".join(self._item(number, article) for article in reversed(articles))
        return (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Feed {number}</title>"
            f"<link>https://outlet-{number}.example/</link><description>x</description>{items}</channel></rss>"
        )

    def _item(self, number: int, article: int) -> str:
        published = format_datetime(self._now - timedelta(minutes=10 * (self._items - article)))
        return (
            f"<item><title>Headline {article} of feed {number}, as long as headlines are</title>"
            f"<link>https://outlet-{number}.example/news/{article}</link><guid isPermaLink='false'>{article}</guid>"
            f"<pubDate>{published}</pubDate><description>&lt;p&gt;{_TEXT.format(article)}&lt;/p&gt;</description></item>"
        )


class _Connection(asyncio.Protocol):
    def __init__(self, editions: Editions) -> None:
        self._editions = editions
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\r\n\r\n" not in self._data:
            return
        head = self._data.decode("latin-1").split("\r\n")
        named = (line.partition(":")[2] for line in head if line[:14].lower() == "if-none-match:")
        self._transport.write(self._editions.answer(head[0].split(" ")[1], next(named, "").strip()))
        self._transport.close()


async def _serve(items: int) -> None:
    editions = Editions(items)
    loop = asyncio.get_running_loop()
    # All of this machine's loopback addresses are hosts of their own here.
    server = await loop.create_server(lambda: _Connection(editions), "0.0.0.0", 0, backlog=4096)  # noqa: S104
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
