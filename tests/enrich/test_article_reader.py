"""Equal texts are read once, and read the same."""

from msgspec.structs import replace

from enrich.article_reader import ArticleReader, RememberingReader
from tests.messages import article
from wire.messages import Article, Reading

TEXT = "CNN reports that Elon Musk spoke with Vladimir Putin. The Kremlin told CNN that it knows of no call."


class Counting:
    """A reader that counts what it is asked."""

    def __init__(self, reader: ArticleReader) -> None:
        self._reader = reader
        self.asked: list[str] = []

    def read(self, article: Article, *, language_known: str | None = None) -> Reading:
        self.asked.append(article.title)
        return self._reader.read(article, language_known=language_known)


def test_a_wire_copy_is_read_once_and_says_the_same_wherever_it_stands(reader: ArticleReader) -> None:
    counting = Counting(reader)
    remembering = RememberingReader(counting)
    for outlet in ("wsj", "reuters", "wsj"):
        one = article("A call", body=TEXT, outlet=outlet)
        assert remembering.read(one) == reader.read(one)
    assert counting.asked == ["A call"]


def test_nobody_is_cited_by_itself(reader: ArticleReader) -> None:
    remembering = RememberingReader(reader)
    cited = remembering.read(article("A call", body=TEXT, outlet="wsj")).citations
    assert cited
    own = article("A call", body=TEXT, outlet=cited[0])
    assert remembering.read(own) == reader.read(own)
    assert cited[0] not in remembering.read(own).citations


def test_what_a_reading_depends_on_is_told_apart(reader: ArticleReader) -> None:
    counting = Counting(reader)
    remembering = RememberingReader(counting)
    first = article("A call", body="It was short.")
    others = [
        replace(first, title="A call\x00"),
        replace(first, summary="It was short."),
        replace(first, body="It was long."),
        replace(first, language_hint="pl"),
        replace(first, title="A call \ud800"),
    ]
    for one in (first, *others):
        remembering.read(one)
    remembering.read(first, language_known="uk")
    assert len(counting.asked) == 7


def test_the_texts_met_longest_ago_are_forgotten(reader: ArticleReader) -> None:
    counting = Counting(reader)
    remembering = RememberingReader(counting, kept_readings=2)
    for title in ("a", "b", "a", "c", "a", "b"):
        remembering.read(article(title))
    assert counting.asked == ["a", "b", "c", "b"]
