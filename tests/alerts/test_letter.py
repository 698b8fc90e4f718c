"""Letters: threaded, honest about repeats, and nothing in an alert can add a header or a tag."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

from alerts.channels.letter import Envelope, letter
from alerts.message import Message
from tests.alert_samples import alert, hostile_alert, message

ENVELOPE = Envelope(sender="wirewatch@desk.example", to=("one@desk.example", "two@desk.example"))


def received(said: Message) -> EmailMessage:
    """The letter as the other side reads it."""
    read = message_from_bytes(letter(said, ENVELOPE).as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def part(read: EmailMessage, kind: str) -> str:
    found = read.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


def test_headers() -> None:
    read = received(message())
    assert {name: read[name] for name in ("Message-ID", "In-Reply-To", "List-Id", "Auto-Submitted")} == {
        "Message-ID": "<de-1@desk.example>",
        "In-Reply-To": read["References"],
        "List-Id": "<musk-putin.wirewatch.desk.example>",
        "Auto-Submitted": "auto-generated",
    }
    assert read["Subject"] == "[musk-putin] Elon Musk and Vladimir Putin: Чому Маск говорить із Путіним"
    assert read["To"] == "one@desk.example, two@desk.example"
    assert read["Date"].datetime.isoformat() == "2026-03-01T12:00:00+00:00"


def test_ids_stand_as_they_are_however_long_they_are() -> None:
    """An id in pieces of encoded words is none: mail programs neither filter by it nor thread."""
    domain = "mail-relay-cluster." * 6 + "newsroom.example"
    made = letter(message(alert(watch="w" * 63)), Envelope(sender=f"wirewatch@{domain}", to=("one@desk.example",)))
    head, _, _ = made.as_bytes().partition(b"\r\n\r\n")
    unfolded = head.replace(b"\r\n ", b" ").decode()
    assert f"<{'w' * 63}.wirewatch.{domain}>" in unfolded
    assert unfolded.count(f"@{domain}>") == 4
    assert max(map(len, head.splitlines())) < 998


def test_whatever_a_watch_is_called_its_list_has_an_id() -> None:
    assert received(message(alert(watch="Одеса <a@b> c")))["List-Id"] == "<-------a-b--c.wirewatch.desk.example>"


def test_letters_on_one_story_share_a_thread_and_keep_their_ids_when_repeated() -> None:
    first, again = received(message()), received(message(attempt=2, may_repeat=True))
    other = received(message(delivery_id="de-2"))
    assert first["References"] == again["References"] == other["References"]
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert "may repeat" not in first["Subject"] + part(first, "plain") + part(first, "html")
    assert "(may repeat)" in again["Subject"]
    assert all("may repeat a message" in part(again, kind) for kind in ("plain", "html"))


def test_both_parts_say_all() -> None:
    read = received(message())
    for kind, marked in (("plain", "*Маск* розмовляв із *Путіним*"), ("html", ">Маск</mark> розмовляв із <mark")):
        text = part(read, kind)
        for said in (
            "musk-putin",
            "Чому Маск говорить",
            "[uk]",
            "kyiv-post, cnn, wsj",
            "st-1",
            "al-1",
            "2026-03-01 11:00 UTC",
        ):
            assert said in text, (kind, said)
        assert marked in text
    assert "https://kyiv.example/a-1?x=1&y=2" in part(read, "plain")
    assert "in one sentence of the text" in part(read, "plain")


def test_seven_bits_pass_any_server() -> None:
    assert all(sign < 128 for sign in letter(message(), ENVELOPE).as_bytes())


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}
        assert not [name for name, _ in attrs if name.startswith("on")]


def test_hostile_words_stay_words() -> None:
    read = received(message(hostile_alert()))
    assert set(read.keys()) == set(received(message()).keys())
    tags = Tags()
    tags.feed(part(read, "html"))
    assert tags.found <= {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "p",
        "strong",
        "h1",
        "span",
        "br",
        "blockquote",
        "mark",
        "table",
        "tr",
        "td",
    }
    assert tags.links == set()
    assert not set("\u202e\x00\x07") & set(part(read, "html") + part(read, "plain") + read["Subject"])
    assert "\nBcc" not in part(read, "plain")
