"""The shipped means belong to the model that ships, and say which sets they are from."""

import numpy as np

from bench.prior import combined
from cluster.centring import shipped_prior
from enrich.conversion import PREFIX
from enrich.encoder import space_name
from enrich.weights import E5_SMALL


def test_the_shipped_prior_is_of_the_default_model() -> None:
    """Where this fails the model, its prefix or the text recipe has changed: `python -m bench prior` makes it anew."""
    assert shipped_prior().space == space_name(E5_SMALL.sha256, PREFIX, "mean", 384)


def test_the_first_set_speaks_for_its_languages() -> None:
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    prior = combined([{"en": one}, {"en": other, "uk": other}], "space", ("translations", "headlines"))
    assert prior.languages == {"en": (1.0, 0.0), "uk": (0.0, 1.0)}
    assert prior.overall == (0.5, 0.5)
    assert prior.sets == ("translations", "headlines")
