"""Alerts for tests: one as they are, and one in which every word from outside is hostile."""

from datetime import timedelta

from msgspec.structs import replace

from alerts.message import Manner, Message, compose
from alerts.outcome import SendRequest
from tests.messages import NOON
from wire.messages import Alert, AlertEvidence, Place, Snippet, Span

NAMES = {"musk": "Elon Musk", "putin": "Vladimir Putin"}
_TEXT = "Керівник агентства просить з'ясувати, про що Маск розмовляв із Путіним"
HOSTILE = (
    "</title><script>alert(1)</script>\r\nBcc: everybody@example.org\r\n\r\n<!channel> @here *bold* "
    "`code` <https://evil.example|bank.example> \u202eoff\u0007\u0000 & |"
)


def alert(**said: object) -> Alert:
    evidence = AlertEvidence(
        article_id="a-1",
        outlet="kyiv-post",
        url="https://kyiv.example/a-1?x=1&y=2",
        title="Чому Маск говорить із Путіним",
        language="uk",
        published=NOON - timedelta(minutes=20),
        seen=NOON,
        snippets=(Snippet(text=_TEXT, place=Place.BODY, spans=(_span("musk", "Маск"), _span("putin", "Путіним"))),),
    )
    plain = Alert(
        alert_id="al-1",
        watch="musk-putin",
        entities=("musk", "putin"),
        story_id="st-1",
        title="Чому Маск говорить із Путіним",
        channels=("mail", "slack"),
        evidence=(evidence,),
        outlets=("kyiv-post", "cnn", "wsj"),
        languages=("uk", "en"),
        why="Elon Musk and Vladimir Putin in one sentence of the text",
        first_seen=NOON - timedelta(hours=1),
        seen=NOON,
    )
    return replace(plain, **said)


def _span(entity: str, word: str) -> Span:
    start = _TEXT.index(word)
    return Span(entity=entity, start=start, end=start + len(word))


def hostile_alert() -> Alert:
    plain = alert()
    (evidence,) = plain.evidence
    long = HOSTILE * 40
    snippet = Snippet(text=long, place=Place.BODY, spans=(Span(entity="musk", start=0, end=len(HOSTILE)),))
    worse = replace(
        evidence,
        outlet=HOSTILE,
        title=long,
        language=HOSTILE,
        url='javascript:alert(1)//"><script>',
        snippets=(snippet,) * 3,
    )
    return replace(
        plain,
        title=long,
        why=long,
        outlets=(HOSTILE,) * 40,
        languages=(HOSTILE,) * 9,
        story_id=HOSTILE,
        alert_id=HOSTILE,
        evidence=(worse,) * 60,
    )


def message(of: Alert | None = None, **said: object) -> Message:
    facts = {"delivery_id": "de-1", "channel": "mail", "attempt": 1, "may_repeat": False, **said}
    return compose(SendRequest(alert=of or alert(), **facts), Manner(names=NAMES))  # type: ignore[arg-type]
