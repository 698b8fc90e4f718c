"""The enrich stage: an article in, the same article with its vector and what was read in it out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from enrich.article_reader import Reader
from enrich.encoder import Encoder, vector_text
from enrich.sentences import running_text
from wire.codec import decode
from wire.errors import BadRecord
from wire.log.port import Record
from wire.messages import Article, Enriched
from wire.stage import NOTHING, Change, Effects, Failure, Output
from wire.topics import ENRICHED
from wire.vectors import encode_vector


class Enrich:
    """Stateless: what it knows of an article it writes into the message."""

    def __init__(self, encoder: Encoder, reader: Reader) -> None:
        self._encoder = encoder
        self._reader = reader
        self._memo: dict[str, str] = {}  # text -> its vector, of the batch at hand

    def fold(self, record: Record) -> None:
        """There is no state."""

    def remembered(self) -> Iterable[Change]:
        """There is no state."""
        return ()

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
        way = self._encoder.way
        enriched = Enriched(
            article=article,
            reading=self._reader.read(article),
            vector=self._vector(_words(article)),
            space=self._encoder.space,
            precision=way.precision,
            threads=way.threads,
            workers=way.workers,
        )
        return Effects(outputs=(Output(ENRICHED, article.article_id, enriched),))

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """The dead letter says it all."""
        return NOTHING

    def _vector(self, words: str) -> str:
        known = self._memo.get(words)
        return known if known is not None else encode_vector(self._encoder.encode([words])[0])


def _words(article: Article) -> str:
    return vector_text(article.title, running_text(article))


def _article(record: Record) -> Article | None:
    try:
        return decode(record.value, Article)
    except BadRecord:
        return None  # its step will say so, and dead-letter it alone
