"""Mentions of the catalogue's entities in a text: inflected, transliterated, misspelt, and told from namesakes.

finder = MentionFinder(load_catalogue())
finder.find("NASA просить розслідувати контакти Ілона Маска з Путіним", "uk")
"""

from typing import NamedTuple

from enrich.anchors import Anchors
from enrich.candidates import candidates
from enrich.defined_names import defined
from enrich.inflection import Inflection
from enrich.name_trie import NameTrie
from enrich.reading import Forms, Reading
from wire.catalogue import Catalogue


class Found(NamedTuple):
    """One mention: `text[start:end] == surface`, counted in characters (code points) of the text given."""

    entity: str
    start: int
    end: int
    surface: str


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

        A word that the text itself explains, as in «Альтбау» (AltBau), means the same wherever it stands there.

        Rules follow the script of each word, so a text of several languages needs no preparation.

        Args:
            language: of the text, ISO 639-1 or "und"; a preference between names, never a filter.
        """
        reading = Reading(text, self._forms)
        chosen = self._anchors.choose(reading, list(candidates(reading, self._trie)))
        explained = defined(reading, chosen)
        if explained:
            chosen = sorted((*chosen, *explained), key=lambda mention: mention[0].first)
        return tuple(_found(reading, one.first, one.last, entity.id) for one, entity in chosen)


def _found(reading: Reading, first: int, last: int, entity: str) -> Found:
    start, end = reading.starts[first], reading.end(last)
    return Found(entity, start, end, reading.text[start:end])
