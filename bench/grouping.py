"""How fast the cluster stage decides as its window grows: invented articles, vectors given, four to a story.

Each line: live articles, articles per second, the slowest decisions, memory.  After the largest window as many articles
leave as come, and that is measured too.  Last what all of it and a restart take.
Times are of the processor, so that a busy machine counts for little.
"""

import resource
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np

from cluster.stage import Cluster
from cluster.state import ARTICLE
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Article, Enriched, Reading
from wire.settings import ClusterSettings
from wire.topics import ENRICHED, STORIES
from wire.vectors import encode_vector

_START = datetime(2026, 1, 1, tzinfo=UTC)
_DIMENSIONS = 384
_A_STORY = 4
_WORDS = 20_000
_MEASURED = 1500  # decisions at each size


def main(arguments: Sequence[str]) -> int:
    """Print a line per window size."""
    parser = ArgumentParser(prog="python -m bench grouping", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000, 10_000], help="live articles")
    options = parser.parse_args(arguments)
    stage, state = Cluster(ClusterSettings(), None), dict[str, bytes]()
    spans: list[float] = []
    for number, record in enumerate(invented(max(options.sizes), _MEASURED), 1):
        spans.append(_timed(stage, record, state))
        leaving = number == max(options.sizes) + _MEASURED
        if number in options.sizes or leaving:
            live = sum(key.startswith(ARTICLE) for key in state)
            print(
                f"{live} live{', as many leave as come' if leaving else ''}: {_figures(spans[-_MEASURED:])}", flush=True
            )
    print(f"replay of {len(spans)} articles, vectors given: {sum(spans):.0f} s")
    begun = time.process_time()
    fresh = Cluster(ClusterSettings(), None)
    for key, value in state.items():
        fresh.fold(Record(topic=STORIES, key=key, value=value))
    kib = sum(map(len, state.values())) >> 10
    print(f"restart with {len(state)} records, {kib} KiB: {time.process_time() - begun:.1f} s")
    return 0


def _figures(spans: Sequence[float]) -> str:
    p99 = float(np.percentile(spans, 99)) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{len(spans) / sum(spans):.0f}/s, p99 {p99:.1f} ms, {memory} MB"


def invented(count: int, beyond: int = 0) -> Iterator[Record]:
    """So many articles over four days, which is the window, and `beyond` more at the same pace; seeded."""
    rng, random = np.random.default_rng(1), Random(1)  # noqa: S311
    common = rng.normal(size=_DIMENSIONS) / 20
    open_stories: list[tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[str], list[str]]] = []
    for number in range(count + beyond):
        if number % _A_STORY == 0:
            words = [f"w{random.randrange(_WORDS)}" for _ in range(8)]
            names = [f"{random.randrange(5000):04x}"[-4:].replace("0", "k").replace("1", "r") for _ in range(10)]
            open_stories = [
                *open_stories[-19:],
                (rng.normal(size=_DIMENSIONS) / 20, words, [f"n{name}" for name in names]),
            ]
        centre, words, names = random.choice(open_stories)
        vector = common + centre + rng.normal(size=_DIMENSIONS) / 25
        seen = _START + timedelta(days=4) * number / count
        title = " ".join(random.sample(words, 5) + [f"w{random.randrange(_WORDS)}" for _ in range(3)])
        article = Article(
            article_id=f"{number:016x}",
            version="1",
            outlet=f"outlet-{random.randrange(200)}",
            feed="feed",
            url=f"https://example.org/{number}",
            title=title,
            summary=title * 3,
            seen=seen,
            event_time=seen,
        )
        enriched = Enriched(
            article=article,
            reading=Reading(language=random.choice(("en", "uk", "ru")), names=tuple(random.sample(names, 8))),
            vector=encode_vector((vector / np.linalg.norm(vector)).astype(np.float32)),
            space="invented",
        )
        yield Record(topic=ENRICHED, offset=number, key=article.article_id, value=encode(enriched))


def _timed(stage: Cluster, record: Record, state: dict[str, bytes]) -> float:
    begun = time.process_time()
    _take(stage, record, state)
    return time.process_time() - begun


def _take(stage: Cluster, record: Record, state: dict[str, bytes]) -> None:
    effects = stage.step(record, _START)
    for output in effects.outputs:
        encode(output.message)
    for change in effects.changes:
        value = None if change.value is None else encode(change.value)
        if value is None:
            state.pop(change.key, None)
        else:
            state[change.key] = value
        stage.fold(Record(topic=STORIES, key=change.key, value=value))
