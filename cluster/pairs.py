"""How likely two articles tell of one event: a few signals, weighed by numbers that `bench calibrate` learned.

The score is a sum of parts: log-odds, less what unrelated pairs of the kind score in this stream
(`cluster.background`).
"""

from importlib.resources import files
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from cluster.background import Strangers, Usual
from cluster.columns import Compared
from wire.messages import Signal

DAY = 86_400e6  # microseconds
_DIGITS = 6
_LEAST = 1e-9  # squared weights of what is named or counted: below it there is none

# By name, as events tell of them: the cosine; weighted cosines of words, names and numbers, 0 to 1; whether both are of
# one language, of one outlet; days between the event times; how much both name, 0 to 1, none across languages, where
# the same name may look different; what is usual.
SIGNALS = ("meaning", "words", "names", "numbers", "language", "outlet", "time", "named", "usual")
_TIME = SIGNALS.index("time")


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """The weight of each signal; where it was learned.  `python -m bench calibrate` writes it."""

    meaning: float  # of the squared cosine
    meaning_across: float  # of the same once more where the languages differ
    words: float  # of the root of the headlines' weighted cosine; one language only
    names: float  # of the root of the weighted cosine
    numbers: float  # of the weighted cosine
    same_language: float  # the bias of the model towards its own language, and what fewer signals across take
    same_outlet: float  # one language only: an outlet seldom tells of one event twice, but often translates
    time: float  # of log(1 + days between)
    named: float  # of how much both name, one language only: what they could share and do not speaks against
    sets: tuple[str, ...] = ()


# Squared weights of rarity that every article is taken to hold beside its own: one common name is weak evidence.
_SMOOTHING = np.array([4.0, 9.0, 36.0])  # words, names, numbers
# The same of names at which an article names half as much as one can: some eight rare ones, more than a headline has.
_NAMED_HALF = 150.0
# The same at which it tells half as much as one can for `differs`: one rare name, one number that is not everyday.
_TOLD_HALF = np.array([20.0, 2.0])  # names, numbers


def shipped_calibration() -> Calibration:
    """The weights that come with the program."""
    return msgspec.json.decode(files("cluster").joinpath("calibration.json").read_bytes(), type=Calibration)


class Own(NamedTuple):
    """What an article brings into its pairs; or one each for many pairs, in arrays."""

    masses: NDArray[np.float64]  # the sums of squared weights of its words, names, numbers, as they weigh now
    microseconds: int | NDArray[np.float64]  # since 1970: its event time


class Pairs(NamedTuple):
    """What pairs of articles have in common, a column each; the rows of both tables go by `SIGNALS`."""

    values: NDArray[np.float64]
    parts: NDArray[np.float64]  # what each adds to the score
    same_language: NDArray[np.bool_]
    scores: NDArray[np.float64]

    @property
    def similarities(self) -> NDArray[np.float64]:
        """The cosines of the centred vectors."""
        return np.asarray(self.values[0])

    @property
    def days(self) -> NDArray[np.float64]:
        """Between the event times."""
        return np.asarray(self.values[_TIME])

    def signals(self, at: int) -> tuple[Signal, ...]:
        """The parts of one pair's score, heaviest first."""
        columns = zip(SIGNALS, self.values[:, at].tolist(), self.parts[:, at].tolist(), strict=True)
        signals = [
            Signal(name=name, value=round(value, 4), adds=round(adds, 4)) for name, value, adds in columns if adds
        ]
        return tuple(sorted(signals, key=lambda one: -abs(one.adds)))

    def followed_by(self, more: "Pairs") -> "Pairs":
        """These, then `more`."""
        return Pairs(*(np.concatenate(both, axis=-1) for both in zip(self, more, strict=True)))


def differs(own: Own, others: Compared) -> float:
    """How much an article names or counts other things than all of `others`, 0 to 1.

    Names differ within a language only: across, the same name may look different.
    """
    ours, theirs = own.masses[..., 1:], others.masses[:, 1:]
    told = np.sqrt(ours / (ours + _TOLD_HALF) * theirs / (theirs + _TOLD_HALF))
    shared = others.common[:, 1:] / np.sqrt(np.maximum(ours * theirs, _LEAST))
    told[~others.same_language, 0] = 0.0
    return round(float(np.max(told.max(0) * (1 - np.minimum(1.0, shared.max(0))))), _DIGITS)


class PairScore:
    """Scores pairs of articles."""

    def __init__(self, calibration: Calibration, usual: Usual) -> None:
        one, self._usual = calibration, usual
        # By signal: of two languages, of one.
        self._weights = np.array(
            [
                [one.meaning + one.meaning_across, one.meaning],
                [one.words, one.words],
                [one.names, one.names],
                [one.numbers, one.numbers],
                [0.0, one.same_language],
                [0.0, one.same_outlet],
                [one.time, one.time],
                [one.named, one.named],
                [-usual.across, -usual.same],
            ]
        )

    def of(self, own: Own, others: Compared, similarity: NDArray[np.float64]) -> Pairs:
        """An article against each of `others`, whose cosines with it are `similarity`."""
        same = others.same_language
        masses = (own.masses + _SMOOTHING) * (others.masses + _SMOOTHING)
        days = np.abs(others.microseconds - own.microseconds) / DAY
        values = np.empty((len(SIGNALS), len(same)))
        values[0] = similarity
        values[1:4] = np.minimum(1.0, others.common / np.sqrt(masses)).T
        values[4] = same
        values[5] = others.same_outlet
        values[_TIME] = days
        values[7] = np.sqrt(_named(own.masses[..., 1]) * _named(others.masses[:, 1])) * same
        parts = np.ones_like(values)
        np.square(np.maximum(similarity, 0.0), out=parts[0])
        np.sqrt(values[1:3], out=parts[1:3])
        parts[3] = values[3]
        parts[5] = values[5]
        np.log1p(days, out=parts[_TIME])
        parts[7] = values[7]
        parts *= self._weights.take(same, axis=1)
        np.negative(parts[8], out=values[8])
        # Added row by row, so that the sum of a pair does not depend on how many there are.
        return Pairs(values, parts, same, np.add.reduce(parts, axis=0).round(_DIGITS))

    def best_of(self, pairs: Pairs, others: NDArray[np.bool_]) -> Strangers:
        """The best scores among the `others`, with what is usual, which moves, put back."""
        same = pairs.same_language
        best = (pairs.scores[others & of_kind] for of_kind in (same, ~same))
        return Strangers(*(float(b.max() + u) if len(b) else None for b, u in zip(best, self._usual, strict=True)))


def _named(name_mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much an article names, 0 to 1."""
    return name_mass / (name_mass + _NAMED_HALF)
