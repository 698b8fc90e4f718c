"""What makers of XML get wrong most, put right before it is parsed: references that no parser takes, forbidden bytes.

Entities that the document defines itself are resolved here, within bounds, so that its DTD is of no further use.
"""

import html
import re
from collections.abc import Mapping
from itertools import count

# A CDATA section, a reference, or an ampersand that begins none.
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?P<end>\]\]>|\Z)|&(?:(?P<name>[A-Za-z][\w.-]{0,40});|#(?P<decimal>\d{1,9});|#[xX](?P<hex>[0-9a-fA-F]{1,7});)?",
    re.DOTALL,
)
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
# What no XML document may hold (XML 1.0, section 2.2).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# An entity of plain text; one that leads to other entities, or to a file, is none of ours.
_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z][\w.-]{0,40})\s+(?:"([^"&%<]{0,200})"|'([^'&%<]{0,200})')\s*>""")
_BEGUN = re.compile(r"<(?:item|entry|url)(?=[\s>])")
_CLOSED_ROOT = re.compile(r"</(?:\w{1,20}:)?(?:rss|rdf|feed|urlset|channel)\s*>", re.IGNORECASE)
_RESOLVED_LIMIT = 10_000


def without_broken_end(document: str) -> str:
    """`document` without a last item that breaks off, as in an answer that was cut: its address may be half of one.

    Where none is closed, makers close none, and where the root is closed, nothing was cut.
    """
    closed = max(document.rfind(end) for end in ("</item>", "</entry>", "</url>"))
    begun = _BEGUN.search(document, closed) if closed >= 0 else None
    if begun is None or _CLOSED_ROOT.search(document, closed) is not None:
        return document
    return document[: begun.start()]


def mended(document: str) -> str:
    """`document` with references that any XML parser takes, and without characters that none takes."""
    document = _FORBIDDEN.sub("", document)
    own = {found[1]: found[2] or found[3] or "" for found in _ENTITY.finditer(document)}
    resolved = count(1)

    def whole(found: re.Match[str]) -> str:
        if found[0].startswith("<"):
            return found[0] if found["end"] else f"{found[0]}]]>"
        if found["decimal"] or found["hex"]:
            return _numbered(found)
        return _named(found, own if next(resolved) <= _RESOLVED_LIMIT else {})

    return _REFERENCE.sub(whole, document)


def _numbered(found: re.Match[str]) -> str:
    code = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else found[0]


def _named(found: re.Match[str], own: Mapping[str, str]) -> str:
    if found["name"] in _OF_XML:
        return found[0]
    return html.escape(own.get(found["name"]) or html.unescape(found[0]), quote=False)
