"""The doctor calls well only what a service could use, and is stopped by nothing that it finds."""

from datetime import timedelta
from pathlib import Path

import pytest

from console.checkup.doctor import Finding, Word, examine
from tests.console.index.days import new
from tests.console.program import GOOD, settings_file
from tests.hand_clock import HandClock
from tests.messages import NOON, article
from wire.log.port import lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import ARTICLES, STAGES, topic_catalogue

MODELS = {  # enrich.model: whether enrich could find it, or fetch it
    "some-owner/some-model": Word.WELL,
    "/gone/folder": Word.WRONG,
    "./models/gone": Word.WRONG,
    "models/of/ours": Word.WRONG,
    "gone": Word.WRONG,
}


def found(folder: Path, check: str, more: str) -> list[Finding]:
    return [one for one in examine(settings_file(folder, GOOD + more), NOON) if one.check == check]


@pytest.mark.parametrize(("model", "word"), MODELS.items(), ids=MODELS)
def test_a_model_is_a_folder_that_is_there_or_has_a_name_on_the_hub(model: str, word: Word, tmp_path: Path) -> None:
    (one,) = found(tmp_path, "model", f'[enrich]\nmodel = "{model}"\n')
    assert (one.word, one.what.split(",")[0].split(" ")[0]) == (word, model)


@pytest.mark.parametrize("host", ["mail..example", "m" * 70])
def test_a_host_that_cannot_be_one(host: str, tmp_path: Path) -> None:
    mail = (
        f'[[channel]]\nkind = "email"\nname = "mail"\nhost = "{host}"\nsender = "a@b.example"\nto = ["c@d.example"]\n'
    )
    *_, one = found(tmp_path, "channels", mail)
    assert one.word is Word.WRONG
    assert "cannot be reached" in one.what


@pytest.mark.parametrize(("waits", "word"), [(timedelta(minutes=1), Word.WELL), (timedelta(hours=1), Word.WRONG)])
def test_a_lane_stands_still_only_where_a_record_has_waited(waits: timedelta, word: Word, tmp_path: Path) -> None:
    clock = HandClock(NOON - timedelta(hours=8))
    log = SqliteLog(LogFile(tmp_path / "wirewatch.db"), topic_catalogue(), clock)
    log.create()
    log.append([new(ARTICLES, "a1", article("Port opens", article_id="a1"))])
    (spec,) = lane_specs(STAGES["enrich"], log.topics)
    lane = log.lane(spec)
    list(lane.restore())
    lane.commit([], lane.poll(1, timedelta(0)))
    clock.move(timedelta(hours=8) - waits)
    log.append([new(ARTICLES, "a2", article("Port closes", article_id="a2"))])
    (one,) = (one for one in found(tmp_path, "lanes", "") if one.what.startswith("enrich.0"))
    assert one.word is word
