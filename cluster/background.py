"""How high unrelated pairs score in this stream, and so what a story must score to take an article.

Streams differ: where all is about one war, unrelated articles have more in common.  A low quantile of the best score
with a story that the article does not belong to follows that; a high one would also follow the pieces of stories that
were cut in two.  Pairs of one language and pairs of two are followed apart: a model compares within a language
otherwise than across, and a stream of nine languages offers many more strangers of another language than of one's own.
"""

from typing import NamedTuple

import msgspec

from cluster.state import ClockState

# Chosen on the development sets, one setting for all (docs/explanation/stories.md).
BAR = 1.6  # above what is usual
_LOWEST, _HIGHEST = -1.2, 2.0
_STEEP_FROM, _STEEP = 0.6, 5.0  # the higher they lie the more scores across languages scatter
_APART = 2.0  # within a language strangers score at most so much less than across
_QUANTILE = 0.2
_START_SAME, _START_ACROSS = -0.1, 0.1
_WEIGHT = 30  # of the start, in decisions
_MEMORY = 500  # in decisions: what was longer ago fades
_STRIDE = 4.0
# Where no other story is near enough to be scored.
_NONE_NEAR = -1.5
_DIGITS = 6


class Usual(NamedTuple):
    """What pairs of unrelated articles score, of one language and of two."""

    same: float
    across: float


class Strangers(NamedTuple):
    """The best score of one article with the stories it did not join; None where it was held against none."""

    same: float | None
    across: float | None


def usual(clock: ClockState) -> Usual:
    """What is taken off the scores of pairs."""
    same, across = _known(clock)
    across = _clipped(across + max(0.0, across - _STEEP_FROM) * (_STEEP - 1))
    return Usual(round(max(_clipped(same), across - _APART), _DIGITS), round(across, _DIGITS))


def with_decision(clock: ClockState, best: Strangers) -> ClockState:
    """`clock` after one more decision."""
    same, across = _known(clock)
    step = _STRIDE * max(1 / (_WEIGHT + clock.judged + 1), 1 / _MEMORY)
    return msgspec.structs.replace(
        clock,
        background=_followed(same, best.same, step),
        background_across=_followed(across, best.across, step),
        judged=clock.judged + 1,
    )


def _known(clock: ClockState) -> Usual:
    same, across = clock.background, clock.background_across
    return Usual(_START_SAME if same is None else same, _START_ACROSS if across is None else across)


def _followed(background: float, best: float | None, step: float) -> float:
    score = _NONE_NEAR if best is None else best
    return round(background + step * (_QUANTILE if score > background else _QUANTILE - 1), _DIGITS)


def _clipped(background: float) -> float:
    return min(_HIGHEST, max(_LOWEST, background))
