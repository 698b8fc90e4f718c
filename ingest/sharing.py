"""Share links in an article's mark-up: those that ask a network to pass the page on, and the bars that hold them.

They are known by what the addresses of share pages have in common, whoever the outlet and whatever the network is.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml import etree

# What a share page does, at the end of its path; the page to pass on is in its query.
_VERB = re.compile(
    r"/(?:share\w*|intent|submit\w*|bookmark\w*|addto\w*|create|offer|send|forward|save)(?:/\w+)?(?:\.php)?/?$", re.I
)
_PASSES_ON = re.compile(r"(?:=|\s|^)(?:https?:)?//\S")
# Share pages that need no query: they take the page that the reader comes from.
_BARE = re.compile(
    r"//(?:[\w-]+\.)*(?:facebook|twitter|x|t|telegram|vk|linkedin|reddit|pinterest|tumblr|addtoany|addthis|threads|bsky)"
    r"\.(?:com|me|net|app)/(?:share|sharer|sharer\.php|share\.php|intent/\w+|sharearticle|bookmark\.php)/?(?:[?#].*)?",
    re.I,
)
# An app, or a letter to nobody: there is only the text to pass on.
_APP = re.compile(
    r"(?:whatsapp|viber|tg|fb-messenger|threema|line)://.*|(?:mailto|sms):\??[&?]?(?:subject|body|text)=.*", re.I
)
_BAR = re.compile(
    r"share|sharing|(?:social|share|sharing)[_-]+(?:share|sharing|bar|box|list|links?|buttons?|icons?|tools?|this)"
    r"|sharethis\S*|sharedaddy|shareaholic\S*|addtoany\S*|a2a_kit|addthis\S*|feedflare|ya-share2?",
    re.I,
)
_BLOCKS = frozenset(
    {"div", "p", "ul", "ol", "li", "section", "aside", "footer", "nav", "td", "table", "blockquote", "body"}
)
_LABEL_WORDS = 3  # 'Share this on', beside a bar's links
_WORD = re.compile(r"\w+")


def share_parts(root: etree._Element, markup: str) -> set[etree._Element]:
    """The elements below `root`, which was read from `markup`, that a reader of the text alone does not want."""
    if "=" not in markup:  # no attributes: neither links nor named bars
        return set()
    parts = {element for element in root.iter(etree.Element) if _is_bar(element) or _is_share_link(element)}
    for block in {_block_of(part) for part in parts if part.tag == "a"}:
        if block.tag != "a" and not _is_whole(block) and _only_labels(block, parts):
            parts.add(block)
    return parts


def is_share_address(address: str) -> bool:
    """Whether a link to `address` would pass a page on rather than lead to one."""
    address = address.strip()
    if _APP.fullmatch(address):
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if not parts.netloc:
        return False
    if _BARE.fullmatch(address.partition(":")[2] if parts.scheme else address):
        return True
    return _VERB.search(parts.path) is not None and _PASSES_ON.search(unquote(parts.query)) is not None


def _is_share_link(element: etree._Element) -> bool:
    return element.tag == "a" and is_share_address(element.get("href") or "")


def _is_bar(element: etree._Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return any(_BAR.fullmatch(name) for name in names.split())


def _block_of(element: etree._Element) -> etree._Element:
    return next((above for above in element.iterancestors() if above.tag in _BLOCKS), element)


def _is_whole(block: etree._Element) -> bool:
    """Whether `block` is the whole text: however short it is, it is what there is."""
    above = block.getparent()
    return above is None or above.tag in ("html", "body")


def _only_labels(block: etree._Element, parts: set[etree._Element]) -> bool:
    """Whether nothing but a few words is left of `block` without `parts`."""
    words = 0
    for text in _texts(block, parts):
        words += len(_WORD.findall(text))
        if words > _LABEL_WORDS:
            return False
    return True


def _texts(block: etree._Element, parts: set[etree._Element]) -> Iterator[str]:
    walk = etree.iterwalk(block, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            yield element.tail or "" if element is not block else ""
        elif element in parts:
            walk.skip_subtree()
        else:
            yield element.text or ""
