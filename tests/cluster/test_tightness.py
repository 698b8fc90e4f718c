"""A tight story asks more of an article that names and counts other things, most of another day's."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from bench.stories import final_stories
from cluster.background import BAR
from cluster.stage import Cluster
from cluster.tightness import COMMON, asked, fit_on_its_day
from enrich.signatures import copy_signature
from tests.cluster.samples import PRIOR, START, record, turned
from tests.stage_runner import StageRunner
from wire.messages import Enriched, Reading, StoryEvent
from wire.settings import ClusterSettings
from wire.topics import STORIES

# So heavy that the means stay where they are, and angles are what they say.
STEADY = replace(PRIOR, weight=1_000_000)
TIGHT = (9.0, 9.0, 9.0)


def test_a_story_of_which_too_little_is_known_asks_what_all_ask() -> None:
    assert asked((), 1.0, 1.0) == asked((12.0,), 1.0, 1.0) == COMMON


@pytest.mark.parametrize(
    ("fits", "days", "differs", "bar"),
    [
        (TIGHT, 1.0, 1.0, 0.6 * 9),
        (TIGHT, 4.0, 1.0, 0.6 * 9),
        (TIGHT, 0.0, 1.0, BAR + 0.3 * (0.6 * 9 - BAR)),
        (TIGHT, 0.48, 1.0, BAR + 0.65 * (0.6 * 9 - BAR)),
        (TIGHT, 1.0, 0.5, BAR + (0.6 * 9 - BAR) / 8),
        (TIGHT, 1.0, 0.0, BAR),
        ((2.0, 2.0), 1.0, 1.0, BAR),  # a loose story asks no less than all
        ((1.7, 3.0, 9.0, 9.0), 1.0, 1.0, 0.6 * 9),  # the better half counts: reports that follow fit less well
    ],
)
def test_what_is_asked(fits: Sequence[float], days: float, differs: float, bar: float) -> None:
    assert asked(fits, days, differs).bar == pytest.approx(bar, abs=1e-6)


def test_only_articles_of_its_day_tell_how_tight_a_story_is() -> None:
    assert fit_on_its_day(9.0, 0.4) == 9.0
    assert fit_on_its_day(9.0, 0.9) is None


def told(*messages: Enriched) -> list[StoryEvent]:
    run = StageRunner(lambda: Cluster(ClusterSettings(), STEADY), STORIES)
    run.take_all([record(message, offset) for offset, message in enumerate(messages)], START)
    return [output.message for output in run.outputs if isinstance(output.message, StoryEvent)]


def report(article_id: str, day: int, hour: int, names: Sequence[str], degrees: float = 0.0) -> Enriched:
    reading = Reading(language="en", names=tuple(names), copy_signature=copy_signature(f"the {' '.join(names)} of it"))
    return turned(article_id, degrees, after=timedelta(days=day, hours=hour), reading=reading)


FRIDAY = ("cape", "ridge", "17", "23")
SATURDAY = ("strait", "delta", "5", "31")


def yesterday() -> list[Enriched]:
    return [report(f"y{hour}", 0, hour, FRIDAY, degrees=hour) for hour in range(4)]


def test_tomorrows_bulletin_opens_a_story_of_its_own() -> None:
    events = told(*yesterday(), report("t", 1, 0, SATURDAY, degrees=30))
    assert [event.kind.value for event in events] == ["opened", "joined", "joined", "joined", "opened"]
    why = events[-1].evidence
    assert why is not None
    assert why.runner_up == events[0].story_id
    assert why.runner_up_score is not None
    assert BAR < why.runner_up_score < why.bar
    assert why.runner_up_bar == why.bar
    assert why.story_fit is not None
    assert why.story_fit > why.bar
    assert why.differs == pytest.approx(1.0, abs=0.2)


def test_what_follows_on_the_same_names_and_numbers_stays() -> None:
    events = told(*yesterday(), report("t", 1, 0, (*FRIDAY, "5"), degrees=30))
    assert len(set(final_stories(events).values())) == 1


def test_the_same_on_its_own_day_stays() -> None:
    events = told(*yesterday(), report("t", 0, 5, SATURDAY, degrees=30))
    assert len(set(final_stories(events).values())) == 1


@pytest.mark.parametrize(
    "todays",
    [
        [report("t", 1, 0, SATURDAY, degrees=30)],
        [report(f"t{hour}", 1, hour, SATURDAY, degrees=28 + hour) for hour in range(3)],
    ],
    ids=len,
)
def test_a_late_report_of_yesterday_merges_nothing(todays: Sequence[Enriched]) -> None:
    events = told(*yesterday(), *todays, report("late", 1, 5, FRIDAY, degrees=4))
    stories = final_stories(events)
    assert stories["late"] == stories["y0"]
    assert {stories[one.article.article_id] for one in todays}.isdisjoint({stories["y0"]})


def test_a_form_filled_in_anew_is_no_copy() -> None:
    """It repeats the words of yesterday's bulletin, with the names and numbers of today."""
    form = copy_signature("the same words in the same order every single day of the year but for names and numbers")
    friday, saturday = (
        turned(
            f"b{day}", 0, after=timedelta(days=day), reading=Reading(language="en", names=names, copy_signature=form)
        )
        for day, names in enumerate((FRIDAY, SATURDAY))
    )
    again = replace(
        turned("b2", 0, after=timedelta(days=1)),
        reading=Reading(language="en", names=FRIDAY, copy_signature=form),
    )
    copies = [event.evidence.copy_of for event in told(friday, saturday, again) if event.evidence is not None]
    assert copies == [None, None, "b0"]
