"""Which feeds may hold an article: eight bytes an entry, where a dictionary of objects takes ten times as much."""

from array import array
from collections.abc import Iterator

_HASH_BITS, _NUMBER_BITS = 40, 24
_FREE, _REMOVED = 0, (1 << 64) - 1
_SMALLEST = 1024


class Holders:
    """A multimap from the first five bytes of an article's id to numbers of feeds, by open addressing.

    Two ids may share those bytes, so an answer is a hint: the feed itself says whether it holds the article.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _SMALLEST))
        self._used = 0  # slots that are not free, removed ones included
        self._held = 0

    def add(self, key: bytes, number: int) -> None:
        """Note that feed `number` (below 2^24) may hold `key`; twice is once."""
        if number in self.of(key):
            return
        if 3 * (self._used + 1) > 2 * len(self._slots):
            self._rebuild()
        self._place(_entry(key, number))
        self._used += 1
        self._held += 1

    def remove(self, key: bytes, number: int) -> None:
        """Forget that; what was never noted stays so."""
        entry = _entry(key, number)
        for slot in self._chain(entry):
            if self._slots[slot] == entry:
                self._slots[slot] = _REMOVED
                self._held -= 1
                return

    def of(self, key: bytes) -> list[int]:
        """The feeds that may hold `key`."""
        # Spelt out, not by `_chain`: every article that is shown comes through here twice.
        slots, mask, wanted = self._slots, len(self._slots) - 1, _entry(key, 0)
        slot, found = (wanted >> _NUMBER_BITS) & mask, []
        while (entry := slots[slot]) != _FREE:
            if (entry ^ wanted) >> _NUMBER_BITS == 0 and entry != _REMOVED:
                found.append((entry & ((1 << _NUMBER_BITS) - 1)) - 1)
            slot = (slot + 1) & mask
        return found

    def _chain(self, entry: int) -> Iterator[int]:
        """The slots in which an entry of this hash may stand, up to the first free one."""
        mask = len(self._slots) - 1
        slot = (entry >> _NUMBER_BITS) & mask
        while self._slots[slot] != _FREE:
            yield slot
            slot = (slot + 1) & mask

    def _place(self, entry: int) -> None:
        """Put an entry that is not there into the first free slot."""
        mask = len(self._slots) - 1
        slot = (entry >> _NUMBER_BITS) & mask
        while self._slots[slot] != _FREE:
            slot = (slot + 1) & mask
        self._slots[slot] = entry

    def _rebuild(self) -> None:
        before = self._slots
        size = _SMALLEST
        while size < 2 * (self._held + 1):
            size *= 2
        self._slots = array("Q", bytes(8 * size))
        for entry in before:
            if entry not in (_FREE, _REMOVED):
                self._place(entry)
        self._used = self._held


def _entry(key: bytes, number: int) -> int:
    # Numbers begin at 1 in the table, so that no entry is free.
    return int.from_bytes(key[: _HASH_BITS // 8], "little") << _NUMBER_BITS | (number + 1)
