"""The cluster stage: enriched articles in, facts about stories out.  Online, in order of arrival, by event time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from cluster import background
from cluster.ageing import age
from cluster.centring import Centring, Prior, with_vector
from cluster.corrections import CORRECTIONS, apply_due, note
from cluster.draft import Draft
from cluster.errors import StrangeVector
from cluster.events import tell
from cluster.matching import Candidate, Match, Matcher, Subject
from cluster.memory import Memory
from cluster.pairs import shipped_calibration
from cluster.second_thoughts import Joined, think_again
from cluster.state import ALL_LANGUAGES, ArticleState, ClockState, MeanKey, PlaceState, story_id
from cluster.story import combined, single, with_headline
from cluster.tightness import fit_on_its_day
from cluster.traits import Traits, marks_of, shared, traits_of
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Cited, Command, Enriched, JoinEvidence, StoryEventKind
from wire.settings import ClusterSettings
from wire.stage import NOTHING, Change, Effects, Failure
from wire.topics import COMMANDS
from wire.vectors import Vector, decode_vector, vector_to_bytes

# An outlet may change a page for ever; a version older than the last 32 that comes again is told once more.
_VERSIONS_KEPT = 32


class Cluster:
    """Groups coverage of one event into one story, and corrects itself.

    Time is the largest `seen` that was read.  Vectors of two spaces are never compared: when the model changes,
    articles of the new space open stories of their own and meet only one another.

    Args:
        settings: the window, and after what silence a story closes (at most the window).
        prior: means to start from; they count only in their own space, so None suits any vectors.
        matcher: scores articles; default: with the calibration that ships.
    """

    def __init__(self, settings: ClusterSettings, prior: Prior | None, matcher: Matcher | None = None) -> None:
        # An article that left the window can be no candidate, so a story cannot outlive it.
        self._memory = Memory(settings.window, min(settings.quiet_after, settings.window))
        self._centring = Centring(prior)
        self._matcher = matcher or Matcher(shipped_calibration())

    def fold(self, record: Record) -> None:
        """Take one record of the state topic."""
        self._memory.fold(record)

    def remembered(self) -> Iterable[Change]:
        """The state in memory."""
        return self._memory.remembered()

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing: what is searched for depends on the means, and those on the articles before."""

    def due(self, now: datetime) -> Sequence[Record]:
        """Nothing: stories close by the time of what was read."""
        return ()

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """The dead letter says it all."""
        return NOTHING

    def step(self, record: Record, now: datetime) -> Effects:
        """Place an article, tell of its new version, or apply a command; nothing for a version that was read before.

        An article that was taken down is passed over.

        Raises:
            BadRecord: no `Enriched` or `Command`, or a vector that cannot be compared (`StrangeVector`).
        """
        if record.topic == COMMANDS:
            return self._corrected(decode(record.value, Command))
        enriched = decode(record.value, Enriched)
        article_id, seen = enriched.article.article_id, enriched.article.seen
        known = self._memory.places.get(article_id)
        if known is not None and enriched.article.version in known.versions:
            return NOTHING
        clock = self._memory.clock or ClockState(time=seen, arrivals=0)
        draft = Draft(self._memory, replace(clock, time=max(clock.time, seen), offset=max(clock.offset, record.offset)))
        age(draft, enriched.space)
        # Of what was taken down the time counts still, and a replay meets the commands that came after it.
        if article_id not in self._memory.removed:
            place = draft.place(article_id)
            if place is not None and draft.is_live(place):
                _revise(draft, enriched, place)
            else:
                self._place(draft, enriched)
        apply_due(draft)
        return draft.effects()

    def _corrected(self, command: Command) -> Effects:
        clock = self._memory.clock
        if command.stage != "cluster" or command.kind not in CORRECTIONS:
            return NOTHING
        draft = Draft(self._memory, clock or ClockState(time=command.when, arrivals=0))
        note(draft, command)
        return draft.effects()

    def _place(self, draft: Draft, enriched: Enriched) -> None:
        article_id = enriched.article.article_id
        vector = self._vector(enriched)
        centred = self._centred(draft, enriched, vector)
        traits = traits_of(enriched, self._memory.rarity)
        marks = marks_of(traits)
        subject = Subject(
            space=enriched.space,
            vector=centred,
            traits=traits,
            event_time=enriched.article.event_time,
            signature=enriched.reading.copy_signature,
        )
        match = self._matcher.match(draft, subject, marks)
        best = match.candidates[0] if match.candidates else None
        joins = best if best is not None and (best.score >= best.asked.bar or best.copy_of is not None) else None
        # A story from which only its own bar kept the article is no stranger.
        draft.clock = background.with_decision(
            replace(draft.clock, arrivals=draft.clock.arrivals + 1),
            match.strangers(best if best is not None and best.score >= background.BAR else joins),
        )
        article = _article(draft, enriched, centred, traits, marks, joins, match)
        draft.put_article(article_id, article, centred)
        evidence = _evidence(draft, traits, match, joins)
        self._join(draft, enriched, article, joins, evidence)
        if joins is not None:
            think_again(draft, self._matcher, Joined(article_id=article_id, story_id=joins.story_id, match=match))

    def _join(
        self, draft: Draft, enriched: Enriched, article: ArticleState, joins: Candidate | None, evidence: JoinEvidence
    ) -> None:
        article_id = enriched.article.article_id
        to = joins.story_id if joins else story_id(article_id, draft.now)
        draft.put_place(article_id, PlaceState(story=to, arrived=draft.now, versions=(enriched.article.version,)))
        alone, present = single(article_id, article), draft.story(to)
        story = combined(present, alone) if joins and present else alone
        draft.put_story(to, with_headline(draft, to, story, article_id) if joins else story)
        kind, score = (StoryEventKind.JOINED, joins.score) if joins else (StoryEventKind.OPENED, 0.0)
        tell(draft, kind, to, enriched=enriched, score=score, evidence=evidence)

    def _vector(self, enriched: Enriched) -> Vector:
        vector = decode_vector(enriched.vector)
        mean = self._memory.means.get(MeanKey(enriched.space, ALL_LANGUAGES))
        # Without prior and past the first vector of a space says how long they are.
        expected = mean.dimensions if mean else self._centring.dimensions(enriched.space) or max(1, len(vector))
        if len(vector) != expected:
            raise StrangeVector(enriched.space, expected, len(vector))
        return vector

    def _centred(self, draft: Draft, enriched: Enriched, vector: Vector) -> Vector:
        """The vector minus the mean of its language, which it then joins."""
        space, language = enriched.space, enriched.reading.language
        own_key, all_key = MeanKey(space, language), MeanKey(space, ALL_LANGUAGES)
        own, overall = self._memory.means.get(own_key), self._memory.means.get(all_key)
        draft.put_mean(own_key, with_vector(own, vector))
        draft.put_mean(all_key, with_vector(overall, vector))
        return self._centring.centred(vector, space, language, own, overall)


def _revise(draft: Draft, enriched: Enriched, place: PlaceState) -> None:
    """A new version stays in the story of its article, with the vector of its first one, and keeps no story open."""
    versions = (*place.versions, enriched.article.version)[-_VERSIONS_KEPT:]
    draft.put_place(enriched.article.article_id, replace(place, arrived=draft.now, versions=versions))
    tell(draft, StoryEventKind.REVISED, place.story, enriched=enriched)


def _article(
    draft: Draft,
    enriched: Enriched,
    centred: Vector,
    traits: Traits,
    marks: tuple[str, ...],
    joins: Candidate | None,
    match: Match,
) -> ArticleState:
    article, reading = enriched.article, enriched.reading
    copy_of = joins.copy_of if joins is not None else None
    original = draft.article(copy_of) if copy_of is not None else None
    cited = next((one.outlet for one in reading.cited if one.origin and one.outlet != article.outlet), article.outlet)
    mentioned = Counter(mention.entity for mention in reading.mentions)
    word_mass, name_mass, number_mass = traits.masses
    return ArticleState(
        arrival=draft.clock.arrivals,
        placed=draft.now,
        event_time=article.event_time,
        space=enriched.space,
        vector=vector_to_bytes(centred),
        language=reading.language,
        outlet=article.outlet,
        title=article.title,
        words=tuple(traits.words.weights),
        names=tuple(traits.names.weights),
        numbers=tuple(traits.numbers.weights),
        marks=marks,
        word_mass=word_mass,
        name_mass=name_mass,
        number_mass=number_mass,
        signature=reading.copy_signature,
        entities=tuple(entity for entity, _ in mentioned.most_common()),
        cites=tuple(Cited(outlet=article.outlet, cites=other) for other in reading.citations),
        origin=original.origin if original is not None else cited,
        copy_of=copy_of,
        fit=fit_on_its_day(joins.score, float(match.pairs.days[joins.at])) if joins is not None else None,
    )


def _evidence(draft: Draft, traits: Traits, match: Match, joins: Candidate | None) -> JoinEvidence:
    """The nearest article of the story joined, or of the one that came closest, which then is the runner-up."""
    best = match.candidates[0] if match.candidates else None
    if best is None:
        return JoinEvidence(bar=background.BAR)
    runner_up = next(iter(match.candidates[1:]), None) if joins else best
    nearest = draft.article(best.nearest)
    return JoinEvidence(
        nearest=best.nearest,
        similarity=float(match.pairs.similarities[best.at]),
        runner_up=runner_up.story_id if runner_up else None,
        runner_up_score=runner_up.score if runner_up else None,
        runner_up_bar=runner_up.asked.bar if runner_up else None,
        bar=best.asked.bar,
        story_fit=best.asked.fit,
        differs=best.asked.differs if best.asked.fit is not None else None,
        signals=match.pairs.signals(best.at),
        runner_up_signals=match.pairs.signals(runner_up.at) if runner_up and joins else (),
        shared=shared(traits, nearest) if nearest is not None else (),
        copy_of=best.copy_of if joins else None,
    )
