"""Why a poll failed, typed.  Both branches are outside faults: kept in the feed's state, tried again on schedule.

wire.errors.OutsideFault
└── PollFailed      one poll of one feed brought nothing; `word` is stable and documented, `reason` is a sentence
    ├── FetchFailed     no usable answer came
    └── Unreadable      an answer came, but it is no feed that can be read
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from wire.errors import OutsideFault
from wire.messages import Kind


class Word(Kind):
    """What kind of failure it was, in one word for `status`, metrics and listings."""

    ADDRESS_REFUSED = "address-refused"  # private, loopback, link-local, or no web address at all
    UNREACHABLE = "unreachable"  # no name, no connection, or the connection broke
    TIMED_OUT = "timed-out"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"  # compressed in a way that was not asked for, or broken
    REDIRECTS = "redirects"  # a loop, a long chain, or a redirect that leads nowhere
    STATUS = "http-status"
    GONE = "gone"  # 410, or 404 for long
    BLOCKED = "blocked"  # 401 or 403 for long
    BUSY = "busy"  # 429 or 503: the host wants to be left alone
    EMPTY = "empty"
    HTML = "html-page"
    UNKNOWN = "unknown-format"
    BROKEN = "broken-feed"
    NO_NEWS = "no-news"  # a sitemap without news, or an index of sitemaps
    TOO_MANY = "too-many-items"
    OTHER = "other"  # of a newer program
    FAULT = "fault"  # of ours: a record of this feed went to the dead letters


class PollFailed(OutsideFault):
    """One poll of one feed brought nothing."""

    code: ClassVar[str] = "poll-failed"
    word: Word
    reason: str


@dataclass(eq=False)
class FetchFailed(PollFailed):
    """No usable answer came; `reason` never holds the feed's address, which may hold a secret."""

    code: ClassVar[str] = "fetch-failed"
    word: Word
    reason: str
    status: int | None = None
    retry_after: timedelta | None = None

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class Unreadable(PollFailed):
    """The answer is no feed, or is broken beyond reading."""

    code: ClassVar[str] = "unreadable-feed"
    word: Word
    reason: str

    def __str__(self) -> str:
        return self.reason
