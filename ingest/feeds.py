"""The feeds of one lane, from the settings: one host is asked from one place, since lanes own outlets."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.state import AddedFeed
from wire.errors import BadSettings, Fault
from wire.log.port import partition_of
from wire.settings import FeedSettings, OutletSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed as the settings give it."""

    id: str
    outlet: str
    url: str  # may hold a secret: never logged, never written
    language: str | None  # what the settings declare
    settings: FeedSettings
    pin: str | None = None  # whose lane it is polled from, where that is not its outlet's
    added: bool = False  # by a command, not by the settings

    @property
    def host(self) -> str:
        """The host that is asked, by name and port: what is polite towards it is counted for it."""
        return host_of(self.url)

    @property
    def address(self) -> str:
        """A digest of the address, to notice that it has changed."""
        return hashlib.sha256(self.url.encode("utf-8", "replace")).hexdigest()[:16]


def host_of(url: str) -> str:
    """`host:port` of an address; empty where it has none."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or ''}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    except ValueError:
        return ""


def feeds_of_lane(outlets: Sequence[OutletSettings], lane: int, lanes: int) -> Mapping[str, Feed]:
    """The feeds, by id, of the outlets that `lane` of `lanes` owns.

    Raises:
        BadSettings: two feeds have one id, in whatever lanes.
    """
    feeds: dict[str, Feed] = {}
    faults = []
    for place, outlet in enumerate(outlets):
        for feed_id, settings in outlet.feeds().items():
            if feed_id in feeds:
                faults.append(Fault(f"outlet[{place}]", f"the feed id {feed_id} is used twice, give one another"))
            feeds[feed_id] = _feed(outlet, feed_id, settings)
    if faults:
        raise BadSettings("outlet", faults)
    return {feed.id: feed for feed in feeds.values() if partition_of(feed.pin or feed.outlet, lanes) == lane}


def added_feed(feed_id: str, added: AddedFeed) -> Feed:
    """The feed that a command has added."""
    settings = FeedSettings(url=added.url, language=added.language, body="page" if added.body == "page" else "feed")
    return Feed(id=feed_id, outlet=added.outlet, url=added.url, language=added.language, settings=settings, added=True)


def _feed(outlet: OutletSettings, feed_id: str, settings: FeedSettings) -> Feed:
    only = outlet.languages[0] if len(outlet.languages) == 1 else None
    return Feed(
        id=feed_id,
        outlet=outlet.id,
        url=settings.url,
        language=settings.language or only,
        settings=settings,
        pin=outlet.pin,
    )
