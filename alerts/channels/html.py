"""A message as a small HTML page that any mail client can show: no scripts, no images, no outside styles.  Pure."""

from collections.abc import Iterator
from html import escape

from alerts.channels.text import rows
from alerts.message import Message, Passage, Piece

_PAGE = "font:15px/1.5 sans-serif;color:#1a1a1a;max-width:42em;margin:0 auto;padding:1em"
_SMALL = "color:#5a5a5a;font-size:13px"
_QUOTE = "margin:.3em 0 .3em 0;padding-left:.8em;border-left:3px solid #d0d0d0"
_NAME = "padding:.1em 1em .1em 0;white-space:nowrap;vertical-align:top"
_MARK = "background:#ffe9a8;color:#1a1a1a;padding:0 .1em"


def as_html(message: Message) -> str:
    """The page; every word from outside is escaped, every link is http or https."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    yield '<!DOCTYPE html><html><head><meta charset="utf-8">'
    yield f'<title>{escape(message.subject)}</title></head><body style="{_PAGE}">'
    if message.may_repeat:
        yield f"<p><strong>{escape(message.repeat_note)}</strong></p>"
    yield f'<p style="{_SMALL}">{escape(message.label)} &middot; watch <strong>{escape(message.watch)}</strong></p>'
    headline = _linked(message.headline, message.link) + _language(message)
    yield f'<h1 style="font-size:20px;margin:.2em 0" dir="auto">{headline}</h1>'
    yield f'<p dir="auto">{escape(message.why)}</p>'
    for piece in message.pieces:
        yield from _piece(piece)
    yield f'<table style="{_SMALL};border-collapse:collapse;margin-top:1.2em">'
    for name, value in rows(message):
        shown = _linked(value, value if value in (message.story_link, message.mute_link) else None)
        yield f'<tr><td style="{_NAME}">{escape(name)}</td><td dir="auto">{shown}</td></tr>'
    yield "</table></body></html>"


def _language(message: Message) -> str:
    return f' <span style="{_SMALL};font-weight:normal">[{escape(message.language)}]</span>' if message.language else ""


def _piece(piece: Piece) -> Iterator[str]:
    about = f"{piece.outlet}{f' [{piece.language}]' if piece.language else ''}, {piece.published}"
    yield f'<p style="margin:1em 0 .2em 0" dir="auto"><span style="{_SMALL}">{escape(about)}</span><br>'
    why = f'<br><span style="{_SMALL}">{escape(piece.why)}</span>' if piece.why else ""
    yield f"{_linked(piece.title, piece.link)}{why}</p>"
    for passage in piece.passages:
        yield f'<blockquote style="{_QUOTE}" dir="auto">{_marked(passage)}</blockquote>'


def _linked(text: str, link: str | None) -> str:
    return f'<a href="{escape(link)}">{escape(text)}</a>' if link else escape(text)


def _marked(passage: Passage) -> str:
    return "".join(
        f'<mark style="{_MARK}" title="{escape(run.name)}">{escape(run.text)}</mark>' if run.name else escape(run.text)
        for run in passage
    )
