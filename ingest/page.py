"""The text of an article's page, where the page is the article and is given to all.  Pure, by trafilatura."""

import re

from ingest.charset import text_of
from ingest.plain import BODY_LIMIT_BYTES, bounded, clean
from ingest.tasks import PageText

# Shorter than this is a teaser, a cookie notice or an error.
SHORTEST_TEXT_CHARACTERS = 300
# How schema.org says that an article is not for all.
_PAID = re.compile(r"""["']isAccessibleForFree["']\s*:\s*["']?(?:https?://schema\.org/)?false\b""", re.IGNORECASE)
_WORD = re.compile(r"\w{4,}")
_TITLE_SHARE = 0.5


def read_page(body: bytes, content_type: str, url: str, *, title: str) -> PageText:
    """The article on the page.

    Args:
        body: the page's bytes.
        content_type: its header.
        url: where it is.
        title: as the feed gives it.  Consent pages, log-ins and home pages do not speak of what it says.
    """
    document = text_of(body, content_type)
    if _PAID.search(document):
        return PageText(refused="the page says that it is not accessible for free")
    # Imported here: heavy, and needed by few.
    import trafilatura

    found = trafilatura.extract(document, url=url, include_comments=False, include_tables=False, favor_precision=True)
    first, _, rest = (text := clean(found or "")).partition("\n")
    text = rest if first.casefold() == title.casefold() else text  # the headline is not the body's first paragraph
    if len(text) < SHORTEST_TEXT_CHARACTERS:
        return PageText(refused="the page shows no text of an article")
    if not _speaks_of(title, text):
        return PageText(refused="the page is about something else: consent, log-in or another article")
    kept, cut = bounded(text, BODY_LIMIT_BYTES)
    return PageText(body=kept, cut=cut)


def _speaks_of(title: str, text: str) -> bool:
    # The beginnings of words, since languages inflect.
    wanted = {word[:4] for word in _WORD.findall(title.casefold())}
    there = {word[:4] for word in _WORD.findall(text.casefold())}
    return not wanted or len(wanted & there) >= _TITLE_SHARE * len(wanted)
