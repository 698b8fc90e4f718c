"""What a story asks of an article: more than the common bar where it is tight and the article tells of other things.

Yesterday's forecast and today's are told alike, and so are two fires in one evening: they fit well, but far less than
reports of one event fit one another, and they name and count other things.  A story that goes on names the same people
and repeats the same numbers.  So a story asks a share of what its own articles score with it, and the whole of that
share only of an article of another day (docs/decisions/0027).
"""

from collections.abc import Sequence
from typing import NamedTuple

from cluster.background import BAR

# Chosen on the development sets and an invented month (docs/explanation/stories.md).
_SHARE = 0.6
_SAME_DAY_SHARE = 0.3  # of what is asked beyond the bar of an article of another day
_SAME_DAY = 0.42  # days; what a day's later reports keep to
_ANOTHER_DAY = 0.54
_CERTAINTY = 3  # the power that lets small differences count for little
_FEWEST_FITS = 2
_DIGITS = 6


class Asked(NamedTuple):
    """The score that a story asks of an article, and why."""

    bar: float
    fit: float | None = None  # what its own articles score with it; None where too few are known
    differs: float = 0.0  # how much the article names or counts other things, 0 to 1


COMMON = Asked(BAR)


def asked(fits: Sequence[float], days: float, differs: float) -> Asked:
    """What a story asks.

    Args:
        fits: what its articles scored when they joined it on the day of those they fitted.
        days: between the article and the one of the story that fits it best.
        differs: how much it names or counts other things than the story's articles.
    """
    if len(fits) < _FEWEST_FITS:
        return COMMON
    upper = sorted(fits)[len(fits) // 2 :]
    fit = sum(upper) / len(upper)
    far = min(1.0, max(0.0, (days - _SAME_DAY) / (_ANOTHER_DAY - _SAME_DAY)))
    part = _SAME_DAY_SHARE + (1 - _SAME_DAY_SHARE) * far
    more = max(0.0, _SHARE * fit - BAR) * part * differs**_CERTAINTY
    return Asked(round(BAR + more, _DIGITS), round(fit, _DIGITS), differs)


def fit_on_its_day(score: float, days: float) -> float | None:
    """What an article says of how tight the story is that it joined: its score, None where it came on another day."""
    return score if days <= _SAME_DAY else None
