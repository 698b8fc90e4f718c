"""What the dates in a document say of its feed's pace, before we have seen two polls of it.  Pure."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from ingest.event_time import FIRST_BELIEVABLE
from ingest.polled import Item, Rhythm

_NEWEST = 20


def rhythm_of(items: Iterable[Item], *, seen: datetime) -> Rhythm | None:
    """The pace of the newest 20 dates that can be true at `seen`; None where fewer than three differ."""
    claims = (item.published or item.updated for item in items)
    dates = sorted({claim for claim in claims if claim is not None and FIRST_BELIEVABLE <= claim <= seen})[-_NEWEST:]
    if len(dates) < 3:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(dates))
    return Rhythm(newest=dates[-1], usual_gap=gaps[len(gaps) // 2], usual_silence=gaps[-1])
