"""Errors of this stage; where they stand in the tree: `wire/errors.py`."""

from dataclasses import dataclass
from typing import ClassVar

from wire.errors import BadRecord


@dataclass(eq=False)
class StrangeVector(BadRecord):
    """A vector that does not have the dimensions of its space, and so cannot be compared with the others."""

    code: ClassVar[str] = "strange-vector"
    space: str
    expected: int
    found: int

    def __str__(self) -> str:
        return f"a vector of space {self.space} has {self.found} dimensions, expected {self.expected}"
