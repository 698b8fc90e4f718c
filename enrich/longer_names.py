"""Where a name is only part of a longer one that the catalogue lacks: "Газпром Финанс", Pfizer Medical."""

from collections.abc import Callable, Container

from enrich.reading import CLOSING, OPENING, Form, Reading
from enrich.words import CAPITAL, LOWER

_WORDS_IN_QUOTES = 6
_SMALL_WORDS_IN_TITLE = 2


def in_longer_name(reading: Reading, first: int, last: int, covered: Container[int]) -> bool:
    """Whether capital words around `first` to `last` belong to the same name; `covered` are words of other names."""
    return _in_quotes(reading, first, last, covered) or _in_latin(reading, last, covered)


def opens_title(
    reading: Reading, first: int, last: int, covered: Container[int], is_verb: Callable[[str], bool]
) -> bool:
    """Whether words `first` to `last` open a title of few words: «Россия сегодня», but not «Россия ответит»."""
    if reading.gap(first - 1)[-1:] not in OPENING:
        return False
    for at in range(last + 1, min(last + 1 + _SMALL_WORDS_IN_TITLE, len(reading))):
        form = reading.forms[at]
        if at in covered or not reading.close(at - 1) or form.shape is not LOWER or is_verb(form.key):
            return False
        if reading.gap(at)[:1] in CLOSING:
            return form.cyrillic
    return False


def _in_quotes(reading: Reading, first: int, last: int, covered: Container[int]) -> bool:
    """Whether quotation marks hold more capital words than these, and nothing else."""
    if reading.gap(first - 1)[-1:] not in OPENING and (first == 0 or _small(reading.forms[first - 1])):
        return False  # as nearly always, without a look for the marks
    opening = _edge(reading, first - 1, -1, OPENING)
    closing = None if opening is None else _edge(reading, last, 1, CLOSING)
    if opening is None or closing is None or (opening == first - 1 and closing == last):
        return False
    return not any(at in covered for at in range(opening + 1, closing + 1) if not first <= at <= last)


def _edge(reading: Reading, at: int, step: int, marks: Container[str]) -> int | None:
    """The word behind which the quotation mark stands, going over capital words, initials and numbers only."""
    for _ in range(_WORDS_IN_QUOTES):
        gap = reading.gap(at)
        if (gap[-1:] if step < 0 else gap.lstrip(".")[:1]) in marks:
            return at
        following = at if step < 0 else at + 1
        if not 0 <= following < len(reading):
            return None
        form = reading.forms[following]
        if _small(form):
            return None
        if not (reading.close(at) or reading.is_initial(at) or (reading.dashed(at) and form.surface[0].isalpha())):
            return None
        at += step
    return None


def _small(form: Form) -> bool:
    return form.shape is LOWER and not form.surface[0].isdigit()


def _in_latin(reading: Reading, last: int, covered: Container[int]) -> bool:
    """Whether a text in Cyrillic goes on in Latin: there a run of capital Latin words is one name."""
    own, following = reading.forms[last], last + 1
    if own.cyrillic or following >= len(reading) or following in covered or not reading.close(last):
        return False
    form = reading.forms[following]
    if not own.surface[0].isalpha() or form.shape is not CAPITAL:
        return False
    return form.surface.isascii() and len(form.surface) > 1 and reading.in_cyrillic
