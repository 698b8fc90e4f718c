"""Articles from a file, as if feeds had shown them then: by event time, marked so that nothing is sent for them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ingest.canonical import canonical
from ingest.fields import SUMMARY_LIMIT_BYTES, URL_LIMIT_CHARACTERS, author_names, language_code, title_text
from ingest.identity import article_of_page, version_of
from ingest.plain import BODY_LIMIT_BYTES, bounded, clean
from wire.codec import encode
from wire.errors import BadSettings, Fault
from wire.headers import REPLAY, TRACEPARENT, trace_of
from wire.log.port import Log, NewRecord, partition_of
from wire.messages import Article, Dated
from wire.settings_base import EXPECTED, LANGUAGE
from wire.topics import ARTICLES, RECORD_LIMIT_BYTES

_BATCH = 200  # records in one append: some ten milliseconds of the log's time
_MOST_FAULTS = 20
_EPOCH = datetime.fromtimestamp(0, UTC)  # the stages' clock begins with the first article


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One article of the file; `text` is another name of `body`."""

    url: str
    title: str
    outlet: str
    published: str | None = None
    summary: str = ""
    body: str = ""
    text: str = ""
    language: str | None = None
    authors: tuple[str, ...] = ()


def read_lines(path: Path, now: datetime) -> list[Article]:
    """The file's articles by event time; an undated one takes the time of the line before it, else `now`.

    Raises:
        BadSettings: the file cannot be read, or lines of it are no articles: the first 20 of them.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BadSettings(str(path), [Fault("file", f"cannot be read: {error.strerror}")]) from error
    found: list[Article] = []
    faults: list[Fault] = []
    time = now
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            article, time = _article(msgspec.json.decode(line, type=Line), time, now)
            found.append(article)
        except (msgspec.MsgspecError, ValueError) as error:
            faults.append(Fault(f"line {number}", str(error)))
    if faults:
        raise BadSettings(str(path), faults[:_MOST_FAULTS])
    return sorted(found, key=lambda article: (article.event_time, article.article_id))


def _article(line: Line, before: datetime, now: datetime) -> tuple[Article, datetime]:
    address = canonical(line.url)
    if address is None or len(line.url) > URL_LIMIT_CHARACTERS:
        raise ValueError(f"url: {line.url[:80]!r} is no web address of at most {URL_LIMIT_CHARACTERS} characters")
    if not line.outlet.strip():
        raise ValueError("outlet: is empty")
    language = language_code(line.language)
    if line.language and language is None:
        raise ValueError(f"language: {EXPECTED[LANGUAGE]} was expected")
    published = None if line.published is None else _instant(line.published, now)
    time = published or before
    title = title_text(line.title, markup=False)
    summary = bounded(clean(line.summary), SUMMARY_LIMIT_BYTES)[0]
    body, cut = bounded(clean(line.body or line.text), BODY_LIMIT_BYTES)
    article = Article(
        article_id=article_of_page(address),
        version=version_of(title, summary, body),
        outlet=line.outlet,
        feed=f"{line.outlet}.backfill",
        url=line.url,
        title=title,
        summary=summary,
        body=body,
        cut=cut,
        authors=author_names(line.authors),
        published=published,
        seen=time,
        event_time=time,
        dated=Dated.SEEN if published is None else Dated.OUTLET,
        language_hint=language,
    )
    return article, time


def _instant(written: str, now: datetime) -> datetime:
    time = datetime.fromisoformat(written)
    time = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    # Compared before it is converted: at the ends of the calendar it could not be.
    if time > now:
        raise ValueError(f"published: {written} lies in the future")
    if time < _EPOCH:
        raise ValueError(f"published: {written} lies before 1970")
    return time.astimezone(UTC)


def append_articles(log: Log, articles: Sequence[Article], progress: Callable[[int], None]) -> None:
    """Write them to `news.articles` in their order; `progress` is told how many each step wrote.

    Ended in the middle, it can be run again: enrich and cluster pass over an article's version that they have taken.
    """
    partitions = log.topics[ARTICLES].partitions
    for begin in range(0, len(articles), _BATCH):
        part = articles[begin : begin + _BATCH]
        log.append([_record(article, partitions) for article in part])
        progress(len(part))


def _record(article: Article, partitions: int) -> NewRecord:
    value = encode(article)
    assert len(value) < RECORD_LIMIT_BYTES, "the body was bounded"
    trace = f"00-{trace_of(article.article_id)}-{'0' * 15}1-01"
    return NewRecord(
        topic=ARTICLES,
        partition=partition_of(article.article_id, partitions),
        key=article.article_id,
        value=value,
        headers=((TRACEPARENT, trace.encode()), (REPLAY, b"backfill")),
    )
