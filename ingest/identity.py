"""Which article an item is, and which version of it (design, section 5).

An article is a page: its id is the hash of its canonical address.  Of feed and guid instead, where the item has no
address, where several items of the feed with different guids share it, or where it is the feed's home page.
An item without a guid that needs one is known by its title, or by its text where it has no title.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ingest.canonical import canonical
from ingest.polled import Item, ParsedFeed, Shown

_ID_DIGITS = 24  # 96 bits: among 10^9 articles a collision has a chance of 10^-11
PART_DIGITS = 8  # of each text; compared with the same article's last version only
_PAIR_DIGITS = 16  # compared within one feed only


def identify(feed: str, parsed: ParsedFeed) -> tuple[tuple[Shown, ...], int]:
    """The distinct articles that `parsed` shows, in the order of the document, and how many items are nothing at all.

    Of several items that are one article the newest by its dates stands, the first where dates do not tell.
    """
    addresses = [_address(item) for item in parsed.items]
    pages = _pages(parsed, addresses)
    articles: dict[str, Shown] = {}
    passed_over = 0
    for item, address in zip(parsed.items, addresses, strict=True):
        if not (address or item.guid or item.title or item.summary or item.body):
            passed_over += 1
            continue
        shown = _shown(feed, item, address, page=address in pages)
        known = articles.get(shown.article_id)
        if known is None or _newer(item, known.item):
            articles[shown.article_id] = shown
    return tuple(articles.values()), passed_over


def changed(before: str, after: str) -> tuple[str, ...]:
    """Which of title, summary and body differ between two versions' `parts`; none where either is unknown."""
    names = ("title", "summary", "body")
    if len(before) != len(after) or len(after) != PART_DIGITS * len(names):
        return ()
    slices = (slice(place * PART_DIGITS, (place + 1) * PART_DIGITS) for place in range(len(names)))
    return tuple(name for name, part in zip(names, slices, strict=True) if before[part] != after[part])


def version_of(title: str, summary: str, body: str) -> str:
    """The version: a hash of the text alone, so that a touched date is no edit."""
    return _digest(title, summary, body)[:_ID_DIGITS]


def article_of_page(address: str) -> str:
    """The id of the article at a canonical address that stands for one article."""
    return f"a-{_digest('page', address)[:_ID_DIGITS]}"


def _address(item: Item) -> str | None:
    return None if item.url is None else canonical(item.url)


def _pages(parsed: ParsedFeed, addresses: Sequence[str | None]) -> frozenset[str]:
    """The addresses that stand for one article each."""
    guids: dict[str, set[str]] = defaultdict(set)
    for item, address in zip(parsed.items, addresses, strict=True):
        if address is not None:
            guids[address] |= set(_own_guid(item))
    home = None if parsed.home is None else canonical(parsed.home)
    return frozenset(address for address, different in guids.items() if len(different) < 2 and address != home)


def _own_guid(item: Item) -> Iterable[str]:
    return () if item.guid is None else (item.guid,)


def _shown(feed: str, item: Item, address: str | None, *, page: bool) -> Shown:
    name = item.guid or item.title or item.summary or item.body
    key = _digest("page", address or "") if page else _digest("guid", feed, name)
    return Shown(
        article_id=f"a-{key[:_ID_DIGITS]}",
        pair=_digest(name if item.guid or not page else "", address or "")[:_PAIR_DIGITS],
        version=version_of(item.title, item.summary, item.body),
        parts="".join(_digest(text)[:PART_DIGITS] for text in (item.title, item.summary, item.body)),
        item=item,
    )


def _newer(item: Item, known: Item) -> bool:
    mine, other = item.updated or item.published, known.updated or known.published
    return mine is not None and other is not None and mine > other


def _digest(*parts: str) -> str:
    # Each part's length stands before it: ("ab", "c") and ("a", "bc") differ.
    joined = b"".join(b"%d:%s" % (len(data), data) for part in parts for data in (part.encode("utf-8", "replace"),))
    return hashlib.sha256(joined).hexdigest()
