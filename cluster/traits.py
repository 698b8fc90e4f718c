"""What of an article is compared with others beside its vector: words of the headline, names, numbers, its outlet."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from cluster.rarity import Rarity, Weighed
from cluster.state import ArticleState
from wire.labels import unlabelled
from wire.messages import Enriched

NAMES, NUMBERS = "*", "#"  # groups of `Rarity`; words are grouped by language

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
# Scripts without spaces: pairs of characters stand for words.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_APOSTROPHES = str.maketrans("’ʼ", "''")
# What inflected forms of a word share in most of the languages measured.
_STEM = 6
_MOST_WORDS = 60
_MOST_NAMES = 120
_MOST_NUMBERS = 40
_MARKS = 6
_MOST_SHARED = 8


class Traits(NamedTuple):
    """The tokens of one article, weighed by what was rare when they were read."""

    language: str
    outlet: str
    words: Weighed
    names: Weighed
    numbers: Weighed

    @property
    def kinds(self) -> tuple[Weighed, Weighed, Weighed]:
        """Words, names, numbers."""
        return self[2:]

    @property
    def masses(self) -> tuple[float, float, float]:
        """The sums of squared weights of words, names and numbers."""
        return self.words.mass, self.names.mass, self.numbers.mass


def traits_of(enriched: Enriched, rarity: Rarity) -> Traits:
    """What `enriched` may share with others, weighed by what is rare now."""
    reading = enriched.reading
    names = [key for key in reading.names if not key[0].isdigit()][:_MOST_NAMES]
    numbers = [key for key in reading.names if key[0].isdigit()][:_MOST_NUMBERS]
    words = headline_words(unlabelled(enriched.article.title))
    return _weighed(rarity, reading.language, enriched.article.outlet, words, names, numbers)


def stored_traits(article: ArticleState, rarity: Rarity) -> Traits:
    """The traits of a stored article, weighed by what is rare now."""
    return _weighed(rarity, article.language, article.outlet, article.words, article.names, article.numbers)


def tokens_of(article: ArticleState) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Words, names and numbers, each with their group of `Rarity`."""
    return (article.language, article.words), (NAMES, article.names), (NUMBERS, article.numbers)


def headline_words(title: str) -> tuple[str, ...]:
    """The distinct words of a headline, small and cut to six letters; at most 60 words are read."""
    found: dict[str, None] = {}
    unspaced = _UNSPACED.search(title) is not None
    for match, _ in zip(_WORD.finditer(title), range(_MOST_WORDS), strict=False):
        word = match.group()
        if unspaced and _UNSPACED.search(word):
            found |= dict.fromkeys(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        else:
            found[word if word[0].isdigit() else word.lower().translate(_APOSTROPHES)[:_STEM]] = None
    return tuple(found)


def marks_of(traits: Traits) -> tuple[str, ...]:
    """The rarest tokens of an article, by which it can be found where the vector hides it."""
    weighed = [*traits.names.weights.items(), *traits.numbers.weights.items(), *traits.words.weights.items()]
    weighed.sort(key=lambda one: (-one[1], one[0]))
    return tuple(dict.fromkeys(token for token, _ in weighed[:_MARKS]))


def shared(traits: Traits, other: ArticleState) -> tuple[str, ...]:
    """The names and numbers that both have, rarest first; at most 8."""
    ours = traits.names.weights | traits.numbers.weights
    common = [token for token in (*other.names, *other.numbers) if token in ours]
    return tuple(sorted(common, key=lambda token: (-ours[token], token))[:_MOST_SHARED])


def _weighed(
    rarity: Rarity, language: str, outlet: str, words: Sequence[str], names: Sequence[str], numbers: Sequence[str]
) -> Traits:
    groups, tokens = (language, NAMES, NUMBERS), (words, names, numbers)
    return Traits(language, outlet, *map(rarity.weighed, groups, tokens))
