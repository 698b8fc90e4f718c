"""A real broker for tests: where none can be had they are skipped loudly, but in CI that is a failure."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from wire.broker import Broker
from wire.errors import BrokerUnavailable


@contextmanager
def real_broker(folder: Path, *, advertised: int = 0) -> Iterator[Broker]:
    """A running broker that keeps its data in `folder`; `advertised` is the port of a proxy before it."""
    broker = Broker(folder, advertised=advertised, start_limit=timedelta(minutes=3))
    try:
        broker.start()
    except BrokerUnavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"no Kafka broker in CI: {error}")
        pytest.skip(f"NO KAFKA BROKER, the Kafka backend is untested: {error}")
    yield broker
    broker.stop()
