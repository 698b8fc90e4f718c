"""A sentence as it is shown to people: its entities marked, a very long one cut around them.  Pure."""

from collections.abc import Sequence

from wire.messages import Mention, Sentence, Snippet, Span

LONGEST_WHOLE_CHARS = 500  # a sentence up to here is shown whole; the longest of real leads are about 400
_AROUND_CHARS = 120  # kept on each side of a mention in a longer one
_GAP = " … "


def snippet_of(sentence: Sentence, mentions: Sequence[Mention]) -> Snippet:
    """The sentence with a span per mention; a long one keeps the first mention of each entity and words around it."""
    if len(sentence.text) <= LONGEST_WHOLE_CHARS:
        spans = tuple(Span(entity=m.entity, start=m.start, end=m.end) for m in mentions)
        return Snippet(text=sentence.text, place=sentence.place, spans=spans)
    first = {m.entity: m for m in reversed(mentions)}
    return _cut(sentence, sorted(first.values(), key=lambda m: m.start))


def _cut(sentence: Sentence, mentions: Sequence[Mention]) -> Snippet:
    text, parts, spans = sentence.text, list[str](), list[Span]()
    length, end = 0, 0
    for begin, until, within in _windows(text, mentions):
        lead = _GAP if begin > end or (parts and begin == end) else ""
        shift = length + len(lead) - begin
        parts.append(lead + text[begin:until])
        spans += (Span(entity=m.entity, start=m.start + shift, end=m.end + shift) for m in within)
        length, end = length + len(parts[-1]), until
    tail = _GAP.rstrip() if end < len(text) else ""
    return Snippet(text="".join(parts) + tail, place=sentence.place, spans=tuple(spans))


def _windows(text: str, mentions: Sequence[Mention]) -> list[tuple[int, int, list[Mention]]]:
    """Stretches of `text` around `mentions`, those that touch joined, cut at spaces where there are any near."""
    windows: list[tuple[int, int, list[Mention]]] = []
    for mention in mentions:
        begin, until = _word_start(text, mention.start), _word_end(text, mention.end)
        if windows and begin <= windows[-1][1]:
            before, ended, within = windows.pop()
            windows.append((before, max(until, ended), [*within, mention]))
        else:
            windows.append((begin, until, [mention]))
    return windows


def _word_start(text: str, position: int) -> int:
    begin = max(0, position - _AROUND_CHARS)
    space = text.find(" ", begin, position)
    return begin if begin == 0 or space < 0 else space + 1


def _word_end(text: str, position: int) -> int:
    until = min(len(text), position + _AROUND_CHARS)
    space = text.rfind(" ", position, until)
    return until if until == len(text) or space < 0 else space
