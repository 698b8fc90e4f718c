"""The stage adds language, vector and mentions to an article, the same whatever the batch."""

import pytest

from enrich.article_reader import ArticleReader
from enrich.stage import Enrich
from enrich.ways import Way
from tests.messages import NOON, article, article_record
from tests.small_encoder import SmallEncoder
from wire.errors import Undecodable
from wire.log.port import Record
from wire.messages import Enriched, Place
from wire.topics import ARTICLES, ENRICHED


@pytest.fixture(scope="module")
def stage(reader: ArticleReader) -> Enrich:
    return Enrich(SmallEncoder(), reader)


def enriched(stage: Enrich, record: Record) -> Enriched:
    (output,) = stage.step(record, NOON).outputs
    assert output.topic == ENRICHED
    assert isinstance(output.message, Enriched)
    return output.message


def test_a_mention_stands_where_its_sentence_says(stage: Enrich) -> None:
    message = article(
        "Розмову Ілона Маска з Путіним підтвердили",
        summary="Про це сказали двоє. Кремль мовчить.",
        body="Більше нічого не відомо.\nМаск не відповів.",
    )
    reading = enriched(stage, article_record(message)).reading
    assert reading.language == "uk"
    found = [
        (m.entity, reading.sentences[m.sentence].text[m.start : m.end], reading.sentences[m.sentence].place)
        for m in reading.mentions
    ]
    assert found == [
        ("elon-musk", "Ілона Маска", Place.HEADLINE),
        ("vladimir-putin", "Путіним", Place.HEADLINE),
        ("kremlin", "Кремль", Place.SUMMARY),
        ("elon-musk", "Маск", Place.BODY),
    ]
    assert [sentence.paragraph for sentence in reading.sentences] == [0, 1, 3]


def test_a_batch_changes_nothing(stage: Enrich) -> None:
    records = [article_record(article(f"Headline number {n}", article_id=f"a{n}"), n) for n in range(5)]
    alone = [enriched(stage, record) for record in records]
    stage.prepare(records)
    assert [enriched(stage, record) for record in records] == alone


def test_a_record_that_is_no_article_spoils_no_batch(stage: Enrich) -> None:
    good, bad = article_record(article("A headline")), Record(topic=ARTICLES, key="k", value=b"{")
    stage.prepare([bad, good])
    assert enriched(stage, good).article.title == "A headline"
    with pytest.raises(Undecodable):
        stage.step(bad, NOON)


def test_the_way_of_the_vector_is_noted_beside_it(reader: ArticleReader) -> None:
    encoder = SmallEncoder()
    encoder.way = Way("bfloat16", 4, 2)
    found = enriched(Enrich(encoder, reader), article_record(article("A headline")))
    assert (found.precision, found.threads, found.workers) == encoder.way


def test_names_and_a_signature_go_with_the_article(stage: Enrich) -> None:
    reading = enriched(stage, article_record(article("Розмову Ілона Маска з Путіним підтвердили"))).reading
    assert reading.names == ("ln", "msk", "ptn")
    assert len(reading.copy_signature) == 88


def test_citations_leave_out_the_outlet_itself(stage: Enrich) -> None:
    message = article(
        "Порт відновив роботу",
        outlet="our-cnn",
        body="Про це Ілон Маск сказав CNN. Про це пишуть «Ранкові вісті» з посиланням на Reuters.",
    )
    reading = enriched(stage, article_record(message)).reading
    assert reading.citations == ("vesti", "reuters")
    surfaces = [reading.sentences[one.sentence].text[one.start : one.end] for one in reading.cited]
    assert (surfaces, [one.origin for one in reading.cited]) == (["Ранкові вісті", "Reuters"], [False, True])
    assert {one.entity for one in reading.mentions} == {"elon-musk", "cnn", "reuters"}
