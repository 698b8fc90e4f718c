"""The table of holders is a multimap, whatever is added and removed."""

import hashlib
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from ingest.holders import Holders

KEYS = [bytes([n, 0, 0, 0, 0]) + bytes(7) for n in (0, 1, 255)] + [bytes([0, 4, 0, 0, 0]) + bytes(7)]
CHANGES = st.lists(st.tuples(st.booleans(), st.sampled_from(KEYS), st.integers(0, 3)), max_size=60)


@given(CHANGES)
def test_what_was_added_and_not_removed_is_held(changes: list[tuple[bool, bytes, int]]) -> None:
    table, held = Holders(), defaultdict[bytes, set[int]](set)
    for adds, key, number in changes:
        (table.add if adds else table.remove)(key, number)
        (held[key].add if adds else held[key].discard)(number)
    for key in KEYS:
        assert sorted(table.of(key)) == sorted(held[key])


def test_many_come_and_go_in_bounded_space() -> None:
    table = Holders()
    for turn in range(20):
        keys = [hashlib.sha256(f"{turn} {n}".encode()).digest()[:12] for n in range(2000)]
        for key in keys:
            table.add(key, turn)
        assert all(table.of(key) == [turn] for key in keys)
        for key in keys:
            table.remove(key, turn)
        assert not any(table.of(key) for key in keys)
    assert len(table._slots) <= 8192
