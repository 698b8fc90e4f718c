"""Invented stories that go on for four days and stay one: what a rule that parts the days of a topic must not tear.

Each is told by the outlets of `bench.daily.REPORTS`: from day to day other headlines and other numbers, with the same
names throughout, and follow-ups that repeat what happened before.  The texts lie in `developing_stories/`, one file
for each story; they are prose, so they are no tables of fields as those of the daily topics.  Seeded are the days on
which the stories run, the hours, and which of its recaps a report repeats.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec

from bench.daily import LONGEST_DAYS, MONTH_BEGINS, REPORTS, Kind, Told, copied
from bench.gold import GoldLine

TOPIC = "developing"
STORY_DAYS = 4
_FOLDER = Path(__file__).with_name("developing_stories")
_HOURS = range(6, 12)  # of a day's first report; the last one comes before midnight
_SPREAD_DAYS = 3  # among which a story's first day is drawn: neighbours begin one to five days apart


class Coverage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the outlets of one language say on one day; `{began}` is the day of the month of the first report."""

    reports: tuple[str, ...]  # a headline, then a sentence a line; one for each of `REPORTS` that is no copy
    recap: tuple[str, ...] = ()  # wordings in which later days repeat this one


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A story's days, each by language."""

    about: str
    days: tuple[Mapping[str, Coverage], ...]


def developing_stories() -> dict[str, Story]:
    """The stories by name."""
    files = sorted(_FOLDER.glob("*.toml"))
    return {file.stem: msgspec.toml.decode(file.read_bytes(), type=Story) for file in files}


def developing(seed: int, days: int = LONGEST_DAYS) -> list[Told]:
    """The articles of the stories that end within the first `days` days, in no particular order."""
    random = Random(seed)  # noqa: S311
    stories = developing_stories()
    # Spread over the month, so that the last one ends within it.
    step = (LONGEST_DAYS - STORY_DAYS + 1) // len(stories)
    told = [
        _told(random, name, stories[name], 1 + place * step + random.randrange(_SPREAD_DAYS))
        for place, name in enumerate(random.sample(sorted(stories), len(stories)))
    ]
    return [line for story in told for line in story if story[-1].day <= days]


def _told(random: Random, name: str, story: Story, begin: int) -> list[Told]:
    return [
        Told(line, TOPIC, name, begin + number)
        for number in range(len(story.days))
        for line in _day(random, f"{name} {number + 1}", story.days[: number + 1], begin)
    ]


def _day(random: Random, label: str, days: Sequence[Mapping[str, Coverage]], begin: int) -> Iterator[GoldLine]:
    """The reports of the last of the `days`."""
    first = MONTH_BEGINS + timedelta(
        days=begin + len(days) - 2, hours=random.choice(_HOURS), minutes=random.randrange(30)
    )
    waiting = {language: iter(coverage.reports) for language, coverage in days[-1].items()}
    original: Sequence[str] = ()
    for number, report in enumerate(REPORTS):
        if report.kind is Kind.COPY:
            lines = copied(original)
        else:
            recaps = _recaps(random, [day[report.language].recap for day in days[:-1]])
            lines = [*next(waiting[report.language]).strip().splitlines(), *recaps]
            original = original or lines
        title, *sentences = (line.format(began=begin) for line in lines)
        yield GoldLine(
            id=f"{label} {number}",
            title=title,
            text=" ".join(sentences),
            lang=report.language,
            published=(first + report.after).isoformat(),
            outlet=report.outlet,
        )


def _recaps(random: Random, earlier: Sequence[Sequence[str]]) -> list[str]:
    """How a follow-up repeats what was before: how it all began, and one of the days since."""
    return [random.choice(day) for day in [*earlier[:1], *random.sample(earlier[1:], len(earlier[1:2]))]]
