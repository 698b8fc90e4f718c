"""Errors of the command line.

WireError
├── NotFound        what was asked for is not there: exit 1
└── NeedsSomebody
    └── CannotRedrive   a dead letter's record cannot be had again: exit 3
"""

from dataclasses import dataclass
from typing import ClassVar

from wire.errors import NeedsSomebody, WireError


@dataclass(eq=False)
class NotFound(WireError):
    """An article, story or other thing that was asked for is not known here."""

    code: ClassVar[str] = "not-found"
    kind: str
    named: str
    hint: str

    def __str__(self) -> str:
        return f"there is no {self.kind} {self.named!r}; {self.hint}"


@dataclass(eq=False)
class CannotRedrive(NeedsSomebody):
    """The record of a dead letter cannot be had again, or never stood in a topic."""

    code: ClassVar[str] = "cannot-re-drive"
    letter: str
    reason: str

    def __str__(self) -> str:
        return f"{self.letter} cannot be put into its topic again: {self.reason}"
