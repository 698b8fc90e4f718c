"""From a format's raw fields to an `Item`: cleaned, bounded, joined to the feed's address; the same for all formats."""

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from ingest.plain import BODY_LIMIT_BYTES, bounded, one_line, plain

TITLE_LIMIT_BYTES = 2 * 1024
SUMMARY_LIMIT_BYTES = 16 * 1024
URL_LIMIT_CHARACTERS = 2048
GUID_LIMIT_CHARACTERS = 2048
AUTHOR_LIMIT_BYTES = 400
AUTHORS_LIMIT = 20
# A longer description is no lead: it is the article.
LEAD_LIMIT_CHARACTERS = 2000

# An address to which `web_address` has nothing to do.
_SOUND = re.compile(r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?/[!$-:=@-Z_a-z~]*(?:\?[!$-:=@-Z_a-z~]+)?")
_LANGUAGE = re.compile(r"^\s*([A-Za-z]{2})(?:[-_]|\s*$)")
# The country's code for the language's is the commonest mistake in Ukrainian feeds.
_MEANT = {"ua": "uk"}


def title_text(text: str, *, markup: bool) -> str:
    """A title on one line."""
    return bounded(one_line(plain(text) if markup else text), TITLE_LIMIT_BYTES)[0]


def texts(summary: str, body: str) -> tuple[str, str, bool]:
    """Summary, body and whether the body was cut, from two fields that may be mark-up and may be one another's copy."""
    lead, full = plain(summary), plain(body)
    if full == lead:
        lead = ""
    if not full and len(lead) > LEAD_LIMIT_CHARACTERS:
        lead, full = "", lead
    kept, cut = bounded(full, BODY_LIMIT_BYTES)
    return bounded(lead, SUMMARY_LIMIT_BYTES)[0], kept, cut


def web_address(link: str | None, base: str) -> str | None:
    """`link` made absolute, where that is an http or https address with a host; else None."""
    if not link or len(link) > URL_LIMIT_CHARACTERS:
        return None
    if _SOUND.fullmatch(link):
        return link
    try:
        absolute = urljoin(base, one_line_link(link))
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return absolute if usable and len(absolute) <= URL_LIMIT_CHARACTERS else None


def absolute_address(text: str | None) -> str | None:
    """`text` where it is a whole http or https address by itself, as an identifier may be; else None."""
    return web_address(text, "")


def one_line_link(link: str) -> str:
    """A link without what no address has: controls, line ends, outer blanks."""
    kept = (
        character
        for character in link
        if character > "\x1f" and character != "\x7f" and not "\ud800" <= character <= "\udfff"
    )
    return "".join(kept).strip()


def guid_text(value: str | None) -> str | None:
    """A guid without outer blanks; None where there is none."""
    guid = one_line_link(value or "")
    return guid[:GUID_LIMIT_CHARACTERS] or None


def author_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in their order, each once."""
    cleaned = (bounded(one_line(name), AUTHOR_LIMIT_BYTES)[0] for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))[:AUTHORS_LIMIT]


def language_code(tag: str | None) -> str | None:
    """ISO 639-1 of a language tag such as `uk-UA`; None where it names none."""
    match = _LANGUAGE.match(tag or "")
    if match is None:
        return None
    code = match[1].lower()
    return _MEANT.get(code, code)
