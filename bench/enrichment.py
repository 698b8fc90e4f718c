"""The whole enrich stage on the embedded log against sentence-transformers' own `encode` of the same texts.

    python -m bench enrichment [--articles A.jsonl] [--precision bfloat16] [--limit 512]

Both in this process, with the same model, precision and threads, in turns: raw at its best batch size; the stage from
`news.articles` to `news.enriched`, the loop's transactions included; a stream of which three in ten are copies.
"""

import json
import resource
import tempfile
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace as changed
from prometheus_client import CollectorRegistry

from bench.gold import GoldLine, in_event_time_order, read_gold
from console.backfill import append_articles
from console.open_log import open_log
from demo.day import load_day
from enrich.article_reader import Reader, RememberingReader, article_reader
from enrich.encoder import MOST_TOKENS, Encoder, RememberingEncoder, Vectors, vector_text
from enrich.sentences import running_text
from enrich.stage import Enrich
from enrich.weights import ModelFolder, model_folder
from wire.catalogue import load_catalogue
from wire.clock import SystemClock
from wire.log.port import lane_specs
from wire.loop import Loop, LoopLimits
from wire.messages import Article, Reading
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.settings import LogSettings
from wire.topics import STAGES

if TYPE_CHECKING:
    from enrich.runtime import Embedding

_BATCH_SIZES = (8, 16, 32, 64)
_COPIES = 0.3
_ROUND = 64  # articles: a batch of the loop
T = TypeVar("T")
RawEncode = Callable[[Sequence[str], int], object]


@dataclass(slots=True)
class Parts:
    """Seconds that each part took."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def shares(self) -> dict[str, float]:
        """Of all time, the largest first."""
        whole = sum(self.seconds.values())
        largest_first = sorted(self.seconds.items(), key=lambda part: -part[1])
        return {part: round(spent / whole, 3) for part, spent in largest_first}

    def timed(self, part: str, call: Callable[[], T]) -> T:
        """What `call` returns; its time is the part's."""
        start = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds[part] += time.perf_counter() - start


class TimedEncoder:
    """An encoder whose time counts."""

    def __init__(self, encoder: Encoder, parts: Parts) -> None:
        self._encoder = encoder
        self._parts = parts
        self.space, self.way = encoder.space, encoder.way

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As the encoder inside."""
        return self._parts.timed("embedding", lambda: self._encoder.encode(texts))


class TimedReader:
    """A reader whose time counts."""

    def __init__(self, reader: Reader, parts: Parts) -> None:
        self._reader = reader
        self._parts = parts

    def read(self, article: Article, *, language_known: str | None = None) -> Reading:
        """As the reader inside."""
        return self._parts.timed("reading", lambda: self._reader.read(article, language_known=language_known))


class TimedGuard:
    """The loop's guard, by which it says what it does: the log's time counts, and after so many records it ends."""

    def __init__(self, records: int, parts: Parts) -> None:
        self._left = records
        self._parts = parts
        self.stop: Callable[[], None] = lambda: None

    @contextmanager
    def __call__(self, what: str, _limit: timedelta) -> Iterator[None]:
        """Around one call of the stage or the log."""
        start = time.perf_counter()
        yield
        if what in ("poll", "commit"):
            self._parts.seconds["log"] += time.perf_counter() - start
        self._left -= what.startswith("record ")
        if what == "commit" and self._left <= 0:
            self.stop()


def main(arguments: Sequence[str]) -> int:
    """Print speeds, the ratio to raw encoding, the share of each part, memory; 1 if the ratio is under .95."""
    parser = ArgumentParser("bench enrichment", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=Path, help="JSON Lines with id, lang, title, text; default: the demo's day")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "wirewatch", help="of converted weights")
    parser.add_argument("--model", help="folder or hub name; default: the packaged weights")
    parser.add_argument("--precision", choices=["auto", "fp32", "bfloat16"], default="auto")
    parser.add_argument("--runtime", choices=["auto", "openvino", "torch"], default="auto")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--limit", type=int, default=512, help="articles; beyond the file's they are none")
    parser.add_argument("--json", action="store_true", help="one object in place of lines")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    # Late: --help need not wait for torch.
    from enrich.runtime import open_embedding

    folder = model_folder(options.model, options.cache)
    embedder = open_embedding(folder, runtime=options.runtime, precision=options.precision, threads=options.threads)
    reader = article_reader(load_catalogue())
    lines = read_gold(options.articles) if options.articles else demo_lines()
    articles = distinct([one.article for one in in_event_time_order(lines)])[: options.limit]
    half = len(articles) // 2
    reader.read(articles[0]), embedder.encode(["first result"])
    ready = time.perf_counter() - started
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    raw = raw_encode(folder, embedder)
    for article in articles[:half]:
        reader.read(article)  # so that words are known as after some hours; vectors are not
    size = best_batch_size(raw, articles)
    parts, spent = Parts(), Parts()
    # In turns, so that whatever else this machine does meanwhile slows all three alike.
    for begin in range(0, len(articles), _ROUND):
        round_ = articles[begin : begin + _ROUND]
        spent.timed("raw", partial(raw, [_words(article) for article in round_], size))
        spent.seconds["stage"] += stage_seconds(embedder, reader, round_, parts)
        spent.seconds["copies"] += stage_seconds(embedder, reader, with_copies(round_), Parts())
    found: dict[str, Any] = {
        "articles": len(articles),
        "ready_seconds": round(ready, 1),
        "runtime": embedder.runtime,
        "way": str(embedder.way),
        "measured": embedder.choice,
        "raw_batch": size,
        **{f"{name}_per_second": round(len(articles) / seconds, 2) for name, seconds in spent.seconds.items()},
        "ratio": round(spent.seconds["raw"] / spent.seconds["stage"], 3),
        "copies_speed_up": round(spent.seconds["stage"] / spent.seconds["copies"], 2),
        "share": parts.shares(),
        "largest_resident_mb": resident,
    }
    print(json.dumps(found) if options.json else "\n".join(f"{name}: {value}" for name, value in found.items()))
    return 0 if found["ratio"] >= 0.95 else 1


def demo_lines() -> list[GoldLine]:
    """The articles of the demo's invented day."""
    return [
        GoldLine(
            id=one.path,
            title=one.title,
            text="\n".join((one.summary, *one.paragraphs)),
            lang=one.language,
            outlet=one.outlet,
        )
        for one in load_day().articles
    ]


def distinct(articles: Sequence[Article]) -> list[Article]:
    """Those whose text to be embedded no earlier one has."""
    return list({_words(article): article for article in articles}.values())


def with_copies(articles: Sequence[Article]) -> list[Article]:
    """As many articles, of which three in ten repeat the text of an earlier one under another id."""
    own = articles[: round(len(articles) * (1 - _COPIES))]
    copies = [changed(article, article_id=f"copy-{article.article_id}") for article in own]
    places = [
        at for at in range(len(own)) if int((at + 1) * _COPIES / (1 - _COPIES)) > int(at * _COPIES / (1 - _COPIES))
    ]
    chosen = {at: copies[at // 2] for at in places}
    return list(chain.from_iterable((own[at], chosen[at]) if at in chosen else (own[at],) for at in range(len(own))))


def raw_encode(folder: ModelFolder, embedder: "Embedding") -> RawEncode:
    """The library's own call, in the precision and with the threads of `embedder`: texts and batch size in."""
    import torch
    from sentence_transformers import SentenceTransformer

    network = SentenceTransformer(str(folder.path), device="cpu", local_files_only=True)
    network.max_seq_length = MOST_TOKENS
    network.to(torch.bfloat16 if embedder.way.precision == "bfloat16" else torch.float32)
    torch.set_num_threads(embedder.way.threads)
    prefix = network.prompts.get("query") or ""
    return lambda texts, size: network.encode(list(texts), prompt=prefix, batch_size=size, show_progress_bar=False)


def best_batch_size(raw: RawEncode, articles: Sequence[Article]) -> int:
    """With which the library's own call is fastest on some of the texts; it sorts by length itself."""
    texts = [_words(article) for article in articles[:_ROUND]]
    raw(texts[: _BATCH_SIZES[0]], _BATCH_SIZES[0])  # its first call prepares more than later ones
    speeds = {size: _seconds(partial(raw, texts, size)) for size in _BATCH_SIZES}
    return min(speeds, key=lambda size: speeds[size])


def stage_seconds(embedder: Encoder, reader: Reader, articles: Sequence[Article], parts: Parts) -> float:
    """Seconds from `news.articles` to the commit of the last in `news.enriched`; the caches begin empty."""
    with tempfile.TemporaryDirectory() as folder:
        log = open_log(LogSettings(path=Path(folder) / "bench.db"))
        with closing(log):
            log.create()
            append_articles(log, articles, lambda _count: None)
            (spec,) = lane_specs(STAGES["enrich"], log.topics)
            guard = TimedGuard(len(articles), parts)
            stage = Enrich(
                RememberingEncoder(TimedEncoder(embedder, parts)), RememberingReader(TimedReader(reader, parts))
            )
            loop = Loop(
                stage,
                log.lane(spec),
                Outgoing(spec, log.topics, "bench"),
                clock=SystemClock(),
                guard=guard,
                metrics=LaneMetrics(CollectorRegistry()),
                limits=LoopLimits(),
            )
            guard.stop = loop.stop
            known = sum(parts.seconds.values())
            whole = _seconds(loop.run)
    parts.seconds["rest"] += whole - (sum(parts.seconds.values()) - known)
    return whole


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _words(article: Article) -> str:
    return vector_text(article.title, running_text(article))
