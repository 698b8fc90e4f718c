"""What the feeds of one lane have shown: derived from the state records by `take` alone, in any order of keys."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ingest.state import Seen

_NONE: Mapping[str, Seen] = MappingProxyType({})


class Memory:
    """Articles by feed, feeds by article, and items by the pair of guid and address that they were known by."""

    def __init__(self) -> None:
        self._by_feed: dict[str, dict[str, Seen]] = defaultdict(dict)
        self._holders: dict[str, set[str]] = defaultdict(set)
        self._pairs: dict[tuple[str, str], str] = {}

    def take(self, feed: str, article: str, seen: Seen | None) -> None:
        """Replace what is known of `article` in `feed`; None forgets it."""
        before = self._by_feed[feed].pop(article, None)
        if before is not None:
            self._holders[article].discard(feed)
            if self._pairs.get((feed, before.pair)) == article:
                del self._pairs[feed, before.pair]
        if seen is not None:
            self._by_feed[feed][article] = seen
            self._holders[article].add(feed)
            self._pairs[feed, seen.pair] = article
        elif not self._holders[article]:
            del self._holders[article]

    def article(self, feed: str, pair: str) -> str | None:
        """The article that `feed` showed this pair of guid and address as."""
        return self._pairs.get((feed, pair))

    def seen(self, feed: str, article: str) -> Seen | None:
        """What `feed` showed of `article` last."""
        return self._by_feed.get(feed, {}).get(article)

    def elsewhere(self, feed: str, article: str) -> Iterator[Seen]:
        """What the other feeds showed of `article` last."""
        return (self._by_feed[other][article] for other in self._holders.get(article, ()) if other != feed)

    def versions(self, feed: str) -> dict[str, str]:
        """The version of each article that `feed` shows or showed lately."""
        return {article: seen.version for article, seen in self.of_feed(feed).items()}

    def of_feed(self, feed: str) -> Mapping[str, Seen]:
        """All articles that `feed` shows or showed lately."""
        return self._by_feed.get(feed, _NONE)
