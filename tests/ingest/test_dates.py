"""Dates are read as they are meant, whatever zone and language; what is none stays none."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import instant

CASES = {  # as written -> in UTC; empty: no date
    "Sun, 01 Mar 2026 10:00:00 GMT": "2026-03-01T10:00:00Z",
    "01 Mar 2026 10:00:00 +0200": "2026-03-01T08:00:00Z",
    "Sun, 1 Mar 2026 10:00 EST": "2026-03-01T15:00:00Z",
    "Sunday, 01 March 2026 10:00:00 GMT": "2026-03-01T10:00:00Z",
    "Sun, 01 Mar 26 10:00:00 Z": "2026-03-01T10:00:00Z",
    "2026-03-01": "2026-03-01T00:00:00Z",
    "2026-03-01T10:00": "2026-03-01T10:00:00Z",
    "2026-03-01T10:00Z": "2026-03-01T10:00:00Z",
    "2026-03-01 10:00:00": "2026-03-01T10:00:00Z",
    "2026-03-01 10:00:00 +0300": "2026-03-01T07:00:00Z",
    "2026-03-01T10:00:00.123Z": "2026-03-01T10:00:00Z",
    "2026-03-01T10:00:00+0200": "2026-03-01T08:00:00Z",
    "20260301T100000Z": "2026-03-01T10:00:00Z",
    "20260301100000": "2026-03-01T10:00:00Z",
    "202603011000": "2026-03-01T10:00:00Z",
    "1772359200000": "2026-03-01T10:00:00Z",
    "2026": "2026-01-01T00:00:00Z",
    "2026-03": "2026-03-01T00:00:00Z",
    "1772359200": "2026-03-01T10:00:00Z",
    "Sun Mar  1 10:00:00 2026": "2026-03-01T10:00:00Z",
    "Sun Mar 01 10:00:00 UTC 2026": "2026-03-01T10:00:00Z",
    "Sun, 01 Mar 2026 10:00:00": "2026-03-01T10:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 PDT": "2026-03-01T17:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 MSK": "2026-03-01T07:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 EET": "2026-03-01T08:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 EEST": "2026-03-01T07:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 UT": "2026-03-01T10:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 +02:00": "2026-03-01T08:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 GMT+2": "2026-03-01T08:00:00Z",
    "Sun, 01 Mar 2026 24:00:00 GMT": "2026-03-02T00:00:00Z",
    "Sun,01 Mar 2026 10:00:00 +0000": "2026-03-01T10:00:00Z",
    "Sun, 01-Mar-2026 10:00:00 GMT": "2026-03-01T10:00:00Z",
    "Mar 1, 2026 10:00 AM": "2026-03-01T10:00:00Z",
    "March 1, 2026, 10:00 pm": "2026-03-01T22:00:00Z",
    "1 March 2026": "2026-03-01T00:00:00Z",
    "01.03.2026 10:00": "2026-03-01T10:00:00Z",
    "01.03.2026": "2026-03-01T00:00:00Z",
    "03/01/2026 10:00:00": "2026-03-01T10:00:00Z",
    "01/03/2026": "2026-01-03T00:00:00Z",
    "Вс, 01 мар 2026 10:00:00 +0300": "2026-03-01T07:00:00Z",
    "1 березня 2026 10:00": "2026-03-01T10:00:00Z",
    "Нд, 01 бер 2026 10:00:00 +0200": "2026-03-01T08:00:00Z",
    "Seg, 24 Set 2018 19:42:40 -0300": "2018-09-24T22:42:40Z",
    "So, 01 Mär 2026 10:00:00 +0100": "2026-03-01T09:00:00Z",
    "dim., 01 mars 2026 10:00:00 +0100": "2026-03-01T09:00:00Z",
    "nie, 01 mar 2026 10:00:00 +0100": "2026-03-01T09:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 +0000 (UTC)": "2026-03-01T10:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 0200": "2026-03-01T10:00:00Z",
    "Sun, 31 Feb 2026 10:00:00 GMT": "",
    "Sun, 01 Mar 2026 10.00.00 GMT": "2026-03-01T10:00:00Z",
    "2026-03-01T10:00:00 +02:00": "2026-03-01T08:00:00Z",
    "2026-03-01T24:00:00Z": "2026-03-02T00:00:00Z",
    "2026/03/01 10:00:00": "2026-03-01T10:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 CEST": "2026-03-01T08:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 A": "",
    "Sept 1, 2026": "2026-09-01T00:00:00Z",
    "Thu, 01 Sept 2026 10:00:00 GMT": "2026-09-01T10:00:00Z",
    "2026-060": "2026-03-01T00:00:00Z",
    "2026-W09-7": "2026-03-01T00:00:00Z",
    "Sun, 01 Mar 2026 1:02:03 AM": "2026-03-01T01:02:03Z",
    "Sun, 01 Mar 2026 10:00:00 Europe/Kiev": "2026-03-01T10:00:00Z",
    "2026-03-01T10:00:00-00:00": "2026-03-01T10:00:00Z",
    "2026-03-01T10:00:00,5Z": "2026-03-01T10:00:00Z",
    "0000-00-00T00:00:00Z": "",
    "": "",
    "today": "",
    "Mon, 01 Mar 2026 10:00:00 GMT": "2026-03-01T10:00:00Z",
    "  Sun, 01 Mar 2026 10:00:00 GMT \n": "2026-03-01T10:00:00Z",
    "2026년 03월 01일": "2026-03-01T00:00:00Z",
    "2026-03-01 오전 10:00:00": "2026-03-01T10:00:00Z",
    "Κυρ, 01 Μαρ 2026 10:00:00 EET": "2026-03-01T08:00:00Z",
    "2026-március-01T10:00+01:00": "2026-03-01T09:00:00Z",
}
NO_EARLIER = datetime(1000, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(("written", "meant"), CASES.items(), ids=CASES.keys())
def test_instant(written: str, meant: str) -> None:
    found = instant(written)
    assert ("" if found is None else f"{found:%Y-%m-%dT%H:%M:%SZ}") == meant


@given(st.text(max_size=60) | st.from_regex(r"[0-9A-Za-z:+/. -]{0,40}", fullmatch=True))
def test_any_text_is_some_instant_or_none(text: str) -> None:
    found = instant(text)
    assert found is None or (found.tzinfo is UTC and found.microsecond == 0)


@given(st.datetimes(min_value=NO_EARLIER, timezones=st.just(UTC)))
def test_formal_dates_are_read_exactly(when: datetime) -> None:
    whole = when.replace(microsecond=0)
    assert instant(when.isoformat()) == instant(format_datetime(whole)) == whole


USUAL = (
    r"(Mon, )?[0-3]?[0-9] (Jan|Feb|Mar|May|Jun|Sep|Dec|Gen|Xyz) (19|20|00)[0-9]{2} [0-2][0-9]:[0-6][0-9]:[0-6][0-9] "
)


@given(st.from_regex(USUAL + r"(GMT|UTC|[+-][0-2][0-9][0-6][0-9])", fullmatch=True))
def test_how_a_date_is_spaced_changes_nothing(text: str) -> None:
    """The commonest form has a way of its own through the module; one blank more, and it takes the long one."""
    assert instant(text) == instant(text.replace(" ", "  "))
