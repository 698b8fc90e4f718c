"""Operators are told once of what lasts, and once when it is over; the dead-man's address hears only good news."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console.services.minder import Memory, Minder, Trouble, pinger, troubles
from tests.feed_server import Answer, feed_server
from tests.messages import NOON
from wire.codec import decode
from wire.disk import Disk
from wire.log.port import Progress
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Alert, AlertKind
from wire.settings import HealthSettings
from wire.topics import ALERTS, topic_catalogue

SLOW = Trouble("lane:cluster.0", "slow", "do")
STORIES = {  # name: (subjects that are wrong in each minute, what is told: minute -> lasts)
    "nothing": ([[]] * 10, {}),
    "a moment": ([["a"], ["a"], []], {}),
    "five minutes": ([["a"]] * 8, {5: True}),
    "and over": ([["a"]] * 7 + [[]] * 2, {5: True, 7: False}),
    "comes and goes": ([["a"], [], ["a"], [], ["a"], []], {}),
    "again": ([["a"]] * 6 + [[]] + [["a"]] * 6, {5: True, 6: False, 12: True}),
}


@pytest.mark.parametrize(("minutes", "told"), STORIES.values(), ids=STORIES.keys())
def test_what_lasts_is_told_once(minutes: list[list[str]], told: dict[int, bool]) -> None:
    memory = Memory(timedelta(minutes=5))
    said = {}
    for minute, subjects in enumerate(minutes):
        found = [Trouble(subject, "what", "do") for subject in subjects]
        for _, lasts in memory.look(found, NOON + timedelta(minutes=minute)):
            said[minute] = lasts
    assert said == told


def test_what_could_not_be_told_is_told_at_the_next_look() -> None:
    memory, later = Memory(timedelta(0)), NOON + timedelta(minutes=1)
    assert next(memory.look([SLOW], NOON)) == (SLOW, True)
    assert list(memory.look([SLOW], later)) == [(SLOW, True)]
    assert next(memory.look([], later)) == (SLOW, False)
    assert list(memory.look([], later)) == [(SLOW, False)]
    assert list(memory.look([], later)) == []


def behind(count: int) -> Progress:
    return Progress(lane="cluster.0", topic="news.enriched", partition=0, position=1, behind=count, last_commit=NOON)


def test_what_is_trouble() -> None:
    assert list(troubles([behind(1000)], {}, Disk(size=100, free=21), 1000)) == []
    found = list(troubles([behind(1001)], {"enrich": "it died"}, Disk(size=100, free=20), 1000))
    assert [one.subject for one in found] == ["service:enrich", "lane:cluster.0", "disk"]


def test_notices_go_the_way_of_alerts_and_pings_stop(tmp_path: Path) -> None:
    time, waiting, pings = [NOON], [5000], []

    def now() -> datetime:
        return time[0]

    with closing(SqliteLog(LogFile(tmp_path / "log.db"), topic_catalogue())) as log:
        log.create()
        minder = Minder(
            HealthSettings(), log=log, progress=lambda: [behind(waiting[0])], down=dict, folder=tmp_path / "none",
            channels=("mail",), now=now, ping=lambda: pings.append(now()),
        )  # fmt: skip
        for minute in range(12):
            time[0] = NOON + timedelta(minutes=minute)
            waiting[0] = 5000 if minute < 8 else 0
            minder.look()
        alerts = [decode(record.value, Alert) for record in log.reader([ALERTS]).read(10, timedelta(0))]
    assert [(one.kind, one.channels, one.title[:5]) for one in alerts] == [
        (AlertKind.NOTICE, ("mail",), "clust"),
        (AlertKind.NOTICE, ("mail",), "over:"),
    ]
    assert [(at - NOON) // timedelta(minutes=1) for at in pings] == [0, 1, 2, 3, 4, 8, 9, 10, 11]


def test_the_dead_mans_address_is_asked_over_http_while_all_is_well(tmp_path: Path) -> None:
    """Once a minute; not while something is wrong that was told; an address that refuses or is gone ends nothing."""
    time, waiting = [NOON], [0]
    with feed_server({"/alive": [Answer(), Answer(status=500), Answer()]}) as server:
        with closing(SqliteLog(LogFile(tmp_path / "log.db"), topic_catalogue())) as log:
            log.create()
            minder = Minder(
                HealthSettings(), log=log, progress=lambda: [behind(waiting[0])], down=dict, folder=tmp_path / "none",
                channels=("mail",), now=lambda: time[0], ping=pinger(server.url("/alive")),
            )  # fmt: skip
            asked = []
            for half_minute in range(30):
                time[0] = NOON + half_minute * timedelta(seconds=30)
                waiting[0] = 5000 if half_minute >= 6 else 0
                minder.look()
                asked.append(len(server.asked))
        address = server.url("/alive")
    assert asked == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, *[8] * 14], "trouble is told after five minutes"
    pinger(address)()
