"""OPML 2.0: the list of feeds that every reader of feeds can write and read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from ingest.fields import absolute_address, language_code
from wire.errors import BadSettings, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """One feed of a list."""

    url: str
    title: str = ""
    language: str | None = None


def read_opml(data: bytes, where: str) -> Sequence[OpmlFeed]:
    """The feeds of an OPML document, each address once, whatever folders they lie in.

    Raises:
        BadSettings: no OPML, or no feed in it.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadSettings(where, [Fault("file", f"is no OPML: {str(error)[:200]}")]) from None
    found = {} if root is None else {feed.url: feed for feed in reversed(list(_feeds(root)))}
    if not found:
        raise BadSettings(where, [Fault("file", "names no feed: an OPML outline with an xmlUrl was expected")])
    return list(reversed(found.values()))


def write_opml(feeds: Sequence[OpmlFeed], title: str) -> bytes:
    """An OPML document of `feeds`."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        outline = etree.SubElement(body, "outline", type="rss", text=feed.title or feed.url, xmlUrl=feed.url)
        if feed.language:
            outline.set("language", feed.language)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _feeds(root: etree._Element) -> Iterator[OpmlFeed]:
    for outline in root.iter("{*}outline"):
        fields = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        url = absolute_address(fields.get("xmlurl"))
        if url is not None:
            title = fields.get("title") or fields.get("text") or ""
            yield OpmlFeed(url=url, title=title.strip(), language=language_code(fields.get("language")))
