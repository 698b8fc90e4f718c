"""The bar that joining needs, from what stories score that an article does not belong to.

Streams differ: where all is about one war, unrelated articles have more in common.  A low quantile of the best other
story's score follows that; a high one would also follow the pieces of stories that were cut in two.
"""

import msgspec

from cluster.state import ClockState

# Learned on the development sets, one setting for all (docs/explanation/stories.md).
ABOVE = 1.7
LOWEST, HIGHEST = 0.5, 2.5
_QUANTILE = 0.2
_START = -0.1
_WEIGHT = 30  # of the start, in decisions
_MEMORY = 500  # in decisions: what was longer ago fades
_STRIDE = 4.0
# Where no other story is near enough to be scored.
_NONE_NEAR = -1.5
_DIGITS = 6


def bar(clock: ClockState) -> float:
    """What a story must score to take an article."""
    background = _START if clock.background is None else clock.background
    return round(min(HIGHEST, max(LOWEST, background + ABOVE)), _DIGITS)


def with_decision(clock: ClockState, best_other: float | None) -> ClockState:
    """`clock` after one more decision; `best_other` is the best score among the stories that were not joined."""
    score = _NONE_NEAR if best_other is None else best_other
    background = _START if clock.background is None else clock.background
    step = _STRIDE * max(1 / (_WEIGHT + clock.judged + 1), 1 / _MEMORY)
    background += step * (_QUANTILE if score > background else _QUANTILE - 1)
    return msgspec.structs.replace(clock, background=round(background, _DIGITS), judged=clock.judged + 1)
