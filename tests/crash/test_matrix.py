"""Every stage is killed at every crash point it passes, on both logs, and a checker that reads topics only judges."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.checker import check
from tests.crash.points import LOG_POINTS, LOOP, POOL, all_points, crashes_of, points_in
from tests.crash.run import AND_A_DEAF_ONE, CHANNELS, QUIET, a_run
from wire.broker import Broker
from wire.settings import LogSettings
from wire.topics import STAGES

SEED = 20260301
LIMIT = timedelta(minutes=15)


def test_every_point_of_the_source_is_in_the_matrix() -> None:
    in_matrix = {crash.point for log in LOG_POINTS for stage in STAGES for crash in crashes_of(stage, log)}
    assert in_matrix == all_points()
    assert len(points_in(LOOP, POOL)) >= 10


def every_point(stage: str, log: LogSettings, folder: Path, *, real_model: bool = False) -> None:
    crashes = crashes_of(stage, log.kind)
    channels = AND_A_DEAF_ONE if stage == "deliver" else CHANNELS
    with a_run(log, folder, seed=SEED, real_model=real_model, channels=channels) as run:
        run.crash({stage: crashes}, LIMIT)
        run.rest(LIMIT if real_model else QUIET)
        evidence = run.evidence()
    assert run.pipeline.places[stage].crashes == crashes
    assert not check(evidence), "\n".join(map(str, check(evidence)))
    assert evidence.topics["news.alerts"], "something was judged"


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_on_the_embedded_log(stage: str, tmp_path: Path) -> None:
    every_point(stage, LogSettings(path=tmp_path / "log.db"), tmp_path)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_on_kafka(stage: str, tmp_path: Path, broker: Broker, prefix: str) -> None:
    every_point(stage, LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix), tmp_path)


@pytest.mark.long
def test_enrich_with_its_real_model_on_the_embedded_log(tmp_path: Path) -> None:
    every_point("enrich", LogSettings(path=tmp_path / "log.db"), tmp_path, real_model=True)


@pytest.mark.kafka
@pytest.mark.long
def test_enrich_with_its_real_model_on_kafka(tmp_path: Path, broker: Broker, prefix: str) -> None:
    settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
    every_point("enrich", settings, tmp_path, real_model=True)
