"""What a disk can do to the embedded log: full, cut off, overwritten; and the copies that help then."""

import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.console.program import settings_file, wirewatch
from tests.wire.log.conformance import SPEC, TOPICS, everything, new, take, texts
from wire.errors import CommitFailed, Exit, LogDamaged
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_backup import back_up
from wire.log.sqlite_file import LogFile

PAGE = 4096


def opened(path: Path) -> SqliteLog:
    log = SqliteLog(LogFile(path), TOPICS)
    log.create()
    return log


@contextmanager
def full_disk(size_bytes: int) -> Iterator[None]:
    """No file of this process grows beyond `size_bytes`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_a_doubt_and_loses_nothing(tmp_path: Path) -> None:
    log = opened(tmp_path / "log.db")
    log.append([new("words", str(n)) for n in range(300)])
    lane = log.lane(SPEC)
    taken = take(lane, 300)
    done = 0
    limit_bytes = (tmp_path / "log.db-wal").stat().st_size + 20 * PAGE
    with full_disk(limit_bytes), pytest.raises(CommitFailed, match=r"disk|full"):  # noqa: PT012
        for record in taken:
            lane.commit([new("sums", str(done)), new("memory", "x" * 2000, key="a")], [record])
            done += 1
    assert done
    lane.close()
    successor = log.lane(SPEC)
    assert texts(everything(log, "sums")) == [str(n) for n in range(done)]
    assert texts(take(successor, 1)) == [str(done)], "it goes on where the last commit ended"
    successor.commit([new("sums", str(done))], [])
    successor.close()
    log.close()


def damaged(path: Path, how: str) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        if how == "cut off":
            file.truncate(size // 2 // PAGE * PAGE)
        else:
            file.seek(PAGE)
            file.write(b"\xa5" * (size - PAGE))


def use(path: Path) -> None:
    lane = opened(path).lane(SPEC)
    for _ in range(100):
        lane.commit([new("sums", "1")], take(lane, 100))


@pytest.mark.parametrize("how", ["cut off", "overwritten"])
def test_damage_is_named_and_nothing_guessed(how: str, tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    log = opened(path)
    log.append([new("words", "word " * 50 + str(n)) for n in range(3000)])
    log.close()
    damaged(path, how)
    with pytest.raises(LogDamaged, match="wirewatch backup"):
        use(path)


def test_what_is_no_database_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"something else entirely" * 500)
    with pytest.raises(LogDamaged, match=r"log\.db"):
        opened(tmp_path / "log.db")


def bound_by_permissions() -> list[str]:
    """Before a command: root may write every file, unless it gives that up."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root cannot be kept from writing without setpriv")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.slow
def test_a_file_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    settings_file(tmp_path)
    assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
    for file in tmp_path.glob("wirewatch.db*"):
        file.chmod(0o444)
    tmp_path.chmod(0o555)
    command = [*bound_by_permissions(), sys.executable, "-m", "console.main", "stage", "deliver"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
    tmp_path.chmod(0o755)
    assert done.returncode == Exit.LOG_UNREACHABLE
    assert "wirewatch.db: attempt to write a readonly database" in done.stderr


def test_a_copy_made_while_a_lane_commits_is_of_one_moment(tmp_path: Path) -> None:
    log = opened(tmp_path / "log.db")
    log.append([new("words", str(n)) for n in range(2000)])
    lane = log.lane(SPEC)
    enough = threading.Event()

    def work() -> None:
        for record in take(lane, 2000):
            lane.commit(
                [new("sums", record.value.decode() if record.value else ""), new("memory", "1", key="a")], [record]
            )
            if enough.is_set():
                break

    thread = threading.Thread(target=work)
    thread.start()
    for number in range(5):
        back_up(LogFile(tmp_path / "log.db"), tmp_path / f"copy-{number}.db")
    enough.set()
    thread.join()
    lane.close()
    counts = []
    for number in range(5):
        copy = opened(tmp_path / f"copy-{number}.db")
        written = texts(everything(copy, "sums"))
        restarted = copy.lane(SPEC)
        assert written == [str(n) for n in range(len(written))]
        assert texts(take(restarted, 1)) == [str(len(written))], "outputs and position are of one moment"
        restarted.close()
        copy.close()
        counts.append(len(written))
    assert counts == sorted(counts)
    log.close()


@pytest.mark.slow
def test_the_command_and_the_way_back(tmp_path: Path) -> None:
    settings_file(tmp_path)
    assert wirewatch("topics", cwd=tmp_path).returncode == Exit.WELL
    done = wirewatch("backup", "copy.db", cwd=tmp_path)
    assert done.returncode == Exit.WELL, done.stderr
    assert "checked" in done.stdout
    assert wirewatch("backup", "copy.db", cwd=tmp_path).returncode == Exit.USAGE, "nothing is overwritten"
    damaged(tmp_path / "wirewatch.db", "overwritten")
    for side in ("-wal", "-shm"):
        (tmp_path / f"wirewatch.db{side}").unlink(missing_ok=True)
    assert wirewatch("topics", "--verify", cwd=tmp_path).returncode == Exit.SOMEBODY_NEEDED
    shutil.copy(tmp_path / "copy.db", tmp_path / "wirewatch.db")
    assert wirewatch("topics", "--verify", cwd=tmp_path).returncode == Exit.WELL
    assert not list(tmp_path.glob("*.unfinished"))
