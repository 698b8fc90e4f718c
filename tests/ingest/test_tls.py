"""Feeds are read over TLS, and only from hosts whose certificate is good."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ingest.address import AddressRule
from ingest.connect import PermittedTransport
from ingest.errors import FetchFailed, Word
from ingest.fetch import Answer, Fetcher
from ingest.polled import Validators
from tests.hand_clock import HandClock
from wire.settings import IngestSettings

BODY = b"x" * 300_000

CERTIFICATE = Path(__file__).parent.parent / "alerts" / "tls" / "loopback.pem"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    # On all of this machine's loopback addresses: the certificate is for one of them, and for localhost.
    server = HTTPServer(("0.0.0.0", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(url: str, trusted: Path | None) -> Answer:
    async def run() -> Answer:
        tls = None if trusted is None else ssl.create_default_context(cafile=str(trusted))
        transport = PermittedTransport(AddressRule.of(["127.0.0.0/8", "::1/128"]), tls=tls)
        fetcher = Fetcher(IngestSettings(), HandClock(), version="1", transport=transport)
        try:
            return await fetcher.fetch(url, Validators())
        finally:
            await fetcher.close()

    return asyncio.run(run())


def test_a_good_certificate(url: str) -> None:
    assert fetch(url, CERTIFICATE).body == BODY


def test_a_certificate_that_nobody_vouches_for(url: str) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetch(url, None)
    assert failure.value.word is Word.UNREACHABLE


def test_a_certificate_of_another_host(url: str) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetch(url.replace("localhost", "127.0.0.2"), CERTIFICATE)
    assert failure.value.word is Word.UNREACHABLE
