"""A message as plain text: for terminals, and as the text part of e-mails.  Pure."""

from collections.abc import Iterator

from alerts.message import Message, Passage, Piece


def as_text(message: Message) -> str:
    """Lines that say all, the marked words between asterisks."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    if message.may_repeat:
        yield from (message.repeat_note, "")
    who = f": {message.who}" if message.who else ""
    yield f"{message.label.upper()}  {message.watch}{who}"
    yield headline(message)
    yield f"Why: {message.why}"
    yield ""
    for piece in message.pieces:
        yield from _piece(piece)
        yield ""
    yield from (f"{name:<15} {value}" for name, value in rows(message))


def rows(message: Message) -> Iterator[tuple[str, str]]:
    """What stands below the articles: facts of the story, where to read on, how to silence it."""
    yield from message.facts
    if message.facts:
        yield "Story", message.story_link or message.story_id
        yield "Alert", message.alert_id
    if message.mute:
        yield "Mute", message.mute_link or message.mute


def headline(message: Message) -> str:
    """The headline with its language where that is known."""
    return message.headline + (f" [{message.language}]" if message.language else "")


def _piece(piece: Piece) -> Iterator[str]:
    language = f" [{piece.language}]" if piece.language else ""
    yield f"{piece.outlet}{language}, {piece.published}: {piece.title}"
    if piece.why:
        yield f"  {piece.why}"
    for passage in piece.passages:
        yield f"  > {_marked(passage).strip()}"
    yield f"  {piece.link or '(the article gave no web address)'}"


def _marked(passage: Passage) -> str:
    return "".join(f"*{run.text}*" if run.name else run.text for run in passage)
