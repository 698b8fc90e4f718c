"""The invented news day, ready to be served: who publishes what, and when it comes out.

`demo.texts` has the shapes of its files, `demo.review` says what makes a day impossible.
"""

from datetime import timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec
from msgspec import Struct

from demo.review import review
from demo.texts import (
    ArticleText,
    DayText,
    Expected,
    Feed,
    Language,
    Outlet,
    OutletsFile,
    Story,
    StoryText,
    article_path,
)
from wire.errors import BadSettings, Fault

DAY = files("demo") / "day"

T = TypeVar("T")


class Article(Struct, frozen=True, kw_only=True):
    """An article of the day, placed: by whom, in which language, at which address."""

    story: Story
    outlet: str
    feed: str
    language: Language
    path: str  # below the root of the site that serves the day
    released: timedelta  # after the start of the run
    published: timedelta  # after six in the morning of the invented day
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...]
    keywords: tuple[str, ...]


class Day(Struct, frozen=True, kw_only=True):
    """The whole day; `articles` are in the order in which they come out."""

    outlets: tuple[Outlet, ...]
    articles: tuple[Article, ...]
    expected: Expected

    @property
    def duration(self) -> timedelta:
        """From the start of the run to the release of the last article."""
        return max((article.released for article in self.articles), default=timedelta(0))

    def feed(self, feed_id: str) -> tuple[Outlet, Feed]:
        """Return a feed and whose it is; `KeyError` if nobody has it."""
        for outlet in self.outlets:
            for feed in outlet.feeds:
                if feed.id == feed_id:
                    return outlet, feed
        raise KeyError(feed_id)

    def shown(self, feed: str, elapsed: timedelta) -> tuple[Article, ...]:
        """Return what a feed shows when the run is `elapsed` old, newest first."""
        return tuple(a for a in reversed(self.articles) if a.feed == feed and a.released <= elapsed)

    def told(self, story: Story) -> tuple[Article, ...]:
        """Return the articles that tell a story, in the order in which they come out."""
        return tuple(article for article in self.articles if article.story == story)


def load_day(folder: Traversable = DAY) -> Day:
    """Return the day that a folder tells; `BadSettings` names every fault of it at once."""
    text = read_day(folder)
    if faults := review(text):
        raise BadSettings(where=str(folder), faults=faults)
    return place(text)


def read_day(folder: Traversable) -> DayText:
    """Decode the files of a day; `BadSettings` for the files that are no TOML or hold the wrong keys."""
    faults: list[Fault] = []
    outlets = _decode(folder / "outlets.toml", OutletsFile, faults)
    expected = _decode(folder / "expected.toml", Expected, faults)
    stories = {
        file.name.removesuffix(".toml"): _decode(file, StoryText, faults)
        for file in sorted((folder / "stories").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
    told = {label: story for label, story in stories.items() if story is not None}
    if faults or outlets is None or expected is None:
        raise BadSettings(where=str(folder), faults=faults)
    return DayText(outlets=outlets.outlet, stories=told, expected=expected)


def place(text: DayText) -> Day:
    """Give each article its outlet, language and address; the text must have passed `review`."""
    homes = {feed.id: (outlet, feed) for outlet in text.outlets for feed in outlet.feeds}
    articles = [
        _placed(label, article, *homes[article.feed])
        for label, story in text.stories.items()
        for article in story.article
    ]
    articles.sort(key=lambda article: (article.released, article.published, article.path))
    return Day(outlets=text.outlets, articles=tuple(articles), expected=text.expected)


def _placed(label: Story, article: ArticleText, outlet: Outlet, feed: Feed) -> Article:
    return Article(
        story=label,
        outlet=outlet.id,
        feed=feed.id,
        language=feed.language,
        path=article_path(outlet, feed, article),
        released=timedelta(seconds=article.second),
        published=timedelta(minutes=article.minute),
        title=article.title,
        summary=article.summary,
        paragraphs=_paragraphs(article.body),
        authors=article.authors,
        keywords=article.keywords,
    )


def _paragraphs(body: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in body.split("\n\n") if part.strip())


def _decode(file: Traversable, shape: type[T], faults: list[Fault]) -> T | None:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=shape)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        faults.append(Fault(file.name, str(error)))
        return None
