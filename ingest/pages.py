"""Pages of new articles, fetched as politely as feeds and only where robots.txt allows it."""

from collections import OrderedDict
from collections.abc import MutableMapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import msgspec
from protego import Protego

from ingest.errors import FetchFailed
from ingest.fetch import Fetcher
from ingest.parsers import Parsers
from ingest.polled import Shown, Validators
from ingest.tasks import PageTask, PageText
from wire.clock import Clock

PAGES_LIMIT = 20  # of one poll; the others keep what the feed says
_RULES_KEPT = 1000
_RULES_SPAN = timedelta(hours=24)  # RFC 9309, section 2.4
_AGENT = "wirewatch"
_UNCONDITIONAL = Validators()


class Pages:
    """Reads articles' pages.  Belongs to one asyncio loop."""

    def __init__(self, fetcher: Fetcher, parsers: Parsers, clock: Clock) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._clock = clock
        self._rules: OrderedDict[str, tuple[datetime, Protego]] = OrderedDict()

    async def fill(self, new: Sequence[Shown], found: MutableMapping[str, Shown]) -> None:
        """Put into `found`, by article, those of `new` whose page gave a body; one after another, a few at most."""
        for shown in new[:PAGES_LIMIT]:
            text = await self._text(shown)
            if text is not None and text.body:
                item = msgspec.structs.replace(shown.item, body=text.body, cut=text.cut)
                found[shown.article_id] = msgspec.structs.replace(shown, item=item)

    async def _text(self, shown: Shown) -> PageText | None:
        url = shown.item.url
        if url is None or not await self._allowed(url):
            return None
        try:
            answer = await self._fetcher.fetch(url, _UNCONDITIONAL)
        except FetchFailed:  # also 401, 402 and 403: a paywall
            return None
        content_type = answer.headers.get("content-type", "")
        if "html" not in content_type.lower():
            return None
        task = PageTask(body=answer.body, content_type=content_type, url=answer.url, title=shown.item.title)
        text = await self._parsers.do(task)
        assert isinstance(text, PageText)
        return text

    async def _allowed(self, url: str) -> bool:
        """What robots.txt says of the page (RFC 9309): none is leave, one that cannot be had is a refusal."""
        parts = urlsplit(url)
        place = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
        known = self._rules.get(place)
        if known is None or known[0] < self._clock.now() - _RULES_SPAN:
            known = (self._clock.now(), await self._read_rules(place))
            self._rules[place] = known
        self._rules.move_to_end(place)
        while len(self._rules) > _RULES_KEPT:
            self._rules.popitem(last=False)
        return bool(known[1].can_fetch(url, _AGENT))

    async def _read_rules(self, place: str) -> Protego:
        try:
            answer = await self._fetcher.fetch(place, _UNCONDITIONAL)
        except FetchFailed as failure:
            missing = failure.status is not None and 400 <= failure.status < 500 and failure.status != 429
            return Protego.parse("" if missing else "User-agent: *\nDisallow: /\n")
        return Protego.parse(answer.body[: 512 * 1024].decode("utf-8", "replace"))
