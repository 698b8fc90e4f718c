"""Room is counted as `df` counts it."""

import os
from pathlib import Path

import pytest

from wire.disk import Disk, disk_of


def test_what_is_reserved_for_root_is_no_room_of_ours(tmp_path: Path) -> None:
    seen, disk = os.statvfs(tmp_path), disk_of(tmp_path)
    assert disk.size == (seen.f_blocks - seen.f_bfree + seen.f_bavail) * seen.f_frsize
    assert disk.free <= disk.size


@pytest.mark.parametrize(
    ("free", "used", "nearly_full"), [(100, 0.0, False), (21, 0.79, False), (20, 0.8, True), (0, 1.0, True)]
)
def test_four_fifths_is_nearly_full(free: int, used: float, nearly_full: bool) -> None:
    disk = Disk(size=100, free=free)
    assert disk.used == pytest.approx(used)
    assert disk.nearly_full is nearly_full


def test_a_disk_without_room_is_full() -> None:
    assert Disk(size=0, free=0).nearly_full
