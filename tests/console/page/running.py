"""The real page as a process of its own, on a log that a test writes to."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.console.index.days import small_day
from tests.console.program import GOOD
from wire.log.port import NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import topic_catalogue

_READY = re.compile(r"the page is at (http://\S+)/")


class RunningPage:
    """Its address, its process, and the log behind it."""

    def __init__(self, url: str, process: subprocess.Popen[str], log: SqliteLog, folder: Path) -> None:
        self.url = url
        self.process = process
        self.log = log
        self.folder = folder

    def write(self, *records: NewRecord) -> None:
        self.log.append(records)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, timeout=10)

    def client(self) -> httpx.Client:
        """A browser without scripts: keeps cookies, asks for HTML."""
        return httpx.Client(base_url=self.url, headers={"accept": "text/html"}, timeout=10)


@contextmanager
def running_page(
    folder: Path,
    *,
    page: str = "",
    records: Sequence[NewRecord] | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[RunningPage]:
    """A page with the small news day; `page` is added to its settings."""
    (folder / "wirewatch.toml").write_text(f"{GOOD}\n[page]\nport = 0\n{page}\n", encoding="utf-8")
    log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())
    log.create()
    log.append(small_day() if records is None else records)
    process = subprocess.Popen(
        [sys.executable, "-m", "console.main", "page", "--supervised"],
        cwd=folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        yield RunningPage(_address(process), process, log, folder)
    finally:
        process.terminate()
        process.wait(120)
        log.close()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := _READY.search(line):
            threading.Thread(target=process.stderr.read, daemon=True).start()  # so that it never waits for us
            return found[1]
    raise AssertionError("".join(said))
