"""A message says what was found; nothing from outside can change its form."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.message import Manner, Message, Run, compose
from alerts.notice import digest_head
from alerts.outcome import SendRequest
from alerts.plain import cut, one_line, safe_link
from tests.alert_samples import NAMES, alert, message
from tests.messages import NOON
from wire.messages import Alert, AlertKind, Cited, Place, Snippet, Span

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
    assert dict(made.facts)["Coverage"] == "3 outlets (kyiv-post, cnn, wsj) in uk, en"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("year", [1, 9999])
def test_a_feed_may_date_its_article_at_an_end_of_the_calendar(year: int, zone: str) -> None:
    """Programs write the year 1 where they have no date; no zone west of Greenwich has that moment."""
    published = datetime(1, 1, 1, tzinfo=UTC) if year == 1 else datetime(9999, 12, 31, 23, tzinfo=UTC)
    (evidence,) = alert().evidence
    odd = alert(evidence=(replace(evidence, published=published),), first_event_time=published, first_outlet="cnn")
    made = compose(request(odd), Manner(zone=ZoneInfo(zone)))
    assert made.pieces[0].published.split("-")[0] in (str(year), f"{year:04}")


def test_a_name_is_one_line_wherever_it_stands() -> None:
    made = compose(request(alert()), Manner(names={"musk": "Elon\r\nMusk", "putin": "\u202eputin"}))
    names = [run.name for run in made.pieces[0].passages[0] if run.name]
    assert names == ["Elon Musk", "putin"]
    assert made.who == "Elon Musk and putin"


def request(of: Alert) -> SendRequest:
    return SendRequest(delivery_id="de-1", channel="mail", attempt=1, may_repeat=False, alert=of)


@given(st.lists(st.tuples(st.integers(-3, 30), st.integers(-3, 30)), max_size=8))
def test_marks_that_overlap_or_miss_the_text_never_change_its_words(places: list[tuple[int, int]]) -> None:
    text = "one two three four five"
    spans = tuple(Span(entity="musk", start=start, end=end) for start, end in places)
    (evidence,) = alert().evidence
    odd = replace(evidence, snippets=(Snippet(text=text, place=Place.BODY, spans=spans),))
    request = SendRequest(delivery_id="d", channel="c", attempt=1, may_repeat=False, alert=alert(evidence=(odd,)))
    (passage,) = compose(request, Manner(names=NAMES)).pieces[0].passages
    assert "".join(run.text for run in passage) == text


def test_a_headline_of_an_article_outside_the_evidence_has_no_link_of_its_own() -> None:
    made = message(alert(title="Another outlet's words"))
    assert (made.headline, made.link, made.language) == ("Another outlet's words", None, "")
    assert made.pieces[0].link is not None


def spoken(of: Alert, manner: Manner, **said: object) -> Message:
    facts = {"delivery_id": "de-1", "channel": "mail", "attempt": 1, "may_repeat": False, **said}
    return compose(SendRequest(alert=of, **facts), manner)  # type: ignore[arg-type]


def test_the_message_tells_who_was_first_and_whom_they_cite_in_the_reader_s_time() -> None:
    told = alert(
        independent=("kyiv-post", "wsj"),
        first_outlet="wsj",
        first_event_time=NOON - timedelta(hours=2),
        citations=(Cited(outlet="kyiv-post", cites="wsj"),),
    )
    manner = Manner(
        outlets={"wsj": "The Wall Street Journal"},
        zones={"musk-putin": ZoneInfo("Europe/Kyiv")},
        public_url="https://news.example/",
    )
    made = spoken(told, manner)
    assert dict(made.facts) == {
        "Coverage": "3 outlets, 2 independent (kyiv-post, cnn, The Wall Street Journal) in uk, en",
        "Reported first": "The Wall Street Journal, 2026-03-01 12:00 EET",
        "Sources": "kyiv-post cites The Wall Street Journal",
        "First seen": "2026-03-01 13:00 EET, 60 min after publication",
    }
    assert made.pieces[0].published == "2026-03-01 13:40 EET, seen 20 min after publication"
    assert made.story_link == "https://news.example/stories/st-1"
    assert made.mute == "wirewatch mute musk-putin --for 2h"
    assert made.mute_link == "https://news.example/mute/musk-putin"


def test_without_a_page_there_is_no_link_to_it() -> None:
    assert spoken(alert(), Manner()).story_link is None


def test_only_updates_go_under_the_first_message() -> None:
    assert spoken(alert(), Manner(), thread="123.4").reply_to == ""
    update = alert(kind=AlertKind.UPDATE, news=("another language",))
    assert spoken(update, Manner(), thread="123.4").reply_to == "123.4"


def test_a_digest_has_one_entry_for_each_message() -> None:
    update = alert(alert_id="al-2", kind=AlertKind.UPDATE, why="another outlet: cnn")
    top = digest_head([alert(), update], "Held back: quiet hours", channel="mail", now=NOON)
    made = spoken(top, Manner(names=NAMES), members=(alert(), update))
    assert (made.label, made.subject, made.facts) == ("Digest", "2 messages", ())
    assert [piece.why for piece in made.pieces] == [alert().why, "Update: another outlet: cnn"]
    assert all(piece.link for piece in made.pieces)
