"""A feed that is added by command: under which id, and whether its address may stand on a topic."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from itertools import count
from urllib.parse import parse_qsl, urlsplit

import msgspec

from console.orders import command, operator, send
from ingest.feeds import Feed, added_feed
from ingest.state import AddedFeed
from wire.log.port import Log
from wire.messages import Command, CommandKind, NewFeed

_SECRET_NAMES = re.compile(r"key|token|secret|auth|pass|sig|user|login|session|credential", re.IGNORECASE)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a feed that was asked for."""

    feed: str
    url: str
    outcome: str  # added, known, or trial: nothing was added
    command: Command | None = None


def ask(log: Log, new: NewFeed, feed: Feed, *, known: bool, trial: bool) -> Asked:
    """Tell ingest of the feed, unless it is known or this is a trial."""
    said = None
    if not known and not trial:
        who, when = operator(), datetime.now(UTC)
        said = command(CommandKind.ADD_FEED, "ingest", feed.id, who=who, when=when, feed=new)
        send(log, said)
    outcome = "known" if known else "trial" if trial else "added"
    return Asked(feed=feed.id, url=feed.url, outcome=outcome, command=said)


def feed_for(new: NewFeed, known: Collection[Feed]) -> tuple[Feed, bool]:
    """The feed that has this address already, and True; else what it would be, under the next free id of its outlet."""
    for feed in known:
        if feed.url == new.url:
            return feed, True
    names = {feed.id for feed in known}
    free = next(name for number in count(1) if (name := f"{new.outlet}.{number}") not in names)
    return added_feed(free, AddedFeed(outlet=new.outlet, url=new.url, language=new.language, body=new.body)), False


def outlet_of(url: str) -> str:
    """An outlet's id made of the host that publishes it."""
    host = (urlsplit(url).hostname or "outlet").lower().removeprefix("www.")
    return re.sub(r"[^a-z0-9.-]", "-", host)[:60].strip(".-") or "outlet"


def may_hold_secret(url: str) -> bool:
    """Whether the address has a user, or a parameter that looks like a credential."""
    parts = urlsplit(url)
    return "@" in parts.netloc or any(_SECRET_NAMES.search(name) for name, _ in parse_qsl(parts.query))
