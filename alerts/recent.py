"""How many things happened lately, by kind: counted over the last of each thing, so that a restart counts alike."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_PRUNE_AT = 256


class Recent(Generic[K]):
    """Times of things by kind; what is older than `span` before the newest of its kind may be forgotten."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._times: dict[K, dict[str, datetime]] = {}
        self._prune_at: dict[K, int] = {}

    def note(self, kind: K, thing: str, at: datetime) -> None:
        """`thing` happened at `at`; an earlier time of the same thing counts no more."""
        times = self._times.setdefault(kind, {})
        times[thing] = at
        if len(times) >= self._prune_at.get(kind, _PRUNE_AT):
            oldest = max(times.values()) - self._span
            self._times[kind] = {one: when for one, when in times.items() if when > oldest}
            self._prune_at[kind] = max(_PRUNE_AT, 2 * len(self._times[kind]))

    def forget(self, kind: K, thing: str) -> None:
        """`thing` has not happened."""
        self._times.get(kind, {}).pop(thing, None)

    def count(self, kind: K, since: datetime) -> int:
        """How many of the kind happened after `since`."""
        return sum(when > since for when in self._times.get(kind, {}).values())
