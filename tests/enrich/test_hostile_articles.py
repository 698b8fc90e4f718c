"""No article keeps the reader busy for long, whatever stands in it; each is read, or fails, alone."""

import base64
import random
import time

import pytest

from enrich.article_reader import ArticleReader
from enrich.encoder import vector_text
from enrich.sentences import running_text
from tests.messages import article
from wire.codec import encode

SIZE = 300_000
NOISE = random.Random(11)


BODIES = {
    "one letter": "х",
    "letters without a space": "х" * SIZE,
    "base64": base64.b64encode(NOISE.randbytes(SIZE * 3 // 4)).decode(),
    "control characters": "".join(map(chr, range(32))) * (SIZE // 32),
    "bidi marks": "\u202eМаск\u202c \u2066Путін\u2069 " * (SIZE // 16),
    "emoji": "😀👩‍🚀 " * (SIZE // 6),
    "line ends": "\n" * SIZE,
    "short lines": "Ілон Маск.\n" * (SIZE // 11),
    "full stops": ". " * (SIZE // 2),
    "names": "Ілон Маск і Путін, " * (SIZE // 19),
    "outlets": "пише CNN, " * (SIZE // 10),
    "quotation marks": "«" * (SIZE // 2) + "»" * (SIZE // 2),
    "open quotations": "видання «Правда " * (SIZE // 16),
    "digits": "1 000 " * (SIZE // 6),
    "combining marks": "а\u0301" * (SIZE // 2),
    "apostrophes": "а'" * (SIZE // 2),
    "hyphens": "а-" * (SIZE // 2),
    "lone surrogates": "\ud800 Путін \udfff" * (SIZE // 9),
    "two languages by the line": "Ми нічого про це не знаємо.\nМы ничего об этом не знаем.\n" * (SIZE // 56),
    "titles": "президент " * (SIZE // 10) + "Маск",
    "initials": "В. В. " * (SIZE // 6),
    "initials that the library cuts off": "І. " * (SIZE // 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bounded_time_and_answer(reader: ArticleReader, body: str) -> None:
    message = article("Заголовок", body=body)
    started = time.process_time()
    reading = reader.read(message)
    vector_text(message.title, running_text(message))
    assert time.process_time() - started < 12  # of the processor; a second or two, squared time would take minutes
    assert len(reading.names) <= 200
    assert len(reading.cited) <= 40
    assert len(reading.copy_signature) in (0, 88)
    assert all(reading.sentences[one.sentence].text[one.start : one.end] for one in reading.mentions)
    assert all(reading.sentences[one.sentence].text[one.start : one.end] for one in reading.cited)
    if "\ud800" not in body:
        assert encode(reading)


def test_what_is_hostile_in_one_article_changes_no_other(reader: ArticleReader) -> None:
    plain = article("Ілон Маск говорив з Путіним", body="Про це пише CNN.")
    before = reader.read(plain)
    for body in ("\u202e" * 1000, "«" * 1000, "Петро Маск " * 100):
        reader.read(article("x", body=body))
    assert reader.read(plain) == before
