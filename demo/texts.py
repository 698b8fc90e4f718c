"""The shapes of the files under `day/`: outlets, stories and what is expected of them.

Limits of a single value sit on its type; what the files must be to each other is in `demo.review`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2}$")]  # ISO 639-1
Path = Annotated[str, Meta(pattern=r"^/[a-z0-9./-]+$")]
Text = Annotated[str, Meta(min_length=1)]
Story = str  # a label, for checks and scores only: no stage ever sees it


class Format(StrEnum):
    """How a feed is written."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"


class Carries(StrEnum):
    """How much of an article a feed gives away."""

    TITLE = "title"
    LEAD = "lead"
    FULL = "full"


class Feed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address at which an outlet shows its newest articles in one language."""

    id: Slug
    language: Language
    format: Format
    path: Path
    carries: Carries


class Outlet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who publishes; `names` are those by which others cite it."""

    id: Slug
    name: Text
    languages: tuple[Language, ...]
    names: tuple[Text, ...]
    feeds: tuple[Feed, ...]


class ArticleText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article as its TOML file has it."""

    feed: Slug
    slug: Slug
    second: Annotated[float, Meta(ge=0, le=60)]  # of the run, when the feed begins to show it
    minute: Annotated[int, Meta(ge=0, lt=1440)]  # after the day's start, when the outlet says that it published
    title: Text
    summary: str = ""
    body: str = ""  # paragraphs, a blank line between them
    authors: tuple[Text, ...] = ()
    keywords: tuple[Text, ...] = ()


class StoryText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of `day/stories`; its name is the story's label."""

    about: Text
    article: tuple[ArticleText, ...]


class Watch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pair that the demo watches, by the ids of the entity catalogue."""

    name: Slug
    all: tuple[Slug, ...]


class ExpectedAlert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The one story that must alert, and how far its coverage must reach."""

    story: Story
    min_outlets: int
    languages: tuple[Language, ...]


class Grouped(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stories whose coverage must be found to belong together."""

    min_outlets: int
    stories: tuple[Story, ...]


class Decoys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stories made to look like the watched pair."""

    stories: tuple[Story, ...]


class Expected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run over the day must lead to."""

    watch: Watch
    alert: ExpectedAlert
    grouped: Grouped
    decoys: Decoys


class OutletsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`day/outlets.toml`."""

    outlet: tuple[Outlet, ...]


class DayText(Struct, frozen=True):
    """The files of a day, decoded and not yet held against each other."""

    outlets: tuple[Outlet, ...]
    stories: Mapping[Story, StoryText]
    expected: Expected


def article_path(outlet: Outlet, feed: Feed, article: ArticleText) -> str:
    """Return the address of an article, below the root of the site that serves the day."""
    return f"/{outlet.id}/{feed.language}/{article.slug}"
