"""Where each stage is killed: every crash point of the source that the stage passes, read from the source."""

import re
from pathlib import Path

from tests.crash.life import Crash

_ROOT = Path(__file__).parents[2]
_POINT = re.compile(r'crash_point\("([^"]+)"\)')
LOG_POINTS = {"sqlite": ("wire/log/sqlite_lane.py",), "kafka": ("wire/log/kafka_lane.py",)}
LOOP, POOL = "wire/loop.py", "wire/work.py"
_AT_START = ("lane taken", "restoring", "restored")
WITH_WORK = frozenset({"ingest", "deliver"})
WITHOUT_STATE = frozenset({"enrich"})


def points_in(*files: str) -> list[str]:
    """The crash points of source files, in their order."""
    return [point for file in files for point in _POINT.findall((_ROOT / file).read_text("utf-8"))]


def all_points() -> set[str]:
    """Every crash point of the program."""
    packages = ("wire", "ingest", "enrich", "cluster", "alerts")
    files = [path for package in packages for path in (_ROOT / package).rglob("*.py")]
    return set(points_in(*(str(path.relative_to(_ROOT)) for path in files)))


def crashes_of(stage: str, log: str) -> list[Crash]:
    """Every point that `stage` passes on `log`, at a hit that comes after a commit of the same life.

    Progress between two deaths keeps the search for killer records out: three deaths at one position would begin it.
    """
    points = [*points_in(LOOP, *LOG_POINTS[log])]
    if stage in WITH_WORK:
        points += points_in(POOL)
    else:
        points.remove("work handed over")
    if stage in WITHOUT_STATE:
        points = [point for point in points if point not in ("restoring", "folded")]
    # At last those of the start: there has to be state before its restoring can be interrupted.
    return [Crash(point, _hit(point)) for point in sorted(points, key=_AT_START.__contains__)]


def _hit(point: str) -> int:
    if point in _AT_START:
        return 1
    # The first commits of a life are the birth record's and the start's note; from the fourth on a batch lies between.
    return 4 if point.startswith(("kafka", "sqlite", "commit")) else 3
