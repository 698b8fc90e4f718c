"""Find watched pairs in a file of articles with the very stages, enrich and alerts, at article scope."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from alerts.stage import Alerts
from alerts.watch import watch_from
from bench.folding import fold
from bench.gold import Arrival, in_event_time_order, read_gold
from bench.listed import Listed, catalogue_of
from enrich.article_reader import article_reader
from enrich.encoder import Vectors
from enrich.stage import Enrich
from enrich.ways import Way
from wire.codec import decode, encode
from wire.log.port import Record
from wire.messages import Alert, Enriched, StoryEvent, StoryEventKind
from wire.settings import WatchSettings
from wire.topics import ARTICLES, STORY_EVENTS, WATCH_STATE

_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # neither stage looks at it


class Asked(msgspec.Struct):
    """The watches: entities, and pairs of them by name."""

    entities: dict[str, Listed]
    pairs: dict[str, tuple[str, str]]


class Answer(msgspec.Struct, frozen=True):
    """One article that shows one pair."""

    pair: str
    id: str


class _NoVectors:
    """Pairs are found in words: nothing here looks at a vector."""

    space = "none"
    way = Way("fp32", 1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 1), dtype=np.float32)


def main(arguments: Sequence[str]) -> int:
    """Write one line per pair and article."""
    parser = ArgumentParser(prog="python -m bench pairs", description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="{id, lang, title, text?} a line")
    parser.add_argument("--watches", type=Path, required=True, help="JSON: {entities: {...}, pairs: {...}}")
    parser.add_argument("--out", type=Path, required=True, help="answers, {pair, id} a line")
    options = parser.parse_args(arguments)
    asked = msgspec.json.decode(options.watches.read_bytes(), type=Asked)
    arrivals = in_event_time_order(read_gold(options.articles))
    started = time.perf_counter()
    found = find_pairs(arrivals, asked)
    took = time.perf_counter() - started
    options.out.write_bytes(b"".join(msgspec.json.encode(answer) + b"\n" for answer in found))
    print(f"{len(found)} pairs in {len(arrivals)} articles, {len(arrivals) / took:.0f} articles/s", file=sys.stderr)
    return 0


def find_pairs(arrivals: Sequence[Arrival], asked: Asked) -> list[Answer]:
    """Which pair each article shows: every article is told of as a story of its own."""
    enrich = Enrich(_NoVectors(), article_reader(catalogue_of(asked.entities)))
    names = {pair: f"w{number}" for number, pair in enumerate(asked.pairs)}
    pair_of = {name: pair for pair, name in names.items()}
    watches = [
        watch_from(WatchSettings(name=names[pair], all=both, scope="article", channels=("none",)))
        for pair, both in asked.pairs.items()
    ]
    alerts = Alerts(watches, {})
    found: list[Answer] = []
    for offset, arrival in enumerate(arrivals):
        record = Record(topic=ARTICLES, offset=offset, key=arrival.id, value=encode(arrival.article))
        (output,) = enrich.step(record, _NOW).outputs
        enriched = decode(encode(output.message), Enriched)
        effects = alerts.step(_opened(enriched, offset), _NOW)
        fold(alerts, effects, WATCH_STATE)
        told = [output.message for output in effects.outputs]
        found += (Answer(pair_of[alert.watch], arrival.id) for alert in told if isinstance(alert, Alert))
    return found


def _opened(enriched: Enriched, offset: int) -> Record:
    """The article alone in a story."""
    article = enriched.article
    event = StoryEvent(
        event_id=f"e-{offset}",
        kind=StoryEventKind.OPENED,
        story_id=f"st-{offset}",
        number=1,
        title=article.title,
        article=article,
        reading=enriched.reading,
        article_count=1,
        outlets=(article.outlet,),
        languages=(enriched.reading.language,),
        event_time=article.event_time,
        seen=article.seen,
    )
    return Record(topic=STORY_EVENTS, offset=offset, key=event.story_id, value=encode(event))
