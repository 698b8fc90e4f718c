"""The live page in a real Chromium: it grows at once, is harmless, readable, and usable without a mouse or scripts."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.chromium import axe, browser
from tests.console.index.days import records_of, told
from tests.console.page.running import RunningPage, running_page
from wire.codec import decode
from wire.messages import Cited, Command, CommandKind, Headline, StoryEventKind, StoryFacts, StoryStatus
from wire.topics import COMMANDS

pytestmark = pytest.mark.slow
PAGES = ("/", "/stories/st-1", "/articles/a1", "/search?words=odesa", "/watches", "/deliveries", "/feeds", "/services",
         "/api")  # fmt: skip
HOSTILE = "<script>window.stolen=1</script><img src=x onerror='window.stolen=2'>"
FACTS = StoryFacts(
    status=StoryStatus.DEVELOPING, independent=("one", "two"), first_outlet="one", pace=1.5,
    headlines=(Headline(language="uk", title="Порт Одеси знову відкрито", article_id="a1"),),
    citations=(Cited(outlet="two", cites="one"), Cited(outlet="three", cites="one", articles=2)),
)  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPage]:
    with running_page(tmp_path_factory.mktemp("live")) as page:
        third = told(
            "Ships from *ODESA* reach the Bosporus", "a7", "three", story="st-1", number=3, minutes=50, facts=FACTS,
            title="ODESA port opens again", outlets=("one", "two", "three"), languages=("en", "uk"),
        )  # fmt: skip
        page.write(*records_of([third]))
        yield page


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def tab(chrome: Browser, page: RunningPage) -> Iterator[Page]:
    """A tab in which any error on the console fails the test."""
    with_errors = chrome.new_context(base_url=page.url)
    opened = watched(with_errors)
    yield opened
    assert opened.said == []  # type: ignore[attr-defined]
    with_errors.close()


def watched(context: BrowserContext) -> Page:
    opened = context.new_page()
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.said = said  # type: ignore[attr-defined]
    return opened


def test_a_story_grows_within_a_second(page: RunningPage, tab: Page) -> None:
    tab.goto("/")
    expect(tab.locator("#live")).to_have_text("live")
    line = tab.locator("li[data-story=st-live]")
    for number in range(1, 4):
        event = told(
            f"Report {number}", f"g{number}", f"o{number}", story="st-live", number=number, title="A live story"
        )
        begun = time.monotonic()
        page.write(*records_of([event]))
        expect(line).to_contain_text(f"{number} article", timeout=2000)
        took = time.monotonic() - begun
        assert took < 1, f"event {number} took {took:.2f} s"
    assert tab.locator("#stories > li").first.get_attribute("data-story") == "st-live"
    more = told("x", "g9", "o9", story="st-1", number=9, minutes=60, title="ODESA port opens again", facts=FACTS)
    page.write(*records_of([more]))
    expect(tab.locator("li[data-story=st-1]")).to_contain_text("9 articles")


def test_hostile_words_are_text_live_and_loaded(page: RunningPage, tab: Page) -> None:
    tab.goto("/")
    expect(tab.locator("#live")).to_have_text("live")
    page.write(*records_of([told(HOSTILE, "h1", "evil", story="st-h", number=1)]))
    expect(tab.locator("li[data-story=st-h] a")).to_have_text(HOSTILE)
    for path in ("/", "/stories/st-h", "/articles/h1", "/search?words=window"):
        tab.goto(path)
        expect(tab.get_by_text(HOSTILE).first).to_be_visible()
        assert tab.evaluate("window.stolen") is None
    assert tab.locator("img").count() == 0


def test_the_list_can_be_filtered_and_held(page: RunningPage, tab: Page) -> None:
    tab.goto("/")
    tab.get_by_label("Entity").fill("lodz")
    tab.get_by_role("button", name="Show").click()
    expect(tab.locator("#stories > li")).to_have_count(1)
    expect(tab.locator("#live")).to_have_text("live")
    page.write(*records_of([told("No such thing", "f1", "one", story="st-f", number=1)]))
    page.write(*records_of([told("*LODZ* again", "f2", "one", story="st-lodz", number=1)]))
    expect(tab.locator("li[data-story=st-lodz]")).to_be_visible()
    assert tab.locator("li[data-story=st-f]").count() == 0
    tab.get_by_role("button", name="Pause").press("Enter")
    page.write(*records_of([told("*LODZ* still", "f3", "one", story="st-lodz2", number=1)]))
    expect(tab.locator("#live")).to_have_text("paused, 1 changed")
    assert tab.locator("li[data-story=st-lodz2]").count() == 0
    tab.get_by_role("button", name="Go on").press("Enter")
    expect(tab.locator("li[data-story=st-lodz2]")).to_be_visible()


def test_a_merge_while_the_list_is_held_is_not_lost(page: RunningPage, tab: Page) -> None:
    """Whatever comes of the story afterwards, the one that went into it has no line of its own any more."""
    tab.goto("/")
    expect(tab.locator("#live")).to_have_text("live")
    first = [
        told(title, f"{story}-1", "one", story=story, number=1) for title, story in (("In", "st-in"), ("Out", "st-out"))
    ]
    page.write(*records_of(first))
    expect(tab.locator("li[data-story=st-out]")).to_be_visible()
    tab.get_by_role("button", name="Pause").press("Enter")
    merged = replace(
        told("In", "st-in-1", "one", story="st-in", number=2), kind=StoryEventKind.MERGED, other="st-out", article=None
    )
    again = told("In again", "st-in-3", "two", story="st-in", number=3)
    page.write(*records_of([merged, again, told("End", "st-end-1", "one", story="st-end", number=1)]))
    expect(tab.locator("#live")).to_have_text("paused, 2 changed")
    tab.get_by_role("button", name="Go on").press("Enter")
    expect(tab.locator("li[data-story=st-in]")).to_contain_text("3 articles")
    expect(tab.locator("li[data-story=st-out]")).to_have_count(0)


def test_a_correction_from_the_page_is_on_the_log(page: RunningPage, tab: Page) -> None:
    tab.goto("/stories/st-1")
    tab.get_by_text("Merge with another story").press("Enter")
    tab.get_by_label("The other story's id").fill("st-2")
    tab.get_by_role("textbox", name="Why").first.fill("one strike")
    tab.get_by_role("button", name="Merge").press("Enter")
    expect(tab.get_by_role("status")).to_contain_text("on the log")
    expect(tab.get_by_text("Corrections asked for")).to_be_visible()
    (record,) = page.log.reader([COMMANDS]).read(10, timedelta(0))
    said = decode(record.value, Command)
    assert (said.kind, said.target, said.other, said.why) == (CommandKind.MERGE, "st-1", "st-2", "one strike")


def test_a_watch_is_tried_on_the_past(page: RunningPage, tab: Page) -> None:
    now = datetime.now(UTC)
    ids = {"musk": "elon-musk", "putin": "vladimir-putin"}
    event = told("*MUSK* has met *PUTIN*, people say", "b1", "one", story="st-b", number=1, title="A meeting")
    assert event.article is not None
    assert event.reading is not None
    mentions = tuple(replace(one, entity=ids[one.entity]) for one in event.reading.mentions)
    times = {"seen": now, "event_time": now}
    event = replace(event, reading=replace(event.reading, mentions=mentions))
    page.write(*records_of([replace(event, article=replace(event.article, **times), **times)]))
    tab.goto("/watches")
    tab.get_by_role("button", name="Back-test").press("Enter")
    expect(tab.get_by_role("status")).to_contain_text("1 message it would have sent")
    expect(tab.get_by_role("link", name="A meeting").last).to_be_visible()
    tab.get_by_label("The watch").fill('[[watch]]\nname = "x"\nall = ["elon-muskk"]\nchannels = ["terminal"]')
    tab.get_by_role("button", name="Back-test").press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("did you mean")
    tab.get_by_label("The watch").fill("no TOML")
    tab.get_by_role("button", name="Back-test").press("Enter")
    expect(tab.get_by_role("alert")).to_contain_text("no TOML")


def test_a_dropped_connection_resumes(page: RunningPage, tab: Page) -> None:
    tab.goto("/")
    expect(tab.locator("#live")).to_have_text("live")
    tab.context.set_offline(True)
    page.write(*records_of([told("While away", "w1", "one", story="st-away", number=1)]))
    tab.context.set_offline(False)
    expect(tab.locator("li[data-story=st-away]")).to_be_visible(timeout=10_000)
    tab.said.clear()  # type: ignore[attr-defined]  # being offline is an error that the browser tells itself


def test_the_keyboard_reaches_everything(tab: Page) -> None:
    tab.goto("/")
    tab.keyboard.press("Tab")
    expect(tab.get_by_text("Skip to content")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#main")).to_be_focused()
    seen = set()
    for _ in range(8):
        tab.keyboard.press("Tab")
        seen.add(tab.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"language", "outlet", "entity", "pause"} <= seen


def test_it_is_readable_without_scripts(chrome: Browser, page: RunningPage) -> None:
    context = chrome.new_context(base_url=page.url, java_script_enabled=False)
    tab = context.new_page()
    for path in PAGES:
        answer = tab.goto(path)
        assert answer is not None
        assert answer.ok
        assert tab.get_by_role("heading", level=1).count() == 1
    tab.goto("/")
    tab.get_by_role("link", name="ODESA port opens again").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("ODESA port opens again")
    expect(tab.get_by_text("two cites one").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "width"), [("phone", 390), ("desktop", 1280)])
def test_axe_finds_nothing_serious(chrome: Browser, page: RunningPage, scheme: str, name: str, width: int) -> None:
    """axe-core's rules on every page; screenshots go to WIREWATCH_SHOTS where it names a folder."""
    context = chrome.new_context(
        base_url=page.url, viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )  # type: ignore[arg-type]
    tab = watched(context)
    found = {}
    for path in PAGES:
        tab.goto(path)
        if path == "/":
            expect(tab.locator("#live")).to_have_text("live")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than a {name}"
        tab.evaluate(axe())
        result = tab.evaluate("axe.run()")
        serious = [one for one in result["violations"] if one["impact"] in ("serious", "critical")]
        if serious:
            found[path] = [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in serious]
        if shots := os.environ.get("WIREWATCH_SHOTS"):
            word = path.strip("/").split("?")[0].replace("/", "-") or "stories"
            tab.screenshot(path=Path(shots) / f"{word}-{name}-{scheme}.png", full_page=True)
    assert found == {}, json.dumps(found, indent=1)
    assert tab.said == []  # type: ignore[attr-defined]
    context.close()
