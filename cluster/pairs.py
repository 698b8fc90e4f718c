"""How likely two articles tell of one event: a few signals, weighed by numbers that `bench calibrate` learned.

The score is a sum of parts: log-odds, less what unrelated pairs of the kind score in this stream
(`cluster.background`).
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import log1p, sqrt
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from cluster.background import Strangers, Usual
from cluster.columns import Compared, microseconds
from cluster.state import ArticleState
from cluster.traits import Traits
from wire.messages import Signal, UtcTime

_DAY = 86_400e6  # microseconds
_DIGITS = 6
_MOST_SHARED = 8

N = TypeVar("N", float, NDArray[np.float64])


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """The weight of each signal; where it was learned.  `python -m bench calibrate` writes it."""

    meaning: float  # of the squared cosine
    meaning_across: float  # of the same once more where the languages differ
    words: float  # of the root of the headlines' weighted cosine; one language only
    names: float  # of the root of the weighted cosine
    numbers: float  # of the weighted cosine
    same_language: float  # the bias of the model towards its own language, and what fewer signals across take
    time: float  # of log(1 + days between)
    named: float  # of how much both name, one language only: what they could share and do not speaks against
    sets: tuple[str, ...] = ()


# Squared weights of rarity that every article is taken to hold beside its own: one common name is weak evidence.
_SMOOTHING = np.array([4.0, 9.0, 36.0])  # words, names, numbers
# The same of names at which an article names half as much as one can: some eight rare ones, more than a headline has.
_NAMED_HALF = 150.0


def shipped_calibration() -> Calibration:
    """The weights that come with the program."""
    return msgspec.json.decode(files("cluster").joinpath("calibration.json").read_bytes(), type=Calibration)


class Pair(NamedTuple):
    """What two articles have in common."""

    similarity: float  # cosine of the centred vectors
    words: float  # weighted cosines, 0 to 1
    names: float
    numbers: float
    same_language: bool
    days: float  # between their event times
    named: float  # how much both name, 0 to 1; none across languages, where the same name may look different
    score: float


class Pairs(Sequence[Pair]):
    """Many of them, as columns in the order of a pair's fields; a pair is made when it is asked for."""

    def __init__(self, columns: Sequence[NDArray[Any]]) -> None:
        self._columns = columns
        self.similarities: NDArray[np.float64] = columns[Pair._fields.index("similarity")]
        self.same_language: NDArray[np.bool_] = columns[Pair._fields.index("same_language")]
        self.scores: NDArray[np.float64] = columns[Pair._fields.index("score")]

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, at: int) -> Pair:  # type: ignore[override]  # no slices
        return Pair(*(column[at].item() for column in self._columns))

    def followed_by(self, more: "Pairs") -> "Pairs":
        """These, then `more`."""
        return Pairs([np.concatenate(both) for both in zip(self._columns, more._columns, strict=True)])


class PairScore:
    """Scores one article against others."""

    def __init__(self, calibration: Calibration, usual: Usual, traits: Traits, event_time: UtcTime) -> None:
        self._weights = calibration
        self._usual = usual
        self._traits = traits
        self._time = microseconds(event_time)
        self._named = _named(traits.masses[1])
        self._masses = np.array(traits.masses) + _SMOOTHING

    def of(self, others: Compared, similarity: NDArray[np.float64]) -> Pairs:
        """The article against each of `others`, whose cosines with it are `similarity`."""
        weights, same = self._weights, others.same_language
        cosines = np.minimum(1.0, others.common / np.sqrt(self._masses * (others.masses + _SMOOTHING)))
        words, names, numbers = cosines.T
        days = np.abs(others.microseconds - self._time) / _DAY
        named = np.where(same, np.sqrt(self._named * _named(others.masses[:, 1])), 0.0)
        score = (
            np.where(same, weights.meaning, weights.meaning + weights.meaning_across) * np.maximum(similarity, 0.0) ** 2
            + weights.words * np.sqrt(words)
            + weights.names * np.sqrt(names)
            + weights.numbers * numbers
            + np.where(same, weights.same_language, 0.0)
            + weights.time * np.log1p(days)
            + weights.named * named
            - np.where(same, *self._usual)
        )
        return Pairs((similarity, words, names, numbers, same, days, named, score.round(_DIGITS)))

    def best_of(self, pairs: Pairs, others: NDArray[np.bool_]) -> Strangers:
        """The best scores among the `others`, with what is usual, which moves, put back."""
        same = pairs.same_language
        best = [np.max(pairs.scores, where=others & of_kind, initial=-np.inf) for of_kind in (same, ~same)]
        return Strangers(*(float(b + u) if b > -np.inf else None for b, u in zip(best, self._usual, strict=True)))

    def signals(self, pair: Pair) -> tuple[Signal, ...]:
        """The parts of a pair's score, heaviest first."""
        weights = self._weights
        square = pair.similarity * pair.similarity if pair.similarity > 0 else 0.0
        across = 0.0 if pair.same_language else weights.meaning_across
        usual = self._usual.same if pair.same_language else self._usual.across
        parts = (
            ("meaning", pair.similarity, (weights.meaning + across) * square),
            ("words", pair.words, weights.words * sqrt(pair.words)),
            ("names", pair.names, weights.names * sqrt(pair.names)),
            ("numbers", pair.numbers, weights.numbers * pair.numbers),
            ("language", float(pair.same_language), weights.same_language if pair.same_language else 0.0),
            ("time", pair.days, weights.time * log1p(pair.days)),
            ("named", pair.named, weights.named * pair.named),
            ("usual", usual, -usual),
        )
        signals = [Signal(name=name, value=round(value, 4), adds=round(adds, 4)) for name, value, adds in parts if adds]
        return tuple(sorted(signals, key=lambda one: -abs(one.adds)))

    def shared(self, other: ArticleState) -> tuple[str, ...]:
        """The names and numbers that both have, rarest first; at most 8."""
        ours: Mapping[str, float] = {**self._traits.names, **self._traits.numbers}
        common = [token for token in (*other.names, *other.numbers) if token in ours]
        return tuple(sorted(common, key=lambda token: (-ours[token], token))[:_MOST_SHARED])


def _named(name_mass: N) -> N:
    """How much an article names, 0 to 1."""
    return name_mass / (name_mass + _NAMED_HALF)
