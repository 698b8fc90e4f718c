"""Text is what a reader would see, on lines as paragraphs, bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plain import bounded, clean, one_line, plain

CASES = {
    "words": ("Two  words\r\n", "Two words"),
    "paragraphs": ("<p>One</p><p>two <b>bold</b> three</p>", "One\ntwo bold three"),
    "break": ("one<br>two<br/><br/>three", "one\ntwo\nthree"),
    "list": ("<ul><li>a</li><li>b</li></ul>tail", "a\nb\ntail"),
    "script": ("a<script>if (x < 1) { y }</script><style>b{}</style>c", "ac"),
    "comment": ("a<!-- hidden -->b", "ab"),
    "tracker": ('text<img src="https://t.example/p.gif" width="1">', "text"),
    "references": ("&laquo;так&raquo; &amp; &#8212;", "«так» & —"),
    "wrapped line": ("<p>one\ntwo</p>", "one two"),
    "unclosed": ("<div><p>one<p>two", "one\ntwo"),
    "nothing closed": ("<p>" + "<b>x " * 1000 + "end", "x " * 1000 + "end"),
    "controls": ("a\x00b\x07<i>c\ufeff</i>\u202e\u00ad", "abc"),
    "less than": ("2 < 3 and 4 > 3", "2 < 3 and 4 > 3"),
    "escaped twice": ("&lt;p&gt;One &amp;laquo;two&amp;raquo;&lt;/p&gt;&lt;p&gt;three&lt;/p&gt;", "One «two»\nthree"),
    "about a tag": ("&lt;p&gt; begins a paragraph", "<p> begins a paragraph"),
    "nothing": ("<p></p>", ""),
}


@pytest.mark.parametrize(("markup", "text"), CASES.values(), ids=CASES.keys())
def test_plain(markup: str, text: str) -> None:
    assert plain(markup) == text


def test_a_title_is_one_line() -> None:
    assert one_line(" A\n &quot;B&quot; ") == 'A "B"'


@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_string_becomes_text_that_can_be_written(markup: str) -> None:
    for text in (plain(markup), plain(f"<p>{markup}</p>")):
        text.encode("utf-8")
        assert not any(c < " " and c != "\n" for c in text)


@given(st.text(max_size=50) | st.text(alphabet="aї \xa0\t\n\x85\u200b\u2028", max_size=12))
def test_text_that_needs_no_cleaning_is_cleaned_alike(text: str) -> None:
    """Printable text has a short way; a character that is dropped sends it the long one."""
    assert clean(text) == clean(f"{text}\0")


@given(st.text(max_size=50), st.integers(0, 60))
def test_bounded_is_the_longest_beginning(text: str, limit: int) -> None:
    kept, cut = bounded(text, limit)
    assert len(kept.encode()) <= limit
    assert text.startswith(kept)
    assert cut == (len(text.encode()) > limit)
