"""Slack's documented limits hold for every message, and nothing in one is a mention, a link or emphasis of its own."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.channels.blocks import MOST_BLOCKS, MOST_HEADER_CHARS, MOST_SECTION_CHARS, Payload, as_blocks
from alerts.message import Manner, compose
from alerts.notice import digest_head
from alerts.outcome import SendRequest
from tests.alert_samples import HOSTILE, alert, hostile_alert, message
from wire.messages import Alert, Place, Snippet, Span

ANGLES = re.compile(r"<([^>]*)>")


def texts(payload: Payload) -> list[str]:
    found = [payload["text"]]
    for block in payload["blocks"]:
        if "text" in block and block["type"] != "header":
            found.append(block["text"]["text"])
        found += [element["text"] for element in block.get("elements", [])]
    return found


def check(of: Alert) -> Payload:
    payload = as_blocks(message(of, may_repeat=True))
    assert len(payload["blocks"]) <= MOST_BLOCKS
    for block in payload["blocks"]:
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= MOST_HEADER_CHARS
        assert len(block.get("elements", [])) <= 10
    for text in texts(payload):
        assert 0 < len(text) <= MOST_SECTION_CHARS
        assert all(inner.startswith(("http://", "https://")) for inner in ANGLES.findall(text))
        assert re.sub(r"&(amp|lt|gt);", "", text).count("&") == 0
    return payload


def test_an_alert() -> None:
    payload = check(alert())
    said = "\n".join(texts(payload))
    for part in (
        "musk-putin",
        "[uk]",
        "\u200b*Маск*\u200b розмовляв",
        "*Путіним*",
        "kyiv-post, cnn, wsj",
        "st-1",
        "al-1",
        "de-1",
    ):
        assert part in said, part
    assert "<https://kyiv.example/a-1?x=1&amp;y=2|Чому Маск говорить із Путіним>" in said
    assert "may repeat" in said
    assert "may repeat" not in json.dumps(as_blocks(message()))


def test_the_words_that_mute_can_be_copied() -> None:
    said = "\n".join(texts(check(alert(watch="musk_and_putin"))))
    assert "Mute: `wirewatch mute musk_and_putin --for 2h`" in said
    hostile = compose(request(alert(watch="a`b <!here> _c_ *")), Manner())
    assert "Mute: `wirewatch mute aˋb &lt;!here&gt; _c_ * --for 2h`" in "\n".join(texts(as_blocks(hostile)))
    linked = compose(request(alert(watch="musk_and_putin")), Manner(public_url="https://desk.example"))
    assert "Mute: <https://desk.example/mute/musk_and_putin|on the page>" in "\n".join(texts(as_blocks(linked)))


def request(of: Alert, members: tuple[Alert, ...] = ()) -> SendRequest:
    return SendRequest(delivery_id="de-1", channel="slack", attempt=1, may_repeat=False, alert=of, members=members)


def test_hostile_words_stay_words() -> None:
    said = "\n".join(texts(check(hostile_alert())))
    assert not re.search(r"<!|@(channel|here|everyone)|javascript:.*>", said)
    assert "\u202e" not in said


def test_limits_hold_for_a_digest_whose_every_part_is_as_long_as_it_may_be() -> None:
    """Slack refuses the whole message for one block, and with it what other outlets had in it."""
    (evidence,) = alert().evidence
    words = Snippet(text="musk " + "&" * 495, place=Place.BODY, spans=(Span(entity="musk", start=0, end=4),))
    link = "https://h.example/" + "x" * 680
    odd = replace(evidence, url=link, title="&" * 500, outlet="&" * 200, language="&" * 9, snippets=(words,) * 9)
    member = alert(evidence=(odd,), why="&" * 400)
    check(member)
    top = digest_head([member, member], "held", channel="slack", now=member.seen)
    payload = as_blocks(compose(request(top, members=(member, member)), Manner()))
    assert max(map(len, texts(payload))) <= MOST_SECTION_CHARS
    assert "\u200b*musk*" in "\n".join(texts(payload))


@given(st.text(st.sampled_from('&<>*_~`@|"аx \n\u202e'), max_size=900), st.integers(0, 60))
def test_limits_hold_for_any_words(words: str, start: int) -> None:
    (evidence,) = alert().evidence
    snippet = Snippet(text=words * 3, place=Place.BODY, spans=(Span(entity="musk", start=start, end=start + 20),))
    odd = replace(evidence, title=words + "t", outlet=words + "o", snippets=(snippet,) * 4)
    check(alert(title=words + "h", evidence=(odd,) * 5, why=words, outlets=(words + HOSTILE,) * 30))
