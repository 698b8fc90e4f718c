"""Small numbers for keys, by which arrays are indexed."""

from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
N = TypeVar("N", bound=np.generic)


def widened(column: NDArray[N], rows: int) -> NDArray[N]:
    """The column with zeros behind it, `rows` in all; what is not yet written takes no memory."""
    wide = np.zeros((rows, *column.shape[1:]), dtype=column.dtype)
    wide[: len(column)] = column
    return wide


def doubled(column: NDArray[N]) -> NDArray[N]:
    """The column with as many zeros behind it."""
    return widened(column, 2 * len(column))


class Numbering:
    """A number for each key that is in, from 0; those of keys that were removed are given again."""

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}
        self._keys: list[str] = []  # by number
        self._free: list[int] = []

    def __contains__(self, key: str) -> bool:
        return key in self._number_of

    def __getitem__(self, key: str) -> int:
        return self._number_of[key]

    def get(self, key: str) -> int | None:
        """The number of `key`, None where it is not in."""
        return self._number_of.get(key)

    def add(self, key: str) -> int:
        """Put in a key that is not in."""
        if self._free:
            number = self._free.pop()
            self._keys[number] = key
        else:
            number = len(self._keys)
            self._keys.append(key)
        self._number_of[key] = number
        return number

    def remove(self, key: str) -> int:
        """Take out a key that is in; the number that it had."""
        number = self._number_of.pop(key)
        self._free.append(number)
        return number

    def key(self, number: int) -> str:
        """Which key has the number."""
        return self._keys[number]
