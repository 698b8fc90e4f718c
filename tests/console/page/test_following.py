"""Whoever follows is counted only while they do."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.types import Message

from console.page.following import follow
from console.page.live import Hub
from wire.errors import LogUnreachable


def asked(hub: Hub, last: str, *, broken: bool = False) -> Request:
    @contextmanager
    def index() -> Iterator[object]:
        if broken:
            raise LogUnreachable("index", "it is gone")
        yield SimpleNamespace(execute=lambda *_: [])

    app = SimpleNamespace(state=SimpleNamespace(page=SimpleNamespace(hub=hub, index=index)))
    headers = [(b"last-event-id", last.encode())] if last else []
    return Request({"type": "http", "app": app, "headers": headers, "query_string": b"", "method": "GET", "path": "/"})


def test_a_viewer_whose_question_fails_does_not_stay() -> None:
    hub = Hub(1)
    with pytest.raises(LogUnreachable):
        asyncio.run(follow(asked(hub, "1", broken=True)))
    assert len(hub) == 0


@pytest.mark.parametrize("last", ["9" * 30, "9" * 5000, "²", "-1"])
def test_an_id_that_is_none_of_ours_is_as_none(last: str) -> None:
    hub = Hub(1)
    assert asyncio.run(follow(asked(hub, last, broken=True))).status_code == 200


def test_a_viewer_who_goes_before_the_first_word_does_not_stay() -> None:
    hub = Hub(1)
    answer = asyncio.run(follow(asked(hub, "")))
    assert len(hub) == 1

    async def send(_message: Message) -> None:
        raise OSError("gone")

    async def receive() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    with pytest.raises((OSError, BaseExceptionGroup)):
        asyncio.run(answer({"type": "http", "method": "GET"}, receive, send))
    assert len(hub) == 0
