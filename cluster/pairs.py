"""How likely two articles tell of one event: a few signals, weighed by numbers that `bench calibrate` learned.

The score is a sum of parts: log-odds, but for a constant that depends on how dense the stream is
(`cluster.background`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from math import log1p, sqrt

import msgspec

from cluster.state import ArticleState
from cluster.traits import Traits, mass
from wire.messages import Signal, UtcTime

_DAY = timedelta(days=1)
_DIGITS = 6
_MOST_SHARED = 8


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """The weight of each signal; where it was learned.  `python -m bench calibrate` writes it."""

    meaning: float  # of the squared cosine
    meaning_across: float  # of the same once more where the languages differ
    words: float  # of the root of the headlines' weighted cosine; one language only
    names: float  # of the root of the weighted cosine
    numbers: float  # of the weighted cosine
    same_language: float  # the bias of the model towards its own language, and what fewer signals across take
    time: float  # of log(1 + days between)
    sets: tuple[str, ...] = ()


# Squared weights of rarity that every article is taken to hold beside its own: one common name is weak evidence.
WORD_SMOOTHING, NAME_SMOOTHING, NUMBER_SMOOTHING = 4.0, 9.0, 36.0


def shipped_calibration() -> Calibration:
    """The weights that come with the program."""
    return msgspec.json.decode(files("cluster").joinpath("calibration.json").read_bytes(), type=Calibration)


@dataclass(frozen=True, slots=True)
class Pair:
    """What two articles have in common."""

    similarity: float  # cosine of the centred vectors
    words: float  # weighted cosines, 0 to 1
    names: float
    numbers: float
    same_language: bool
    days: float  # between their event times
    score: float


class PairScore:
    """Scores one article against others."""

    def __init__(self, calibration: Calibration, traits: Traits, event_time: UtcTime) -> None:
        self._weights = calibration
        self._traits = traits
        self._time = event_time
        self._word_mass = mass(traits.words) + WORD_SMOOTHING
        self._name_mass = mass(traits.names) + NAME_SMOOTHING
        self._number_mass = mass(traits.numbers) + NUMBER_SMOOTHING

    def of(self, other: ArticleState, similarity: float) -> Pair:
        """The article against `other`, whose cosine with it is `similarity`."""
        traits, weights = self._traits, self._weights
        same = other.language == traits.language
        words = 0.0
        if same:
            words = _cosine(traits.words, other.words, self._word_mass, other.word_mass + WORD_SMOOTHING)
        names = _cosine(traits.names, other.names, self._name_mass, other.name_mass + NAME_SMOOTHING)
        numbers = _cosine(traits.numbers, other.numbers, self._number_mass, other.number_mass + NUMBER_SMOOTHING)
        days = abs(self._time - other.event_time) / _DAY
        square = similarity * similarity if similarity > 0 else 0.0
        score = (
            (weights.meaning if same else weights.meaning + weights.meaning_across) * square
            + weights.words * sqrt(words)
            + weights.names * sqrt(names)
            + weights.numbers * numbers
            + (weights.same_language if same else 0.0)
            + weights.time * log1p(days)
        )
        return Pair(similarity, words, names, numbers, same, days, round(score, _DIGITS))

    def signals(self, pair: Pair) -> tuple[Signal, ...]:
        """The parts of a pair's score, heaviest first."""
        weights = self._weights
        square = pair.similarity * pair.similarity if pair.similarity > 0 else 0.0
        across = 0.0 if pair.same_language else weights.meaning_across
        parts = (
            ("meaning", pair.similarity, (weights.meaning + across) * square),
            ("words", pair.words, weights.words * sqrt(pair.words)),
            ("names", pair.names, weights.names * sqrt(pair.names)),
            ("numbers", pair.numbers, weights.numbers * pair.numbers),
            ("language", float(pair.same_language), weights.same_language if pair.same_language else 0.0),
            ("time", pair.days, weights.time * log1p(pair.days)),
        )
        signals = [Signal(name=name, value=round(value, 4), adds=round(adds, 4)) for name, value, adds in parts if adds]
        return tuple(sorted(signals, key=lambda one: -abs(one.adds)))

    def shared(self, other: ArticleState) -> tuple[str, ...]:
        """The names and numbers that both have, rarest first; at most 8."""
        ours: Mapping[str, float] = {**self._traits.names, **self._traits.numbers}
        common = [token for token in (*other.names, *other.numbers) if token in ours]
        return tuple(sorted(common, key=lambda token: (-ours[token], token))[:_MOST_SHARED])


def _cosine(ours: dict[str, float], theirs: tuple[str, ...], our_mass: float, their_mass: float) -> float:
    common = 0.0
    for token in theirs:
        weight = ours.get(token)
        if weight is not None:
            common += weight * weight
    return min(1.0, common / sqrt(our_mass * their_mass)) if common else 0.0
