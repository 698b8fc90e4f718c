"""Messages for tests, with sensible values for what a test does not care about."""

from datetime import UTC, datetime, timedelta

from wire.codec import encode
from wire.log.port import Record
from wire.messages import Article
from wire.topics import ARTICLES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def article(
    title: str,
    *,
    summary: str = "",
    body: str = "",
    outlet: str = "outlet",
    article_id: str = "a1",
    version: str = "v1",
    minutes: int = 0,
    language_hint: str | None = None,
) -> Article:
    """An article seen `minutes` after noon."""
    seen = NOON + timedelta(minutes=minutes)
    return Article(
        article_id=article_id,
        version=version,
        outlet=outlet,
        feed=f"{outlet}.1",
        url=f"https://{outlet}.example/{article_id}",
        title=title,
        summary=summary,
        body=body,
        published=seen,
        seen=seen,
        event_time=seen,
        language_hint=language_hint,
    )


def article_record(message: Article, offset: int = 0) -> Record:
    """The article as a record of its topic."""
    return Record(topic=ARTICLES, offset=offset, key=message.article_id, value=encode(message))
