"""A text as words with their places and what stands between them; what is asked again and again of a word is kept."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress, count
from operator import attrgetter
from typing import NamedTuple

from enrich.name_trie import NameTrie, Use
from enrich.titles import NO_GIVEN_NAMES
from enrich.words import CAPITAL, LONGEST_WORD, LOWER, WORDS_AND_GAPS, Shape, bare, fold, is_cyrillic, shape_of

_HYPHENS = "-‐‑–"
_SPACE = re.compile(r"(?!\s*\n\s*\n)\s{1,3}")
_HYPHEN_GAPS = frozenset(_HYPHENS)
_SPACED_HYPHEN = re.compile(f"\\s?[{_HYPHENS}—]\\s?")  # Северный поток - 2
_INITIAL = re.compile(r"\.(?:[-‐‑]|(?!\s*\n)\s{0,2})")  # also Ж.-К.
_QUOTE = re.compile("\\s?[\"«»“”„‟']\\s?")
_SIGN = re.compile(r"\s?[^\w\s]{1,2}\s?")
_ENDS_SENTENCE = re.compile(r"[.!?…:;\n•—«\"“„(\[]")

OPENING, CLOSING = frozenset('"«“„'), frozenset('"»”“')

_PATRONYMIC = re.compile(r"(?:ович|евич|йович|івн|ївн|овн|евн|ьич)\w{0,4}$")
LONGEST_INITIAL = 2  # letters: Дж.

_SAMPLE_WORDS = 200
CACHE_WORDS = 200_000  # of distinct words: weeks of news in three languages, some 60 MB


class Form(NamedTuple):
    """One spelling of a word as it stands in texts."""

    surface: str
    key: str  # folded
    cyrillic: bool
    length: int  # of the surface without an English possessive
    shape: Shape
    words: tuple[tuple[int, bool], ...]  # of names that it may be a form of, and whether in another spelling
    alone: tuple[Use, ...]  # what it means by itself, strongest first
    opens: tuple[tuple[int, bool], ...]  # where the names go on that begin with it, and whether in another spelling
    begins: bool  # whether any name does
    behind: bool  # may stand behind a person's name as a patronymic or, with its full stop, an initial
    middle: bool  # may stand in the middle of one as these or as a second given name: Barack Hussein Obama


_BEGINS = attrgetter("begins")


class Forms(dict[str, Form]):
    """Forms by their spelling, remembered; when full it forgets all, which costs a second of work."""

    def __init__(self, trie: NameTrie) -> None:
        super().__init__()
        self._trie = trie

    def __missing__(self, surface: str) -> Form:
        if len(self) >= CACHE_WORDS:
            self.clear()
        form = self[surface] = self._read(surface)
        return form

    def _read(self, surface: str) -> Form:
        shape, base, key = shape_of(surface), bare(surface), fold(surface)
        words: Mapping[int, bool] = {}
        if len(surface) <= LONGEST_WORD:
            words = self._trie.words(base, key if base is surface else fold(base), shape)
        if not words and shape is LOWER:  # most of all words
            return Form(surface, key, is_cyrillic(key), len(base), shape, (), (), (), False, False, False)
        alone, opens = self._trie.beginnings(words) if words else ((), ())
        behind = shape is not LOWER and (len(surface) <= LONGEST_INITIAL or _PATRONYMIC.search(surface) is not None)
        second = shape is CAPITAL and not alone and base is surface and key not in NO_GIVEN_NAMES
        begins = bool(alone or opens)
        return Form(
            surface,
            key,
            is_cyrillic(key),
            len(base),
            shape,
            tuple(words.items()),
            alone,
            opens,
            begins,
            behind,
            behind or second,
        )


class Reading:
    """The words of one text."""

    def __init__(self, text: str, forms: Forms) -> None:
        # Gap, word, gap, word, ..., gap: one call for the whole text, since this is where most of the time goes.
        parts = WORDS_AND_GAPS.split(text)
        self.text = text
        self.words: Sequence[str] = parts[1::2]
        gaps = parts[::2]
        # The text's ends are paragraphs' ends.
        gaps[0] = "\n\n" + gaps[0]
        gaps[-1] += "\n\n"
        self._gaps: Sequence[str] = gaps
        self.forms: Sequence[Form] = list(map(forms.__getitem__, self.words))
        self._parts = parts

    @property
    def beginnings(self) -> Iterator[int]:
        """The words with which a name may begin."""
        return compress(count(), map(_BEGINS, self.forms))

    @cached_property
    def in_cyrillic(self) -> bool:
        """Whether most of its words are."""
        sample = self.forms[:_SAMPLE_WORDS]
        return 2 * sum([form.cyrillic for form in sample]) > len(sample)

    def __len__(self) -> int:
        return len(self.words)

    def places(self, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Where in the text each span of words begins and ends, the last word without a possessive.

        Args:
            spans: first and last word of each, in order and none overlapping.
        """
        known, place = 0, 0  # the part of the text that begins at `place`
        for first, last in spans:
            begins = 2 * first + 1
            place += sum(map(len, self._parts[known:begins]))
            yield place, place + sum(map(len, self._parts[begins : 2 * last + 1])) + self.forms[last].length
            known = begins

    def gap(self, at: int) -> str:
        """What stands between word `at`, from -1 on, and the next; the text's ends are paragraphs' ends."""
        return self._gaps[at + 1]

    def joined(self, at: int, *, loose: bool) -> bool:
        """Whether word `at` and the next may belong to one name."""
        form = self.forms[at]
        if form.length != len(form.surface) and form.surface[-1] in "sS":
            return False  # Putin's Peskov is two persons, Mike'a Pence'a is one
        gap = self.gap(at)
        if gap == " ":
            return True
        if gap in _HYPHEN_GAPS or _SPACE.fullmatch(gap) or _QUOTE.fullmatch(gap):
            return True
        if _SPACED_HYPHEN.fullmatch(gap) and self.forms[at + 1].surface[:1].isdigit():
            return True
        return loose and _SIGN.fullmatch(gap) is not None

    def is_initial(self, at: int) -> bool:
        """Whether the word is an initial: a letter or two, and a full stop that ends no line."""
        form = self.forms[at]
        return (
            len(form.surface) <= LONGEST_INITIAL
            and form.shape is not LOWER
            and _INITIAL.fullmatch(self.gap(at)) is not None
        )

    def close(self, at: int) -> bool:
        """Whether nothing but space stands between word `at` and the next."""
        gap = self.gap(at)
        return gap == " " or _SPACE.fullmatch(gap) is not None

    def hyphenated(self, at: int) -> bool:
        """Whether a hyphen joins word `at` and the next."""
        return self.gap(at) in _HYPHEN_GAPS

    def dashed(self, at: int) -> bool:
        """Whether a hyphen or dash stands between word `at` and the next, with or without spaces."""
        return _SPACED_HYPHEN.fullmatch(self.gap(at)) is not None

    def in_quotes(self, first: int, last: int) -> bool:
        """Whether quotation marks hold words `first` to `last` and nothing else."""
        return self.gap(first - 1)[-1:] in OPENING and self.gap(last)[:1] in CLOSING

    def opens(self, at: int) -> bool:
        """Whether a sentence, quotation or line begins with the word."""
        return at == 0 or _ENDS_SENTENCE.search(self.gap(at - 1)) is not None
