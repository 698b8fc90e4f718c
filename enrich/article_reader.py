"""All that is read in one article's text: language, mentions in their sentences, names, who is cited, a copy signature.

reader = article_reader(load_catalogue())
reader.read(article)  # a `wire.messages.Reading`
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from enrich.citations import CitedOutlet, citations
from enrich.inflection import Inflection
from enrich.language import Language, LanguageDetector
from enrich.mentions import Found, MentionFinder
from enrich.names import NameKeys
from enrich.outlets import is_settings_outlet, with_outlets
from enrich.sentences import Passage, passages, reading_text
from wire.catalogue import Catalogue
from wire.copies import copy_signature
from wire.messages import Article, Citation, Mention, Reading, Sentence
from wire.settings import OutletSettings

_MOST_CITATIONS = 40


class Finder(Protocol):
    """Finds mentions of entities."""

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """Every mention in order, none overlapping."""
        ...


Detect = Callable[[str, str | None], Language]
"""Text and what the feed declares in, the language out."""


class ArticleReader:
    """Reads articles; a function of the article's text and outlet, so equal ones read alike.  One thread at a time.

    Args:
        outlets: entity id to outlet id, for the entities that are outlets.
    """

    def __init__(self, finder: Finder, detect: Detect, names: NameKeys, outlets: Mapping[str, str]) -> None:
        self._finder = finder
        self._detect = detect
        self._names = names
        self._outlets = outlets

    def read(self, article: Article) -> Reading:
        """What the article says, in which language, and whom it cites."""
        text = reading_text(article)
        language = self._detect(text, article.language_hint)
        found = self._finder.find(text, language.code)
        cites = [one for one in citations(text, found, self._outlets) if one.outlet != article.outlet][:_MOST_CITATIONS]
        mentions = [one for one in found if not is_settings_outlet(one.entity)]
        sentences, placed, cited = in_sentences(passages(article, language.code), mentions, cites)
        return Reading(
            language=language.code,
            confidence=round(language.confidence, 3),
            sentences=sentences,
            mentions=placed,
            names=self._names.of(text, language.code),
            citations=tuple(dict.fromkeys(one.outlet for one in cites)),
            cited=cited,
            copy_signature=copy_signature(text),
        )


def article_reader(
    catalogue: Catalogue, detect: Detect | None = None, outlets: Sequence[OutletSettings] = ()
) -> ArticleReader:
    """A reader that knows the entities of `catalogue` and the outlets of the settings; making one takes about a second.

    Args:
        detect: shared by the lanes of a process, since its models take much memory; None makes one.
    """
    inflection = Inflection()
    known, ids = with_outlets(catalogue, outlets)
    return ArticleReader(
        MentionFinder(known, inflection), detect or LanguageDetector().detect, NameKeys(inflection), ids
    )


def in_sentences(
    all_passages: Sequence[Passage], found: Sequence[Found], cites: Sequence[CitedOutlet]
) -> tuple[tuple[Sentence, ...], tuple[Mention, ...], tuple[Citation, ...]]:
    """The sentences that hold a mention or a citation, and these with their places in them.

    What crosses the end of its sentence is cut there: the boundary may be wrong, the name is not.
    """
    sentences: list[Sentence] = []
    mentions: list[Mention] = []
    cited: list[Citation] = []
    for passage in all_passages:
        end = passage.start + len(passage.text)
        mentioned = [one for one in found if passage.start <= one.start < end]
        named = [one for one in cites if passage.start <= one.start < end]
        at, shift = len(sentences), passage.start
        for one in mentioned:
            place = (one.start - shift, min(one.end, end) - shift)
            mentions.append(Mention(entity=one.entity, sentence=at, start=place[0], end=place[1]))
        for other in named:
            place = (other.start - shift, min(other.end, end) - shift)
            cited.append(Citation(outlet=other.outlet, sentence=at, start=place[0], end=place[1], origin=other.origin))
        if mentioned or named:
            sentences.append(Sentence(text=passage.text, place=passage.place, paragraph=passage.paragraph))
    return tuple(sentences), tuple(mentions), tuple(cited)
