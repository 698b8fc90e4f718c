"""The invented month says what it promises; a day is its own only where no earlier one is in its story, and a story
of several days is whole only where a tenth at most lies elsewhere and a tenth at most is foreign."""

from collections import Counter

import pytest

from bench.daily import REPORTS, Told, month
from bench.developing import TOPIC
from bench.drift import Held, grouped, not_whole, spread, swallowed
from bench.gold import GoldLine
from tests.small_encoder import SmallEncoder


def test_a_seed_gives_the_same_month_and_another_one_another() -> None:
    assert month(1, 3) == month(1, 3)
    assert month(1, 3) != month(2, 3)


def test_each_event_is_told_by_every_outlet_and_no_two_days_alike() -> None:
    stream = month(1, 30)
    assert set(Counter(told.event for told in stream).values()) == {len(REPORTS)}
    assert len({told.line.id for told in stream}) == len(stream)
    events_of_text: dict[str, set[str]] = {}
    for told in stream:
        events_of_text.setdefault(told.line.text, set()).add(told.event)
    assert all(len(events) == 1 for events in events_of_text.values())
    assert not [told for told in stream if "{" in told.line.title + told.line.text]


def test_a_day_in_the_story_of_an_earlier_one_has_none_of_its_own() -> None:
    said = {"mon": "11", "tue": "12", "wed": "12", "thu": "34"}
    stories = {f"{day} {at}": story for day, row in said.items() for at, story in enumerate(row)}
    stream = [
        Told(GoldLine(id=f"{day} {at}", title="", published=f"2026-04-0{number}T0{at}:00:00"), "weather", day, number)
        for number, day in enumerate(said, 1)
        for at in range(2)
    ]
    assert swallowed(stream, stories) == {"tue": "mon", "wed": "mon"}


def test_the_stages_give_every_article_a_story_and_others_come_in_between() -> None:
    stream = month(1, 2)
    others = spread([GoldLine(id=f"other {at}", title="harbour") for at in range(4)], 2)
    assert [line.published for line in others][2] == "2026-04-02T00:00:00+00:00"
    assert grouped(stream, SmallEncoder(), others).keys() == {told.line.id for told in stream}


def telling(topic: str, event: str, articles: range) -> list[Told]:
    return [Told(GoldLine(id=f"{event} {at}", title=""), topic, event, 1) for at in articles]


WHOLE = {  # name: (articles elsewhere, articles of others in its story) of a story of twenty -> whole
    "all together": ((0, 0), True),
    "a tenth elsewhere": ((2, 0), True),
    "more than a tenth elsewhere": ((3, 0), False),
    "two of twenty-two are others": ((0, 2), True),
    "three of twenty-three are others": ((0, 3), False),
    "both within their tenth": ((2, 2), True),
    "both, and one beyond": ((2, 3), False),
}


@pytest.mark.parametrize(("parts", "whole"), WHOLE.values(), ids=WHOLE.keys())
def test_a_story_is_whole_within_a_tenth_lost_and_a_tenth_foreign(parts: tuple[int, int], whole: bool) -> None:
    elsewhere, others = parts
    flood, daily = telling(TOPIC, "flood", range(20)), telling("weather", "weather 1", range(8))
    stories = {told.line.id: "dniester" for told in flood} | {told.line.id: "rain" for told in daily}
    stories |= {told.line.id: "apart" for told in flood[:elsewhere]}
    stories |= {told.line.id: "dniester" for told in daily[:others]}
    found = not_whole([*flood, *daily], stories)
    assert found == ({} if whole else {"flood": Held(articles=20, within=20 - elsewhere, others=others)})


def test_daily_topics_are_not_asked_to_be_whole() -> None:
    daily = telling("weather", "weather 1", range(8))
    assert not not_whole(daily, {told.line.id: told.line.id for told in daily})
