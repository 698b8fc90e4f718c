"""What a script may read comes as one JSON object a line on standard output, remarks beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from console.main import app
from ingest.state import AddedFeed, added_key
from tests.console.index.days import dead, new, small_day
from tests.console.program import desk_of, in_process
from tests.feed_server import Answer, feed_server
from wire.errors import Exit
from wire.topics import FEEDS

OPML = '<opml version="2.0"><body><outline type="rss" xmlUrl="https://other.example/rss"/></body></opml>'
RSS = b'<rss version="2.0"><channel><item><title>t</title><link>https://x.example/1</link></item></channel></rss>'
# In this order, in one folder, and each by itself; the word that some line has to hold.
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
    "init --settings new.toml": "new.toml",
    "mute pair": '"kind":"mute"',
    "test terminal": '"type":"accepted"',
    "alerts rate al-1 right": '"verdict":"right"',
    "feeds add URL --dry-run": "x.example/1",
    "feeds add URL --outlet one": '"feed":"one.1"',
    "feeds poll other.1": '"kind":"poll-now"',
    "feeds import feeds.opml": '"outcome":"added"',
    "feeds remove other.1": '"kind":"remove-feed"',
    "backfill past.jsonl": '"article_id"',
    "deadletters discard news.articles/0/99 --why gone": '"kind":"discard"',
    "deadletters redrive news.articles/0/0": '"kind":"re-drive"',
    "reset cluster --to 2h --yes": '"command":{',
}
# Commands without `--json`, and why.
EXCEPT = {
    **dict.fromkeys(("stage", "up", "broker", "page"), "runs until it is ended; `status --json` tells how it goes"),
    "demo": "a show for people; its exit status is its verdict",
    "schema": "prints one JSON document whatever is asked",
    "export": "`--format` says how, and JSON Lines are its default",
    "feeds export": "writes OPML, for other readers of feeds",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    added = AddedFeed(outlet="other", url="https://other.example/feed")
    desk_of(folder, [*small_day(), dead("a1", offset=0), new(FEEDS, added_key("other.1"), added)])
    line = '{"url": "https://x.example/2", "title": "Late news", "outlet": "x", "published": "2026-01-01"}\n'
    (folder / "past.jsonl").write_text(line, encoding="utf-8")
    (folder / "feeds.opml").write_text(OPML, encoding="utf-8")
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


def commands(group: TyperGroup, before: str = "") -> Iterator[tuple[str, TyperCommand]]:
    """Every command by its words."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, TyperGroup):
            yield from commands(found, f"{before}{name} ")
        else:
            yield f"{before}{name}", found


def test_every_command_that_ends_takes_json() -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    takes = {name: any("--json" in one.opts for one in command.params) for name, command in commands(root)}
    assert {name for name, has in takes.items() if not has} == set(EXCEPT)
    tried = {name for name in takes if any(f"{said} ".startswith(f"{name} ") for said in CASES)}
    assert {name for name, has in takes.items() if has} == tried
