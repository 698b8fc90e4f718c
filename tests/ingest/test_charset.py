"""Text is read by what its bytes say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.charset import text_of

UK, PT = "Зерновий коридор відкрили знову", "Últimas notícias: a decisão não agradou à região"
DECLARED = '<?xml version="1.0" encoding="{}"?>\n<a>{}</a>'
CASES = {  # name: bytes, header -> text
    "UTF-8": (UK.encode(), "", UK),
    "mark": (b"\xef\xbb\xbf" + UK.encode(), "text/xml; charset=koi8-u", UK),
    "UTF-16 with mark": (UK.encode("utf-16"), "", UK),
    "UTF-16 without": (DECLARED.format("utf-16", UK).encode("utf-16-be"), "", f"<a>{UK}</a>"),
    "declared": (DECLARED.format("windows-1251", UK).encode("cp1251"), "", f"<a>{UK}</a>"),
    "declared outranks the header": (
        DECLARED.format("koi8-u", UK).encode("koi8-u"), "text/xml; charset=windows-1251", f"<a>{UK}</a>",
    ),
    "declared wrongly, valid UTF-8": (DECLARED.format("windows-1251", UK).encode(), "", f"<a>{UK}</a>"),
    "declared UTF-8, but is not": (DECLARED.format("utf-8", UK).encode("cp1251"), "", f"<a>{UK}</a>"),
    "header": (UK.encode("koi8-u"), "text/xml; charset='koi8-u'", UK),
    "guessed Cyrillic": (UK.encode("cp1251"), "", UK),
    "guessed Latin": (PT.encode("cp1252"), "", PT),
    "Latin-1 means windows-1252": (DECLARED.format("iso-8859-1", "“é”").encode("cp1252"), "", "<a>“é”</a>"),
    "a codec that is no charset": (DECLARED.format("base64", UK).encode("cp1251"), "", f"<a>{UK}</a>"),
    "one broken byte": (UK.encode() * 9 + b"\xff", "", UK * 9 + "\ufffd"),
    "nothing": (b"", "", ""),
}  # fmt: skip


@pytest.mark.parametrize(("body", "header", "text"), CASES.values(), ids=CASES.keys())
def test_text_of(body: bytes, header: str, text: str) -> None:
    assert text_of(body, header) == text


@given(st.binary(max_size=100), st.text(max_size=40))
def test_any_bytes_are_some_text(body: bytes, header: str) -> None:
    text_of(body, header)
    text_of(b"<?xml encoding='" + body + b"'?>\xff", f"charset={header}")
