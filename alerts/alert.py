"""The alert and what is noted of it, from what satisfied the watch.  Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.decision import MOST_EVIDENCE, Met, Show, evidence_of, why
from alerts.ids import alert_id
from alerts.news import in_headline
from alerts.state import MOST_TOLD_ARTICLES, Coverage, Told
from alerts.story import After
from alerts.watch import Watch
from wire.messages import Alert, AlertEvidence, AlertKind, ArticleId, StoryEvent, StoryFacts


def independent_of(event: StoryEvent) -> tuple[str, ...]:
    """The outlets that report on their own; where nobody has told them apart, all of them."""
    return event.outlets if event.facts is None else event.facts.independent


def first_alert(watch: Watch, met: Met, event: StoryEvent, first_seen: datetime, names: Mapping[str, str]) -> Alert:
    """The first word on a story."""
    reason = why(watch, met, independent_of(event), names)
    return _alert(watch, event, first_seen, number=1, evidence=met.evidence, entities=met.entities, why=reason)


def update_alert(
    watch: Watch, told: Told, said: Sequence[str], event: StoryEvent, after: After, first: ArticleId, shows: Show
) -> Alert:
    """A later word: `said` is what is new, `first` the article that brought it."""
    news = tuple(dict.fromkeys(said))
    shown = [(c, s) for c in after.covered.values() if (s := shows(watch, c)) is not None]
    shown.sort(key=lambda pair: (pair[0].article_id != first, -pair[0].offset))
    evidence = tuple(evidence_of(c, s) for c, s in shown[:MOST_EVIDENCE])
    entities = shown[0][1].entities if shown else tuple(min(term) for term in watch.terms)
    return _alert(
        watch,
        event,
        after.first_seen,
        number=told.number + 1,
        evidence=evidence,
        entities=entities,
        why="; ".join(news),
        news=news,
    )


def told_of(
    watch: Watch, met: Met, event: StoryEvent, covered: Mapping[ArticleId, Coverage], alert: Alert, time: datetime
) -> Told:
    """What is noted when a story is first told."""
    shown = [covered[article] for article in met.articles]
    independent = independent_of(event)
    return Told(
        watch=watch.name,
        story_id=event.story_id,
        alert_id=alert.alert_id,
        number=alert.number,
        articles=met.articles[:MOST_TOLD_ARTICLES],
        seen=time,
        last=time,
        languages=tuple(dict.fromkeys(coverage.language for coverage in shown)),
        outlets=tuple(dict.fromkeys(c.outlet for c in shown if c.outlet in independent)),
        headline=any(in_headline(watch, coverage) for coverage in shown),
    )


def _alert(
    watch: Watch,
    event: StoryEvent,
    first_seen: datetime,
    *,
    number: int,
    evidence: tuple[AlertEvidence, ...],
    entities: tuple[str, ...],
    why: str,
    news: tuple[str, ...] = (),
) -> Alert:
    facts = event.facts or StoryFacts()
    return Alert(
        alert_id=alert_id(watch.name, event.story_id, number),
        kind=AlertKind.UPDATE if news else AlertKind.ALERT,
        number=number,
        watch=watch.name,
        entities=entities,
        story_id=event.story_id,
        title=event.title or next((one.title for one in evidence), ""),
        channels=watch.channels,
        evidence=evidence,
        outlets=event.outlets,
        languages=event.languages,
        why=why,
        first_seen=first_seen,
        seen=event.seen if event.article is None else event.article.seen,
        news=news,
        independent=independent_of(event),
        first_outlet=facts.first_outlet,
        first_event_time=facts.first_event_time,
        citations=facts.citations,
        article_count=event.article_count,
    )
