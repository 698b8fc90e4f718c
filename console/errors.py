"""Errors of the command line.

WireError
└── NotFound   what was asked for is not there: exit 1
"""

from dataclasses import dataclass
from typing import ClassVar

from wire.errors import WireError


@dataclass(eq=False)
class NotFound(WireError):
    """An article, story or other thing that was asked for is not in the index."""

    code: ClassVar[str] = "not-found"
    kind: str
    named: str
    hint: str

    def __str__(self) -> str:
        return f"there is no {self.kind} {self.named!r} in the index; {self.hint}"
