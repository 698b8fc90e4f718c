"""Say what is wrong with a day: names that nobody bears, addresses given twice, texts out of order.  Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from demo.texts import ArticleText, Carries, DayText, Feed, Format, Outlet, article_path
from wire.errors import Fault


def review(day: DayText) -> list[Fault]:
    """Return every fault of a day, each with its file and place; an empty list for a day that can be served."""
    return [*_outlets(day.outlets), *_articles(day), *_addresses(day), *_order(day), *_expected(day)]


def _outlets(outlets: Iterable[Outlet]) -> Iterator[Fault]:
    outlets = tuple(outlets)
    feeds = [feed for outlet in outlets for feed in outlet.feeds]
    yield from _twice("outlets.toml", "outlet", (outlet.id for outlet in outlets))
    yield from _twice("outlets.toml", "feed", (feed.id for feed in feeds))
    for outlet in outlets:
        for feed in outlet.feeds:
            where = f"outlets.toml: feed {feed.id}"
            if feed.language not in outlet.languages:
                yield Fault(where, f"language {feed.language} is none of {outlet.id}'s: {', '.join(outlet.languages)}")
            if (feed.format is Format.SITEMAP) is not (feed.carries is Carries.TITLE):
                yield Fault(
                    where, f"a {feed.format} cannot carry {feed.carries}: a news sitemap has titles, the rest more"
                )


def _articles(day: DayText) -> Iterator[Fault]:
    feeds = {feed.id: feed for outlet in day.outlets for feed in outlet.feeds}
    for where, article in _located(day):
        feed = feeds.get(article.feed)
        if feed is None:
            yield Fault(where, f"feed {article.feed} belongs to no outlet")
        elif problem := _mismatch(feed, article):
            yield Fault(where, problem)


def _mismatch(feed: Feed, article: ArticleText) -> str:
    """Say why a feed cannot show this article; empty if it can."""
    has = (bool(article.keywords), bool(article.summary), bool(article.body.strip()))
    match feed.carries:
        case Carries.TITLE:
            return "" if has == (True, False, False) else f"{feed.id} shows titles: keywords, no summary, no body"
        case Carries.LEAD:
            return "" if has == (False, True, False) else f"{feed.id} shows leads: a summary, no keywords, no body"
        case Carries.FULL:
            return "" if has == (False, True, True) else f"{feed.id} shows full texts: a summary, a body, no keywords"


def _addresses(day: DayText) -> Iterator[Fault]:
    homes = {feed.id: (outlet, feed) for outlet in day.outlets for feed in outlet.feeds}
    of_feeds = [feed.path for _, feed in homes.values()]
    of_articles = [article_path(*homes[a.feed], a) for _, a in _located(day) if a.feed in homes]
    yield from _twice("day", "path", [*of_feeds, *of_articles])


def _order(day: DayText) -> Iterator[Fault]:
    """Files read in the order in which they come out, and no feed shows an older article after a newer one.

    Equal minutes in one feed are refused too: its Last-Modified must move with each article.
    """
    for label, story in day.stories.items():
        for before, after in pairwise(story.article):
            if after.second < before.second:
                yield Fault(f"{label}.toml: {after.slug}", f"second {after.second:g} stands after {before.second:g}")
    by_feed: dict[str, list[tuple[float, int, str]]] = {}
    for where, article in _located(day):
        by_feed.setdefault(article.feed, []).append((article.second, article.minute, where))
    for feed, shown in by_feed.items():
        for (second, minute, _), (_, later, where) in pairwise(sorted(shown)):
            if later <= minute:
                yield Fault(where, f"minute {later} comes out in {feed} after minute {minute} of second {second:g}")


def _expected(day: DayText) -> Iterator[Fault]:
    expected = day.expected
    named = (expected.alert.story, *expected.grouped.stories, *expected.decoys.stories)
    for label in named:
        if label not in day.stories:
            yield Fault("expected.toml", f"no story is called {label}")
    if expected.alert.story in expected.decoys.stories:
        yield Fault("expected.toml", f"{expected.alert.story} must alert and is called a decoy")
    yield from _reach(day, expected.alert.story, expected.alert.min_outlets, expected.alert.languages)
    for label in expected.grouped.stories:
        yield from _reach(day, label, expected.grouped.min_outlets, ())


def _reach(day: DayText, label: str, min_outlets: int, languages: Iterable[str]) -> Iterator[Fault]:
    """A day cannot be asked for coverage that it does not have."""
    homes = {feed.id: (outlet.id, feed.language) for outlet in day.outlets for feed in outlet.feeds}
    story = day.stories.get(label)
    told = [homes[article.feed] for article in story.article if article.feed in homes] if story else []
    if (outlets := len({outlet for outlet, _ in told})) < min_outlets:
        yield Fault("expected.toml", f"{label} is told by {outlets} outlets, {min_outlets} are expected")
    if missing := set(languages) - {language for _, language in told}:
        yield Fault("expected.toml", f"{label} is not told in {', '.join(sorted(missing))}")


def _located(day: DayText) -> Iterator[tuple[str, ArticleText]]:
    for label, story in day.stories.items():
        for article in story.article:
            yield f"{label}.toml: {article.slug}", article


def _twice(where: str, kind: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault(where, f"{kind} {name} is given {count} times")
