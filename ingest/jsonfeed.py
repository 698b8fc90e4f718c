"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read leniently: a field of the wrong type is a field not there."""

import json
from collections.abc import Mapping
from typing import cast

import msgspec

from ingest.dates import instant
from ingest.errors import Unreadable, Word
from ingest.fields import absolute_address, author_names, guid_text, language_code, texts, title_text, web_address
from ingest.polled import Item, ParsedFeed

Fields = Mapping[str, object]


def parse_json_feed(document: str, base: str) -> ParsedFeed:
    """The feed in `document`.

    Raises:
        Unreadable: no JSON, or JSON that is no feed.
    """
    found = _decoded(document)
    if not isinstance(found, dict) or not (isinstance(found.get("items"), list) or _names_itself(found)):
        raise Unreadable(Word.UNKNOWN, "JSON, but no JSON Feed: it has no list of items")
    feed = cast(Fields, found)
    return ParsedFeed(
        format="json-feed",
        title=title_text(_text(feed, "title"), markup=False),
        home=web_address(_text(feed, "home_page_url"), base),
        language=language_code(_text(feed, "language")),
        items=tuple(_item(cast(Fields, item), base) for item in _list(feed, "items") if isinstance(item, dict)),
    )


def _decoded(document: str) -> object:
    try:
        return cast(object, msgspec.json.decode(document.encode("utf-8", "replace")))
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        # Forgives what makers of JSON by hand do: bare line ends in texts, halves of surrogate pairs.
        return cast(object, json.loads(document, strict=False))
    except (ValueError, RecursionError) as error:
        raise Unreadable(Word.BROKEN, f"the feed's JSON is broken: {error}") from error


def _names_itself(fields: Fields) -> bool:
    """Whether the document says that it is a JSON Feed; then one without items is empty."""
    return "jsonfeed.org/version/" in _text(fields, "version")


def _item(fields: Fields, base: str) -> Item:
    summary, body, cut = texts(_text(fields, "summary"), _text(fields, "content_html") or _text(fields, "content_text"))
    return Item(
        guid=guid_text(_text(fields, "id")),
        url=_address(fields, base),
        title=title_text(_text(fields, "title"), markup=False),
        summary=summary,
        body=body,
        cut=cut,
        authors=author_names(_names(fields)),
        published=instant(_text(fields, "date_published")),
        updated=instant(_text(fields, "date_modified")),
        language=language_code(_text(fields, "language")),
    )


def _address(fields: Fields, base: str) -> str | None:
    link = _text(fields, "url") or _text(fields, "external_url")
    # The id is the page's address in many feeds, and the standard's advice; a bare word is no relative link.
    return web_address(link, base) if link else absolute_address(_text(fields, "id"))


def _names(fields: Fields) -> list[str]:
    # 1.1 has a list, 1.0 had one author.
    authors = [*_list(fields, "authors"), fields.get("author")]
    return [_text(cast(Fields, author), "name") for author in authors if isinstance(author, dict)]


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    # An id may be a number in feeds that predate the rule (1.1: "coerce to string").
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _list(fields: Fields, name: str) -> list[object]:
    value = fields.get(name)
    return value if isinstance(value, list) else []
