"""The invented developing stories are what they promise: one event over days, in three languages, among the month."""

from collections import defaultdict
from itertools import pairwise

import pytest

from bench.daily import LONGEST_DAYS, REPORTS, Kind, Told
from bench.developing import STORY_DAYS, TOPIC, Coverage, developing, developing_stories

STORIES = developing_stories()
OWN_REPORTS = [report.language for report in REPORTS if report.kind is not Kind.COPY]
FOREIGN_LETTERS = {"uk": "ыэёъ", "ru": "іїєґ'", "en": "абвгдеєжзиіїйклмнопрстуфхцчшщьюяыэъ"}
# The story's name, as a stem in each language: it stands in every report, in a follow-up through the recap.
STEMS = {
    "boat": ("Горлиц", "Horlytsia"),
    "count": ("Бєльц", "Бельц", "Balti"),
    "engineer": ("Журавчак", "Zhuravchak"),
    "flood": ("Дніст", "Днест", "Dniester"),
    "forest": ("Тасос", "Thasos"),
    "mine": ("Кара-Тас", "Kara-Tas"),
    "strike": ("Гдин", "Гдын", "Gdynia"),
    "takeover": ("Гальваніт", "Гальванит", "Halvanit"),
    "trial": ("Дністробанк", "Днестробанк", "Dnistrobank"),
}


def by_event(stream: list[Told]) -> dict[str, list[Told]]:
    events: dict[str, list[Told]] = defaultdict(list)
    for told in stream:
        events[told.event].append(told)
    return events


def copiers() -> list[str]:
    return [report.outlet for report in REPORTS if report.kind is Kind.COPY]


def words_of(coverage: Coverage) -> str:
    return "".join([*coverage.reports, *coverage.recap])


def test_a_seed_gives_the_same_stories_and_another_one_other_days() -> None:
    assert developing(1) == developing(1)
    assert developing(1) != developing(2)


@pytest.mark.parametrize("name", STORIES)
def test_every_outlet_has_words_for_every_day_and_later_days_look_back(name: str) -> None:
    days = STORIES[name].days
    assert len(days) == STORY_DAYS
    for number, day in enumerate(days, 1):
        assert sorted(day) == sorted(set(OWN_REPORTS))
        for language, coverage in day.items():
            assert len(coverage.reports) == OWN_REPORTS.count(language)
            assert all(len(report.strip().splitlines()) > 2 for report in coverage.reports)
            assert bool(coverage.recap) == (number < STORY_DAYS)


@pytest.mark.parametrize("name", STORIES)
def test_each_language_keeps_to_its_letters(name: str) -> None:
    for day in STORIES[name].days:
        for language, coverage in day.items():
            assert not set(words_of(coverage).lower()) & set(FOREIGN_LETTERS[language])


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_story_lasts_four_days_in_a_row_and_some_overlap(seed: int) -> None:
    events = by_event(developing(seed))
    assert events.keys() == STORIES.keys()
    days = {event: sorted({told.day for told in stream}) for event, stream in events.items()}
    assert all(row == list(range(row[0], row[0] + STORY_DAYS)) for row in days.values())
    assert max(row[-1] for row in days.values()) <= LONGEST_DAYS
    begins = sorted(row[0] for row in days.values())
    gaps = [later - earlier for earlier, later in pairwise(begins)]
    assert 0 < min(gaps) < STORY_DAYS


def test_a_day_is_told_by_all_outlets_on_that_day_under_headlines_of_its_own() -> None:
    stream = developing(1)
    for told in stream:
        assert told.topic == TOPIC
        assert int((told.line.published or "")[8:10]) == told.day
        assert "{" not in told.line.title + told.line.text
    assert len({told.line.id for told in stream}) == len(stream)
    for event, told_of in by_event(stream).items():
        assert len(told_of) == STORY_DAYS * len(REPORTS), event
        originals = [told for told in told_of if told.line.outlet not in copiers()]
        assert len({told.line.title for told in originals}) == len(originals), event


@pytest.mark.parametrize("name", STORIES)
def test_its_name_stands_in_every_report_whichever_recap_is_drawn(name: str) -> None:
    first = STORIES[name].days[0]
    texts = [text for coverage in first.values() for text in (*coverage.reports, *coverage.recap)]
    assert not [text for text in texts if not any(stem in text for stem in STEMS[name])]


def test_a_follow_up_says_again_how_it_began() -> None:
    for name, stream in by_event(developing(1)).items():
        began = STORIES[name].days[0]
        for told in stream:
            if told.day > stream[0].day and told.line.outlet not in copiers():
                recaps = began[told.line.lang or ""].recap
                assert any(recap.format(began=stream[0].day) in told.line.text for recap in recaps)


def test_fewer_days_hold_the_stories_that_end_within_them() -> None:
    whole, part = by_event(developing(1)), by_event(developing(1, 12))
    assert part
    assert part == {event: stream for event, stream in whole.items() if stream[-1].day <= 12}
