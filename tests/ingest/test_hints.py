"""What headers ask of us, however they are written."""

from datetime import timedelta

import pytest

from ingest.hints import fresh_for, retry_after
from tests.messages import NOON

FRESH = {  # name: headers -> seconds
    "max-age": ({"cache-control": "public, max-age=600"}, 600),
    "max-age outranks Expires": ({"cache-control": "max-age=60", "expires": "Sun, 01 Mar 2026 13:00:00 GMT"}, 60),
    "Age is taken off": ({"cache-control": "max-age=600", "age": "200"}, 400),
    "older than allowed": ({"cache-control": "max-age=60", "age": "200"}, 0),
    "s-maxage is not for us": ({"cache-control": "s-maxage=60"}, None),
    "Expires by our clock": ({"expires": "Sun, 01 Mar 2026 12:05:00 GMT"}, 300),
    "Expires by the host's clock": (
        {"expires": "Sun, 01 Mar 2026 15:05:00 GMT", "date": "Sun, 01 Mar 2026 15:00:00 GMT"},
        300,
    ),
    "Expires: 0": ({"expires": "0"}, None),
    "absurd": ({"cache-control": "max-age=9999999999"}, 365 * 86_400),
    "nonsense": ({"cache-control": "max-age=soon"}, None),
    "nothing": ({}, None),
}
RETRY = {  # name: header -> seconds
    "seconds": ("120", 120),
    "date": ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
    "past date": ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
    "mistyped year": ("Wed, 01 Mar 2062 12:00:00 GMT", 365 * 86_400),
    "nonsense": ("later", None),
    "negative": ("-5", None),
    "other digits": ("١٢", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("headers", "seconds"), FRESH.values(), ids=FRESH.keys())
def test_fresh_for(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for(headers, NOON) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("value", "seconds"), RETRY.values(), ids=RETRY.keys())
def test_retry_after(value: str, seconds: int | None) -> None:
    assert retry_after({"retry-after": value}, NOON) == (None if seconds is None else timedelta(seconds=seconds))
