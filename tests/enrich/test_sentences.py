"""Sentences know where they stand, and every span of theirs is true of the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.sentences import passages, reading_text
from tests.messages import article
from wire.messages import Place

CASES = {  # name: (language, text, sentences)
    "initials": ("uk", "І. Маск говорив з В. Зорею. Про що, не сказали.", 2),
    "title": ("en", "He left on Friday. Mr. Novak stayed.", 2),
    "quote": ("uk", "«Це неправда», — сказав речник. Більше не додав.", 2),
    "year": ("ru", "Это началось в 2022 г. весной. Потом было тихо.", 2),
    "no point": ("en", "A headline without a point", 1),
    "other script": ("ja", "これは文です。", 1),
}


@pytest.mark.parametrize(("language", "text", "count"), CASES.values(), ids=CASES.keys())
def test_cut(language: str, text: str, count: int) -> None:
    found = passages(article(text), language)
    assert len(found) == count, [one.text for one in found]


def test_places_and_paragraphs() -> None:
    message = article("Headline", summary="Lead one. Lead two.", body="First. More.\n\nSecond.")
    said = [(one.text, one.place, one.paragraph) for one in passages(message, "en")]
    assert said == [
        ("Headline", Place.HEADLINE, 0),
        ("Lead one.", Place.SUMMARY, 1),
        ("Lead two.", Place.SUMMARY, 1),
        ("First.", Place.BODY, 2),
        ("More.", Place.BODY, 2),
        ("Second.", Place.BODY, 3),
    ]


def test_a_lead_that_opens_the_body_is_read_once() -> None:
    message = article("Headline", summary="The lead.", body="The lead. And the rest.")
    assert reading_text(message) == "Headline\nThe lead. And the rest."


TEXT = st.text(st.sampled_from("Аа. Іі!?\n«»\"' Mr…ё1"), max_size=80)


@given(TEXT, TEXT, TEXT, st.sampled_from(["uk", "ru", "en", "und", "xx"]))
def test_every_passage_stands_where_it_says(title: str, summary: str, body: str, language: str) -> None:
    message = article(title, summary=summary, body=body)
    text = reading_text(message)
    found = passages(message, language)
    for one in found:
        assert text[one.start : one.start + len(one.text)] == one.text
    assert "".join(text.split()) == "".join("".join(one.text.split()) for one in found), "nothing is left out"
