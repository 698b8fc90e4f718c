"""Every place of a text where a name of the catalogue stands, before anybody asks who is meant."""

from collections.abc import Iterator
from typing import NamedTuple

from enrich.name_trie import FULL, NameTrie, Use, strongest
from enrich.reading import LONGEST_INITIAL, Reading
from enrich.words import LOWER
from wire.catalogue import EntityKind

_PERSON = EntityKind.PERSON
_LONGEST_NAME_WORDS = 24
_MOST_PATHS = 32
_MOST_PASSED = 3  # words inside a person's name that the catalogue does not have


class Candidate(NamedTuple):
    """Words `first` to `last` are a form of a name; `uses` says of which, strongest first."""

    first: int
    last: int
    uses: tuple[Use, ...]


def candidates(reading: Reading, trie: NameTrie) -> Iterator[Candidate]:
    """Names in order, never overlapping; of those that begin at one word the longest."""
    free = 0
    for at in reading.beginnings:
        found = _longest(reading, trie, at) if at >= free else None
        if found is not None:
            yield found
            free = found.last + 1


def _longest(reading: Reading, trie: NameTrie, first: int) -> Candidate | None:
    """The longest name from word `first` on; what the word means alone is known with its form."""
    form, following = reading.forms[first], first + 1
    goes_on = form.opens and following < len(reading.words)
    if goes_on and (reading.forms[following].words or _passes_over(reading, following)):
        longer = _longer(reading, trie, first)
        if longer is not None:
            return _with_what_follows(reading, longer)
    return _with_what_follows(reading, Candidate(first, first, form.alone)) if form.alone else None


def _with_what_follows(reading: Reading, one: Candidate) -> Candidate:
    """The candidate with the initials or patronymic behind the name: Маск І. П., Маск Ілон Петрович."""
    at = one.last + 1
    if one.uses[0].entity.kind is not _PERSON or at >= len(reading) or not reading.forms[at].behind:
        return one
    if not reading.close(one.last):
        return one
    in_full = one.first != one.last and one.uses[0].strength is FULL
    if len(reading.forms[at].surface) > LONGEST_INITIAL:
        return one._replace(last=at) if in_full else one
    if in_full or not _has_full_stop(reading, at):
        return one
    meant = [use._replace(strength=FULL) for use in one.uses if reading.forms[at].key in use.initials]
    another = reading.is_initial(at) and _has_full_stop(reading, at + 1)
    # Before a family name it is somebody else's: «бачив Маска І. Іваненко».
    ends = another or not (reading.is_initial(at) and reading.forms[at + 1].surface[0].isupper())
    return Candidate(one.first, at + another, strongest(meant)) if meant and ends else one


def _has_full_stop(reading: Reading, at: int) -> bool:
    """Whether there is such a word, as short as an initial and with a full stop, whatever follows that."""
    if at >= len(reading):
        return False
    form = reading.forms[at]
    return len(form.surface) <= LONGEST_INITIAL and form.shape is not LOWER and reading.gap(at)[:1] == "."


def _longer(reading: Reading, trie: NameTrie, first: int) -> Candidate | None:
    """Follow every path of names of several words, passing over patronymics and middle initials."""
    best, meant = first, list[Use]()
    open_paths = [(node, first + 1, varied, 0) for node, varied in reading.forms[first].opens]
    while open_paths:
        following = []
        for node, at, varied, passed in open_paths:
            if passed < _MOST_PASSED and _passes_over(reading, at):  # persons' names only, see below
                following.append((node, at + 1, varied, passed + 1))
            onwards = trie.onwards(node)
            for word, variant in reading.forms[at].words:
                behind = onwards.get(word)
                if behind is None:
                    continue
                uses = [use for use in trie.uses(behind) if _stands(reading, first, at, use)]
                if passed:
                    uses = [use for use in uses if use.entity.kind is _PERSON]
                if varied or variant:
                    uses = [use._replace(variant=True) for use in uses]
                if uses:
                    best, meant = at, (meant if at == best else []) + uses
                if trie.goes_on(behind) and at + 1 < len(reading):
                    following.append((behind, at + 1, varied or variant, passed))
        open_paths = [path for path in following if path[1] - first < _LONGEST_NAME_WORDS][:_MOST_PATHS]
    return Candidate(first, best, strongest(meant)) if meant else None


def _stands(reading: Reading, first: int, last: int, use: Use) -> bool:
    """Whether what is between the words allows them to be one name."""
    for at in range(first, last):
        if (
            use.loose
            and reading.forms[at].length == 1 == reading.forms[at + 1].length
            and reading.gap(at).strip() != "."
        ):
            return False  # U.N. is no "U, N"
        if not (reading.joined(at, loose=use.loose) or reading.is_initial(at)):
            return False
    if use.entity.kind is not _PERSON:
        return True
    # A lone letter is an initial only with its full stop.
    return reading.forms[first].length > 1 or reading.is_initial(first)


def _passes_over(reading: Reading, at: int) -> bool:
    """Whether the word may stand inside a person's name without being in the catalogue."""
    form = reading.forms[at]
    if not form.middle or at + 1 >= len(reading.words):
        return False
    if reading.is_initial(at):
        return True
    return len(form.surface) > LONGEST_INITIAL and reading.close(at - 1) and reading.close(at)
