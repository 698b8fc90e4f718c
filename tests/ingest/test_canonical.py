"""Spellings of one page's address are one text; other pages stay others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.canonical import canonical

SAME = [
    "https://outlet.example/news/1",
    "http://outlet.example/news/1",
    "HTTPS://www.Outlet.EXAMPLE:443/news/1",
    "http://outlet.example:80/news/1#top",
    "https://m.outlet.example/news/1/",
    "https://amp.outlet.example/news/1",
    "https://outlet.example/news/1/amp",
    "https://outlet.example/news/1?amp=1",
    "https://outlet.example/x/../news/./1",
    "https://outlet.example/news/%31",
    "https://user:secret@outlet.example/news/1",
    "https://outlet.example./news/1?utm_source=rss&utm_medium=feed&fbclid=x",
    "  https://outlet.example/news/1? ",
]
DIFFERENT = [
    "https://outlet.example/news/2",
    "https://outlet.example/News/1",
    "https://outlet.example/news/1?id=1",
    "https://outlet.example/news/1?id=1&page=2",
    "https://outlet.example:8080/news/1",
    "https://other.example/news/1",
    "https://outlet.example/news%2F1",
    "https://outlet.example/",
    "https://m.example/news/1",
]
NO_PAGE = [
    "",
    "mailto:a@b.example",
    "javascript:alert(1)",
    "/news/1",
    "https://",
    "http://[::1",
    "http://x:99999/",
    "urn:x:1",
]


@pytest.mark.parametrize("url", SAME)
def test_spellings_of_one_page(url: str) -> None:
    assert canonical(url) == "//outlet.example/news/1"


def test_other_pages_stay_others() -> None:
    assert len({canonical(url) for url in [*DIFFERENT, SAME[0]]}) == len(DIFFERENT) + 1


@pytest.mark.parametrize("url", NO_PAGE)
def test_what_is_no_page(url: str) -> None:
    assert canonical(url) is None


def test_letters_and_their_escapes_are_one() -> None:
    host = "київ".encode("idna").decode()
    escaped = f"https://{host}.example/%d0%bd%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8"
    assert canonical("https://київ.example/новини") == canonical(escaped)


@given(st.text(max_size=40), st.text(max_size=40))
def test_canonical_is_its_own_canonical(path: str, query: str) -> None:
    once = canonical(f"https://outlet.example/{path}?{query}")
    assert once is None or canonical(f"https:{once}") == once


@given(st.text(alphabet="aZ0-._~!$&'()*+,;=:@/?%é\x7f", max_size=20))
def test_an_escape_too_many_changes_nothing(path: str) -> None:
    """A path without escapes has a short way; one with an escape that it does not need takes the long one."""
    assert canonical(f"https://outlet.example/x{path}") == canonical(f"https://outlet.example/%78{path}")
