"""Text from outside made harmless for any channel: one line, no control characters, no direction tricks.  Pure."""

import unicodedata
from urllib.parse import urlsplit

# Embeddings, overrides and isolates: they can make what follows read as something else.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LONGEST_URL_CHARS = 2000


def one_line(text: str) -> str:
    """`text` with controls, line ends and runs of spaces as one space each, and direction marks dropped."""
    kept = (" " if _is_control(sign) else sign for sign in text if sign not in _DIRECTION)
    joined = "".join(kept)
    words = " ".join(joined.split())
    lead = " " if joined[:1].isspace() and words else ""
    tail = " " if joined[-1:].isspace() and words else ""
    return lead + words + tail if words else joined[:1]


def cut(text: str, most_chars: int) -> str:
    """`text`, at most `most_chars` long; what was cut ends with an ellipsis."""
    return text if len(text) <= most_chars else text[: most_chars - 1].rstrip() + "…"


def safe_link(url: str) -> str | None:
    """`url` if it is an absolute http or https address that no mark-up can be hidden in, else None."""
    if len(url) > _LONGEST_URL_CHARS or any(
        sign in '<>"|\\`{}^' or _is_control(sign) or sign.isspace() for sign in url
    ):
        return None
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and named and not _DIRECTION.intersection(url) else None


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
