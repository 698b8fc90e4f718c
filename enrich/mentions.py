"""Mentions of the catalogue's entities in a text: inflected, transliterated, misspelt, and told from namesakes.

finder = MentionFinder(load_catalogue())
finder.find("NASA просить розслідувати контакти Ілона Маска з Путіним", "uk")
# Found(entity="nasa", start=0, end=4, surface="NASA"), Found(entity="elon-musk", ..., surface="Ілона Маска"), ...

Forms come from pymorphy3's dictionaries (OpenCorpora, VESUM) and rules of declension of our own (`enrich.inflection`).
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
    """Finds entities of one catalogue.  Not safe for use by two threads at once.

    Making one compiles the catalogue: a second or two for 10,000 names, some three minutes and 2 GB for 1,000,000.
    It remembers up to 200,000 words of what it read, some 60 MB.

    Args:
        catalogue: its names are nominatives; `load_catalogue` has refused what is none.
        inflection: shared with others of the same thread; None makes one.
    """

    def __init__(self, catalogue: Catalogue, inflection: Inflection | None = None) -> None:
        inflection = inflection or Inflection()
        self._trie = NameTrie(catalogue, inflection)
        self._forms = Forms(self._trie)
        self._anchors = Anchors(inflection)

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """Every mention in order, none overlapping; the longest name wins.  Takes any text and raises nothing.

        A word that the text itself explains, as in «Альтбау» (AltBau), means the same wherever it stands there.

        Rules follow the script of each word, so a text of several languages needs no preparation.

        Args:
            text: of any length, time is linear in it; words of more than 40 letters are part of no name.
            language: of the text, ISO 639-1 or "und"; a preference between names, never a filter.
        """
        reading = Reading(text, self._forms)
        chosen = self._anchors.choose(reading, list(candidates(reading, self._trie)))
        explained = defined(reading, chosen)
        if explained:
            chosen = sorted((*chosen, *explained), key=lambda mention: mention[0].first)
        places = reading.places((one.first, one.last) for one, _ in chosen)
        return tuple(
            Found(entity.id, start, end, text[start:end])
            for (_, entity), (start, end) in zip(chosen, places, strict=True)
        )
