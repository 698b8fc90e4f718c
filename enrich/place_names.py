"""Where the name of a place is only the last word of another name: Банк России, Южная Европа, телеканал "Россия 24"."""

import re
from collections.abc import Callable, Container

from enrich.inflection import Inflection
from enrich.reading import OPENING, Reading
from enrich.titles import DIRECTIONS, FACILITIES, INSTITUTIONS, MINISTRIES, word_forms
from enrich.words import CAPITAL, LOWER, UPPER

_WORDS_OF_A_NAME = 7
# Минздрав, Мінфін: a ministry in one word.
_MINISTRY = re.compile(
    r"м[иі]н(?:здрав|ф[иі]н|оборон|юст|[эе]нерго|[эе]коном|образован|осв[иі]т|культ|транс|пром|труд|пр[ао]ц|сельхоз|"
    r"агро|соц|цифр)"
)
_INSIDE = frozenset(("и", "і", "й", "та", "по", "з", "із"))
_SHORTEST_ACRONYM = 2
_LONGEST_ACRONYM = 4  # КНДР


class PlacesInNames:
    """Tells places from names that end with a place.  Remembers words."""

    def __init__(self, inflection: Inflection) -> None:
        self._inflection = inflection
        self._institutions = word_forms(INSTITUTIONS, inflection)
        self._ministries = word_forms(MINISTRIES, inflection)
        self._facilities = word_forms(FACILITIES, inflection)
        self._parts: dict[str, str] = {}

    def has(
        self, reading: Reading, first: int, last: int, covered: Container[int], *, nominative: Callable[[], bool]
    ) -> bool:
        """Whether words `first` to `last` belong to a longer name.

        Args:
            covered: words of other names.
            nominative: says whether the place stands in the nominative, as behind a firm's name: Тойота Україна.
        """
        before = first - 1
        if reading.gap(before)[-1:] in OPENING and self._quoted(reading, first, last):
            return before < 0 or reading.forms[before].key not in self._facilities
        if before < 0 or before in covered or not reading.close(before):
            return False
        form = reading.forms[before]
        key = form.key
        if not form.cyrillic:
            return form.shape is CAPITAL and key in DIRECTIONS
        if form.shape is UPPER and form.length >= _SHORTEST_ACRONYM and not self._shouted(reading, first):
            return True
        if _MINISTRY.match(key):
            return True
        if form.shape is CAPITAL and not reading.opens(before) and self._part(key) == "adjective":
            return True
        if form.shape is CAPITAL and nominative() and not (reading.opens(before) or self._inflection.is_known(key)):
            return True
        return self._of_institution(reading, before, covered)

    def _of_institution(self, reading: Reading, at: int, covered: Container[int]) -> bool:
        """Whether the words up to `at` are an institution's name: Министерство культуры и спорта."""
        for back in range(at, max(-1, at - _WORDS_OF_A_NAME), -1):
            if back in covered or (back < at and not reading.close(back)):
                return False
            form = reading.forms[back]
            key = form.key
            if key in self._ministries:
                return True
            if key in self._institutions:
                return self._proper(reading, back)
            if form.shape is not LOWER or not ((key in _INSIDE and back < at) or self._part(key)):
                return False
        return False

    def _proper(self, reading: Reading, at: int) -> bool:
        """Whether the institution there is written as a name: by its own capital, or that of its adjective."""
        if reading.forms[at].shape is CAPITAL:
            return True
        adjective = at - 1
        if adjective < 0 or not reading.close(adjective) or reading.forms[adjective].shape is not CAPITAL:
            return False
        return self._part(reading.forms[adjective].key) == "adjective"

    def _quoted(self, reading: Reading, first: int, last: int) -> bool:
        """Whether nothing else stands in the quotation marks: the cruiser "Москва", the channel "Россия 24"."""
        numbered = last + 1 < len(reading) and reading.forms[last + 1].surface.isdigit()
        if numbered and (reading.gap(last) == " " or reading.dashed(last)):
            last += 1
        return reading.in_quotes(first, last)

    def _shouted(self, reading: Reading, first: int) -> bool:
        """Whether the place too is in capitals, and no acronym itself: then the capitals say nothing."""
        form = reading.forms[first]
        if form.shape is not UPPER or form.length > _LONGEST_ACRONYM:
            return form.shape is UPPER
        line = (at for at in (first - 2, first - 1, first + 1) if 0 <= at < len(reading))
        return any(reading.forms[at].shape is UPPER and reading.forms[at].length > _LONGEST_ACRONYM for at in line)

    def _part(self, key: str) -> str:
        """`noun`, `adjective` or "" for a folded word."""
        known = self._parts.get(key)
        if known is None:
            if len(self._parts) > 50_000:
                self._parts.clear()
            known = self._parts[key] = self._inflection.part_of_name(key)
        return known
