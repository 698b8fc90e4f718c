"""A vector is centred by the past articles of its language, which begin where the prior says."""

import numpy as np
import pytest

from cluster.centring import Centring, Prior, shipped_prior, with_vector
from cluster.state import MeanState, sum_of
from tests.cluster.samples import DIMENSIONS, PRIOR, SPACE, direction
from wire.vectors import Vector, rounded


def mean_of(vectors: list[Vector]) -> MeanState | None:
    mean = None
    for vector in vectors:
        mean = with_vector(mean, vector)
    return mean


def cosine(one: Vector, other: Vector) -> float:
    return float(one.astype(np.float64) @ other.astype(np.float64))


def test_means_are_sums_and_counts() -> None:
    vectors = [direction("probe"), direction("grain"), direction("grain")]
    mean = mean_of(vectors)
    assert mean is not None
    assert mean.count == 3
    assert mean.dimensions == DIMENSIONS
    np.testing.assert_array_equal(sum_of(mean.sum), np.sum(vectors, axis=0, dtype=np.float64))


CASES = {  # name: (prior, language, past articles of the language)
    "a language of the prior": (PRIOR, "en", 0),
    "a language that the prior lacks": (PRIOR, "pl", 0),
    "unknown language": (PRIOR, "und", 0),
    "no prior, ten articles before": (None, "en", 10),
}


@pytest.mark.parametrize(("prior", "language", "past"), CASES.values(), ids=CASES.keys())
def test_the_common_part_goes(prior: Prior | None, language: str, past: int) -> None:
    """Raw, two topics have a cosine of .64; centred, they have next to nothing in common."""
    seen = mean_of([direction(topic) for topic in ("grain", "ferry", "chess", "quake", "probe") * (past // 5)])
    centring = Centring(prior)
    probe, grain = (centring.centred(direction(topic), SPACE, language, seen, seen) for topic in ("probe", "grain"))
    assert cosine(probe, grain) < 0.3
    assert cosine(probe, probe) == pytest.approx(1, abs=1e-3)


def test_translations_meet() -> None:
    """Ukrainian vectors lean to one side together; centred by their own mean they do not."""
    leaning = direction("probe") + np.array([0.0] * (DIMENSIONS - 1) + [0.1], dtype=np.float32)
    centring = Centring(PRIOR)
    english = centring.centred(direction("probe"), SPACE, "en", None, None)
    assert cosine(english, centring.centred(leaning, SPACE, "uk", None, None)) == pytest.approx(1, abs=1e-3)
    assert cosine(english, centring.centred(leaning, SPACE, "en", None, None)) < 0.99


def test_the_stream_outweighs_the_prior() -> None:
    """After many articles on one side, the side is what is common."""
    drifted = mean_of([direction("grain")] * 1000)
    centred = Centring(PRIOR).centred(direction("grain", 0.2), SPACE, "en", drifted, drifted)
    fresh = Centring(PRIOR).centred(direction("grain"), SPACE, "en", None, None)
    assert cosine(centred, fresh) < 0.5


def test_the_prior_of_another_space_says_nothing() -> None:
    without = Centring(None).centred(direction("probe"), "elsewhere", "en", None, None)
    np.testing.assert_array_equal(Centring(PRIOR).centred(direction("probe"), "elsewhere", "en", None, None), without)
    assert Centring(PRIOR).dimensions("elsewhere") is None
    assert Centring(PRIOR).dimensions(SPACE) == DIMENSIONS


def test_what_is_left_of_the_mean_itself_is_zero() -> None:
    mean = Prior(space=SPACE, weight=1, overall=(1.0, 0.0), languages={})
    centred = Centring(mean).centred(np.array([1, 0], dtype=np.float32), SPACE, "en", None, None)
    assert not centred.any()


def test_a_centred_vector_is_in_its_stored_form() -> None:
    centred = Centring(PRIOR).centred(direction("probe", 0.123), SPACE, "en", None, None)
    np.testing.assert_array_equal(centred, rounded(centred))


def test_the_shipped_prior_is_whole() -> None:
    prior = shipped_prior()
    assert {"en", "uk", "ru", "de", "fr", "es"} <= prior.languages.keys()
    assert {len(mean) for mean in (prior.overall, *prior.languages.values())} == {384}
    assert prior.weight > 0
    assert prior.sets
