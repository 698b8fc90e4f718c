"""What is allowed in the settings, but hardly meant."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from wire.log.port import partition_of
from wire.settings import Settings
from wire.watch_check import watch_notes


def doubts(settings: Settings, now: datetime) -> Iterator[str]:
    """One sentence for each doubtful thing."""
    yield from _idle(settings)
    yield from watch_notes(settings, now)
    yield from _shared_hosts(settings)
    page = settings.page
    if page.public_url and page.password is None:
        yield (
            "page.public_url shows the page and page.password is not set: whoever reaches the reverse proxy"
            " reads all and may mute and correct; set one, unless the proxy itself asks who they are"
        )
    if page.password is not None and page.public_url and not page.proxies:
        yield (
            "a reverse proxy that shows the page at page.public_url belongs into page.proxies:"
            " all who come through it have one address else, and one who guesses passwords locks the others out"
        )


def _idle(settings: Settings) -> Iterator[str]:
    used = {name for watch in settings.watch for name in watch.channels} | {*settings.deliver.operators}
    for channel in settings.channel:
        if channel.name not in used:
            yield f"channel {channel.name!r} is used by no watch"
    for outlet in settings.outlet:
        if not outlet.feed:
            yield f"outlet {outlet.id!r} has no feed"
    if not settings.watch:
        yield "there is no watch: stories are grouped, nobody is told"


def _shared_hosts(settings: Settings) -> Iterator[str]:
    """One host should be asked from one place: outlets that share one must fall on one lane of ingest."""
    lanes: dict[str, set[int]] = defaultdict(set)
    outlets: dict[str, list[str]] = defaultdict(list)
    for outlet in settings.outlet:
        for feed in outlet.feed:
            host = urlsplit(feed.url).hostname or ""
            lanes[host].add(partition_of(outlet.pin or outlet.id, settings.log.feed_lanes))
            outlets[host] += [outlet.id] if outlet.id not in outlets[host] else []
    for host, found in sorted(lanes.items()):
        if len(found) > 1:
            names = ", ".join(outlets[host])
            yield (
                f"{host} is asked from {len(found)} lanes of ingest, each with a pace of its own:"
                f' pin the outlets {names} together with pin = "{outlets[host][0]}"'
            )
