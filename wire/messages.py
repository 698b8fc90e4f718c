"""The messages on the topics: what stages say to one another, and nothing else they know of each other.

Rules of change: fields are only added, with a default; a changed meaning is a new field; `schema` is raised only when
an older reader would misunderstand the record, and stops that reader (`SchemaTooNew`).  Unknown fields are ignored,
unknown kinds decode to `other`.  Instants are aware and in UTC, whatever offset was written.
"""

from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Self

import msgspec
from msgspec import Meta, Struct

UtcTime = Annotated[datetime, Meta(tz=True)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
ArticleId = str
StoryId = str


@cache
def _time_fields(message: type[Struct]) -> tuple[str, ...]:
    times = (msgspec.inspect.DateTimeType,)

    def holds_time(kind: msgspec.inspect.Type) -> bool:
        if isinstance(kind, msgspec.inspect.UnionType):
            return any(isinstance(part, times) for part in kind.types)
        return isinstance(kind, times)

    info = msgspec.inspect.type_info(message)
    assert isinstance(info, msgspec.inspect.StructType)
    return tuple(field.name for field in info.fields if holds_time(field.type))


class Message(Struct, frozen=True, kw_only=True):
    """What is written on a topic: immutable, its instants in UTC; a naive instant is refused with `ValueError`."""

    schema: int = 1

    def __post_init__(self) -> None:
        for name in _time_fields(type(self)):
            value = getattr(self, name)
            if value is None or value.tzinfo is UTC:
                continue
            if value.tzinfo is None:
                raise ValueError(f"{name}: a time without a zone")
            msgspec.structs.force_setattr(self, name, value.astimezone(UTC))


class Kind(str, Enum):
    """An enumeration to which newer writers may add: what this program does not know is `other`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls.__members__.get("OTHER")


class Dated(Kind):
    """Where an article's event time comes from."""

    OUTLET = "outlet"  # the outlet's own date, believable when it was seen
    SEEN = "seen"  # undated, or dated in the future: the time at which a poll saw it
    REDATED = "redated"  # the outlet has moved its date since the first version, whose time it keeps
    OTHER = "other"


class Article(Message, frozen=True, kw_only=True):
    """One version of one page of an outlet, as a feed showed it.  Topic `news.articles`, keyed by article.

    `article_id` is stable over edits; `version` is the hash of title, summary and body (design, section 5).
    Text is plain: no mark-up, no control characters; paragraphs end with a newline.
    """

    article_id: ArticleId
    version: str
    previous: str | None = None  # the version that this one replaces, None for the first text
    changed: tuple[str, ...] = ()  # of title, summary and body, what differs from `previous`; empty where unknown
    outlet: str
    feed: str
    url: str
    title: str
    summary: str = ""
    body: str = ""  # empty where the feed gave headline and lead only
    cut: bool = False  # the body was longer than 64 KiB
    authors: tuple[str, ...] = ()
    published: UtcTime | None = None  # the outlet's claim; may be absent or in the future
    updated: UtcTime | None = None
    seen: UtcTime  # when the poll's answer with this version arrived
    event_time: UtcTime  # `published` where it can be believed, else `seen`; orders stories
    dated: Dated = Dated.OUTLET
    language_hint: str | None = None  # what the feed or the settings declare, ISO 639-1


class Place(Kind):
    """In which part of an article something stands."""

    HEADLINE = "headline"
    SUMMARY = "summary"
    BODY = "body"
    OTHER = "other"


class Mention(Struct, frozen=True, kw_only=True):
    """One entity, found in one sentence.  `start` and `end` are characters of that sentence's text."""

    entity: str
    sentence: int  # index into `Enriched.sentences`
    start: int
    end: int


class Citation(Struct, frozen=True, kw_only=True):
    """One place where an article names another outlet as its source.  `start` and `end` as in `Mention`."""

    outlet: str  # its id, or "name:…" of one that neither settings nor catalogue know
    sentence: int
    start: int
    end: int
    origin: bool = True  # whether the news is said to come from it; False where it only passes on what another said


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence that holds at least one mention or citation."""

    text: str
    place: Place
    paragraph: int  # 0 is the headline


class ForeignParagraph(Struct, frozen=True, kw_only=True):
    """A paragraph in another language than its article's."""

    paragraph: int  # 0 is the headline
    language: str  # ISO 639-1
    confidence: Share


class Reading(Struct, frozen=True, kw_only=True):
    """What enrich read in an article's text: all that later stages know of it beside the article itself."""

    language: str  # ISO 639-1; "und" where nothing could tell
    confidence: Share = 0.0
    foreign: tuple[ForeignParagraph, ...] = ()  # paragraphs in another language, such as quotations; at most 100
    sentences: tuple[Sentence, ...] = ()
    mentions: tuple[Mention, ...] = ()
    names: tuple[str, ...] = ()  # script-independent keys of proper nouns and numbers, in order; at most 200
    citations: tuple[str, ...] = ()  # other outlets named as sources, each once, in order
    cited: tuple[Citation, ...] = ()  # the same at each place, with its role; at most 40
    copy_signature: str = ""  # which words follow one another; compare with `wire.copies.resemblance`


class Enriched(Message, frozen=True, kw_only=True):
    """An article with its language, vector and mentions.  Topic `news.enriched`, keyed by article.

    `vector` is base64 of float16, L2-normalised; vectors of two spaces are never compared.
    """

    article: Article
    reading: Reading
    vector: str
    space: str  # weights, prefix, pooling and text recipe that the vector belongs to
    precision: str = "fp32"  # of the arithmetic; fp32 and bfloat16 share a space
    threads: int = 0  # of the arithmetic, shared by `workers` batches at once; 0 in older records
    workers: int = 0


class StoryEventKind(Kind):
    """What happened to a story."""

    OPENED = "opened"
    JOINED = "joined"
    REVISED = "revised"
    MERGED = "merged"  # `other` went into `story_id`
    SPLIT = "split"  # `articles` left `story_id` for the new story `other`
    MOVED = "moved"  # `articles` went from `story_id` to `other`
    CLOSED = "closed"
    RETIRED = "retired"
    OTHER = "other"


class Signal(Struct, frozen=True, kw_only=True):
    """One part of a score: what was measured, and what it added to the score or took from it."""

    name: str  # such as `meaning`, `words`, `names`, `numbers`, `time`, `copy`
    value: float
    adds: float  # the parts of a score and its constant add up to it


class JoinEvidence(Struct, frozen=True, kw_only=True):
    """Why an article is in its story, or why stories changed: what decided, and what the next best story scored."""

    nearest: ArticleId | None = None
    similarity: float = 0.0  # of the nearest article, centred cosine, -1..1
    runner_up: StoryId | None = None
    runner_up_score: float | None = None
    runner_up_bar: float | None = None  # the score that joining it needed
    bar: float = 0.0  # the score that joining needed
    story_fit: float | None = None  # what the story's own articles score with it, where enough of them are known
    differs: float | None = None  # how much the article names or counts other things than they do, 0..1
    signals: tuple[Signal, ...] = ()  # of the score, heaviest first
    runner_up_signals: tuple[Signal, ...] = ()
    shared: tuple[str, ...] = ()  # names and numbers in common with the story, rarest first; at most 8
    copy_of: ArticleId | None = None  # the article that this one repeats almost word for word
    command: str | None = None  # id of the operator's command that decided; no score did
    why: str = ""  # the operator's reason


class StoryStatus(Kind):
    """How a story goes."""

    NEW = "new"  # one independent outlet so far
    DEVELOPING = "developing"
    QUIET = "quiet"  # nothing came for a while
    CLOSED = "closed"
    OTHER = "other"


class Headline(Struct, frozen=True, kw_only=True):
    """The most central headline of a story in one language."""

    language: str
    title: str
    article_id: ArticleId


class EntityCount(Struct, frozen=True, kw_only=True):
    """In how many articles of a story an entity is mentioned."""

    entity: str
    articles: int


class Cited(Struct, frozen=True, kw_only=True):
    """That `outlet` named `cites` as its source, in so many articles of a story."""

    outlet: str
    cites: str
    articles: int = 1


class StoryFacts(Struct, frozen=True, kw_only=True):
    """What is known of a story after an event, beside title, article count, outlets and languages."""

    status: StoryStatus = StoryStatus.NEW
    # One outlet for each origin of the news: copies, translations and who cites one origin count once.
    independent: tuple[str, ...] = ()
    copies: int = 0  # articles that repeat another one of the story
    first_outlet: str = ""  # who reported first, by event time
    first_event_time: UtcTime | None = None
    last_event_time: UtcTime | None = None
    pace: float = 0.0  # articles per hour over the last six hours of the stage's clock
    headlines: tuple[Headline, ...] = ()  # one per language
    entities: tuple[EntityCount, ...] = ()  # most often mentioned first; at most 10
    citations: tuple[Cited, ...] = ()  # at most 20
    aliases: tuple[StoryId, ...] = ()  # ids of stories that were merged into this one


class OtherStory(Struct, frozen=True, kw_only=True):
    """The other story of a split or a move, as it is after the event."""

    title: str
    article_count: int
    outlets: tuple[str, ...]
    languages: tuple[str, ...]
    facts: StoryFacts


class StoryEvent(Message, frozen=True, kw_only=True):
    """One fact about a story.  Topic `news.story-events`, keyed by story, in order per story.

    A function of the records behind it: running history again writes the same event.

    `merged`, `split` and `moved` are told once, under the story that stays or that articles left (`story_id`); the
    event does not count among those of `other`.  A story that a split made has no `opened`: the split is its birth,
    its own events number from 1 like any story's.  A story that was merged away tells nothing more; whoever meets its
    id follows `merged` (`facts.aliases` lists all of them).  A move or split may leave `story_id` with no article:
    it is then `closed` right after.
    """

    event_id: str  # hash of kind, story and number
    kind: StoryEventKind
    story_id: StoryId
    number: int  # of the event in its story, from 1
    title: str = ""  # the story's, after the event
    article: Article | None = None  # opened, joined, revised: the article without its vector
    reading: Reading | None = None
    articles: tuple[ArticleId, ...] = ()  # split, moved: those that went; merged: those that came, while in the window
    other: StoryId | None = None  # merged, split, moved: the other story
    other_after: OtherStory | None = None  # split, moved: what `other` is after the event
    score: float = 0.0
    evidence: JoinEvidence | None = None
    article_count: int = 0  # of the story after the event
    outlets: tuple[str, ...] = ()  # of the story after the event, in order of arrival
    languages: tuple[str, ...] = ()
    event_time: UtcTime  # of the article; of the newest article for the other kinds
    seen: UtcTime  # the stage's clock: the largest `seen` that it has read
    facts: StoryFacts | None = None  # of the story after the event


class AlertKind(Kind):
    """First word on a story, or something new about it."""

    ALERT = "alert"
    UPDATE = "update"
    DIGEST = "digest"  # several that were held, as one message; made by deliver, on no topic
    NOTICE = "notice"  # a word to people that is about no story
    OTHER = "other"


class Span(Struct, frozen=True, kw_only=True):
    """An entity at `start`..`end` (characters) of a snippet's text."""

    entity: str
    start: int
    end: int


class Snippet(Struct, frozen=True, kw_only=True):
    """Words of an article that show watched entities, with their places marked."""

    text: str
    place: Place
    spans: tuple[Span, ...]


class AlertEvidence(Struct, frozen=True, kw_only=True):
    """One article that satisfies the watch, so that a reader can verify the alert."""

    article_id: ArticleId
    outlet: str
    url: str
    title: str
    language: str
    published: UtcTime | None
    seen: UtcTime
    snippets: tuple[Snippet, ...]


class Alert(Message, frozen=True, kw_only=True):
    """The decision to tell of a story.  Topic `news.alerts`, keyed by watch."""

    alert_id: str  # hash of watch, story and number
    kind: AlertKind = AlertKind.ALERT
    number: int = 1  # of the message about this story for this watch
    watch: str
    entities: tuple[str, ...]  # those of the watch that were found
    story_id: StoryId
    title: str
    channels: tuple[str, ...]
    evidence: tuple[AlertEvidence, ...]
    outlets: tuple[str, ...]  # that cover the story so far, in order of arrival
    languages: tuple[str, ...]
    why: str  # one sentence: which condition was met, where
    first_seen: UtcTime  # of the story's first article
    seen: UtcTime  # of the article that decided
    news: tuple[str, ...] = ()  # of an update: what is new, one sentence each
    independent: tuple[str, ...] = ()  # of `outlets`, those with an article of their own
    first_outlet: str = ""  # who reported first
    first_event_time: UtcTime | None = None  # of that report
    citations: tuple[Cited, ...] = ()  # who names whom as source
    article_count: int = 0


class CommandKind(Kind):
    """What an operator asks of a stage."""

    POLL_NOW = "poll-now"
    ADD_FEED = "add-feed"  # `target` is the new feed's id, `feed` says where it is
    REMOVE_FEED = "remove-feed"  # `target` was added by a command; what it has shown is forgotten
    MERGE = "merge"  # the stories `target` and `other` are one; the older keeps its id
    SPLIT = "split"  # `articles` leave the story `target` for a new one
    MOVE = "move"  # `articles` go from wherever they are to the story `target`
    REMOVE = "remove"  # `target` is an article to take down: its words are shown and kept no more
    MUTE = "mute"  # nothing is sent of the watch or story `target` until `until`
    RESET = "reset"  # the stage `target` forgot its state and reads again; see `lane` and `replay_until`
    RATE = "rate"  # the alert `target` was right or wrong, as `verdict` says
    RE_DRIVE = "re-drive"  # the dead letter `target` was put into its topic again
    DISCARD = "discard"  # the dead letter `target` needs nobody any more
    OTHER = "other"


class NewFeed(Struct, frozen=True, kw_only=True):
    """A feed that a command adds.  Its address stands on a topic: one that holds a secret belongs in the settings."""

    outlet: str
    url: str
    language: str | None = None  # ISO 639-1
    body: str = "feed"  # or "page", as in the settings


class Command(Message, frozen=True, kw_only=True):
    """An operator's word to a stage.  Topic `news.commands`, keyed by stage."""

    command_id: str
    stage: str
    kind: CommandKind
    target: str  # feed, story or article that it is about
    who: str
    when: UtcTime
    why: str = ""
    other: str | None = None  # merge: the second story
    articles: tuple[ArticleId, ...] = ()  # split, move
    until: UtcTime | None = None  # mute; in the past: no longer
    verdict: str = ""  # rate: `right` or `wrong`
    lane: int = 0  # reset
    replay_until: int = 0  # reset: what follows from records of the main input before this offset is a replay
    feed: NewFeed | None = None  # add-feed
    titles: tuple[str, ...] = ()  # remove: the headlines that the article bore, by `wire.takedown.digest`


class HeaderPair(Struct, frozen=True, array_like=True):
    """A record header; the value is text, since that is all Wirewatch writes."""

    name: str
    value: str


class DeadLetter(Message, frozen=True, kw_only=True):
    """A record that a stage could not process.  Topic `news.deadletters`, keyed by its origin.

    `value` is base64 of the record's first 64 KiB; `size_bytes` says how long it was.
    """

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: tuple[HeaderPair, ...] = ()
    value: bytes | None = None
    size_bytes: int = 0
    stage: str
    program: str  # version of the program that gave up
    code: str  # stable error code
    reason: str
    at: UtcTime
