"""What a script may read comes as one JSON object a line on standard output, remarks beside it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.index.days import small_day
from tests.console.program import in_process, settings_file
from tests.feed_server import Answer, feed_server
from wire.errors import Exit
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.topics import topic_catalogue

REFERENCE = Path(__file__).parent.parent.parent / "docs" / "reference" / "commands.md"
RSS = b'<rss version="2.0"><channel><item><title>t</title><link>https://x.example/1</link></item></channel></rss>'
# In this order, in one folder; the word that some line has to hold.
CASES = {
    "check": "entities",
    "topics": "news.articles",
    "tail news.alerts": "odesa",
    "status": "cluster.0",
    "doctor": "settings",
    "why a3": "st-1",
    "trace a1": "enrich",
    "search ships": "a3",
    "deliveries": "de-al-1",
    "backtest pair": "",  # has nothing to tell
    "stories list": "st-1",
    "stories show st-1": "st-1",
    "stories merge st-1 st-2": "merge",
    "stories split st-1 a3": "split",
    "stories move st-2 a3": "move",
    "deadletters list": "news.articles/0/99",
    "deadletters show news.articles/0/99": "news.articles/0/99",
    "feeds": "",
    "feeds list": "",
    "feeds check URL": "x.example/1",
    "backup copy.db": "records",
    "articles remove a1": "news.story-events",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    settings_file(folder)
    log = SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())
    log.create()
    log.append(small_day())
    log.close()
    return folder


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with feed_server({"/rss": [Answer(body=RSS)]}) as server:
        yield server.url("/rss")


@pytest.mark.parametrize(("said", "word"), CASES.items(), ids=CASES.keys())
def test_each_line_is_an_object(desk: Path, url: str, said: str, word: str) -> None:
    done = in_process(*said.replace("URL", url).split(), "--json", cwd=desk)
    assert done.returncode in ((Exit.WELL, Exit.ERROR) if said == "doctor" else (Exit.WELL,)), done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(isinstance(line, dict) for line in lines)
    assert word in done.stdout


def test_none_is_left_out() -> None:
    sections = re.split(r"^## wirewatch ", REFERENCE.read_text(encoding="utf-8"), flags=re.M)[1:]
    offered = {section.splitlines()[0] for section in sections if "`--json`" in section}
    assert {name for name in offered if not any(said.startswith(name) for said in CASES)} == set()
    assert len(offered) > 15
