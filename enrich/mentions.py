"""Mentions of the catalogue's entities in a text: inflected, transliterated, misspelt, and told from namesakes.

finder = MentionFinder(load_catalogue())
finder.find("NASA просить розслідувати контакти Ілона Маска з Путіним", "uk")
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import NamedTuple, Protocol

from enrich.anchors import Anchors
from enrich.candidates import candidates
from enrich.inflection import Inflection
from enrich.name_trie import NameTrie
from enrich.reading import Forms, Reading
from wire.catalogue import Catalogue

# With the 20 mentions of an ordinary article 2,048 texts are 10 MB.
_KEPT_TEXTS = 2048


class Found(NamedTuple):
    """One mention: `text[start:end] == surface`, counted in characters (code points) of the text given."""

    entity: str
    start: int
    end: int
    surface: str


class Finder(Protocol):
    """Finds mentions of entities."""

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """Every mention in order, none overlapping."""
        ...


class MentionFinder:
    """Finds entities of one catalogue.  Making one compiles the catalogue; not safe for use by two threads at once.

    Args:
        inflection: shared with others of the same thread; None makes one.
    """

    def __init__(self, catalogue: Catalogue, inflection: Inflection | None = None) -> None:
        inflection = inflection or Inflection()
        self._trie = NameTrie(catalogue, inflection)
        self._forms = Forms(self._trie)
        self._anchors = Anchors(inflection)

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """Every mention in order, none overlapping; the longest name wins.

        Rules follow the script of each word, so a text of several languages needs no preparation.

        Args:
            language: of the text, ISO 639-1 or "und"; a preference between names, never a filter.
        """
        reading = Reading(text, self._forms)
        found = list(candidates(reading, self._trie))
        return tuple(
            _found(reading, one.first, one.last, entity.id) for one, entity in self._anchors.choose(reading, found)
        )


class RememberingFinder:
    """A finder that reads no text twice while it remembers it; the texts met longest ago are forgotten.

    It lives as long as its finder, thus of one catalogue.  Not safe for use by two threads at once.
    """

    def __init__(self, finder: Finder, kept_texts: int = _KEPT_TEXTS) -> None:
        self._finder = finder
        self._kept_texts = kept_texts
        self._kept: OrderedDict[bytes, tuple[Found, ...]] = OrderedDict()

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """As the finder inside."""
        # Lone surrogates reach this point in hostile articles; they have no UTF-8.
        key = blake2b(f"{language}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        found = self._kept.pop(key, None)
        if found is None:
            found = self._finder.find(text, language)
        self._kept[key] = found
        if len(self._kept) > self._kept_texts:
            self._kept.popitem(last=False)
        return found


def _found(reading: Reading, first: int, last: int, entity: str) -> Found:
    start, end = reading.starts[first], reading.end(last)
    return Found(entity, start, end, reading.text[start:end])
