"""Links are made absolute, or are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fields import web_address

BASE = "https://outlet.example/dir/feed.xml"
CASES = {
    "https://outlet.example/1?a=b": "https://outlet.example/1?a=b",
    "https://outlet.example": "https://outlet.example",
    "//cdn.example/1": "https://cdn.example/1",
    "/1": "https://outlet.example/1",
    "1": "https://outlet.example/dir/1",
    " https://outlet.example/\n1 ": "https://outlet.example/1",
    "https:///1": "https://outlet.example/1",
    "https://outlet.example:x/": None,
    "https://[::1/": None,
    "mailto:a@outlet.example": None,
    "javascript:alert(1)": None,
    "https://outlet.example/" + "x" * 3000: None,
    "": None,
}


@pytest.mark.parametrize(("link", "address"), CASES.items(), ids=[link[:30] for link in CASES])
def test_web_address(link: str, address: str | None) -> None:
    assert web_address(link, BASE) == address


@given(
    st.sampled_from(("http://", "https://")), st.text(alphabet="aZ09-._~:/?#[]@!$&'()*+,;=%<>\\^`{|}\" é", max_size=20)
)
def test_an_address_that_needs_nothing_is_taken_alike(scheme: str, rest: str) -> None:
    """Sound addresses have a short way; a character that is dropped sends them the long one."""
    assert web_address(scheme + rest, BASE) == web_address(f"{scheme}{rest}\0", BASE)
