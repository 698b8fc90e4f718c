"""A text as words with their places and what stands between them; what is asked again and again of a word is kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from enrich.name_trie import NameTrie
from enrich.words import LONGEST_WORD, WORD, Shape, bare, shape_of

_HYPHENS = "-‐‑–"
_SPACE = re.compile(r"(?!\s*\n\s*\n)\s{1,3}")
_HYPHEN = re.compile(f"[{_HYPHENS}]")
_SPACED_HYPHEN = re.compile(f"\\s?[{_HYPHENS}—]\\s?")  # Северный поток - 2
_INITIAL = re.compile(r"\.(?!\s*\n)\s{0,2}")
_QUOTE = re.compile("\\s?[\"«»“”„‟']\\s?")
_SIGN = re.compile(r"\s?[^\w\s]{1,2}\s?")
_ENDS_SENTENCE = re.compile(r"[.!?…:;\n•—«\"“„(\[]")

CACHE_WORDS = 200_000  # of distinct words: weeks of news in three languages, some 60 MB


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a word as it stands in texts."""

    surface: str
    length: int  # of the surface without an English possessive
    shape: Shape
    words: tuple[int, ...]  # of names that it may be a form of
    begins: bool  # whether any name begins with one of them


class Forms:
    """Forms by their spelling, remembered; when full it forgets all, which costs a second of work."""

    def __init__(self, trie: NameTrie) -> None:
        self._trie = trie
        self._known: dict[str, Form] = {}

    def of(self, surface: str) -> Form:
        """The form of a spelling."""
        form = self._known.get(surface)
        if form is None:
            if len(self._known) >= CACHE_WORDS:
                self._known.clear()
            form = self._known[surface] = self._read(surface)
        return form

    def _read(self, surface: str) -> Form:
        shape = shape_of(surface)
        words = self._trie.words(surface, shape) if len(surface) <= LONGEST_WORD else ()
        begins = any(map(self._trie.begins, words))
        return Form(surface, len(bare(surface)), shape, words, begins)


class Reading:
    """The words of one text."""

    def __init__(self, text: str, forms: Forms) -> None:
        found = [(match.start(), match.group()) for match in WORD.finditer(text)]
        self.text = text
        self.starts: Sequence[int] = [start for start, _ in found]
        self.forms: Sequence[Form] = [forms.of(surface) for _, surface in found]

    def __len__(self) -> int:
        return len(self.starts)

    def end(self, at: int) -> int:
        """Where the word ends, without a possessive."""
        return self.starts[at] + self.forms[at].length

    def gap(self, at: int) -> str:
        """What stands between word `at` and the next."""
        if at < 0 or at + 1 >= len(self.starts):
            return "\n"
        return self.text[self.starts[at] + len(self.forms[at].surface) : self.starts[at + 1]]

    def joined(self, at: int, *, loose: bool) -> bool:
        """Whether word `at` and the next may belong to one name."""
        if self.forms[at].length != len(self.forms[at].surface):
            return False  # Putin's Peskov is two persons
        gap = self.gap(at)
        if gap == " ":
            return True
        if _SPACE.fullmatch(gap) or _HYPHEN.fullmatch(gap) or _QUOTE.fullmatch(gap):
            return True
        if _SPACED_HYPHEN.fullmatch(gap) and self.forms[at + 1].surface[:1].isdigit():
            return True
        return loose and _SIGN.fullmatch(gap) is not None

    def is_initial(self, at: int) -> bool:
        """Whether the word is an initial: a letter or two, and a full stop that ends no line."""
        form = self.forms[at]
        return len(form.surface) <= 2 and form.shape is not Shape.LOWER and _INITIAL.fullmatch(self.gap(at)) is not None

    def close(self, at: int) -> bool:
        """Whether nothing but space stands between word `at` and the next."""
        return _SPACE.fullmatch(self.gap(at)) is not None

    def hyphenated(self, at: int) -> bool:
        """Whether a hyphen joins word `at` and the next."""
        return _HYPHEN.fullmatch(self.gap(at)) is not None

    def opens(self, at: int) -> bool:
        """Whether a sentence, quotation or line begins with the word."""
        return at == 0 or _ENDS_SENTENCE.search(self.gap(at - 1)) is not None
