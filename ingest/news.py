"""What is news in a poll: new articles, edits, and the records that remember them.  Pure."""

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from ingest.event_time import event_time
from ingest.feeds import Feed
from ingest.identity import changed
from ingest.memory import Memory
from ingest.polled import Item, Polled, Shown
from ingest.state import Seen, seen_key
from wire.messages import Article, Dated
from wire.stage import Change, Output
from wire.topics import ARTICLES

# As long as articles themselves are kept: what a feed shows again after that is told again.
FORGET_AFTER = timedelta(days=30)


class News:
    """The outputs and changes of one poll that showed something.

    An article that this feed has not shown is new, unless another feed of the lane has: then it was sighted.  One that
    it showed with other text is a new version, unless another feed has brought this very version.
    """

    def __init__(self, feed: Feed, polled: Polled, memory: Memory) -> None:
        self._feed = feed
        self._polled = polled
        self._memory = memory
        self.outputs: list[Output] = []
        self.changes: list[Change] = []
        shown = self._by_article()
        for article, item in shown.items():
            self._take(article, item)
        if not polled.partial:
            self.changes += self._leaving(frozenset(shown))

    def _by_article(self) -> dict[str, Shown]:
        """What is shown, by article; an item that this feed has shown before stays the article that it was.

        Of two items that are one article now the remembered one stands, or the next poll would know neither.
        """
        items = [(self._memory.article(self._feed.id, shown.pair), shown) for shown in self._polled.shown or ()]
        remembered = {article for article, _ in items if article is not None}
        found: dict[str, Shown] = {}
        for article, shown in items:
            if article is not None or shown.article_id not in remembered:
                found.setdefault(article or shown.article_id, shown)
        return found

    def _take(self, article: str, shown: Shown) -> None:
        before = self._memory.seen(self._feed.id, article)
        others = [other.version for other in self._memory.elsewhere(self._feed.id, article)]
        after = self._seen(shown, before)
        if after != before:
            self.changes.append(Change(seen_key(self._feed.id, article), after))
        is_new = before is None and not others
        is_edit = before is not None and before.version != shown.version and shown.version not in others
        if is_new or is_edit:
            self.outputs.append(Output(ARTICLES, article, self._article(article, shown, before, after)))

    def _seen(self, shown: Shown, before: Seen | None) -> Seen:
        if before is not None:
            return msgspec.structs.replace(before, version=shown.version, parts=shown.parts, pair=shown.pair, gone=None)
        when, dated = event_time(shown.item.published, shown.item.updated, seen=self._polled.arrived)
        return Seen(version=shown.version, parts=shown.parts, pair=shown.pair, event_time=when, dated=dated)

    def _article(self, article: str, shown: Shown, before: Seen | None, after: Seen) -> Article:
        item = shown.item
        return Article(
            article_id=article,
            version=shown.version,
            previous=None if before is None else before.version,
            changed=() if before is None else changed(before.parts, shown.parts),
            outlet=self._feed.outlet,
            feed=self._feed.id,
            url=item.url or "",
            title=item.title,
            summary=item.summary,
            body=item.body,
            cut=item.cut,
            authors=item.authors,
            published=item.published,
            updated=item.updated,
            seen=self._polled.arrived,
            event_time=after.event_time,
            dated=self._dated(item, after),
            language_hint=self._feed.settings.language or item.language or self._polled.language or self._feed.language,
        )

    def _dated(self, item: Item, after: Seen) -> Dated:
        """Where the event time comes from; says so where the outlet has moved its own date since."""
        if after.dated is not Dated.OUTLET:
            return after.dated
        now_claimed, _ = event_time(item.published, item.updated, seen=self._polled.arrived)
        return Dated.OUTLET if now_claimed == after.event_time else Dated.REDATED

    def _leaving(self, shown: frozenset[str]) -> Iterator[Change]:
        """Notes when an article leaves the feed, and forgets it long after."""
        now = self._polled.arrived.replace(microsecond=0)  # as it is remembered
        for article, seen in self._memory.of_feed(self._feed.id).items():
            if article in shown:
                continue
            if seen.gone is None:
                yield Change(seen_key(self._feed.id, article), msgspec.structs.replace(seen, gone=now))
            elif now - seen.gone > FORGET_AFTER:
                yield Change(seen_key(self._feed.id, article), None)
