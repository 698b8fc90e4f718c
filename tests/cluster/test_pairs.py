"""What a pair's score is the sum of."""

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from cluster.background import Usual
from cluster.columns import crossed, microseconds
from cluster.pairs import Own, PairScore, shipped_calibration
from cluster.rarity import Rarity
from cluster.state import ArticleState
from cluster.traits import stored_traits
from tests.cluster.samples import START


def an_article(**said: Any) -> ArticleState:
    told = {"language": "en", "outlet": "alpha"} | said
    return ArticleState(arrival=0, placed=START, event_time=START, space="s", vector=b"", title="", **told)


@pytest.mark.parametrize(
    ("outlet", "language", "less"), [("alpha", "en", -1.5), ("beta", "en", 0.0), ("alpha", "uk", 0.0)]
)
def test_an_outlet_seldom_tells_of_one_event_twice_in_one_language(outlet: str, language: str, less: float) -> None:
    scorer = PairScore(replace(shipped_calibration(), same_outlet=-1.5), Usual(0.0, 0.0))
    traits = stored_traits(an_article(), Rarity())
    own = Own(np.array(traits.masses), microseconds(START))
    other, foreign = (an_article(outlet=one, language=language) for one in (outlet, "gamma"))
    pairs = scorer.of(own, crossed([traits], [other, foreign]), np.array([0.5, 0.5]))
    assert pairs.scores[0] - pairs.scores[1] == pytest.approx(less)
    assert {signal.name: signal.adds for signal in pairs.signals(0)}.get("outlet", 0.0) == less
