"""What the index answers with; also the JSON of the read-only interface.  Instants are UTC."""

from datetime import datetime

from msgspec import Struct

from wire.messages import StoryFacts


class ArticleView(Struct, frozen=True, kw_only=True):
    """An article as its newest version shows it."""

    article_id: str
    outlet: str
    feed: str
    url: str
    title: str
    language: str | None
    published: datetime | None  # the outlet's claim
    event_time: datetime
    first_seen: datetime
    seen: datetime  # when the newest version was seen
    version: str
    versions: int
    story_id: str | None


class StoryView(Struct, frozen=True, kw_only=True):
    """A story as its events tell it; `became` is the story that it was merged into."""

    story_id: str
    title: str
    status: str  # new, developing, quiet, closed, merged, retired
    became: str | None
    article_count: int
    outlets: tuple[str, ...]
    languages: tuple[str, ...]
    first_event_time: datetime
    last_event_time: datetime
    last_seen: datetime
    facts: StoryFacts

    @property
    def is_over(self) -> bool:
        """Whether nothing is left in it: cluster has forgotten it, and no correction reaches it any more."""
        return self.status == "retired" or self.article_count == 0


class StepView(Struct, frozen=True, kw_only=True):
    """One station of an article on its way: what happened, when, and which record says so."""

    at: datetime | None
    stage: str
    what: str
    origin: str = ""  # topic/partition/offset


class DeadLetterView(Struct, frozen=True, kw_only=True):
    """A record that a stage gave up."""

    origin: str
    stage: str
    code: str
    reason: str
    article_id: str | None
    at: datetime


class Found(Struct, frozen=True, kw_only=True):
    """An article that has the words that were asked for; they stand between U+2068 and U+2069 in the snippet."""

    article: ArticleView
    snippet: str
