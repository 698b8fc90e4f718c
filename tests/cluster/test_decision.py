"""An article joins the best story that reaches the bar; the evidence says which, how near, and what else there was."""

import numpy as np
import pytest

from cluster.decision import Candidate, decide, story_score
from wire.messages import JoinEvidence


def story(name: str, score: float, opened: int = 1) -> Candidate:
    return Candidate(story_id=name, opened=opened, score=score, nearest=f"{name}-1", similarity=score + 0.1)


BAR = 0.5
CASES = {  # name: candidates -> story joined, runner-up
    "nothing near": ([], None, None),
    "one below the bar": ([story("a", 0.49)], None, "a"),
    "one at the bar": ([story("a", 0.5)], "a", None),
    "the best of two": ([story("a", 0.6), story("b", 0.7)], "b", "a"),
    "equally near: the older": ([story("a", 0.7, opened=9), story("b", 0.7, opened=2)], "b", "a"),
    "two below the bar: the better is the runner-up": ([story("a", 0.2), story("b", 0.3)], None, "b"),
}


@pytest.mark.parametrize(("candidates", "joined", "runner_up"), CASES.values(), ids=CASES.keys())
def test_decide(candidates: list[Candidate], joined: str | None, runner_up: str | None) -> None:
    decision = decide(candidates, BAR)
    assert decision.story_id == joined
    assert decision.evidence.runner_up == runner_up
    assert decision.evidence.bar == BAR
    assert decide(reversed(candidates), BAR) == decision


def test_evidence_names_the_nearest_article_of_the_story_joined() -> None:
    evidence = decide([story("a", 0.6), story("b", 0.7)], BAR).evidence
    expected = JoinEvidence(nearest="b-1", similarity=0.7 + 0.1, runner_up="a", runner_up_score=0.6, bar=BAR)
    assert evidence == expected


def test_a_story_is_met_whole_not_by_its_nearest_article() -> None:
    """A chain: each article is near the one before, the last is far from the first."""
    chain = [np.array([np.cos(angle), np.sin(angle)]) for angle in np.radians([0, 60, 120])]
    nearest = float(chain[1] @ chain[2])
    assert nearest == pytest.approx(0.5)
    assert story_score(chain[2].astype(np.float32), chain[0] + chain[1]) == pytest.approx(0, abs=1e-6)


def test_a_zero_vector_is_near_nothing() -> None:
    nothing, something = np.zeros(2, dtype=np.float32), np.ones(2)
    assert story_score(nothing, something) == 0
    assert story_score(something.astype(np.float32), np.zeros(2)) == 0
