"""What stays is not searched for cycles, and what has ended is freed all the same."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from wire.garbage import collect_all, no_collections


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    collect_all()


def test_what_was_made_inside_is_passed_over_until_all_is_collected() -> None:
    with no_collections():
        assert not gc.isenabled()
        made = ref(Node())
    assert gc.isenabled()
    gc.collect()
    assert made() is not None
    collect_all()
    assert made() is None


def test_collections_come_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), no_collections():
        raise ValueError("inside")
    assert gc.isenabled()
