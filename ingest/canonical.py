"""The canonical form of a page's address, for identity only: it is hashed, never requested.

These rules are part of every article's id.  They are written out here rather than taken from a library, whose next
release might change ids; changing one makes old articles new, so it needs a decision.
"""

import re
from urllib.parse import SplitResult, urlsplit

# Parameters that say how a reader came, not what is read.
_TRACKING = re.compile(
    r"^(?:utm_\w+|ga_\w+|mtm_\w+|pk_\w+|at_(?:medium|campaign|link_\w+|format|bbc_team|ptr_name)|fbclid|gclid|gclsrc|dclid"
    r"|yclid|msclkid|twclid|igshid|igsh|mc_cid|mc_eid|_ga|_gl|_openstat|ysclid|wbraid|gbraid|cmpid|ito|ocid|ncid"
    r"|__twitter_impression)$",
    re.IGNORECASE,
)
_TRACKING_PAIRS = frozenset({"outputtype=amp", "amp=1", "amp"})
_PAGE_LABELS = frozenset({"www", "m", "mobile", "amp"})
_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What may stand in a path or query as it is (RFC 3986), and `%`, which begins an escape.
_ALLOWED = frozenset("!$&'()*+,;=:@/?%") | _UNRESERVED
_PLAIN = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]*")  # those without `%`: nothing to do


def canonical(url: str) -> str | None:
    """One text for all spellings of a page's address; None where it is no http or https address.

    Scheme, `www.`, mobile and AMP hosts, default ports, user, fragment, tracking parameters, a trailing slash and
    ways of escaping do not count; the order and the letters of everything else do.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = _host(parts.hostname or "")
    if parts.scheme.lower() not in _PORTS or not host:
        return None
    shown_port = "" if port in (None, _PORTS[parts.scheme.lower()]) else f":{port}"
    query = _query(parts)
    return f"//{host}{shown_port}{_path(parts.path)}" + (f"?{query}" if query else "")


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            name = name.encode("utf-8", "replace").hex()
    labels = name.split(".")
    while len(labels) > 2 and labels[0] in _PAGE_LABELS:
        labels = labels[1:]
    return ".".join(labels)


def _path(path: str) -> str:
    kept: list[str] = []
    for segment in _escaped(path).split("/"):
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    clean = "/" + "/".join(kept).strip("/")
    return clean.removesuffix("/amp") or "/"


def _query(parts: SplitResult) -> str:
    pairs = _escaped(parts.query).split("&")
    return "&".join(pair for pair in pairs if pair and not _tracks(pair))


def _tracks(pair: str) -> bool:
    return pair.lower() in _TRACKING_PAIRS or _TRACKING.match(pair.partition("=")[0]) is not None


def _escaped(text: str) -> str:
    """Escapes in upper case, none where none is needed, everything else that needs one escaped."""
    if _PLAIN.fullmatch(text):
        return text
    plain = _ESCAPE.sub(_unescaped, text)
    return "".join(
        character if character in _ALLOWED else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
        for character in plain
    )


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
