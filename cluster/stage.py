"""The cluster stage: enriched articles in, facts about stories out.  Online, in order of arrival, by event time."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from cluster.ageing import Ageing, age
from cluster.centring import Centring, Prior, with_vector
from cluster.decision import Candidate, decide, story_score
from cluster.errors import StrangeVector
from cluster.events import told
from cluster.memory import Memory
from cluster.state import (
    ALL_LANGUAGES,
    ARTICLE,
    CLOCK,
    STORY,
    ArticleState,
    ClockState,
    MeanKey,
    StoryState,
    centre_of,
    story_id,
)
from cluster.story import joined, opened, placed, revised, with_version
from wire.codec import decode
from wire.log.port import Record
from wire.messages import ArticleId, Enriched, StoryEventKind, StoryId, UtcTime
from wire.settings import ClusterSettings
from wire.stage import NOTHING, Change, Effects, Failure
from wire.vectors import Vector, decode_vector

# Stories among the nearest 64 articles are compared whole: no development set changes with 32 or 256.
_NEAREST_ARTICLES = 64


class Cluster:
    """Groups coverage of one event into one story.

    Time is the largest `seen` that was read.  Vectors of two spaces are never compared: when the model changes,
    articles of the new space open stories of their own and meet only one another.

    Args:
        settings: the window, and after what silence a story closes (at most the window).
        prior: means to start from; they count only in their own space, so None suits any vectors.
    """

    def __init__(self, settings: ClusterSettings, prior: Prior | None) -> None:
        # An article that left the window can be no candidate, so a story cannot outlive it.
        self._quiet_after = min(settings.quiet_after, settings.window)
        self._memory = Memory(settings.window, self._quiet_after)
        self._centring = Centring(prior)

    def fold(self, record: Record) -> None:
        """Take one record of the state topic."""
        self._memory.fold(record)

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing: what is searched for depends on the means, and those on the articles before."""

    def due(self, now: datetime) -> Sequence[Record]:
        """Nothing: stories close by the time of what was read."""
        return ()

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """The dead letter says it all."""
        return NOTHING

    def step(self, record: Record, now: datetime) -> Effects:
        """Place an article, or tell of its new version; nothing for a version that was read before.

        Raises:
            BadRecord: no `Enriched`, or its vector cannot be compared (`StrangeVector`).
        """
        enriched = decode(record.value, Enriched)
        known = self._memory.articles.get(enriched.article.article_id)
        if known is not None and enriched.article.version in known.versions:
            return NOTHING
        clock = self._advanced(enriched)
        ageing = age(self._memory, clock.time, enriched.space)
        if known is not None and self._memory.is_live(known, clock.time):
            effects = self._revised(enriched, known, clock, ageing)
        else:
            effects = self._placed(enriched, msgspec.structs.replace(clock, arrivals=clock.arrivals + 1))
        return Effects(
            outputs=(*ageing.outputs, *effects.outputs),
            changes=(*ageing.changes, *effects.changes),
        )

    def _advanced(self, enriched: Enriched) -> ClockState:
        clock, seen = self._memory.clock, enriched.article.seen
        if clock is None:
            return ClockState(time=seen, arrivals=0)
        return msgspec.structs.replace(clock, time=max(clock.time, seen))

    def _revised(self, enriched: Enriched, known: ArticleState, clock: ClockState, ageing: Ageing) -> Effects:
        """A new version stays in the story of its article."""
        story = revised(ageing.closed.get(known.story) or self._memory.stories[known.story])
        article = with_version(known, enriched.article.version, clock)
        return Effects(
            outputs=(told(StoryEventKind.REVISED, enriched, known.story, story, clock.time),),
            changes=_changes(enriched, article, story, clock),
        )

    def _placed(self, enriched: Enriched, clock: ClockState) -> Effects:
        vector = self._vector(enriched)
        space, language = enriched.space, enriched.reading.language
        own_key, all_key = MeanKey(space, language), MeanKey(space, ALL_LANGUAGES)
        own, overall = self._memory.means.get(own_key), self._memory.means.get(all_key)
        centred = self._centring.centred(vector, space, language, own, overall)
        decision = decide(self._candidates(enriched, centred, clock.time))
        if decision.story_id is None:
            kind, to = StoryEventKind.OPENED, story_id(enriched.article.article_id, clock.time)
            story = opened(enriched, centred, clock)
        else:
            kind, to = StoryEventKind.JOINED, decision.story_id
            story = joined(self._memory.stories[to], enriched, centred, clock)
        means = (Change(str(own_key), with_vector(own, vector)), Change(str(all_key), with_vector(overall, vector)))
        return Effects(
            outputs=(told(kind, enriched, to, story, clock.time, decision),),
            changes=(*_changes(enriched, placed(enriched, to, centred, clock), story, clock), *means),
        )

    def _vector(self, enriched: Enriched) -> Vector:
        vector = decode_vector(enriched.vector)
        mean = self._memory.means.get(MeanKey(enriched.space, ALL_LANGUAGES))
        # Without prior and past the first vector of a space says how long they are.
        expected = mean.dimensions if mean else self._centring.dimensions(enriched.space) or max(1, len(vector))
        if len(vector) != expected:
            raise StrangeVector(enriched.space, expected, len(vector))
        return vector

    def _candidates(self, enriched: Enriched, vector: Vector, now: UtcTime) -> Iterator[Candidate]:
        """Every story that has one of the nearest articles and may be joined."""
        window = self._memory.windows.get(enriched.space)
        if window is None:
            return
        event_time = enriched.article.event_time
        near = window.nearest(vector, _NEAREST_ARTICLES, lambda other: self._may_meet(other, event_time, now))
        seen: set[StoryId] = set()
        for one in near:
            to = self._memory.articles[one.article_id].story
            if to in seen:
                continue
            seen.add(to)
            story = self._memory.stories[to]
            yield Candidate(
                story_id=to,
                opened=story.opened,
                score=story_score(vector, centre_of(story.centre)),
                nearest=one.article_id,
                similarity=one.similarity,
            )

    def _may_meet(self, other: ArticleId, event_time: UtcTime, now: UtcTime) -> bool:
        """Whether the story of a stored article takes one of `event_time`: it is open, and was told of around then."""
        article = self._memory.articles[other]
        story = self._memory.stories[article.story]
        return (
            self._memory.is_live(article, now)
            and self._memory.is_open(story, now)
            and story.first_event_time - self._quiet_after <= event_time <= story.last_event_time + self._quiet_after
        )


def _changes(enriched: Enriched, article: ArticleState, story: StoryState, clock: ClockState) -> tuple[Change, ...]:
    # The story before its article: what is folded in between never points nowhere.
    return (
        Change(f"{STORY}{article.story}", story),
        Change(f"{ARTICLE}{enriched.article.article_id}", article),
        Change(CLOCK, clock),
    )
