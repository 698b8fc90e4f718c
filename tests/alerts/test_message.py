"""A message says what was found; nothing from outside can change its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.message import Run, compose
from alerts.outcome import SendRequest
from alerts.plain import cut, one_line, safe_link
from tests.alert_samples import NAMES, alert, message
from wire.messages import Place, Snippet, Span

LINKS = {
    "https://a.example/b?c=1&d=2#e": True,
    "http://a.example": True,
    "HTTPS://a.example/x": True,
    "javascript:alert(1)": False,
    "data:text/html,x": False,
    "//a.example/x": False,
    "/x": False,
    "https://": False,
    "https://user@a.example/": False,
    "https://a.example/ x": False,
    "https://a.example/|x": False,
    'https://a.example/"onclick=': False,
    "https://a.example/<b>": False,
    "https://a.example/\nBcc:x": False,
    "https://[broken/": False,
    "https://a.example/" + "x" * 3000: False,
}


@pytest.mark.parametrize(("url", "kept"), LINKS.items(), ids=lambda case: str(case)[:40])
def test_only_plain_web_addresses_are_links(url: str, kept: bool) -> None:
    assert safe_link(url) == (url if kept else None)


LINES = {
    "a  b\nc": "a b c",
    " a ": " a ",
    "a\x00\x1b[31mb": "a [31mb",
    "\u202eabc\u2066": "abc",
    "\n": " ",
    "": "",
    "a\u2028b": "a b",
}


@pytest.mark.parametrize(("text", "line"), LINES.items(), ids=map(ascii, LINES))
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text(max_size=60), st.integers(1, 20))
def test_cut_is_never_longer(text: str, most: int) -> None:
    assert len(cut(text, most)) <= most


def test_the_message_tells_both_entities_as_found() -> None:
    made = message()
    (piece,) = made.pieces
    (passage,) = piece.passages
    assert [run for run in passage if run.name] == [Run("Маск", "Elon Musk"), Run("Путіним", "Vladimir Putin")]
    assert made.subject == "Elon Musk and Vladimir Putin: Чому Маск говорить із Путіним"
    assert made.language == "uk"
    assert made.coverage == "3 outlets (kyiv-post, cnn, wsj) in uk, en"


@given(st.lists(st.tuples(st.integers(-3, 30), st.integers(-3, 30)), max_size=8))
def test_marks_that_overlap_or_miss_the_text_never_change_its_words(places: list[tuple[int, int]]) -> None:
    text = "one two three four five"
    spans = tuple(Span(entity="musk", start=start, end=end) for start, end in places)
    (evidence,) = alert().evidence
    odd = replace(evidence, snippets=(Snippet(text=text, place=Place.BODY, spans=spans),))
    request = SendRequest(delivery_id="d", channel="c", attempt=1, may_repeat=False, alert=alert(evidence=(odd,)))
    (passage,) = compose(request, NAMES).pieces[0].passages
    assert "".join(run.text for run in passage) == text


def test_a_headline_of_an_article_outside_the_evidence_has_no_link_of_its_own() -> None:
    made = message(alert(title="Another outlet's words"))
    assert (made.headline, made.link, made.language) == ("Another outlet's words", None, "")
    assert made.pieces[0].link is not None
