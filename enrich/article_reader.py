"""All that is read in one article's text: language, mentions in their sentences, names, who is cited, a copy signature.

reader = article_reader(load_catalogue())
reader.read(article)  # a `wire.messages.Reading`
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

from msgspec.structs import replace

from enrich.citations import CitedOutlet, citations
from enrich.inflection import Inflection
from enrich.language import Language, LanguageDetector
from enrich.mentions import Found, MentionFinder
from enrich.names import NameKeys
from enrich.outlets import is_settings_outlet, with_outlets
from enrich.sentences import Passage, passages, reading_text
from enrich.signatures import copy_signature
from wire.catalogue import Catalogue
from wire.labels import unlabelled
from wire.messages import Article, Citation, ForeignParagraph, Mention, Reading, Sentence
from wire.settings import OutletSettings

_MOST_CITATIONS = 40
# An ordinary article's reading takes some 5 KB.
_KEPT_READINGS = 2048


class Detector(Protocol):
    """Reads languages."""

    def detect(self, text: str, hint: str | None = None) -> Language:
        """What most of `text` is written in; `hint` is what the feed declares."""
        ...

    def foreign_paragraphs(self, text: str, main: str) -> Mapping[int, Language]:
        """The paragraphs in another language, by number."""
        ...


class Reader(Protocol):
    """Reads articles."""

    def read(self, article: Article, *, language_known: str | None = None) -> Reading:
        """What the article says, in which language, and whom it cites."""
        ...


class RememberingReader:
    """A reader that reads no text twice while it remembers it, whichever outlets bring it.

    Bounded: the texts met longest ago are forgotten.  Not safe for use by two threads at once.
    """

    def __init__(self, reader: Reader, kept_readings: int = _KEPT_READINGS) -> None:
        self._reader = reader
        self._kept_readings = kept_readings
        self._kept: OrderedDict[bytes, Reading] = OrderedDict()

    def read(self, article: Article, *, language_known: str | None = None) -> Reading:
        """As the reader inside."""
        key = _key(article, language_known)
        reading = self._kept.pop(key, None)
        if reading is None:
            reading = self._reader.read(replace(article, outlet=""), language_known=language_known)
        self._kept[key] = reading
        if len(self._kept) > self._kept_readings:
            self._kept.popitem(last=False)
        # All that a reading owes to the outlet is that nobody is cited by itself.
        if article.outlet in reading.citations:
            return self._reader.read(article, language_known=language_known)
        return reading


class ArticleReader:
    """Reads articles; a function of the article's text and outlet, so equal ones read alike.  One thread at a time.

    Args:
        outlets: entity id to outlet id, for the entities that are outlets.
    """

    def __init__(self, finder: MentionFinder, detector: Detector, names: NameKeys, outlets: Mapping[str, str]) -> None:
        self._finder = finder
        self._detector = detector
        self._names = names
        self._outlets = outlets

    def read(self, article: Article, *, language_known: str | None = None) -> Reading:
        """What the article says, in which language, and whom it cites.

        Args:
            language_known: ISO 639-1, as it was read before; None reads it.
        """
        text = reading_text(article)
        if language_known is None:
            language = self._detector.detect(text, article.language_hint)
        else:
            language = Language(language_known, 1.0)
        found = self._finder.find(text, language.code)
        cites = [one for one in citations(text, found, self._outlets) if one.outlet != article.outlet][:_MOST_CITATIONS]
        mentions = [one for one in found if not is_settings_outlet(one.entity)]
        sentences, placed, cited = in_sentences(passages(article, language.code), mentions, cites)
        return Reading(
            language=language.code,
            confidence=round(language.confidence, 3),
            foreign=self._foreign(text, language.code),
            sentences=sentences,
            mentions=placed,
            names=self._names.of(_unlabelled(text), language.code),
            citations=tuple(dict.fromkeys(one.outlet for one in cites)),
            cited=cited,
            copy_signature=copy_signature(text),
        )

    def _foreign(self, text: str, main: str) -> tuple[ForeignParagraph, ...]:
        found = self._detector.foreign_paragraphs(text, main)
        return tuple(
            ForeignParagraph(paragraph=number, language=other.code, confidence=round(other.confidence, 3))
            for number, other in found.items()
        )


def _key(article: Article, language_known: str | None) -> bytes:
    """Of all that a reading depends on but the outlet."""
    parts = (article.title, article.summary, article.body, article.language_hint, language_known)
    # Lone surrogates reach this point in hostile articles; they have no UTF-8.
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _unlabelled(text: str) -> str:
    """`text` with no label in its first line, which is the headline."""
    headline, end, rest = text.partition("\n")
    return f"{unlabelled(headline)}{end}{rest}"


def article_reader(
    catalogue: Catalogue,
    detector: Detector | None = None,
    outlets: Sequence[OutletSettings] = (),
) -> ArticleReader:
    """A reader that knows the entities of `catalogue` and the outlets of the settings; making one takes about a second.

    Args:
        detector: shared by the lanes of a process, None makes one.
    """
    inflection = Inflection()
    known, ids = with_outlets(catalogue, outlets)
    finder = MentionFinder(known, inflection)
    return ArticleReader(finder, detector or LanguageDetector(), NameKeys(inflection), ids)


def in_sentences(
    all_passages: Sequence[Passage], found: Sequence[Found], cites: Sequence[CitedOutlet]
) -> tuple[tuple[Sentence, ...], tuple[Mention, ...], tuple[Citation, ...]]:
    """The sentences that hold a mention or a citation, and these with their places in them.

    What crosses the end of its sentence is cut there: the boundary may be wrong, the name is not.
    """
    sentences: list[Sentence] = []
    mentions: list[Mention] = []
    cited: list[Citation] = []
    found_at, cited_at = [one.start for one in found], [one.start for one in cites]
    for passage in all_passages:
        end = passage.start + len(passage.text)
        mentioned = found[bisect_left(found_at, passage.start) : bisect_left(found_at, end)]
        named = cites[bisect_left(cited_at, passage.start) : bisect_left(cited_at, end)]
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
