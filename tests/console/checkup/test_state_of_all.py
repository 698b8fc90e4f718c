"""What `status` tells beside the lanes is told, whatever is there of what it looks at."""

from pathlib import Path

from console.checkup.state_of_all import disk_in_trouble
from wire.settings import IndexSettings, LogSettings, Settings


def test_a_folder_that_is_not_there_yet_is_no_trouble(tmp_path: Path) -> None:
    log = LogSettings(kind="kafka", bootstrap=("127.0.0.1:1",))
    assert list(disk_in_trouble(Settings(log=log, index=IndexSettings(path=tmp_path / "none" / "index.db")))) == []
