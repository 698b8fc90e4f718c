"""What a host's headers ask of us (RFC 9110, RFC 9111).  Pure; a header that says nothing usable says nothing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"""(?:^|[,\s])max-age\s*=\s*"?(\d{1,10})""", re.IGNORECASE)
_NO_TIME = timedelta(0)
# A mistyped number must stay a number that can be added to a date.
_LONGEST = timedelta(days=365)


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the answer stays fresh from `now`: max-age less Age, else Expires less Date; None if nobody said."""
    age = _MAX_AGE.search(headers.get("cache-control", ""))
    if age is not None:
        return max(_NO_TIME, _seconds(age[1]) - (_whole_seconds(headers.get("age", "")) or _NO_TIME))
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return None
    # The host's own clock, where it gives it: ours may differ.
    return min(max(_NO_TIME, expires - (http_date(headers.get("date", "")) or now)), _LONGEST)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the host wants to be left alone, given as seconds or as a date; None if it does not say."""
    text = headers.get("retry-after", "")
    seconds = _whole_seconds(text)
    if seconds is not None:
        return seconds
    until = http_date(text)
    return None if until is None else min(max(_NO_TIME, until - now), _LONGEST)


def http_date(text: str) -> datetime | None:
    """An HTTP date in UTC; None where `text` is none."""
    try:
        instant = parsedate_to_datetime(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _whole_seconds(text: str) -> timedelta | None:
    digits = text.strip()
    return _seconds(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else None


def _seconds(digits: str) -> timedelta:
    return min(timedelta(seconds=int(digits)), _LONGEST)
