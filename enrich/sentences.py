"""An article's text as sentences that know where they stand.

Boundaries come from sentencex, which knows the abbreviations of many languages; initials and titles that it cuts off
('І. Маск', 'Mr. Musk') are put back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sentencex

from wire.messages import Article, Place

# A piece that ends with so short a capitalised word and a point is the beginning of a name, not a sentence.
_CUT_OFF = re.compile(r"(?:^|[\s(«„\"'])[^\W\d_a-zа-яіїєґ]\w{0,2}\.$")
_CUT_OFF_WITHIN = 6  # characters: more than it can match, so that it may be asked of a piece's end alone

# The library takes time by the square of a line's quotation marks; no paragraph of an article is as long.
_LONGEST_LINE = 4000
_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters, which the library refuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One sentence; `start` is its first character in the article's reading text."""

    text: str
    start: int
    place: Place
    paragraph: int  # 0 is the headline


def reading_text(article: Article) -> str:
    """Title, summary and body, a paragraph a line; the summary is left out where the body begins with it."""
    return "\n".join(text for text, _ in _parts(article))


def running_text(article: Article) -> str:
    """What follows the headline: summary and body, as in `reading_text`."""
    return "\n".join(text for text, place in _parts(article) if place is not Place.HEADLINE)


def passages(article: Article, language: str) -> tuple[Passage, ...]:
    """The sentences of `reading_text(article)` in order; white space between them belongs to none."""
    return tuple(_passages(article, language))


def _parts(article: Article) -> list[tuple[str, Place]]:
    parts = [(article.title, Place.HEADLINE)]
    if article.summary and not article.body.startswith(article.summary):
        parts.append((article.summary, Place.SUMMARY))
    if article.body:
        parts.append((article.body, Place.BODY))
    return parts


def _passages(article: Article, language: str) -> Iterator[Passage]:
    start, paragraph = 0, 0
    for text, place in _parts(article):
        for line in text.split("\n"):
            for offset, sentence in _sentences(line, language):
                yield Passage(text=sentence, start=start + offset, place=place, paragraph=paragraph)
            start += len(line) + 1
            paragraph += bool(line.strip())


def _sentences(line: str, language: str) -> Iterator[tuple[int, str]]:
    """(offset in the line, sentence without surrounding white space)."""
    begin = end = 0
    for piece in _pieces(line, language):
        last = end + len(piece.rstrip())
        end += len(piece)
        if not _CUT_OFF.search(line[max(begin, last - _CUT_OFF_WITHIN) : last]):
            yield from _trimmed(begin, line[begin:end])
            begin = end
    yield from _trimmed(begin, line[begin:end])


def _pieces(line: str, language: str) -> list[str]:
    if len(line) > _LONGEST_LINE:
        return [piece for part in _parted(line) for piece in _pieces(part, language)]
    if _SURROGATE.search(line):
        return [line]
    pieces = sentencex.segment(language if language != "und" else "en", line)
    # The library must only cut: a piece that differs from the text would move every span behind it.
    return pieces if "".join(pieces) == line else [line]


def _parted(line: str) -> Iterator[str]:
    """The line in parts of bounded length, each ending with a space where it has one."""
    while line:
        end = line.rfind(" ", 0, _LONGEST_LINE) + 1 if len(line) > _LONGEST_LINE else len(line)
        end = end or _LONGEST_LINE
        yield line[:end]
        line = line[end:]


def _trimmed(offset: int, text: str) -> Iterator[tuple[int, str]]:
    bare = text.strip()
    if bare:
        yield offset + len(text) - len(text.lstrip()), bare
