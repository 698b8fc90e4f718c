"""HTML to plain text: no scripts, styles and share links, paragraphs on lines of their own, no controls, bounded."""

import html
import re
from collections.abc import Container, Iterator

from lxml import etree

from ingest.sharing import share_parts

BODY_LIMIT_BYTES = 64 * 1024
# Mark-up is at most some ten times its text; more than this is not read for 64 KiB of text.
HTML_LIMIT_CHARACTERS = 1024 * 1024

_INVISIBLE = frozenset(
    {"script", "style", "template", "noscript", "head", "iframe", "object", "embed", "svg", "math", "canvas", "audio"}
    | {"video", "select", "textarea", "button", "form"}
)
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption"}
    | {"figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"}
    | {"section", "summary", "table", "td", "th", "tr", "ul"}
)
# C0 and C1 except tab and line ends, lone surrogates, non-characters, soft hyphen, zero-width and direction marks.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
# A text that begins with a paragraph's tag and ends one: hardly a sentence about HTML.
_ESCAPED_TWICE = re.compile(r"<(p|div|br|h\d|strong|b|ul|img|figure)\b[^<>]*>.*(?:</\1>|<br\s*/?>)", re.DOTALL)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_LINE_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")


def clean(text: str) -> str:
    """`text` without control characters, blanks collapsed, no empty lines; paragraphs stay on lines of their own."""
    if text.isprintable() and "  " not in text:  # neither controls nor line ends, and no blank but the plain one
        return text.strip()
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


def one_line(text: str) -> str:
    """`text` cleaned, on one line, character references resolved: a title or a name."""
    return clean(html.unescape(text)).replace("\n", " ")


def plain(markup: str) -> str:
    """The text that a reader of `markup` would see.  Any string is taken; text without mark-up is only cleaned.

    Mark-up that was escaped once too often, as whole articles in feeds are, is read as what was meant.
    """
    text = _read(markup)
    return _read(text) if _ESCAPED_TWICE.match(text) else text


def _read(markup: str) -> str:
    if "<" not in markup and "&" not in markup:
        return clean(markup)
    document = _UNWANTED.sub("", markup[:HTML_LIMIT_CHARACTERS])
    # A parser of its own each time: they are not to be shared between threads.
    # `huge_tree`: else what is nested more than 256 deep is lost, and text whose tags are not closed nests with each.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(f"<div>{document}</div>".encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return clean(document)
    return "" if root is None else clean("".join(_texts(root, share_parts(root, document))))


def _texts(root: etree._Element, unwanted: Container[etree._Element]) -> Iterator[str]:
    # Not recursive: nesting is the sender's choice.
    hidden = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        invisible = name in _INVISIBLE or element in unwanted
        if event == "start":
            hidden += invisible
            if name in _BLOCKS:
                yield "\n"
            if not hidden and element.text:
                yield _flowing(name, element.text)
            continue
        hidden -= invisible
        if name in _BLOCKS:
            yield "\n"
        if not hidden and element.tail:
            yield _flowing(name, element.tail)


def _flowing(name: str, text: str) -> str:
    # A line end inside a paragraph is a blank to a reader; inside <pre> it is a line end.
    return text if name == "pre" else text.replace("\n", " ")


def bounded(text: str, limit_bytes: int) -> tuple[str, bool]:
    """The longest beginning of `text` within `limit_bytes` of UTF-8, and whether something was cut."""
    if 4 * len(text) <= limit_bytes:
        return text, False
    data = text.encode("utf-8", "replace")
    if len(data) <= limit_bytes:
        return text, False
    return data[:limit_bytes].decode("utf-8", "ignore").rstrip(), True
