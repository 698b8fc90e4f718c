"""Which known names are like a name that nobody knows."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """At most three of `known`, best first."""
    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
