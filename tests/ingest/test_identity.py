"""Which items are one article, and which are two (design, section 5)."""

import pytest

from ingest.identity import identify, version_of
from ingest.polled import Item, ParsedFeed, Shown
from tests.messages import NOON

HOME = "https://outlet.example/"
ONE, TWO = f"{HOME}news/1", f"{HOME}news/2"


def shown(*items: Item, feed: str = "outlet.1", home: str | None = HOME) -> tuple[Shown, ...]:
    return identify(feed, ParsedFeed(format="rss20", home=home, items=items))[0]


def ids(*items: Item, feed: str = "outlet.1", home: str | None = HOME) -> list[str]:
    return [article.article_id for article in shown(*items, feed=feed, home=home)]


def test_a_page_is_one_article_in_every_feed_and_spelling() -> None:
    assert ids(Item(url=ONE, guid="a")) == ids(Item(url=f"{ONE}/?utm_source=x", guid="b"), feed="other.1")


CASES = {  # name: items, how many articles
    "two pages": ((Item(url=ONE), Item(url=TWO)), 2),
    "one page twice, same guid": ((Item(url=ONE, guid="a"), Item(url=ONE, guid="a", title="t")), 1),
    "one page twice, no guids": ((Item(url=ONE, title="t"), Item(url=ONE, title="u")), 1),
    "one page twice, one guid": ((Item(url=ONE, guid="a"), Item(url=ONE)), 1),
    "one address, different guids": ((Item(url=ONE, guid="a"), Item(url=ONE, guid="b")), 2),
    "one address, three items, two guids": (
        (Item(url=ONE, guid="a"), Item(url=ONE, guid="b"), Item(url=ONE, guid="b")),
        2,
    ),
    "home page, different guids": ((Item(url=HOME, guid="a"), Item(url=HOME, guid="b")), 2),
    "home page, no guids": ((Item(url=HOME, title="t"), Item(url=HOME, title="u")), 2),
    "no address": ((Item(guid="a"), Item(guid="b"), Item(guid="a")), 2),
    "no address, no guid": ((Item(title="t"), Item(title="u"), Item(summary="v")), 3),
    "no web address": ((Item(guid="a", url="mailto:a@b.example"), Item(guid="b", url="urn:isbn:1")), 2),
    "same guid, other page": ((Item(url=ONE, guid="a"), Item(url=TWO, guid="a")), 2),
    "nothing at all": ((Item(authors=("Ann",)),), 0),
}


@pytest.mark.parametrize(("items", "count"), CASES.values(), ids=CASES.keys())
def test_how_many_articles(items: tuple[Item, ...], count: int) -> None:
    assert len(set(ids(*items))) == len(ids(*items)) == count


def test_what_has_no_page_of_its_own_belongs_to_its_feed() -> None:
    for item in (Item(guid="a"), Item(url=HOME, guid="a")):
        assert ids(item) != ids(item, feed="other.1")


def test_the_home_page_is_a_page_in_the_feed_of_another() -> None:
    assert ids(Item(url=HOME, guid="a"), home=None) == ids(Item(url=HOME, guid="b"), home=ONE)


def test_items_that_are_nothing_are_counted() -> None:
    assert identify("f", ParsedFeed(format="rss20", items=(Item(), Item(guid="a"))))[1] == 1


def test_of_one_article_the_newest_text_stands() -> None:
    old, new = Item(url=ONE, title="old", published=NOON), Item(url=ONE, title="new", updated=NOON.replace(hour=13))
    for items in ((old, new), (new, old)):
        (article,) = shown(*items)
        assert article.item.title == "new"
    (undated,) = shown(Item(url=ONE, title="first"), Item(url=ONE, title="second"))
    assert undated.item.title == "first"


def test_a_version_is_its_text_and_nothing_else() -> None:
    (before,) = shown(Item(url=ONE, title="t", summary="s", body="b", published=NOON))
    (dated,) = shown(Item(url=ONE, title="t", summary="s", body="b", updated=NOON, authors=("Ann",)))
    assert before.version == dated.version == version_of("t", "s", "b")
    assert (
        len(
            {version_of("t", "s", "b"), version_of("ts", "", "b"), version_of("t", "sb", ""), version_of("t", "", "sb")}
        )
        == 4
    )


def test_ids_are_those_of_every_release() -> None:
    """Ids are in the log for good: a change here makes every known article new."""
    assert ids(Item(url=ONE), Item(guid="a")) == ["a-47f94db5bb8fff8fcd626349", "a-8965485c4b4e57e60a358445"]
    assert version_of("t", "s", "b") == "cb24fbc56f96db40b48517c2"
