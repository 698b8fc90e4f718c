"""Names that a text itself explains: after «Альтбау» (AltBau) the first word means the second wherever it stands there.

Taken for an explanation: the same name in two scripts, one of them in brackets; and "(далі — X)" behind a name.
"""

import re
from collections.abc import Container, Iterator, Sequence

from enrich.candidates import Candidate
from enrich.reading import CLOSING, Reading
from enrich.sounds import sound_key
from enrich.words import LOWER
from wire.catalogue import Entity

_OPENS = re.compile(r'["»”“]?\s?\(["«“„]?')
_HEREINAFTER = frozenset(("далі", "далее", "надалі", "hereinafter", "hereafter", "dalej"))
_DASH = re.compile(r'\s?[-–—:]?\s?["«“„]?')
_SHORTEST = 4  # letters; shorter names sound alike by chance
_SAME_SOUNDS = 2  # consonants at the beginning
# A mention far from its definition may be in any case.
_ENDING = re.compile(r"(?<=\w{3})(?:ами|ями|ого|ому|ові|еві|єві|ом|ем|єм|ою|ею|єю|ой|ей|ам|ям|ах|ях|[аеиоуыюяєії])$")


def defined(reading: Reading, chosen: Sequence[tuple[Candidate, Entity]]) -> list[tuple[Candidate, Entity]]:
    """The mentions by names that the text explains, one word each, in order; none of them is among `chosen`."""
    if "(" not in reading.text:
        return []
    covered = {word for one, _ in chosen for word in range(one.first, one.last + 1)}
    meant = {
        _stem(reading, at): entity
        for one, entity in chosen
        if "(" in reading.gap(one.first - 1) or "(" in reading.gap(one.last)
        for at in _explained(reading, one, covered)
    }
    if not meant:
        return []
    return [
        (Candidate(at, at, ()), meant[stem])
        for at, form in enumerate(reading.forms)
        if form.shape is not LOWER and at not in covered and (stem := _stem(reading, at)) in meant
    ]


def _explained(reading: Reading, one: Candidate, covered: Container[int]) -> Iterator[int]:
    """The words that the brackets before or behind the name make another name of its entity."""
    before, behind = one.first - 1, one.last + 1
    if before >= 0 and _OPENS.fullmatch(reading.gap(before)) and _closes(reading, one.last):
        places = [before] if _sounds_alike(reading, before, one) else []
    elif behind < len(reading) and _OPENS.fullmatch(reading.gap(one.last)):
        places = [behind] if _closes(reading, behind) and _sounds_alike(reading, behind, one) else []
        if reading.forms[behind].key in _HEREINAFTER and _DASH.fullmatch(reading.gap(behind)):
            places = [behind + 1] if _closes(reading, behind + 1) else []
    else:
        return
    yield from (at for at in places if at not in covered and reading.forms[at].shape is not LOWER)


def _closes(reading: Reading, at: int) -> bool:
    """Whether there is such a word and a bracket closes behind it, perhaps after a quotation mark."""
    gap = reading.gap(at) if at < len(reading) else ""
    return (gap[1:] if gap[:1] in CLOSING else gap)[:1] == ")"


def _sounds_alike(reading: Reading, at: int, one: Candidate) -> bool:
    """Whether the word is the name, itself of one word, in the other script."""
    form, name = reading.forms[at], reading.forms[one.first]
    if one.first != one.last or form.cyrillic is name.cyrillic or form.length < _SHORTEST:
        return False
    ours, theirs = sound_key(form.key), sound_key(name.key)
    return bool(ours) and ours[:_SAME_SOUNDS] == theirs[:_SAME_SOUNDS]


def _stem(reading: Reading, at: int) -> str:
    form = reading.forms[at]
    return _ENDING.sub("", form.key) if form.cyrillic else form.key
