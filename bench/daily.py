"""An invented month of news in which the same topics come every day, each day with an event of its own; seeded.

A daily topic is told in eight articles a day, one for each outlet, in three languages: first reports in their own
wordings, a copy of the first one, and what follows some hours later.  Beside them come local news: a fire, a verdict,
a museum, each in another town with other people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from random import Random

from bench.daily_wordings import (
    CLUBS,
    DAILY,
    LANGUAGES,
    LOCAL,
    MONTH,
    REGIONS,
    SECTORS,
    SKIES,
    SURNAMES,
    TOWNS,
    VILLAGES,
    WEEKDAYS,
    Row,
    Wording,
)
from bench.gold import GoldLine

LONGEST_DAYS = 30  # April has no more
MONTH_BEGINS = datetime(2026, 4, 1, tzinfo=UTC)
_BEGIN = {"weather": 6, "front": 7, "scores": 20}  # hour of the first report
_LOCAL_A_DAY = 3
_MOST_SENTENCES = 4

Facts = Mapping[str, Mapping[str, str]]  # what fills the fields, by language


class Kind(Enum):
    """What a report is to the day's event."""

    FIRST = "first"
    COPY = "copy"  # of the day's very first report
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Report:
    """Who tells, when after the first, and how."""

    after: timedelta
    outlet: str
    language: str
    kind: Kind


REPORTS = (
    Report(timedelta(0), "ranok", "uk", Kind.FIRST),
    Report(timedelta(minutes=25), "daybook", "en", Kind.FIRST),
    Report(timedelta(minutes=50), "vesti", "ru", Kind.FIRST),
    Report(timedelta(minutes=80), "misto", "uk", Kind.FIRST),
    Report(timedelta(minutes=100), "zbirka", "uk", Kind.COPY),
    Report(timedelta(hours=10), "chas", "uk", Kind.LATER),
    Report(timedelta(hours=10, minutes=30), "herald", "en", Kind.LATER),
    Report(timedelta(hours=11), "sobytie", "ru", Kind.LATER),
)


@dataclass(frozen=True, slots=True)
class Told:
    """An article and the event of which it tells."""

    line: GoldLine
    topic: str
    event: str  # label of the true story
    day: int


def copied(original: Sequence[str]) -> Sequence[str]:
    """What an outlet that copies takes over: all but the last sentence."""
    return original[:-1]


def month(seed: int, days: int = LONGEST_DAYS) -> list[Told]:
    """The articles of the first `days` days, in no particular order."""
    random = Random(seed)  # noqa: S311
    return [told for day in range(1, days + 1) for told in _day(random, day)]


def _day(random: Random, day: int) -> Iterator[Told]:
    for topic, wordings in DAILY.items():
        yield from _event(random, topic, f"{topic} {day}", wordings, day, _BEGIN[topic])
    for number in range(_LOCAL_A_DAY):
        topic = random.choice(sorted(LOCAL))
        yield from _event(random, "local", f"local {day} {number}", LOCAL[topic], day, random.randrange(8, 18))


def _event(
    random: Random, topic: str, event: str, wordings: Mapping[str, Wording], day: int, hour: int
) -> Iterator[Told]:
    facts = _facts(random, day)
    begin = MONTH_BEGINS + timedelta(days=day - 1, hours=hour, minutes=random.randrange(30))
    first: tuple[str, Sequence[str]] | None = None
    for number, report in enumerate(REPORTS):
        title, sentences = _written(random, wordings[report.language], report.kind, facts[report.language])
        first = first or (title, sentences)
        if report.kind is Kind.COPY:
            title, sentences = first[0], copied(first[1])
        line = GoldLine(
            id=f"{event} {number}",
            title=title,
            text=" ".join(sentences),
            lang=report.language,
            published=(begin + report.after).isoformat(),
            outlet=report.outlet,
        )
        yield Told(line, topic, event, day)


def _written(random: Random, wording: Wording, kind: Kind, facts: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """A headline, and some of the sentences in their order; the one that says what happened is always there."""
    later = kind is Kind.LATER
    titles, sentences = (
        (wording.later_titles, wording.later_sentences) if later else (wording.titles, wording.sentences)
    )
    count = min(len(sentences), _MOST_SENTENCES) - 1
    kept = [0, *sorted(random.sample(range(1, len(sentences)), count))]
    return random.choice(titles).format(**facts), [sentences[at].format(**facts) for at in kept]


def _facts(random: Random, day: int) -> Facts:
    """What an event may tell of: numbers are the same in all languages, names in the forms of each."""
    numbers = {name: str(number) for name, number in _numbers(random, day).items()}
    numbers["score"] = f"{random.randrange(2, 5)}:{random.randrange(2)}"
    names = _names(random, day)
    return {language: numbers | {name: row[at] for name, row in names.items()} for at, language in enumerate(LANGUAGES)}


def _numbers(random: Random, day: int) -> dict[str, int]:
    clashes = random.randrange(90, 210)
    return {
        "day": day,
        "low": random.randrange(1, 7),
        "high": random.randrange(8, 23),
        "millimetres": random.randrange(3, 30),
        "gusts": random.randrange(12, 28),
        "pressure": random.randrange(735, 760),
        "villages": random.randrange(11, 180),
        "trees": random.randrange(12, 95),
        "minute": random.randrange(70, 95),
        "crowd": random.randrange(1200, 14000),
        "points": random.randrange(18, 60),
        "cards": random.randrange(3, 9),
        "clashes": clashes,
        "evening": clashes // 2 + random.randrange(30),
        "repelled": random.randrange(11, 60),
        "strikes": random.randrange(31, 99),
        "bombs": random.randrange(90, 190),
        "shellings": random.randrange(3000, 6000),
        "losses": random.randrange(800, 1500),
        "drones": random.randrange(700, 2500),
        "area": random.randrange(200, 2400),
        "people": random.randrange(20, 400),
        "years": random.randrange(5, 13),
        "bribe": random.randrange(20, 900),
    }


def _names(random: Random, day: int) -> dict[str, Row]:
    winner, loser = random.sample(CLUBS, 2)
    region, other = random.sample(REGIONS, 2)
    scorer, coach = random.sample(SURNAMES, 2)
    return {
        "month": MONTH,
        "weekday": WEEKDAYS[(MONTH_BEGINS + timedelta(days=day - 1)).weekday()],
        "sky": random.choice(SKIES),
        "region": region,
        "other": other,
        "winner": winner,
        "loser": loser,
        "scorer": scorer,
        "coach": coach,
        "sector": random.choice(SECTORS),
        "village": random.choice(VILLAGES),
        "town": random.choice(TOWNS),
        "person": random.choice(SURNAMES),
    }
