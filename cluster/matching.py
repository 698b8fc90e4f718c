"""Which stories an article may join, and how well each fits: candidates by vector and by rare tokens, then scores.

An article is held against a story, never against one article alone, which would chain them: the score of a story is
the mean of its two articles that fit best.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from cluster.background import BAR, Strangers, usual
from cluster.columns import Compared, crossed, microseconds
from cluster.draft import Draft
from cluster.numbering import Numbers
from cluster.pairs import DAY, Calibration, Own, Pairs, PairScore, differs
from cluster.state import ArticleState
from cluster.tightness import COMMON, Asked, asked
from cluster.traits import Traits, stored_traits
from cluster.window import NOBODY, Near
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
_COPY_DIFFERS = 0.5
_COPIES_TRIED = 4
_FITS_OF = 8  # newest articles of a story say how tight it is
_KEPT = 4  # of the stories that fit best: that of the article, and as many others as second thoughts try


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be held against stories."""

    space: str
    vector: Vector  # centred
    traits: Traits
    event_time: UtcTime
    signature: str = ""

    @property
    def own(self) -> Own:
        """What it brings into its pairs."""
        return Own(np.array(self.traits.masses), microseconds(self.event_time))


class Candidate(NamedTuple):
    """A story that an article may join."""

    story_id: StoryId
    opened: int  # arrival number of its first article
    score: float
    nearest: ArticleId  # its article that fits best
    at: int  # which of the scored pairs is that with the nearest
    asked: Asked = COMMON
    copy_of: ArticleId | None = None


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """All that was scored for one article: the articles with their pairs, and the stories that fit best, best first."""

    scorer: PairScore
    articles: Numbers
    pairs: Pairs  # in the order of the articles
    stories: Numbers  # of the articles
    candidates: tuple[Candidate, ...]  # at most 4

    def strangers(self, joined: Candidate | None) -> Strangers:
        """How well articles fit best that are not in the story that was joined."""
        others = np.ones(len(self.articles), dtype=np.bool_)
        if joined is not None:
            others = self.stories != self.stories[joined.at]
        return self.scorer.best_of(self.pairs, others)


class _Scored(NamedTuple):
    """One article against others: who they are, where they are, and what they have in common with it."""

    own: Own
    articles: Numbers
    stories: Numbers
    compared: Compared
    pairs: Pairs

    def followed_by(self, more: "_Scored") -> "_Scored":
        """These, then `more`."""
        return _Scored(
            self.own,
            np.concatenate([self.articles, more.articles]),
            np.concatenate([self.stories, more.stories]),
            self.compared.followed_by(more.compared),
            self.pairs.followed_by(more.pairs),
        )


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
        scorer = PairScore(self._calibration, usual(draft.clock))
        scored = _scored(draft, scorer, subject, self._near(draft, subject, marks))
        more = _missing(draft, subject, scored)
        if len(more):
            similarities = draft.memory.windows[subject.space].similarities(subject.vector, more)
            scored = scored.followed_by(_scored(draft, scorer, subject, Near(more, similarities)))
        return Match(
            scorer=scorer,
            articles=scored.articles,
            pairs=scored.pairs,
            stories=scored.stories,
            candidates=_candidates(draft, scored, _copied(draft, subject, scored)),
        )

    def table(self, draft: Draft, articles: Sequence[ArticleId], others: Sequence[ArticleId]) -> NDArray[np.float64]:
        """The score of each of `articles` against each of `others`, by row; all live and of one space."""
        own, compared = _crossed(draft, articles, others)
        similarities = draft.similarities(articles, others)
        pairs = PairScore(self._calibration, usual(draft.clock)).of(own, compared, similarities.ravel())
        return pairs.scores.reshape(similarities.shape)

    def _near(self, draft: Draft, subject: Subject, marks: Iterable[str]) -> Near:
        """The articles to compare with, by vector and by mark."""
        window = draft.memory.windows.get(subject.space)
        if window is None:
            return NOBODY
        return window.nearest(
            subject.vector,
            self._nearest,
            lambda asked: draft.takers(asked, subject.event_time),
            _marked(draft, subject, marks),
        )


def _marked(draft: Draft, subject: Subject, marks: Iterable[str]) -> Numbers:
    """The newest articles for each of the marks, each once."""
    found: dict[int, None] = {}
    for mark in marks:
        marked = draft.memory.marked(mark)
        if len(marked) <= _RARE:
            found |= dict.fromkeys(marked[-_MARKED:])
    articles = np.fromiter(found, dtype=np.int64, count=len(found))
    return articles[draft.memory.columns.are_of(subject.space, articles)]


def _scored(draft: Draft, scorer: PairScore, subject: Subject, near: Near) -> _Scored:
    own, compared = subject.own, draft.memory.compared(near.articles, subject.traits)
    pairs = scorer.of(own, compared, near.similarities)
    return _Scored(own, near.articles, draft.stories_of(near.articles), compared, pairs)


def _missing(draft: Draft, subject: Subject, scored: _Scored) -> Numbers:
    """The newest articles of promising stories of which too few were near."""
    near, known = scored.stories.tolist(), set(scored.articles.tolist())
    missing = [
        number
        for story in dict.fromkeys(scored.stories[scored.pairs.scores > _HOPELESS].tolist())
        if near.count(story) < BEST_OF
        for other in draft.members(draft.story_of(story), _OTHERS)
        if (number := draft.memory.columns.number(other)) not in known
    ]
    others = np.array(missing, dtype=np.int64)
    return others[draft.memory.columns.are_of(subject.space, others)]


def mean_of_best(scores: Iterable[float], count: int) -> float:
    """The mean of the `count` highest scores, of all where there are fewer; rounded to six digits."""
    best = sorted(scores, reverse=True)[:count]
    return round(sum(best) / len(best), _DIGITS)


def _states(draft: Draft, articles: Iterable[ArticleId]) -> list[ArticleState]:
    return [state for one in articles if (state := draft.article(one)) is not None]


def _candidates(draft: Draft, scored: _Scored, copied: int | None) -> tuple[Candidate, ...]:
    """The stories of the articles by how far they fit beyond what they ask, that of the one `copied` first."""
    scores, where = scored.pairs.scores.tolist(), scored.stories.tolist()
    fitting: dict[int, list[int]] = {}  # pairs by story, best first, and so are the stories by their best
    for at in np.lexsort((draft.memory.columns.arrivals(scored.articles), -scored.pairs.scores)).tolist():
        fitting.setdefault(where[at], []).append(at)
    if copied is not None:
        del fitting[where[copied]]
    found: list[Candidate] = []
    for nearest, *others in fitting.values():
        if len(found) >= _KEPT and scores[nearest] - BAR < sorted(map(_beyond, found))[-_KEPT]:
            break  # no story asks less than the common bar, and no mean is above its best
        fit = mean_of_best([scores[nearest], *(scores[at] for at in others[: BEST_OF - 1])], BEST_OF)
        found.append(_asking(draft, scored, _candidate(draft, scored, nearest, fit)))
    found.sort(key=lambda one: (-_beyond(one), one.opened, one.story_id))
    if copied is None:
        return tuple(found[:_KEPT])
    first = _candidate(draft, scored, copied, scores[copied])
    return (first._replace(copy_of=first.nearest), *found[: _KEPT - 1])


def _candidate(draft: Draft, scored: _Scored, at: int, score: float) -> Candidate:
    story = int(scored.stories[at])
    return Candidate(
        story_id=draft.story_of(story),
        opened=draft.opened(story),
        score=score,
        nearest=draft.memory.columns.article_id(int(scored.articles[at])),
        at=at,
    )


def _asking(draft: Draft, scored: _Scored, one: Candidate) -> Candidate:
    """The candidate with what its story asks; below the common bar nothing more is asked."""
    if one.score < BAR:
        return one
    others = scored.compared.of(scored.stories == scored.stories[one.at])
    fits = _fits(draft, draft.members(one.story_id, _FITS_OF))
    return one._replace(asked=asked(fits, float(scored.pairs.days[one.at]), differs(scored.own, others)))


def _beyond(one: Candidate) -> float:
    return one.score - one.asked.bar


def _fits(draft: Draft, articles: Iterable[ArticleId]) -> list[float]:
    return [one.fit for one in _states(draft, articles) if one.fit is not None]


def asked_of(draft: Draft, story: Sequence[ArticleId], articles: Sequence[ArticleId]) -> Asked:
    """What a story with these newest articles asks of other articles together; all live."""
    own, compared = _crossed(draft, articles, story)
    days = float(np.median(np.abs(compared.microseconds - own.microseconds))) / DAY
    return asked(_fits(draft, story[-_FITS_OF:]), days, differs(own, compared))


def _crossed(draft: Draft, articles: Sequence[ArticleId], others: Sequence[ArticleId]) -> tuple[Own, Compared]:
    """Each of `articles` beside each of `others`, those of the first article first."""
    ours, theirs = _states(draft, articles), _states(draft, others)
    traits = [stored_traits(one, draft.memory.rarity) for one in ours]
    own = Own(
        np.array([one.masses for one in traits]).repeat(len(theirs), axis=0),
        np.array([float(microseconds(one.event_time)) for one in ours]).repeat(len(theirs)),
    )
    return own, crossed(traits, theirs)


def _copied(draft: Draft, subject: Subject, scored: _Scored) -> int | None:
    """Which pair is with the oldest of the articles that the subject repeats almost word for word.

    A bulletin with the names and numbers of another day repeats a form, no text.
    """
    if not subject.signature:
        return None
    columns, articles, pairs = draft.memory.columns, scored.articles, scored.pairs
    alike = np.flatnonzero(pairs.same_language & (pairs.similarities >= _COPY_SIMILARITY))
    order = np.lexsort((columns.arrivals(articles[alike]), -pairs.similarities[alike]))[:_COPIES_TRIED]
    copied = [
        at
        for at in alike[order].tolist()
        if resemblance(subject.signature, draft.memory.articles[columns.article_id(int(articles[at]))].signature)
        >= _COPY
        and differs(scored.own, scored.compared.of([at])) <= _COPY_DIFFERS
    ]
    return min(copied, key=lambda at: columns.arrival(int(articles[at])), default=None)
