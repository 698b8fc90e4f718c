"""What a new article makes look different: two stories that are one, one that is two, an article in the wrong one.

At most one of the three follows from an article, and each looks at a bounded number of articles.  What an operator
put together or parted stays so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cluster.background import BAR
from cluster.draft import Draft
from cluster.matching import BEST_OF, Match, Matcher, asked_of, mean_of_best
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
    """What just happened: which article joined which story, and how it fits others."""

    article_id: ArticleId
    story_id: StoryId
    match: Match


def think_again(draft: Draft, matcher: Matcher, joined: Joined) -> None:
    """Merge, split or move where the new article gives reason to."""
    _merged(draft, matcher, joined) or _parted(draft, matcher, joined) or _moved(draft, matcher, joined)


def _merged(draft: Draft, matcher: Matcher, joined: Joined) -> bool:
    """Whether the story was merged with one that the article fits too."""
    others = [one for one in joined.match.candidates if one.story_id != joined.story_id and one.score >= one.asked.bar]
    for other in others[:_MERGES_TRIED]:
        if are_apart(draft, joined.story_id, other.story_id):
            continue
        small, large = sorted((draft.members(joined.story_id), draft.members(other.story_id)), key=len)
        score = _fit_of_stories(draft, matcher, small, large)
        asked = asked_of(draft, large[-_MEMBERS:], small[-_SAMPLE:]).bar
        needed = max(round(other.asked.bar + _MERGE_ABOVE, 6), asked)
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


def _fit_of_stories(draft: Draft, matcher: Matcher, small: Sequence[ArticleId], large: Sequence[ArticleId]) -> float:
    """How well most of the smaller story's articles fit the larger story."""
    samples, others = _by_space(draft, small[-_SAMPLE:]), _by_space(draft, large[-_MEMBERS:])
    fits = sorted(
        mean_of_best(scores, _MERGE_BEST_OF)
        for space, sample in samples.items()
        if space in others
        for scores in matcher.table(draft, sample, others[space]).tolist()
    )
    return fits[int(len(fits) * _MERGE_QUANTILE)] if fits else float("-inf")


def _moved(draft: Draft, matcher: Matcher, joined: Joined) -> bool:
    """Whether a near article of another story came over."""
    match, story_id = joined.match, joined.story_id
    fitting = np.flatnonzero(match.pairs.scores >= BAR).tolist()
    scores, ids = match.pairs.scores.tolist(), draft.memory.columns.article_id
    near = sorted((-scores[at], ids(int(match.articles[at])), at) for at in fitting)[:_MOVES_TRIED]
    for _, article_id, at in near:
        place = draft.place(article_id)
        if place is None or place.story == story_id or place.pinned:
            continue
        here = _fit_of_article(draft, matcher, article_id, story_id, float("-inf"))
        there = _fit_of_article(draft, matcher, article_id, place.story, BAR - _LONE_ARTICLE_BELOW)
        if here <= there + _MOVE_GAIN or are_apart(draft, story_id, place.story):
            continue
        asked = asked_of(draft, draft.members(story_id, _MEMBERS), [article_id]).bar
        if here >= asked:
            evidence = JoinEvidence(
                nearest=joined.article_id,
                similarity=float(match.pairs.similarities[at]),
                runner_up=place.story,
                runner_up_score=there,
                bar=max(asked, round(there + _MOVE_GAIN, 6)),
                signals=match.pairs.signals(at),
            )
            move(draft, place.story, story_id, [article_id], here, evidence)
            return True
    return False


def _fit_of_article(draft: Draft, matcher: Matcher, article_id: ArticleId, story_id: StoryId, alone: float) -> float:
    """How well an article fits the others of a story; `alone` where there are none that it can be compared with."""
    ((space, _),) = _by_space(draft, [article_id]).items()
    members = _by_space(draft, draft.members(story_id, _MEMBERS)).get(space, [])
    others = [one for one in members if one != article_id]
    return mean_of_best(matcher.table(draft, [article_id], others)[0].tolist(), BEST_OF) if others else alone


def _parted(draft: Draft, matcher: Matcher, joined: Joined) -> bool:
    """Whether the story fell in two: looked at when it has reached certain sizes."""
    members = draft.members(joined.story_id)
    if (
        len(members) not in _SPLIT_AT
        or any(_pinned(draft, one) for one in members)
        or len(_by_space(draft, members)) > 1
    ):
        return False
    table = matcher.table(draft, members, members)
    leaving = _smaller_part(table)
    if not leaving.any():
        return False
    fits = sorted(mean_of_best(scores, _MERGE_BEST_OF) for scores in table[np.ix_(leaving, ~leaving)].tolist())
    score, needed = fits[int(len(fits) * _SPLIT_QUANTILE)], round(BAR - _SPLIT_BELOW, 6)
    if score >= needed:
        return False
    gone = [one for one, leaves in zip(members, leaving.tolist(), strict=True) if leaves]
    split(draft, joined.story_id, gone, score, JoinEvidence(bar=needed))
    return True


def _pinned(draft: Draft, article_id: ArticleId) -> bool:
    place = draft.place(article_id)
    return place is not None and place.pinned


def _by_space(draft: Draft, articles: Sequence[ArticleId]) -> dict[str, list[ArticleId]]:
    """The articles by the space of their vectors: only those of one can be compared."""
    found: dict[str, list[ArticleId]] = {}
    for one in articles:
        article = draft.article(one)
        if article is not None:
            found.setdefault(article.space, []).append(one)
    return found


def _smaller_part(table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Who is in the smaller of the two groups that fit each other worst; nobody where one article alone stands out."""
    table = (table + table.T) / 2
    np.fill_diagonal(table, np.nan)
    one, two = np.unravel_index(np.nanargmin(table), table.shape)
    sides = np.where(np.nan_to_num(table[:, one], nan=np.inf) >= np.nan_to_num(table[:, two], nan=np.inf), 0, 1)
    sides[one], sides[two] = 0, 1
    rows, side = table.tolist(), sides.tolist()
    for _ in range(_SPLIT_ROUNDS):
        side = [0 if _fit(row, at, side, 0) >= _fit(row, at, side, 1) else 1 for at, row in enumerate(rows)]
    smaller = 0 if side.count(0) < side.count(1) else 1
    return np.array([part == smaller and side.count(smaller) >= _FEWEST_OF_A_PART for part in side])


def _fit(row: Sequence[float], at: int, side: Sequence[int], part: int) -> float:
    others = [score for other, score in enumerate(row) if other != at and side[other] == part]
    return mean_of_best(others, BEST_OF) if others else float("-inf")
