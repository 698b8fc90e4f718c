"""The invented month says what it promises, and a day is its own only where no earlier one is in its story."""

from collections import Counter

from bench.daily import REPORTS, Told, month
from bench.drift import grouped, spread, swallowed
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
