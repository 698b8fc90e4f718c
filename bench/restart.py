"""How long the stage cluster takes from its start until it works again, with very many live articles.

python -m bench restart [--articles 100000] [--log sqlite]

The state is made by the stage itself from made-up articles, some thousand, and then copied under other ids; the real
program is started over it, and timed until a new article has its story event.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

from cluster.stage import Cluster
from console.demo.settings import write_settings
from console.open_log import open_log
from wire.broker import Broker
from wire.codec import encode
from wire.log.port import BEGINNING, Log, NewRecord, Record, lane_specs
from wire.messages import Article, Enriched, Reading
from wire.settings import HealthSettings, LogSettings, Settings
from wire.topics import ENRICHED, STAGES, STORIES, STORY_EVENTS
from wire.vectors import encode_vector

TARGET = timedelta(seconds=30)
_SAMPLE = 2000
_START = datetime(2026, 3, 1, tzinfo=UTC)
_IDS = re.compile(rb"\b(?:ar|st)-[0-9a-z]+")
_ARRIVAL = re.compile(rb'"(arrival|opened)":(\d+)')


def main(arguments: Sequence[str]) -> int:
    """Measure; 1 if it takes longer than 30 s."""
    parser = argparse.ArgumentParser(prog="python -m bench restart", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--log", choices=["sqlite", "kafka"], default="sqlite")
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirewatch-restart-")))
        log_settings = LogSettings(path=folder / "log.db")
        if asked.log == "kafka":
            broker = stack.enter_context(Broker(folder / "broker"))
            log_settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,))
        write_settings(Settings(log=log_settings, health=HealthSettings(port=0)), folder / "wirewatch.toml")
        log = stack.enter_context(closing(open_log(log_settings)))
        log.create()
        (spec,) = lane_specs(STAGES["cluster"], log.topics)
        with closing(log.lane(spec)):
            pass  # born: it has a position, as in every start but the first
        count = _fill(log, asked.articles)
        begun = perf_counter()
        with (folder / "cluster.log").open("wb") as output:
            command = [sys.executable, "-m", "console.main", "stage", "cluster", "-s", str(folder / "wirewatch.toml")]
            process = subprocess.Popen(command, stdout=output, stderr=output)
        new = _record("ar-new", 7, asked.articles + 1)
        log.append([NewRecord(topic=ENRICHED, partition=0, key="ar-new", value=new.value)])
        with closing(log.reader([STORY_EVENTS], BEGINNING)) as reader:
            while not reader.read(1, timedelta(seconds=1)):
                if process.poll() is not None:
                    print((folder / "cluster.log").read_text("utf-8"))
                    return 1
        span = perf_counter() - begun
        process.terminate()
        process.wait(30)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = re.search(r'"restored".*"seconds":([0-9.]+)', (folder / "cluster.log").read_text("utf-8"))
    restored = said[1] if said else "?"
    print(
        f"{asked.log}: {asked.articles} live articles, {count} state records:"
        f" restored in {restored} s, first story event {span:.1f} s after the process was started,"
        f" which has used {used.ru_utime + used.ru_stime:.1f} s of processor time by its end"
    )
    return 0 if span < TARGET.total_seconds() else 1


def _fill(log: Log, articles: int) -> int:
    state = _sample(min(_SAMPLE, articles))
    count = 0
    for copy in range(max(1, articles // len([key for key in state if key.startswith("article:")]))):
        records = [NewRecord(topic=STORIES, partition=0, key=k, value=v) for k, v in _copied(state, copy)]
        for begin in range(0, len(records), 1000):
            log.append(records[begin : begin + 1000])
        count += len(records)
    return count


def _sample(articles: int) -> dict[str, bytes]:
    """The state after so many articles, as the stage keeps it."""
    stage, state = Cluster(Settings().cluster, None), dict[str, bytes]()
    for number in range(articles):
        for change in stage.step(_record(f"ar-{number:08}", number, number), _START).changes:
            value = None if change.value is None else encode(change.value)
            stage.fold(Record(topic=STORIES, key=change.key, value=value))
            if value is None:
                state.pop(change.key, None)
            else:
                state[change.key] = value
    return state


def _copied(state: Mapping[str, bytes], copy: int) -> Iterator[tuple[str, bytes]]:
    """The articles and stories under other ids and arrivals; what there is one of comes with the first copy."""
    mark = b"" if copy == 0 else f"x{copy}".encode()
    for key, value in state.items():
        if copy and not _IDS.search(key.encode()):
            continue
        moved = _ARRIVAL.sub(lambda m: b'"%s":%d' % (m[1], int(m[2]) + copy * _SAMPLE), value)
        yield (
            _IDS.sub(lambda m: m[0] + mark, key.encode()).decode(),
            _IDS.sub(lambda m: m[0] + mark, moved),
        )


def _record(article_id: str, seed: int, offset: int) -> Record:
    """A made-up article with a vector of its own."""
    vector = np.random.default_rng(seed).normal(size=384).astype(np.float32)
    seen = _START + timedelta(seconds=min(offset, 3000))
    words = " ".join(f"word{(seed * 7919 + n * 104_729) % 30_000}" for n in range(8))
    article = Article(
        article_id=article_id,
        version="1",
        outlet=f"outlet{seed % 50}",
        feed="f",
        url=f"https://outlet.example/{article_id}",
        title=words,
        body=words,
        seen=seen,
        event_time=seen,
    )
    enriched = Enriched(
        article=article,
        reading=Reading(language="en"),
        vector=encode_vector(vector / np.linalg.norm(vector)),
        space="made-up",
    )
    return Record(topic=ENRICHED, offset=offset, key=article_id, value=encode(enriched))
