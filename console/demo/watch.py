"""What the demo saw on the topics: articles, stories growing, alerts, deliveries; and how long each hop took."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles

from console.words import counted, plain
from wire.codec import decode
from wire.headers import CAUSE, header
from wire.log.port import Record
from wire.messages import Alert, Article, Enriched, OtherStory, StoryEvent, StoryEventKind
from wire.topics import ALERTS, ARTICLES, DEAD_LETTERS, ENRICHED, STORY_EVENTS

WATCHED = (ARTICLES, ENRICHED, STORY_EVENTS, ALERTS, DEAD_LETTERS)


@dataclass(slots=True)
class StoryView:
    """A story as its events tell it."""

    title: str
    articles: list[str] = field(default_factory=list)
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(slots=True)
class Seen:
    """Everything read so far."""

    articles: dict[str, Article] = field(default_factory=dict)
    stories: dict[str, StoryView] = field(default_factory=dict)
    story_of: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)  # story -> the one that it went into
    alerts: list[Alert] = field(default_factory=list)
    enriched: int = 0
    dead_letters: int = 0
    hops: dict[str, list[timedelta]] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)  # origin -> when the log took the record
    caused_at: dict[str, datetime] = field(default_factory=dict)  # alert -> when the log took its story event

    def take(self, record: Record) -> Iterator[str]:
        """Take one record in; the lines to show for it."""
        self._time_hop(record)
        if record.topic == ARTICLES:
            article = decode(record.value, Article)
            self.articles.setdefault(article.article_id, article)
            self._hop("ingest", article.seen, record.timestamp)
            yield f"article  {article.outlet:<18} {article.language_hint or '-':<3} {article.title}"
        elif record.topic == ENRICHED:
            decode(record.value, Enriched)
            self.enriched += 1
        elif record.topic == STORY_EVENTS:
            yield from self._story(decode(record.value, StoryEvent))
        elif record.topic == ALERTS:
            alert = decode(record.value, Alert)
            self.alerts.append(alert)
            if (event := self.at.get(header(record, CAUSE) or "")) is not None:
                self.caused_at[alert.alert_id] = event
            yield from alert_lines(alert)
        elif record.topic == DEAD_LETTERS:
            self.dead_letters += 1
            yield f"DEAD LETTER  {record.key}"

    def story(self, story_id: str) -> StoryView | None:
        """The story of that name, or the one that it was merged into; None where all its articles have left it."""
        while story_id in self.merged:
            story_id = self.merged[story_id]
        return self.stories.get(story_id)

    def _story(self, event: StoryEvent) -> Iterator[str]:
        if event.article is None and event.other is None:
            return  # it changes no story's articles
        self._put(event.story_id, event)
        if event.article is not None:
            self._place([event.article.article_id], event.story_id)
        if event.kind is StoryEventKind.JOINED:
            count = f"{counted(len(event.outlets), 'outlet')} in {' '.join(event.languages)}"
            yield f"story    {event.story_id}  {counted(event.article_count, 'article')}, {count}  {event.title}"
        elif event.kind is StoryEventKind.MERGED and event.other is not None:
            gone = self.stories.get(event.other, StoryView(""))
            self._place(list(gone.articles), event.story_id)
            self.merged[event.other] = event.story_id
            yield f"merged   {event.other} into {event.story_id}"
        elif event.other is not None and event.other_after is not None:
            self._put(event.other, event.other_after)
            self._place(event.articles, event.other)
            went = f"{counted(len(event.articles), 'article')} from {event.story_id} to {event.other}"
            yield f"{event.kind.value:<8} {went}  {event.other_after.title}"

    def _put(self, story_id: str, after: StoryEvent | OtherStory) -> None:
        """The story as an event leaves it, its articles aside."""
        story = self.stories.setdefault(story_id, StoryView(after.title))
        story.title, story.outlets, story.languages = after.title, after.outlets, after.languages

    def _place(self, articles: Sequence[str], story_id: str) -> None:
        """Articles are in that story and in no other; a story that all have left is gone."""
        for article in articles:
            before = self.story_of.get(article)
            if before == story_id:
                continue
            if before is not None:
                self.stories[before].articles.remove(article)
                if not self.stories[before].articles:
                    del self.stories[before]
            self.stories[story_id].articles.append(article)
            self.story_of[article] = story_id

    def _time_hop(self, record: Record) -> None:
        if record.timestamp is None:
            return
        self.at[record.origin] = record.timestamp
        stage = {ENRICHED: "enrich", STORY_EVENTS: "cluster", ALERTS: "alerts"}.get(record.topic)
        if stage is not None:
            self._hop(stage, self.at.get(header(record, CAUSE) or ""), record.timestamp)

    def _hop(self, stage: str, begun: datetime | None, ended: datetime | None) -> None:
        if begun is not None and ended is not None:
            self.hops.setdefault(stage, []).append(max(ended - begun, timedelta(0)))


def alert_lines(alert: Alert) -> Iterator[str]:
    """The alert with its evidence, the found names marked."""
    yield f"ALERT    {alert.watch}  {alert.story_id}  {alert.title}"
    yield f"         why: {alert.why}"
    for evidence in alert.evidence[:3]:
        yield f"         {evidence.outlet} ({evidence.language}): {evidence.url}"
        for snippet in evidence.snippets[:2]:
            marked, last = "", 0
            for span in sorted(snippet.spans, key=lambda span: span.start):
                marked += f"{snippet.text[last : span.start]}[{snippet.text[span.start : span.end]}]"
                last = span.end
            yield f"         “{marked}{snippet.text[last:]}”"


def latency_lines(hops: Mapping[str, Sequence[timedelta]]) -> list[str]:
    """One line per hop: how many, median and 95th percentile in milliseconds."""
    lines = [f"{'latency':<22} {'n':>5} {'p50':>9} {'p95':>9}"]
    for name, spans in hops.items():
        p50, p95 = percentiles(spans)
        lines.append(f"{name:<22} {len(spans):>5} {p50:>6.0f} ms {p95:>6.0f} ms")
    return lines


def percentiles(spans: Sequence[timedelta]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds (inclusive method); of nothing, (0, 0)."""
    values = sorted(span / timedelta(milliseconds=1) for span in spans)
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]


def shown(lines: Iterator[str], clock: Callable[[], datetime]) -> Iterator[str]:
    """Lines with the time of day, safe for a terminal."""
    for line in lines:
        yield f"{clock():%H:%M:%SZ}  {plain(line)}"
