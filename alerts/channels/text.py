"""A message as plain text: for terminals, and as the text part of e-mails.  Pure."""

from collections.abc import Iterator

from alerts.message import Message, Passage, Piece


def as_text(message: Message) -> str:
    """Lines that say all, the marked words between asterisks."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    if message.may_repeat:
        yield from (message.repeat_note, "")
    yield f"{message.label.upper()}  {message.watch}: {message.who}"
    yield headline(message)
    yield f"Why: {message.why}"
    yield ""
    for piece in message.pieces:
        yield from _piece(piece)
        yield ""
    yield f"Coverage    {message.coverage}"
    yield f"First seen  {message.first_seen}"
    yield f"Story       {message.story_id}"
    yield f"Alert       {message.alert_id}"


def headline(message: Message) -> str:
    """The headline with its language where that is known."""
    return message.headline + (f" [{message.language}]" if message.language else "")


def _piece(piece: Piece) -> Iterator[str]:
    yield f"{piece.outlet} [{piece.language}], {piece.published}: {piece.title}"
    for passage in piece.passages:
        yield f"  > {_marked(passage).strip()}"
    yield f"  {piece.link or '(the article gave no web address)'}"


def _marked(passage: Passage) -> str:
    return "".join(f"*{run.text}*" if run.name else run.text for run in passage)
