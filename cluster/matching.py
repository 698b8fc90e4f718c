"""Which stories an article may join, and how well each fits: candidates by vector and by rare tokens, then scores.

An article is held against a story, never against one article alone, which would chain them: the score of a story is
the mean of its two articles that fit best.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cluster.draft import Draft
from cluster.pairs import Calibration, Pair, PairScore
from cluster.state import ArticleState
from cluster.traits import Traits, stored_traits
from wire.copies import resemblance
from wire.messages import ArticleId, StoryId, UtcTime
from wire.vectors import Vector

BEST_OF = 2
NEAREST = 48  # articles by vector
_MARKED = 8  # newest articles for each rare token
_RARE = 32  # a token that more articles have as their mark finds nothing worth scoring
# Below every bar: a story whose one near article fits no better is not looked at further.
_HOPELESS = 0.0
_OTHERS = 4  # newest articles of a story of which too few are near
_DIGITS = 6
# The share of word trigrams in common from which a text is a copy; wire stories are cut and lightly edited.
_COPY = 0.7
_COPY_SIMILARITY = 0.75
_COPIES_TRIED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An article to be held against stories."""

    space: str
    vector: Vector  # centred
    traits: Traits
    event_time: UtcTime
    signature: str = ""
    outlet: str = ""
    article_id: ArticleId | None = None  # of one that is live already


class Candidate(NamedTuple):
    """A story that an article may join."""

    story_id: StoryId
    opened: int  # arrival number of its first article
    score: float
    nearest: ArticleId  # its article that fits best
    pair: Pair
    copy_of: ArticleId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """All that was scored for one article: pairs by article, stories best first."""

    scorer: PairScore
    pairs: Mapping[ArticleId, Pair]
    candidates: tuple[Candidate, ...]


class Matcher:
    """Scores articles against stories.

    Args:
        calibration: weights of the signals.
        nearest: how many articles are compared by their vectors' nearness.
    """

    def __init__(self, calibration: Calibration, nearest: int = NEAREST) -> None:
        self._calibration = calibration
        self._nearest = nearest

    def match(self, draft: Draft, subject: Subject, marks: Iterable[str]) -> Match:
        """The stories that may take `subject`, best first; of equal scores the older story first."""
        scorer = PairScore(self._calibration, subject.traits, subject.event_time)
        pairs = self._pairs(draft, subject, scorer, self._near(draft, subject, marks))
        by_story = _by_story(draft, pairs)
        missing = [
            other
            for story_id, found in by_story.items()
            if len(found) < BEST_OF and max(pairs[one].score for one in found) > _HOPELESS
            for other in draft.members(story_id, _OTHERS)
            if other not in pairs and _comparable(draft, other, subject.space)
        ]
        pairs |= (more := self._pairs(draft, subject, scorer, dict.fromkeys(missing)))
        for story_id, found in _by_story(draft, more).items():
            by_story[story_id] += found
        copy_of = _copied(draft, subject, pairs)
        candidates = [_candidate(draft, story_id, found, pairs, copy_of) for story_id, found in by_story.items()]
        candidates.sort(key=lambda one: (one.copy_of is None, -one.score, one.opened, one.story_id))
        return Match(scorer=scorer, pairs=pairs, candidates=tuple(candidates))

    def stored(self, draft: Draft, article_id: ArticleId) -> Subject:
        """A live article, to be held against stories again."""
        article = draft.article(article_id)
        assert article is not None
        return Subject(
            space=article.space,
            vector=draft.vector(article_id),
            traits=stored_traits(article, draft.memory.rarity),
            event_time=article.event_time,
            article_id=article_id,
        )

    def scores(self, draft: Draft, subject: Subject, articles: Iterable[ArticleId]) -> list[float]:
        """The scores of `subject` against other live articles, in their order."""
        others = [one for one in articles if one != subject.article_id and _comparable(draft, one, subject.space)]
        scorer = PairScore(self._calibration, subject.traits, subject.event_time)
        return [pair.score for pair in self._pairs(draft, subject, scorer, dict.fromkeys(others)).values()]

    def _pairs(
        self, draft: Draft, subject: Subject, scorer: PairScore, cosines: dict[ArticleId, float | None]
    ) -> dict[ArticleId, Pair]:
        """The pairs with the articles of `cosines`, in their order; a cosine that is None is computed."""
        if not cosines:
            return {}
        missing = [one for one, cosine in cosines.items() if cosine is None]
        computed = dict(zip(missing, draft.similarities(subject.vector, subject.space, missing), strict=True))
        similarities = [computed[one] if cosine is None else cosine for one, cosine in cosines.items()]
        return dict(zip(cosines, scorer.of(draft.compared(list(cosines), subject.traits), similarities), strict=True))

    def _near(self, draft: Draft, subject: Subject, marks: Iterable[str]) -> dict[ArticleId, float | None]:
        """The articles to compare with, and their cosines where the search has told them."""
        window = draft.memory.windows.get(subject.space)
        if window is None:
            return {}
        wanted = draft.takers(subject.event_time)
        found: dict[ArticleId, float | None] = dict(window.nearest(subject.vector, self._nearest, wanted))
        for mark in marks:
            marked = draft.memory.marked(mark)
            if len(marked) <= _RARE:
                found |= dict.fromkeys(
                    one
                    for _, one in marked[-_MARKED:]
                    if one not in found and _comparable(draft, one, subject.space) and wanted(one)
                )
        return found


def mean_of_best(scores: Iterable[float], count: int) -> float:
    """The mean of the `count` highest scores, of all where there are fewer; rounded to six digits."""
    best = sorted(scores, reverse=True)[:count]
    return round(sum(best) / len(best), _DIGITS)


def _live(draft: Draft, article_id: ArticleId) -> ArticleState:
    article = draft.article(article_id)
    assert article is not None
    return article


def _comparable(draft: Draft, article_id: ArticleId, space: str) -> bool:
    article = draft.article(article_id)
    return article is not None and article.space == space


def _by_story(draft: Draft, articles: Iterable[ArticleId]) -> dict[StoryId, list[ArticleId]]:
    by_story: dict[StoryId, list[ArticleId]] = {}
    for article_id in articles:
        place = draft.place(article_id)
        assert place is not None
        by_story.setdefault(place.story, []).append(article_id)
    return by_story


def _candidate(
    draft: Draft,
    story_id: StoryId,
    found: list[ArticleId],
    pairs: Mapping[ArticleId, Pair],
    copy_of: ArticleId | None,
) -> Candidate:
    story = draft.story(story_id)
    assert story is not None
    if len(found) == 1:
        pair = pairs[found[0]]
        return Candidate(story_id, story.opened, pair.score, found[0], pair, copy_of if copy_of in found else None)
    copied = copy_of if copy_of in found else None
    nearest = copied or min(found, key=lambda one: (-pairs[one].score, _live(draft, one).arrival))
    score = pairs[nearest].score if copied else mean_of_best((pairs[one].score for one in found), BEST_OF)
    return Candidate(story_id, story.opened, score, nearest, pairs[nearest], copied)


def _copied(draft: Draft, subject: Subject, pairs: Mapping[ArticleId, Pair]) -> ArticleId | None:
    """The oldest of the articles that the subject repeats almost word for word."""
    if not subject.signature:
        return None
    alike = [one for one, pair in pairs.items() if pair.same_language and pair.similarity >= _COPY_SIMILARITY]
    alike.sort(key=lambda one: (-pairs[one].similarity, _live(draft, one).arrival))
    copied = [
        one for one in alike[:_COPIES_TRIED] if resemblance(subject.signature, _live(draft, one).signature) >= _COPY
    ]
    return min(copied, key=lambda one: _live(draft, one).arrival, default=None)
