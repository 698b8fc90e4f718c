"""All that is read in one article's text: language, mentions in their sentences, names, who is cited, a copy signature.

reader = article_reader(load_catalogue())
reader.read(article)  # a `wire.messages.Reading`
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from enrich.inflection import Inflection
from enrich.language import Language, LanguageDetector
from enrich.mentions import Found, MentionFinder
from enrich.names import NameKeys
from enrich.sentences import Passage, passages, reading_text
from wire.catalogue import Catalogue
from wire.copies import copy_signature
from wire.messages import Article, Mention, Reading, Sentence


class Finder(Protocol):
    """Finds mentions of entities."""

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """Every mention in order, none overlapping."""
        ...


Detect = Callable[[str, str | None], Language]
"""Text and what the feed declares in, the language out."""


class ArticleReader:
    """Reads articles; a function of the article's text, so equal texts read alike.  One thread at a time."""

    def __init__(self, finder: Finder, detect: Detect, names: NameKeys) -> None:
        self._finder = finder
        self._detect = detect
        self._names = names

    def read(self, article: Article) -> Reading:
        """What the article says and in which language."""
        text = reading_text(article)
        language = self._detect(text, article.language_hint)
        found = self._finder.find(text, language.code)
        sentences, mentions = place_mentions(passages(article, language.code), found)
        return Reading(
            language=language.code,
            confidence=round(language.confidence, 3),
            sentences=sentences,
            mentions=mentions,
            names=self._names.of(text, language.code),
            copy_signature=copy_signature(text),
        )


def article_reader(catalogue: Catalogue, detect: Detect | None = None) -> ArticleReader:
    """A reader that knows the entities of `catalogue`; making one takes about a second.

    Args:
        detect: shared by the lanes of a process, since its models take much memory; None makes one.
    """
    inflection = Inflection()
    return ArticleReader(
        MentionFinder(catalogue, inflection), detect or LanguageDetector().detect, NameKeys(inflection)
    )


def place_mentions(
    all_passages: Sequence[Passage], found: Sequence[Found]
) -> tuple[tuple[Sentence, ...], tuple[Mention, ...]]:
    """The sentences that hold a mention, and the mentions with their places in them.

    A mention that crosses the end of its sentence is cut there: the boundary may be wrong, the name is not.
    """
    sentences: list[Sentence] = []
    mentions: list[Mention] = []
    for passage in all_passages:
        inside = [one for one in found if passage.start <= one.start < passage.start + len(passage.text)]
        for one in inside:
            start = one.start - passage.start
            end = min(one.end - passage.start, len(passage.text))
            mentions.append(Mention(entity=one.entity, sentence=len(sentences), start=start, end=end))
        if inside:
            sentences.append(Sentence(text=passage.text, place=passage.place, paragraph=passage.paragraph))
    return tuple(sentences), tuple(mentions)
