"""The day can be served, holds what it was invented for, and a day that could not be is refused with every fault."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from demo.day import DAY, Day, load_day
from demo.texts import Format
from wire.errors import BadSettings

# Written apart from the catalogue of entities: the day is judged without the stage that it tests.
MUSK = re.compile(r"Elon Musk|Ілон\w* Маск|Илон\w* Маск")
PUTIN = re.compile(r"Putin\b|Путін|Путин")
SALMON = "salmon-season-satellite"  # its «путина» is the fishing season, in every place


@pytest.fixture(scope="module")
def day() -> Day:
    return load_day()


def whole(day: Day) -> dict[str, list[str]]:
    """Each story's articles, each as one text."""
    texts: dict[str, list[str]] = {}
    for a in day.articles:
        texts.setdefault(a.story, []).append("\n".join((a.title, a.summary, *a.paragraphs, *a.keywords)))
    return texts


def test_size_and_pace(day: Day) -> None:
    assert 60 <= len(day.articles) <= 90
    assert timedelta(seconds=30) <= day.duration <= timedelta(seconds=40)
    gaps = [b.released - a.released for a, b in zip(day.articles, day.articles[1:], strict=False)]
    assert max(gaps) <= timedelta(seconds=2), "the day falls silent"
    assert {feed.format for outlet in day.outlets for feed in outlet.feeds} == set(Format)


def test_every_outlet_publishes_through_every_feed(day: Day) -> None:
    assert {a.feed for a in day.articles} == {feed.id for outlet in day.outlets for feed in outlet.feeds}


def test_the_watched_story_reaches_further_than_is_asked(day: Day) -> None:
    told = day.told(day.expected.alert.story)
    assert len({a.outlet for a in told}) >= 7 > day.expected.alert.min_outlets
    assert {a.language for a in told} == {"uk", "ru", "en"}


def test_rbc_ukraine_publishes_each_article_in_three_languages(day: Day) -> None:
    by_story: dict[str, list[str]] = {}
    for a in day.articles:
        if a.outlet == "rbc-ukraine":
            by_story.setdefault(a.story, []).append(a.language)
    assert by_story
    for languages in by_story.values():
        assert languages == ["uk", "en", "ru"] * (len(languages) // 3)


def test_every_article_of_the_watched_story_names_the_pair(day: Day) -> None:
    for text in whole(day)[day.expected.alert.story]:
        assert re.search(r"Musk|Маск", text)
        assert re.search(r"Putin|Путін|Путин", text)


def test_no_other_article_holds_both(day: Day) -> None:
    for story, texts in whole(day).items():
        if story not in (day.expected.alert.story, SALMON):
            assert not [text for text in texts if MUSK.search(text) and PUTIN.search(text)], story


DECOYS = {  # story: what its texts must hold to be a decoy at all
    "falcon-launch-musk": r"Илон Маск|Elon Musk",
    "kama-bridge-putin": r"Владимир\w* Путин",
    "swimmer-elias-musk": r"Elias Musk|Еліас Маск",
    "mayor-petro-mask": r"Петро Маск .*Путіна",
    "theatre-putin-mask": r"(?m)^Маску Путіна",
    SALMON: r"(?m)^Путина .*",
}


def test_decoys_are_those_that_are_expected(day: Day) -> None:
    assert set(day.expected.decoys.stories) == set(DECOYS)


@pytest.mark.parametrize(("story", "bait"), DECOYS.items(), ids=DECOYS.keys())
def test_a_decoy_is_tempting(day: Day, story: str, bait: str) -> None:
    assert [text for text in whole(day)[story] if re.search(bait, text)]


def test_the_salmon_season_is_not_the_person(day: Day) -> None:
    (text,) = whole(day)[SALMON]
    assert "Илона Маска" in text
    assert not re.search(r"Владимир|Путин(?!а)", text)


def test_a_feed_shows_newest_first_and_nothing_early(day: Day) -> None:
    half = day.duration / 2
    for outlet in day.outlets:
        for feed in outlet.feeds:
            shown = day.shown(feed.id, half)
            assert all(a.released <= half for a in shown)
            assert [a.published for a in shown] == sorted((a.published for a in shown), reverse=True)


OUTLETS = """
[[outlet]]
id = "alpha"
name = "Alpha"
languages = ["en"]
names = ["Alpha"]
feeds = [
    { id = "alpha-en", language = "en", format = "rss", path = "/alpha/rss", carries = "lead" },
    { id = "alpha-map", language = "en", format = "sitemap", path = "/alpha/map.xml", carries = "title" },
]
"""
STORY = """
about = "A test."
[[article]]
feed = "alpha-en"
slug = "first"
second = 1
minute = 10
title = "One"
summary = "First."
[[article]]
feed = "alpha-en"
slug = "second"
second = 2
minute = 20
title = "Two"
summary = "Second."
"""
EXPECTED = """
watch = { name = "pair", all = ["a", "b"] }
alert = { story = "story", min_outlets = 1, languages = ["en"] }
grouped = { min_outlets = 1, stories = ["story"] }
decoys = { stories = [] }
"""
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    def write(outlets: str = OUTLETS, story: str = STORY, expected: str = EXPECTED) -> Path:
        (tmp_path / "stories").mkdir()
        (tmp_path / "outlets.toml").write_text(outlets)
        (tmp_path / "stories" / "story.toml").write_text(story)
        (tmp_path / "expected.toml").write_text(expected)
        return tmp_path

    return write


def test_a_small_day(folder: Folder) -> None:
    day = load_day(folder())
    assert [(a.path, a.published) for a in day.articles] == [
        ("/alpha/en/first", timedelta(minutes=10)),
        ("/alpha/en/second", timedelta(minutes=20)),
    ]


FAULTS = {  # name: (file, old text, new text) -> what the error says
    "unknown feed": (("story", "alpha-en", "beta-en"), "story.toml: first: feed beta-en belongs to no outlet"),
    "same address": (("story", '"second"', '"first"'), "path /alpha/en/first is given 2 times"),
    "feed at an article's address": (("outlets", "/alpha/rss", "/alpha/en/first"), "path /alpha/en/first is given 2"),
    "seconds backwards": (("story", "second = 2", "second = 0"), "second: second 0 stands after 1"),
    "minutes backwards": (("story", "minute = 20", "minute = 5"), "minute 5 comes out in alpha-en after minute 10"),
    "equal minutes": (("story", "minute = 20", "minute = 10"), "minute 10 comes out in alpha-en after minute 10"),
    "no such minute": (("story", "minute = 20", "minute = 1440"), "Expected `int` <= 1439 - at `$.article[1].minute`"),
    "misspelt key": (("story", "summary =", "sumary ="), "unknown field `sumary`"),
    "no lead": (("story", 'summary = "First."', ""), "alpha-en shows leads"),
    "body in a lead feed": (("story", 'summary = "First."', 'summary = "F."\nbody = "B."'), "alpha-en shows leads"),
    "lead in a sitemap": (("story", "alpha-en", "alpha-map"), "alpha-map shows titles"),
    "sitemap with texts": (("outlets", '"title"', '"full"'), "a sitemap cannot carry full"),
    "foreign language": (("outlets", 'language = "en"', 'language = "uk"'), "language uk is none of alpha's: en"),
    "feed twice": (("outlets", "alpha-map", "alpha-en"), "feed alpha-en is given 2 times"),
    "no TOML": (("outlets", "id =", "id ="[:-1]), "outlets.toml: "),
    "unknown story expected": (("expected", '["story"]', '["tale"]'), "no story is called tale"),
    "more outlets than there are": (("expected", "min_outlets = 1", "min_outlets = 2"), "told by 1 outlets, 2 are"),
    "language that nobody writes": (("expected", '["en"]', '["ru"]'), "story is not told in ru"),
    "alert and decoy at once": (("expected", "stories = []", 'stories = ["story"]'), "is called a decoy"),
}


@pytest.mark.parametrize(("change", "says"), FAULTS.values(), ids=FAULTS.keys())
def test_an_impossible_day_is_refused(folder: Folder, change: tuple[str, str, str], says: str) -> None:
    file, old, new = change
    text = {"outlets": OUTLETS, "story": STORY, "expected": EXPECTED}[file]
    assert old in text
    with pytest.raises(BadSettings, match=re.escape(says)):
        load_day(folder(**{file: text.replace(old, new)}))


def test_all_faults_at_once(folder: Folder) -> None:
    with pytest.raises(BadSettings) as refused:
        load_day(folder(story=STORY.replace("alpha-en", "beta-en"), expected=EXPECTED.replace('"story"', '"tale"')))
    assert len(refused.value.faults) > 3


def test_the_day_says_that_it_is_invented() -> None:
    assert "none of these outlets wrote" in (DAY / "outlets.toml").read_text(encoding="utf-8")
