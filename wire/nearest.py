"""Which known names are like a name that nobody knows."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """At most three of `known`, best first."""
    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)


def meant(name: str, known: Iterable[str]) -> str:
    """How a fault ends that says that nobody knows `name`: the nearest known names, else what is known at all."""
    names = sorted(known)
    if close := nearest(name, names):
        return f"; did you mean {' or '.join(close)}?"
    return f"; known: {', '.join(names[:12])}" if names else "; there is none yet"
