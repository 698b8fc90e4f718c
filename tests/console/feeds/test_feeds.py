"""Feeds are tried, added, listed, polled and exchanged from the command line."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.checkup.review import doubts
from console.checkup.status import failing_feeds, trouble_line
from console.feeds.adding import may_hold_secret, outlet_of
from console.feeds.opml import OpmlFeed, read_opml, write_opml
from console.main import app
from console.open_log import open_log
from ingest.errors import Word
from ingest.polled import Failed
from ingest.standing import Standing
from ingest.state import FeedState, feed_key
from tests.console.program import GOOD
from tests.feed_server import Answer, FeedServer, feed_server
from tests.messages import NOON
from wire.codec import decode, encode
from wire.errors import BadSettings
from wire.log.port import BEGINNING, NewRecord
from wire.messages import Command, CommandKind
from wire.settings import FeedSettings, LogSettings, OutletSettings, Settings
from wire.settings_file import load_settings
from wire.topics import COMMANDS, FEEDS

ITEMS = "".join(f"<item><title>n{n}</title><link>/{n}</link></item>" for n in range(7))
FEED = f"<rss version='2.0'><channel><title>t</title><language>uk</language>{ITEMS}</channel></rss>".encode()
PAGE = b"""<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/broken">
<link rel="alternate" type="application/atom+xml" href="/feed"></head><body><a href="/other.xml">x</a></body></html>"""
SCRIPT = {
    "/": [Answer(body=PAGE, headers={"Content-Type": "text/html"})],
    "/broken": [Answer(status=500)],
    "/feed": [Answer(body=FEED, headers={"ETag": '"1"', "Cache-Control": "max-age=60"})],
}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server(SCRIPT) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "wirewatch.toml").write_text(GOOD.replace("[ingest]", "[ingest]\nhost_gap = '0 s'"), encoding="utf-8")
    loaded, _ = load_settings(tmp_path / "wirewatch.toml")
    with closing(open_log(loaded.log)) as log:
        log.create()
    return tmp_path


def wirewatch(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--settings", str(home / "wirewatch.toml")])


def commands(home: Path) -> list[Command]:
    loaded, _ = load_settings(home / "wirewatch.toml")
    with closing(open_log(loaded.log)) as log, closing(log.reader([COMMANDS], BEGINNING)) as reader:
        return [decode(record.value, Command) for record in reader.read(100, timedelta(0))]


def test_a_page_leads_to_its_feed_which_is_tried_shown_and_added(home: Path, server: FeedServer) -> None:
    shown = wirewatch(home, "feeds", "add", server.url("/"), "--outlet", "two")
    assert shown.exit_code == 0, shown.output
    assert "html-page" in shown.output
    assert "answered 500" in shown.output
    assert "rss20, 7 items, 7 articles, language uk" in shown.output
    assert "validators ETag; fresh for 60 s" in shown.output
    assert "note: 7 without a date" in shown.output
    assert "n4" in shown.output
    assert "n5" not in shown.output
    (command,) = commands(home)
    assert (command.kind, command.target) == (CommandKind.ADD_FEED, "two.1")
    assert command.feed is not None
    assert (command.feed.outlet, command.feed.url) == ("two", server.url("/feed"))


def test_a_dry_run_and_a_check_add_nothing(home: Path, server: FeedServer) -> None:
    assert wirewatch(home, "feeds", "add", server.url("/feed"), "--dry-run").exit_code == 0
    assert wirewatch(home, "feeds", "check", server.url("/feed")).exit_code == 0
    assert wirewatch(home, "feeds", "check", server.url("/broken")).exit_code == 1
    assert commands(home) == []


def test_an_address_with_a_secret_is_not_put_on_a_topic(home: Path, server: FeedServer) -> None:
    server.script("/feed?token=x", Answer(body=FEED))
    done = wirewatch(home, "feeds", "add", server.url("/feed?token=x"))
    assert isinstance(done.exception, BadSettings)
    assert "settings file" in str(done.exception)
    assert commands(home) == []
    assert may_hold_secret("https://user@x.example/")
    assert not may_hold_secret("https://x.example/?outputType=xml&page=2")


def test_what_ingest_has_not_taken_yet_counts_already(home: Path, server: FeedServer) -> None:
    """Ingest may be stopped for long: two feeds of one outlet must not get one id."""
    server.script("/second", Answer(body=FEED))
    for address in ("/feed", "/second", "/second"):
        assert wirewatch(home, "feeds", "add", server.url(address), "--outlet", "two").exit_code == 0
    assert [one.target for one in commands(home)] == ["two.1", "two.2"]
    assert wirewatch(home, "feeds", "remove", "two.1").exit_code == 0
    assert wirewatch(home, "feeds", "poll", "two.1").exit_code == 2
    listed = wirewatch(home, "feeds", "list").output
    assert "two.2  new" in listed
    assert "two.1" not in listed


def states(home: Path, *found: FeedState) -> None:
    loaded, _ = load_settings(home / "wirewatch.toml")
    with closing(open_log(loaded.log)) as log:
        log.append([NewRecord(topic=FEEDS, partition=0, key=feed_key(one.feed), value=encode(one)) for one in found])


def with_feed(home: Path) -> str:
    text = (home / "wirewatch.toml").read_text(encoding="utf-8")
    text += '[[outlet]]\nid = "one"\nname = "One"\n[[outlet.feed]]\nurl = "https://one.example/feed"\n'
    (home / "wirewatch.toml").write_text(text, encoding="utf-8")
    address = FeedSettings(url="https://one.example/feed")
    from ingest.feeds import feeds_of_lane

    return feeds_of_lane([OutletSettings(id="one", name="One", feed=(address,))], 0, 1)["one.1"].address


def test_the_list_says_how_each_feed_stands(home: Path) -> None:
    address = with_feed(home)
    assert "one.1  new" in wirewatch(home, "feeds").output
    failed = Failed(word=Word.BUSY, reason="answered 503")
    state = FeedState(
        feed="one.1", address=address, next_poll=NOON, last_poll=NOON - timedelta(hours=1), failures=6, failed=failed,
        failing_since=NOON - timedelta(days=1), standing=Standing.FAILING, format="rss20",
    )  # fmt: skip
    states(home, state)
    shown = wirewatch(home, "feeds", "list").output
    assert "one.1  failing  rss20" in shown
    assert "busy: answered 503" in shown
    row = json.loads(wirewatch(home, "feeds", "list", "--json").output)
    assert (row["feed"], row["standing"], row["interval_seconds"], row["failures"]) == ("one.1", "failing", 3600, 6)
    assert "one.example/feed" not in shown
    assert "! feed one.1: busy: answered 503 (6 times in a row, " in wirewatch(home, "status").output


def test_a_silent_feed_is_in_trouble(home: Path) -> None:
    quiet = FeedState(feed="q.1", address="a", next_poll=NOON, standing=Standing.SILENT, last_news=NOON)
    states(home, quiet)
    loaded, _ = load_settings(home / "wirewatch.toml")
    with closing(open_log(loaded.log)) as log:
        (found,) = failing_feeds(log)
    line = trouble_line(found, NOON + timedelta(days=3))
    assert line == "! feed q.1: silent: answers, but has brought nothing new (for 3 d)"


def test_poll_and_remove_name_feeds_that_exist(home: Path) -> None:
    with_feed(home)
    assert wirewatch(home, "feeds", "poll", "https://one.example/feed").exit_code == 0
    assert [(one.kind, one.target) for one in commands(home)] == [(CommandKind.POLL_NOW, "one.1")]
    assert "did you mean one.1?" in wirewatch(home, "feeds", "poll", "one.2").output
    assert "stands in the settings" in wirewatch(home, "feeds", "remove", "one.1").output


def test_opml_comes_in_and_goes_out(home: Path) -> None:
    with_feed(home)
    listed = [
        OpmlFeed(url="https://www.two.example/a?x=1&y=2", title="Два", language="uk"),
        OpmlFeed(url="https://two.example/b", title="two"),
        OpmlFeed(url="https://one.example/feed", title="known"),
        OpmlFeed(url="https://three.example/f?apikey=1", title="secret"),
    ]
    data = write_opml(listed, "mine")
    assert read_opml(data, "x") == listed
    (home / "list.opml").write_bytes(data)
    shown = wirewatch(home, "feeds", "import", str(home / "list.opml"))
    assert shown.exit_code == 0, shown.output
    new = [(one.target, one.feed and one.feed.url) for one in commands(home)]
    assert new == [("two.example.1", listed[0].url), ("two.example.2", listed[1].url)]
    assert "may hold a secret: three.example" in shown.output
    assert wirewatch(home, "feeds", "export", str(home / "out.opml")).exit_code == 0
    known = [feed.url for feed in read_opml((home / "out.opml").read_bytes(), "x")]
    assert known == ["https://one.example/feed", listed[0].url, listed[1].url]


TAGS = {"uk-UA": "uk", "EN": "en", "??": None, "": None}


@pytest.mark.parametrize(("tag", "code"), TAGS.items())
def test_a_language_tag_of_opml_is_a_code_or_nothing(tag: str, code: str | None) -> None:
    (feed,) = read_opml(f'<opml><outline xmlUrl="https://one.example/rss" language="{tag}"/></opml>'.encode(), "x")
    assert feed.language == code


@pytest.mark.parametrize("words", [("--language", "english"), ("--outlet", "BBC News")], ids=" ".join)
def test_a_feed_has_an_outlet_and_a_language_that_settings_may_have(words: tuple[str, str], home: Path) -> None:
    done = wirewatch(home, "feeds", "add", "http://127.0.0.1:1/feed", *words)
    assert done.exit_code == 2, done.output
    assert f"{words[0]}:" in done.output
    assert commands(home) == []


@pytest.mark.parametrize("data", [b"", b"<rss/>", b"<opml><body/></opml>", b"\xff\xfe\x00", b"<opml><body><outline"])
def test_what_is_no_list_of_feeds_says_so(data: bytes) -> None:
    with pytest.raises(BadSettings, match="OPML"):
        read_opml(data, "list.opml")


def test_old_and_nested_lists_are_read() -> None:
    data = b"""<opml version="1.1"><body><outline text="news"><outline title="T" XMLURL=" https://a.example/f "/>
    <outline text="x" xmlUrl="file:///etc/passwd"/><outline xmlUrl="https://a.example/f"/></outline></body></opml>"""
    assert list(read_opml(data, "x")) == [OpmlFeed(url="https://a.example/f", title="T")]


def test_an_outlet_is_named_by_its_host() -> None:
    assert outlet_of("https://www.Pravda.com.ua/rss/") == "pravda.com.ua"
    assert outlet_of("http://[::1]:8080/") == "1"


def test_check_says_which_outlets_belong_on_one_lane() -> None:
    def settings(pin: str | None) -> Settings:
        outlets = tuple(
            OutletSettings(id=f"o{n}", name="n", pin=pin, feed=(FeedSettings(url=f"https://shared.example/{n}"),))
            for n in range(4)
        )
        return Settings(log=LogSettings(feed_lanes=4), outlet=outlets)

    said = [line for line in doubts(settings(None), NOON) if "shared.example" in line]
    assert len(said) == 1
    assert 'pin the outlets o0, o1, o2, o3 together with pin = "o0"' in said[0]
    assert not [line for line in doubts(settings("o0"), NOON) if "shared.example" in line]
