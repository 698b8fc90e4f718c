"""A message as Slack's Block Kit, within its documented limits.  Pure.

Text outside links is escaped (`&`, `<`, `>`), so that nothing in it can be a mention, a channel or a link; signs that
Slack reads as emphasis are replaced by look-alikes, so that only marked words are bold.
"""

from collections.abc import Iterator
from typing import TypedDict

from alerts.channels.text import headline
from alerts.message import Message, Passage, Piece
from alerts.plain import cut

# https://docs.slack.dev/reference/block-kit/blocks
MOST_BLOCKS = 50
MOST_HEADER_CHARS = 150
MOST_SECTION_CHARS = 3000
MOST_CONTEXT_ELEMENTS = 10

_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ", "@": "@\u2060", "_": "＿"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ELLIPSIS = "…"
_QUOTE = "> "
# Escaped characters; passages have what a section's limit leaves them.
_LINE_CHARS = 300
_SHORT_CHARS = 100
_LINK_CHARS = 700


class Text(TypedDict, total=False):
    """Slack's text object."""

    type: str
    text: str
    verbatim: bool
    emoji: bool


class Block(TypedDict, total=False):
    """The three kinds of block that are used: header, section, context."""

    type: str
    text: Text
    elements: list[Text]


class Payload(TypedDict):
    """The JSON that an incoming webhook takes; `text` is what notifications show."""

    text: str
    blocks: list[Block]
    unfurl_links: bool
    unfurl_media: bool


def as_blocks(message: Message) -> Payload:
    """The payload of one message."""
    note = "(may repeat) " if message.may_repeat else ""
    text = f"{note}{_escaped(message.watch, _SHORT_CHARS)}: {_escaped(message.subject, _LINE_CHARS)}"
    return {"text": text, "blocks": list(_blocks(message)), "unfurl_links": False, "unfurl_media": False}


def _blocks(message: Message) -> Iterator[Block]:
    title = cut(f"{message.label}: {message.who or message.watch}", MOST_HEADER_CHARS)
    yield {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    if message.may_repeat:
        yield _section(f":warning: {message.repeat_note}")
    about = f"{_escaped(message.why, _LINE_CHARS)}\nWatch {_escaped(message.watch, _SHORT_CHARS)}"
    yield _section(f"*{_linked(headline(message), message.link)}*\n{about}")
    for piece in message.pieces[: MOST_BLOCKS - 4]:
        yield _section(_piece(piece))
    facts = "\n".join(f"{name}: {_escaped(value, 2 * _LINE_CHARS)}" for name, value in message.facts)
    story = _linked(message.story_id, message.story_link) if message.facts else ""
    ids = "  ·  ".join(filter(None, (story, _escaped(message.alert_id, _SHORT_CHARS), message.key)))
    way = _linked("on the page", message.mute_link) if message.mute_link else _code(message.mute)
    mute = f"Mute: {way}" if message.mute else ""
    yield {"type": "context", "elements": [_mrkdwn(text) for text in (facts, ids, mute) if text]}


def _piece(piece: Piece) -> str:
    language = f" [{_escaped(piece.language, 20)}]" if piece.language else ""
    about = f"{_escaped(piece.outlet, _SHORT_CHARS)}{language}, {piece.published}"
    lines = [about, _linked(piece.title, piece.link)]
    if piece.why:
        lines.append(_escaped(piece.why, _LINE_CHARS))
    room = MOST_SECTION_CHARS - sum(len(line) + 1 for line in lines)
    for passage in piece.passages:
        said = _marked(passage, room - len(_QUOTE))
        if said:
            lines.append(f"{_QUOTE}{said}")
            room -= len(lines[-1]) + 1
    return "\n".join(lines)


def _marked(passage: Passage, most_chars: int) -> str:
    """The passage with its marked words bold, cut where there is no more room."""
    said = ""
    for run in passage:
        # Slack sees emphasis only between spaces or signs: a space of no width makes sure of one.
        before, after = ("\u200b*", "*\u200b") if run.name else ("", "")
        room = most_chars - len(said) - len(before + after)
        if room <= len(_ELLIPSIS):
            return said
        said += before + _escaped(run.text, room) + after
    return said.strip()


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Text:
    """`verbatim`: Slack makes no links or mentions of its own out of the text."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _code(text: str) -> str:
    """Words to be copied as they are."""
    return f"`{cut(text, _SHORT_CHARS).replace('`', 'ˋ').translate(_ESCAPES)}`"


def _linked(text: str, link: str | None) -> str:
    label = _escaped(text.replace("|", "¦"), _LINE_CHARS)
    address = (link or "").translate(_ESCAPES)
    return f"<{address}|{label}>" if 0 < len(address) <= _LINK_CHARS else label


def _escaped(text: str, most_chars: int) -> str:
    """`text` without meaning for Slack, at most `most_chars` long; no escape is cut in two."""
    signs = [sign.translate(_LOOK_ALIKES).translate(_ESCAPES) for sign in text]
    if sum(map(len, signs)) <= most_chars:
        return "".join(signs)
    said = ""
    for sign in signs:
        if len(said) + len(sign) + len(_ELLIPSIS) > most_chars:
            break
        said += sign
    return said.rstrip() + _ELLIPSIS
