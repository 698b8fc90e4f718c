"""The enrich stage: an article in, the same article with its language, vector and mentions out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from enrich.encoder import Encoder, vector_text
from enrich.language import Language
from enrich.mentions import Found
from enrich.sentences import Passage, passages, reading_text, running_text
from wire.codec import decode
from wire.errors import BadRecord
from wire.log.port import Record
from wire.messages import Article, Enriched, Mention, Reading, Sentence
from wire.stage import NOTHING, Effects, Failure, Output
from wire.topics import ENRICHED
from wire.vectors import encode_vector


class Finder(Protocol):
    """Finds mentions of entities."""

    def find(self, text: str, language: str) -> tuple[Found, ...]:
        """Every mention in order, none overlapping."""
        ...


Detect = Callable[[str, str | None], Language]
"""Text and what the feed declares in, the language out."""


class Enrich:
    """Stateless: what it knows of an article it writes into the message."""

    def __init__(self, encoder: Encoder, finder: Finder, detect: Detect) -> None:
        self._encoder = encoder
        self._finder = finder
        self._detect = detect
        self._memo: dict[str, str] = {}  # text -> its vector, of the batch at hand

    def fold(self, record: Record) -> None:
        """There is no state."""

    def due(self, now: datetime) -> Sequence[Record]:
        """There are no timers."""
        return ()

    def prepare(self, records: Sequence[Record]) -> None:
        """Embed the batch in one go, which costs far less than one by one."""
        texts = sorted({_words(article) for article in map(_article, records) if article is not None})
        vectors = self._encoder.encode(texts) if texts else ()
        self._memo = {text: encode_vector(vector) for text, vector in zip(texts, vectors, strict=True)}

    def step(self, record: Record, now: datetime) -> Effects:
        """The enriched article; raises `BadRecord` for a record that is no article."""
        article = decode(record.value, Article)
        enriched = Enriched(
            article=article,
            reading=self._read(article),
            vector=self._vector(_words(article)),
            space=self._encoder.space,
            precision=self._encoder.precision,
        )
        return Effects(outputs=(Output(ENRICHED, article.article_id, enriched),))

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """The dead letter says it all."""
        return NOTHING

    def _vector(self, words: str) -> str:
        known = self._memo.get(words)
        return known if known is not None else encode_vector(self._encoder.encode([words])[0])

    def _read(self, article: Article) -> Reading:
        text = reading_text(article)
        language = self._detect(text, article.language_hint)
        found = self._finder.find(text, language.code)
        sentences, mentions = place_mentions(passages(article, language.code), found)
        return Reading(
            language=language.code, confidence=round(language.confidence, 3), sentences=sentences, mentions=mentions
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


def _words(article: Article) -> str:
    return vector_text(article.title, running_text(article))


def _article(record: Record) -> Article | None:
    try:
        return decode(record.value, Article)
    except BadRecord:
        return None  # its step will say so, and dead-letter it alone
