"""Dates as outlets write them: RFC 822 and 3339 and what is meant by them, month names of a dozen languages.  Pure.

A date without a zone is taken as UTC, as the formats' readers do.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

# Beginnings of month names in English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Czech, Hungarian,
# Turkish, Ukrainian, Russian and Greek; the longest beginning that fits decides.
_MONTHS = {
    beginning: number
    for number, beginnings in enumerate(
        (
            "jan jän ene gen sty led oca січ янв ιαν",
            "feb fév fev lut úno şub лют фев φεβ",
            "mar már mär mrz maa mrt bře бер мар μαρ μάρ",
            "apr ápr avr abr kwi dub nis кві апр απρ",
            "may mai máj maj mei mag kvě тра май мая μαϊ μαΐ μάι",
            "jun juin jún giu cze červen haz чер июн ιουν ιούν",
            "jul juil júl lug lip červenec tem лип июл ιουλ ιούλ",
            "aug aoû aou ago sie srp ağu сер авг αυγ αύγ",
            "sep szep set wrz zář eyl вер сен σεπ",
            "oct okt out ott paź paz říj eki жов окт οκτ",
            "nov lis kas лис ноя νοε νοέ",
            "dec déc dez dic gru pro ara гру дек δεκ",
        ),
        1,
    )
    for beginning in beginnings.split()
}
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2,
    "mest": 2, "mesz": 2, "eet": 2, "sast": 2, "eest": 3, "msk": 3, "trt": 3, "msd": 4, "gst": 4, "pkt": 5, "ist": 5.5,
    "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "brt": -3, "art": -3, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
_TIME = re.compile(
    r"(?:\b|(?<=T))(?P<half_before>오전|오후)?\s*(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?:[.,]\d+)?(?![\d:.])\s*(?:(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_ZONE = re.compile(
    r"^\s*(?:(?P<word>[A-Za-z]{1,5})(?![A-Za-z/]))?\s*(?:(?P<sign>[+\u2212-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d))?"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|[.º])?[\s,/-]*\s?(?:de\s+)?([^\W\d_]{3,})\.?[\s,/-]*(?:de\s+)?(\d{4}|\d{2})(?!\d)"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th|\.)?[\s,]+(?:at\s+)?(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年년]\s*(\d{1,2}|[^\W\d_]{3,})\s*[-/.月월]\s*(\d{1,2})(?!\d)")
_DOTS = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_SLASHES = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")
# RFC 822 as nearly all feeds write it, to the letter.
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
    r" (?:GMT|UTC|([+-])([01]\d|2[0-3])([0-5]\d))"
)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?")
# Twelve or fourteen digits; as milliseconds since 1970 so many would be long ago or far ahead.
_DIGITS = re.compile(r"\d{12}(?:\d{2})?")
_YEAR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?=T|$)")
_LONGEST = 120  # no date is longer


def instant(text: str | None) -> datetime | None:
    """The instant that `text` names, in UTC and whole seconds; None where it names none that can be told."""
    text = (text or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        found = _usual(text) or _bare(text) or _iso(text) or _worded(text)
    except (ValueError, OverflowError):
        return None
    return None if found is None else found.replace(microsecond=0)


def _usual(text: str) -> datetime | None:
    """What most feeds need, at a tenth of the cost of what follows; never another answer than that gives."""
    found = _USUAL.fullmatch(text)
    month = None if found is None else _MONTHS.get(found[2].lower())
    if found is None or month is None:
        return None
    local = datetime(int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), int(found[6]), tzinfo=UTC)
    if found[7] is None:
        return local
    offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
    return local - offset if found[7] == "+" else local + offset


def _bare(text: str) -> datetime | None:
    if _DIGITS.fullmatch(text) is not None:
        return datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if (epoch := _EPOCH.fullmatch(text)) is not None:
        return datetime.fromtimestamp(int(epoch[1]), tz=UTC)
    if (found := _YEAR_MONTH.fullmatch(text)) is not None:
        return datetime(int(found[1]), int(found[2] or 1), 1, tzinfo=UTC)
    return None


def _iso(text: str) -> datetime | None:
    if not text[:4].isdigit():
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _worded(text: str) -> datetime | None:
    """A date in any order with a time anywhere: the time is taken out first, and what is left holds the date."""
    dots = _DOTS.search(text)  # 01.03.2026 must not be read as a time
    begin = dots.end() if dots else 0
    time = _TIME.search(text, begin)
    if time is None:
        day = _day(text)
        return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
    behind = text[time.end() :]
    zone, length = _zone(behind)
    day = _day(f"{text[: time.start()].rstrip().removesuffix('T')} {behind[length:]}")
    if day is None or zone is None:
        return None
    span = timedelta(hours=_hour(time), minutes=int(time["minute"]), seconds=int(time["second"] or 0))
    midnight = datetime(day.year, day.month, day.day, tzinfo=timezone(zone))
    return (midnight + span).astimezone(UTC)


def _hour(time: re.Match[str]) -> int:
    hour, half = int(time["hour"]), (time["half"] or "").lower()
    if time["half_before"]:
        half = "a" if time["half_before"] == "오전" else "p"
    if hour > 24 or (half and hour > 12):
        raise ValueError("no hour")
    return hour % 12 + 12 * (half == "p") if half else hour


def _zone(behind: str) -> tuple[timedelta | None, int]:
    """The offset at the beginning of what follows a time, and its length; None where a zone is named but unknown."""
    found = _ZONE.match(behind)
    assert found is not None  # it may match nothing
    word = (found["word"] or "").lower()
    offset = timedelta(hours=_HOURS.get(word, 0))
    if word and word not in _HOURS:
        return (None if len(word) == 1 else timedelta(0)), found.start()
    if found["sign"] is not None and found["hours"] is not None:
        size = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        offset += size if found["sign"] == "+" else -size
    return offset, found.end()


def _day(text: str) -> date | None:
    if (found := _YEAR_FIRST.search(text)) is not None:
        return _date(found[1], found[2], found[3])
    if (found := _ORDINAL.match(text.strip())) is not None:
        return date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
    if (found := _DAY_FIRST.search(text)) is not None:
        return _date(found[3], found[2], found[1])
    if (found := _MONTH_FIRST.search(text)) is not None:
        return _date(found[3], found[1], found[2])
    if (found := _DOTS.search(text)) is not None:
        return _date(found[3], found[2], found[1])
    if (found := _SLASHES.search(text)) is not None:
        # The American order, unless it cannot be.
        first, second = found[1], found[2]
        return _date(found[3], second, first) if int(first) > 12 else _date(found[3], first, second)
    return None


def _date(year: str, month: str, day: str) -> date | None:
    number = int(month) if month.isdigit() else _month(month.lower())
    full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 90 else 1900)
    return None if number is None else date(full, number, int(day))


def _month(word: str) -> int | None:
    return next((_MONTHS[word[:size]] for size in range(len(word), 2, -1) if word[:size] in _MONTHS), None)
