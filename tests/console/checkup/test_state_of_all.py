"""What `status` tells beside the lanes is told, whatever is there of what it looks at."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.checkup.state_of_all import disk_in_trouble, seen_by_index
from console.index.ready import ready_index
from tests.console.index.days import new, rearranged, small_day
from tests.console.program import settings_file
from wire.log.port import NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Command, CommandKind, StoryEventKind
from wire.settings import IndexSettings, LogSettings, Settings
from wire.settings_file import load_settings
from wire.topics import COMMANDS, topic_catalogue


def test_a_folder_that_is_not_there_yet_is_no_trouble(tmp_path: Path) -> None:
    log = LogSettings(kind="kafka", bootstrap=("127.0.0.1:1",))
    assert list(disk_in_trouble(Settings(log=log, index=IndexSettings(path=tmp_path / "none" / "index.db")))) == []


def test_a_correction_is_shown_while_it_waits(tmp_path: Path) -> None:
    settings, _ = load_settings(settings_file(tmp_path))
    now = datetime.now(UTC)

    def asked(command_id: str, kind: CommandKind, ago: timedelta) -> NewRecord:
        when = now - ago
        said = Command(command_id=command_id, stage="cluster", kind=kind, target="st-1", who="ann", when=when)
        return new(COMMANDS, "cluster", said)

    hours = timedelta(hours=1)
    log = SqliteLog(LogFile(settings.log.path), topic_catalogue())
    log.create()
    log.append([
        *small_day(),
        asked("long-ago", CommandKind.MOVE, settings.cluster.window + hours),
        asked("co-3", CommandKind.MERGE, 4 * hours),  # what `rearranged` names
        rearranged(StoryEventKind.MERGED, "st-1", 3, "st-2", why="one port"),
        asked("waits", CommandKind.SPLIT, 3 * hours),
        asked("takedown", CommandKind.REMOVE, hours),
    ])  # fmt: skip
    with ready_index(settings, log):
        pass
    log.close()
    waiting = [one for one in seen_by_index(settings, now) if one.what.startswith("correction")]
    assert [one.what for one in waiting] == ["correction waits"]
    assert waiting[0].said.startswith("split of st-1 by ann, 3 h ago, has changed nothing yet")
