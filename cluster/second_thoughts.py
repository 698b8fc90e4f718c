"""What a new article makes look different: two stories that are one, one that is two, an article in the wrong one.

At most one of the three follows from an article, and each looks at a bounded number of articles.  What an operator
put together or parted stays so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cluster.draft import Draft
from cluster.matching import BEST_OF, Match, Matcher, mean_of_best
from cluster.regrouping import are_apart, merge, move, split
from wire.messages import ArticleId, JoinEvidence, StoryId

# How far beyond the bar of joining: a wrong merge costs more than a wrong article (docs/explanation/stories.md).
_MERGE_ABOVE, _SPLIT_BELOW, _MOVE_GAIN = 0.75, 0.5, 1.5
_MERGES_TRIED = 3
_MERGE_BEST_OF = 4
_MERGE_QUANTILE = 0.1  # of the smaller story's articles at most this share may fit the larger one badly
_SAMPLE = 8  # newest articles of the smaller story
_MEMBERS = 64  # newest articles of the other
_MOVES_TRIED = 6
_LONE_ARTICLE_BELOW = 0.5  # an article alone counts as fitting its story as badly as this, below the bar
_SPLIT_AT = (5, 10, 20, 40)  # articles of a story when it is looked through
_FEWEST_OF_A_PART = 2
_SPLIT_QUANTILE = 0.6
_SPLIT_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What just happened: which article joined which story, how it fits others, and what joining needed."""

    article_id: ArticleId
    story_id: StoryId
    match: Match
    bar: float


def think_again(draft: Draft, matcher: Matcher, joined: Joined) -> None:
    """Merge, split or move where the new article gives reason to."""
    _merged(draft, matcher, joined) or _parted(draft, matcher, joined) or _moved(draft, matcher, joined)


def _merged(draft: Draft, matcher: Matcher, joined: Joined) -> bool:
    """Whether the story was merged with one that the article fits too."""
    others = [one for one in joined.match.candidates if one.story_id != joined.story_id and one.score >= joined.bar]
    needed = round(joined.bar + _MERGE_ABOVE, 6)
    for other in others[:_MERGES_TRIED]:
        if are_apart(draft, joined.story_id, other.story_id):
            continue
        score = _fit_of_stories(draft, matcher, joined.story_id, other.story_id)
        if score >= needed:
            pairs = joined.match.pairs
            evidence = JoinEvidence(
                nearest=other.nearest,
                similarity=float(pairs.similarities[other.at]),
                bar=needed,
                signals=pairs.signals(other.at),
            )
            merge(draft, joined.story_id, other.story_id, score, evidence)
            return True
    return False


def _fit_of_stories(draft: Draft, matcher: Matcher, one: StoryId, two: StoryId) -> float:
    """How well most of the smaller story's articles fit the larger story."""
    first, second = draft.members(one), draft.members(two)
    small, large = sorted((first, second), key=len)
    fits = sorted(
        mean_of_best(scores, _MERGE_BEST_OF)
        for article_id in small[-_SAMPLE:]
        if (scores := matcher.scores(draft, matcher.stored(draft, article_id), large[-_MEMBERS:]))
    )
    return fits[int(len(fits) * _MERGE_QUANTILE)] if fits else float("-inf")


def _moved(draft: Draft, matcher: Matcher, joined: Joined) -> bool:
    """Whether a near article of another story came over."""
    match, story_id = joined.match, joined.story_id
    fitting = np.flatnonzero(match.pairs.scores >= joined.bar).tolist()
    scores, ids = match.pairs.scores.tolist(), draft.memory.columns.article_id
    near = sorted((-scores[at], ids(int(match.articles[at])), at) for at in fitting)[:_MOVES_TRIED]
    for _, article_id, at in near:
        place = draft.place(article_id)
        if place is None or place.story == story_id or place.pinned:
            continue
        subject = matcher.stored(draft, article_id)
        fits = matcher.scores(draft, subject, draft.members(story_id, _MEMBERS))
        rest = matcher.scores(
            draft, subject, [one for one in draft.members(place.story, _MEMBERS) if one != article_id]
        )
        here = mean_of_best(fits, BEST_OF) if fits else float("-inf")
        there = mean_of_best(rest, BEST_OF) if rest else joined.bar - _LONE_ARTICLE_BELOW
        if here >= joined.bar and here > there + _MOVE_GAIN and not are_apart(draft, story_id, place.story):
            evidence = JoinEvidence(
                nearest=joined.article_id,
                similarity=float(match.pairs.similarities[at]),
                runner_up=place.story,
                runner_up_score=there,
                bar=round(there + _MOVE_GAIN, 6),
                signals=match.pairs.signals(at),
            )
            move(draft, place.story, story_id, [article_id], here, evidence)
            return True
    return False


def _parted(draft: Draft, matcher: Matcher, joined: Joined) -> bool:
    """Whether the story fell in two: looked at when it has reached certain sizes."""
    members = draft.members(joined.story_id)
    if len(members) not in _SPLIT_AT or any(_pinned(draft, one) for one in members):
        return False
    scores = {one: _scores(draft, matcher, one, members) for one in members}
    leaving = _smaller_part(members, scores)
    if not leaving:
        return False
    staying = [one for one in members if one not in leaving]
    fits = sorted(mean_of_best((scores[one][other] for other in staying), _MERGE_BEST_OF) for one in leaving)
    score, needed = fits[int(len(fits) * _SPLIT_QUANTILE)], round(joined.bar - _SPLIT_BELOW, 6)
    if score >= needed:
        return False
    split(draft, joined.story_id, leaving, score, JoinEvidence(bar=needed))
    return True


def _pinned(draft: Draft, article_id: ArticleId) -> bool:
    place = draft.place(article_id)
    return place is not None and place.pinned


def _scores(
    draft: Draft, matcher: Matcher, article_id: ArticleId, members: Sequence[ArticleId]
) -> Mapping[ArticleId, float]:
    others = [one for one in members if one != article_id]
    return dict(zip(others, matcher.scores(draft, matcher.stored(draft, article_id), others), strict=True))


def _smaller_part(
    members: Sequence[ArticleId], scores: Mapping[ArticleId, Mapping[ArticleId, float]]
) -> list[ArticleId]:
    """The smaller of the two groups that fit each other worst, none where one article alone stands out."""
    table = np.array([[scores[one].get(other, np.nan) for other in members] for one in members])
    table = (table + table.T) / 2
    one, two = np.unravel_index(np.nanargmin(table), table.shape)
    side = np.where(np.nan_to_num(table[:, one], nan=np.inf) >= np.nan_to_num(table[:, two], nan=np.inf), 0, 1)
    side[one], side[two] = 0, 1
    for _ in range(_SPLIT_ROUNDS):
        side = np.array(
            [0 if _fit(table, row, side, 0) >= _fit(table, row, side, 1) else 1 for row in range(len(side))]
        )
    sizes = int((side == 0).sum()), int((side == 1).sum())
    if min(sizes) < _FEWEST_OF_A_PART:
        return []
    smaller = 0 if sizes[0] < sizes[1] else 1
    return [member for member, part in zip(members, side, strict=True) if part == smaller]


def _fit(table: NDArray[np.float64], row: int, side: NDArray[np.int64], part: int) -> float:
    others = [float(value) for at, value in enumerate(table[row]) if at != row and side[at] == part]
    return mean_of_best(others, BEST_OF) if others else float("-inf")
