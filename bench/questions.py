"""How fast questions are answered with a long log: `python -m bench questions --records 1000000`."""

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from console.index.file import IndexFile
from console.index.follow import catch_up
from console.index.ready import index_file
from wire.codec import encode
from wire.log.port import NewRecord
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import (
    Article,
    Enriched,
    JoinEvidence,
    Mention,
    Place,
    Reading,
    Sentence,
    StoryEvent,
    StoryEventKind,
    StoryFacts,
    StoryStatus,
)
from wire.settings_file import load_settings
from wire.topics import ARTICLES, ENRICHED, STORY_EVENTS, topic_catalogue

_SETTINGS = '[log]\npath = "wirewatch.db"\n'
_PER_STORY = 12
_LIMIT_SECONDS = 1.0
_WORDS = [
    "harbour",
    "grain",
    "minister",
    "strike",
    "storm",
    "budget",
    "election",
    "bridge",
    "court",
    "railway",
    "energy",
    "museum",
    "vaccine",
]
# A text of the usual length of a lead.
_SENTENCE = "The {} of the {} was told on {} that the {} would be closed, said officials who asked not to be named. "
_ONE = (
    ["why", "a-500"],
    ["why", "a-500", "--not", "st-7"],
    ["trace", "a-500"],
    ["trace", "https://o3.example/500"],
    ["search", "harbour", "railway"],
    ["stories", "show", "st-41"],
    ["stories", "list", "--entity", "grain"],
    ["stories", "list", "--outlet", "o3", "--language", "uk"],
    ["export", "stories", "--format", "atom"],
    ["status"],
    ["doctor"],
)


def main(arguments: Sequence[str]) -> int:
    """Build a log and its index, and ask; 1 where a question took over a second."""
    parser = argparse.ArgumentParser(prog="python -m bench questions", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="kept, and used again where it holds such a log")
    asked = parser.parse_args(list(arguments))
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "wirewatch.toml").write_text(_SETTINGS, encoding="utf-8")
        with closing(SqliteLog(LogFile(folder / "wirewatch.db"), topic_catalogue())) as log:
            _fill(log, asked.records)
            settings, _ = load_settings(folder / "wirewatch.toml")
            _index(index_file(settings), log)
        late = False
        for command in _ONE:
            seconds, busy = min(_ask(folder, command) for _ in range(2))
            late = late or seconds > _LIMIT_SECONDS
            print(f"{seconds:6.2f} s ({busy:.2f} s of a core)  wirewatch {' '.join(command)}", flush=True)
    return int(late)


def _fill(log: SqliteLog, records: int) -> None:
    if log.create() or not log.bounds([STORY_EVENTS])[STORY_EVENTS, 0][1]:
        begun, batch = perf_counter(), list[NewRecord]()
        for record in _records(records // 3):
            batch.append(record)
            if len(batch) >= 3000:
                log.append(batch)
                batch.clear()
        log.append(batch)
        print(f"{records} records written in {perf_counter() - begun:.0f} s", flush=True)


def _index(file: IndexFile, log: SqliteLog) -> None:
    begun, taken = perf_counter(), 0

    def count(number: int) -> None:
        nonlocal taken
        taken += number

    catch_up(file, log, count)
    seconds = perf_counter() - begun
    size = file.path.stat().st_size / 1e6
    print(f"index: {taken} records in {seconds:.0f} s ({taken / seconds:.0f}/s), {size:.0f} MB", flush=True)


def _ask(folder: Path, command: list[str]) -> tuple[float, float]:
    """Time until the answer, and how long a core was busy: other work on the machine changes only the first."""
    begun, before = perf_counter(), _busy()
    done = subprocess.run(
        [sys.executable, "-m", "console.main", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return perf_counter() - begun, _busy() - before


def _busy() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _records(articles: int) -> Iterator[NewRecord]:
    start = datetime.now(UTC) - timedelta(days=2)
    step = timedelta(days=2) / articles
    for number in range(articles):
        seen = start + number * step
        article, reading = _article(number, seen)
        yield _record(ARTICLES, article.article_id, article)
        yield _record(
            ENRICHED, article.article_id, Enriched(article=article, reading=reading, vector="A" * 1024, space="bench")
        )
        yield _event(number, article, reading, seen)


def _article(number: int, seen: datetime) -> tuple[Article, Reading]:
    words = [_WORDS[(number * step) % len(_WORDS)] for step in (1, 3, 5, 7)]
    title = f"{words[0]} {words[1]} {number}"
    body = "".join(_SENTENCE.format(*words[shift:], *words[:shift]) for shift in range(4))
    outlet = f"o{number % 40}"
    article = Article(
        article_id=f"a-{number}",
        version="v1",
        outlet=outlet,
        feed=f"{outlet}.1",
        url=f"https://{outlet}.example/{number}",
        title=title,
        body=body,
        published=seen,
        seen=seen,
        event_time=seen,
    )
    sentence = Sentence(text=title, place=Place.HEADLINE, paragraph=0)
    mentions = tuple(Mention(entity=word, sentence=0, start=0, end=4) for word in words[:2])
    language = ("uk", "en", "ru", "pl")[number % 4]
    return article, Reading(language=language, sentences=(sentence,), mentions=mentions)


def _event(number: int, article: Article, reading: Reading, seen: datetime) -> NewRecord:
    # Stories overlap, as they do: twelve articles each, forty stories under way at once.
    story, place = (number // (40 * _PER_STORY)) * 40 + number % 40, (number // 40) % _PER_STORY
    kind = StoryEventKind.OPENED if place == 0 else StoryEventKind.JOINED
    event = StoryEvent(
        event_id=f"ev-{number}",
        kind=kind,
        story_id=f"st-{story}",
        number=place + 1,
        title=f"story {story}",
        article=article,
        reading=reading,
        score=0.8,
        evidence=JoinEvidence(nearest=f"a-{max(number - 40, 0)}", similarity=0.8, runner_up="st-7", bar=0.6),
        article_count=place + 1,
        outlets=(article.outlet,),
        languages=(reading.language,),
        event_time=seen,
        seen=seen,
        facts=StoryFacts(status=StoryStatus.DEVELOPING),
    )
    return _record(STORY_EVENTS, event.story_id, event)


def _record(topic: str, key: str, message: Article | Enriched | StoryEvent) -> NewRecord:
    return NewRecord(topic=topic, partition=0, key=key, value=encode(message))
