"""The stage's bench on a small encoder: copies are as many as promised, and every part is counted."""

from itertools import count

from bench.enrichment import Parts, distinct, stage_seconds, with_copies
from enrich.article_reader import article_reader
from tests.messages import article
from tests.small_encoder import SmallEncoder
from wire.catalogue import Catalogue

ARTICLES = [article(f"Headline {number}", article_id=f"a{number}") for number in range(40)]


def test_three_in_ten_are_copies() -> None:
    stream = with_copies(ARTICLES)
    titles = [one.title for one in stream]
    assert len({one.article_id for one in stream}) == len(stream) == 40
    assert len(titles) - len(set(titles)) == 12
    assert all(titles.index(title) <= place for place, title in zip(count(), titles, strict=False))


def test_equal_texts_are_one() -> None:
    assert len(distinct([*ARTICLES, *ARTICLES])) == len(ARTICLES)


def test_parts_add_up_to_the_whole() -> None:
    parts = Parts()
    whole = stage_seconds(SmallEncoder(), article_reader(Catalogue({})), ARTICLES, parts)
    assert set(parts.seconds) == {"embedding", "reading", "log", "rest"}
    assert abs(sum(parts.seconds.values()) - whole) < 1e-6
