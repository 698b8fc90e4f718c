"""Vectors minus the mean of their language, so that they tell of the event and not of the language.

Raw cosines of multilingual models lie in a narrow band and favour pairs of one language.  The mean is that of past
articles; it starts from means shipped as numbers (`prior.json`) and follows the stream.
"""

from collections.abc import Mapping
from importlib.resources import files

import msgspec
import numpy as np
from numpy.typing import NDArray

from cluster.state import MeanState, sum_of, sum_to_bytes
from wire.vectors import Vector, rounded

Wide = NDArray[np.float64]

# A language that the prior does not know starts from the mean of all languages with the weight of this many articles:
# the 20 of the prototype, where 10 to 50 made no difference beyond noise.
_SHRINKAGE_ARTICLES = 20
# In a space without a prior the mean starts from zero with the weight of one article: unrelated articles of a model
# with a narrow band stay apart from the second on, and a copy of the first still meets it.
_NO_PRIOR_WEIGHT = 1


class Prior(msgspec.Struct, frozen=True, kw_only=True):
    """Means of other text in one space, from which the stream's own begin."""

    space: str
    weight: int  # in articles
    sets: tuple[str, ...] = ()  # which texts they were computed from
    overall: tuple[float, ...]
    languages: Mapping[str, tuple[float, ...]]


def shipped_prior() -> Prior:
    """The prior that comes with the program; `python -m bench prior` computes it."""
    return msgspec.json.decode(files("cluster").joinpath("prior.json").read_bytes(), type=Prior)


class Centring:
    """Centres vectors by means that the caller holds; keeps nothing but the prior."""

    def __init__(self, prior: Prior | None) -> None:
        self._space = prior.space if prior else None
        self._weight = prior.weight if prior else 0
        self._overall = np.array(prior.overall if prior else (), dtype=np.float64)
        self._languages = (
            {code: np.array(mean, dtype=np.float64) for code, mean in prior.languages.items()} if prior else {}
        )

    def dimensions(self, space: str) -> int | None:
        """How many components the prior says that vectors of `space` have; None where it is of another space."""
        return len(self._overall) if space == self._space else None

    def centred(
        self, vector: Vector, space: str, language: str, own: MeanState | None, overall: MeanState | None
    ) -> Vector:
        """`vector` minus its language's mean, of length 1 (0 where nothing is left), rounded to its stored form.

        Args:
            vector: as the message has it.
            space: of the vector; the prior counts only in its own.
            language: ISO 639-1 or `und`.
            own: of the past articles of this language, None before the first.
            overall: of the past articles of all languages.
        """
        wide = vector.astype(np.float64) - self._mean(len(vector), space, language, own, overall)
        length = float(np.sqrt(wide @ wide))
        return rounded((wide / length if length > 0 else wide).astype(np.float32))

    def _mean(self, size: int, space: str, language: str, own: MeanState | None, overall: MeanState | None) -> Wide:
        ours = space == self._space
        if ours and language in self._languages:
            return _blend(self._languages[language], self._weight, own)
        start, weight = (self._overall, self._weight) if ours else (np.zeros(size), _NO_PRIOR_WEIGHT)
        return _blend(_blend(start, weight, overall), _SHRINKAGE_ARTICLES, own)


def with_vector(mean: MeanState | None, vector: Vector) -> MeanState:
    """`mean` with one more article."""
    wide = vector.astype(np.float64)
    if mean is None:
        return MeanState(count=1, sum=sum_to_bytes(wide))
    return MeanState(count=mean.count + 1, sum=sum_to_bytes(sum_of(mean.sum) + wide))


def _blend(start: Wide, weight: int, mean: MeanState | None) -> Wide:
    """`start` with the weight of so many articles, together with the articles of `mean`."""
    if mean is None:
        return start
    return np.asarray((start * weight + sum_of(mean.sum)) / (weight + mean.count), dtype=np.float64)
