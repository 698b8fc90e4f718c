"""One real broker for the whole session; each test has a prefix of its own on it.  What was skipped is said last."""

import os
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings

from tests.real_broker import real_broker
from wire.broker import Broker

_prefixes = count(1)

# A developer's runs look for new counterexamples, `make search` longest; CI's are the same each time, so that a red
# one is the commit's.  None has a deadline: how long an example takes is the machine's.
settings.register_profile("developer", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("search", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker; where none can be had the tests are skipped, but in CI that is a failure."""
    with real_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def prefix() -> str:
    """Of topics, groups and transactions: no test sees another's."""
    return f"t{next(_prefixes)}."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep `make quick` quick: whatever asks for the broker needs one, marked or not, and what is long is slow."""
    for item in items:
        if "broker" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each what went untested, so that nobody takes a skip for a pass."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for word, said in (
        ("WIREWATCH_DATA", "tests on outside data were skipped: WIREWATCH_DATA names no folder"),
        ("NO KAFKA BROKER", "TESTS ON KAFKA WERE SKIPPED: no broker could be had, the Kafka log is untested"),
    ):
        count = sum(word in reason for reason in skipped)
        if count:
            terminalreporter.write_line(f"{count} {said}", yellow=True, bold=True)
