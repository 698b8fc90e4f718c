"""Join or open: an article against whole stories, never against one article alone, which would chain them.  Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wire.messages import ArticleId, JoinEvidence, StoryId
from wire.vectors import Vector

# Of centred vectors; .42 to .46 are a plateau on the development sets (docs/explanation/stories.md).
BAR = 0.44
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that an article may join."""

    story_id: StoryId
    opened: int  # arrival number of its first article
    score: float  # of the article against the whole story
    nearest: ArticleId  # its article that is nearest
    similarity: float  # of that one


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The story to join, None to open one, and why."""

    story_id: StoryId | None
    score: float
    evidence: JoinEvidence


def story_score(vector: Vector, centre: NDArray[np.float64]) -> float:
    """Cosine of an article with the sum of a story's vectors, -1 to 1, rounded to six digits; 0 where either is 0."""
    length = float(np.sqrt(centre @ centre))
    return round(float(vector.astype(np.float64) @ centre) / length, _DIGITS) if length > 0 else 0.0


def decide(candidates: Iterable[Candidate], bar: float = BAR) -> Decision:
    """Join the best of `candidates` if it reaches `bar`, else open a story; of equal scores the older story wins.

    The evidence names the nearest article of the story joined; where a story is opened, of the one that came closest,
    which then is the runner-up.
    """
    ranked = sorted(candidates, key=lambda one: (-one.score, one.opened))
    joins = bool(ranked) and ranked[0].score >= bar
    best = ranked[0] if ranked else None
    runner_up = next(iter(ranked[1:] if joins else ranked), None)
    evidence = JoinEvidence(
        nearest=best.nearest if best else None,
        similarity=best.similarity if best else 0.0,
        runner_up=runner_up.story_id if runner_up else None,
        runner_up_score=runner_up.score if runner_up else None,
        bar=bar,
    )
    if best is None or not joins:
        return Decision(story_id=None, score=0.0, evidence=evidence)
    return Decision(story_id=best.story_id, score=best.score, evidence=evidence)
