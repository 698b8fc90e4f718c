"""How full the disk is that holds a folder."""

import shutil
from pathlib import Path
from typing import NamedTuple

NEARLY_FULL = 0.8  # share in use at which operators are told


class Disk(NamedTuple):
    """Room in bytes: `size` is what this user may fill in all, `free` what is left of it."""

    size: int
    free: int

    @property
    def used(self) -> float:
        """Share in use, 0 to 1."""
        return 1 - self.free / self.size if self.size else 1.0

    @property
    def nearly_full(self) -> bool:
        """Whether operators ought to know."""
        return self.used >= NEARLY_FULL


def disk_of(folder: Path) -> Disk:
    """The disk that holds `folder`, counted as `df` counts: what the file system reserves for root is no room of ours.

    Raises:
        OSError: there is no such folder.
    """
    usage = shutil.disk_usage(folder)
    return Disk(size=usage.used + usage.free, free=usage.free)
