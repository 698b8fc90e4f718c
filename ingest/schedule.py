"""When a feed is polled next.  Pure: no clock, no I/O, no chance.

The feed's rhythm proposes, the host's wishes lengthen, the settings bound; what a host demands with 429 or 503
outranks all, since a ban costs more than a late story.
"""

import zlib
from dataclasses import dataclass
from datetime import timedelta

NO_WAIT = timedelta(0)
# A mistyped date in Retry-After must not silence a feed for good.
LONGEST_DEMAND = timedelta(days=7)
# A feed that has been silent for a day is asked every three hours.
SILENCE_SHARE = 8
# A feed that is not found or not allowed will hardly be in five minutes.
REFUSED_SLOWER = 12
# The usual gap follows down at once and up slowly: after a silent night a morning's pace is known with one article.
GAP_SLOWNESS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What host and document ask for; None where nobody said."""

    fresh_for: timedelta | None = None  # Cache-Control or Expires
    ttl: timedelta | None = None  # of the document
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of the adapted interval, `shortest` not above `longest`; `every` replaces it where the settings fix it."""

    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=24)
    every: timedelta | None = None

    def after_success(self, gap: timedelta | None, silence: timedelta, wishes: Wishes) -> timedelta:
        """The wait after a poll that brought an answer.

        Args:
            gap: the feed's usual time between articles; None while unknown.
            silence: since its last new article, 0 where this poll brought one.
            wishes: of the host; a freshness or ttl beyond `longest` counts as `longest`.
        """
        return max(self._pace(gap, silence), self._asked(wishes), demand(wishes))

    def after_failure(self, failures: int, wishes: Wishes, feed: str, *, refused: bool = False) -> timedelta:
        """The wait after the `failures`th failure in a row, from 1: doubled each time, spread so that feeds of a host
        that went down do not come back together.  A host that refused is asked much less often from the first on."""
        first = (self.every or self.shortest) * (REFUSED_SLOWER if refused else 1)
        doubled = first * 2 ** min(failures - 1, 40) if failures <= 20 else self._longest
        wait = min(doubled, self._longest) * spread(feed, failures)
        return max(wait, first, self._asked(wishes), demand(wishes))

    def _asked(self, wishes: Wishes) -> timedelta:
        return min(max(wishes.fresh_for or NO_WAIT, wishes.ttl or NO_WAIT), self._longest)

    @property
    def _longest(self) -> timedelta:
        return max(self.longest, self.every or NO_WAIT)

    def _pace(self, gap: timedelta | None, silence: timedelta) -> timedelta:
        if self.every is not None:
            return self.every
        # Twice per expected article; silence stretches the wait whatever was usual.
        wish = max((gap or NO_WAIT) / 2, silence / SILENCE_SHARE)
        return min(max(wish, self.shortest), self.longest)


def usual_gap(known: timedelta | None, observed: timedelta) -> timedelta:
    """The usual time between a feed's articles after one more gap was observed."""
    if known is None or observed < known:
        return observed
    return known + (observed - known) / GAP_SLOWNESS


def demand(wishes: Wishes) -> timedelta:
    """How long the host demands to be left alone, within reason."""
    return min(wishes.retry_after or NO_WAIT, LONGEST_DEMAND)


def spread(feed: str, failures: int) -> float:
    """A factor from 0.8 to 1.2, the same in every run: chance would make a replay differ."""
    return 0.8 + 0.4 * (zlib.crc32(f"{feed} {failures}".encode()) % 1000) / 999
