"""Every place of a text where a name of the catalogue stands, before anybody asks who is meant."""

from collections.abc import Iterator
from typing import NamedTuple

from enrich.name_trie import NameTrie, Use, strongest
from enrich.reading import Reading
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
            return longer
    return Candidate(first, first, form.alone) if form.alone else None


def _longer(reading: Reading, trie: NameTrie, first: int) -> Candidate | None:
    """Follow every path of names of several words, passing over patronymics and middle initials."""
    best, meant = first, list[Use]()
    open_paths = [(node, first + 1, varied, 0) for node, varied in reading.forms[first].opens]
    while open_paths:
        following = []
        for node, at, varied, passed in open_paths:
            if passed < _MOST_PASSED and _passes_over(reading, at):
                following.append((node, at + 1, varied, passed + 1))
            onwards = trie.onwards(node)
            for word, variant in reading.forms[at].words:
                behind = onwards.get(word)
                if behind is None:
                    continue
                uses = [use for use in trie.uses(behind) if _stands(reading, first, at, use)]
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
    return len(form.surface) > 2 and reading.close(at - 1) and reading.close(at)
