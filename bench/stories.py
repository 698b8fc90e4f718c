"""Group labelled articles with the very stages, in event-time order, cold; write the story of each."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.folding import fold
from bench.gold import Arrival, GoldLine, in_event_time_order, read_gold
from bench.kept_vectors import add_encoder_options, chosen_encoder
from cluster.centring import Prior, shipped_prior
from cluster.matching import Matcher
from cluster.pairs import Calibration, shipped_calibration
from cluster.stage import Cluster
from enrich.article_reader import article_reader
from enrich.encoder import Encoder
from enrich.stage import Enrich
from wire.catalogue import Catalogue
from wire.codec import encode
from wire.log.port import Record
from wire.messages import ArticleId, StoryEvent, StoryEventKind, StoryId
from wire.settings import ClusterSettings
from wire.stage import Output, Stage
from wire.topics import ARTICLES, ENRICHED, STORIES

_BATCH = 64  # the loop's
_WEIGHTS = tuple(name for name in Calibration.__struct_fields__ if name != "sets")
_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # neither stage looks at it


class Placed(msgspec.Struct, frozen=True):
    """One line of the answer."""

    id: str
    story: StoryId


def main(arguments: Sequence[str]) -> int:
    """Write one line per article, in the order in which they came."""
    parser = ArgumentParser(prog="python -m bench stories", description=__doc__)
    parser.add_argument(
        "gold", type=Path, metavar="GOLD", help="JSON Lines: {id, lang?, published?, outlet?, title, text?}"
    )
    parser.add_argument("--out", type=Path, required=True, help="answer, {id, story} a line")
    parser.add_argument("--warm", type=Path, help="articles that came before, as GOLD: let through first, not answered")
    parser.add_argument("--prior", type=Path, help="means from `bench prior`; default: those that ship")
    parser.add_argument("--without", choices=_WEIGHTS, action="append", default=[], help="weigh this signal as nothing")
    add_encoder_options(parser)
    options = parser.parse_args(arguments)
    prior = msgspec.json.decode(options.prior.read_bytes(), type=Prior) if options.prior else shipped_prior()
    arrivals = in_event_time_order(read_gold(options.gold))
    before = in_event_time_order(warming(read_gold(options.warm))) if options.warm else []
    enriched = enrich_all([*before, *arrivals], chosen_encoder(options))
    started = time.perf_counter()
    stories = group(enriched, prior, calibration_without(options.without))
    seconds = time.perf_counter() - started
    placed = [Placed(arrival.id, stories[arrival.article.article_id]) for arrival in arrivals]
    options.out.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in placed))
    print(
        f"{len(placed)} articles in {len({line.story for line in placed})} stories; "
        f"{len(enriched) / seconds:.0f} articles/s without embedding",
        file=sys.stderr,
    )
    return 0


def warming(lines: Sequence[GoldLine]) -> list[GoldLine]:
    """The lines under ids that no line of another file has."""
    return [msgspec.structs.replace(line, id=f"warm\0{line.id}") for line in lines]


def enrich_all(arrivals: Sequence[Arrival], encoder: Encoder) -> list[Record]:
    """The records that enrich writes.  Without a catalogue: mentions decide nothing in grouping."""
    stage = Enrich(encoder, article_reader(Catalogue({})))
    records = [
        Record(topic=ARTICLES, offset=offset, key=arrival.article.article_id, value=encode(arrival.article))
        for offset, arrival in enumerate(arrivals)
    ]
    return [
        Record(topic=ENRICHED, offset=offset, key=output.key, value=encode(output.message))
        for offset, output in enumerate(drive(stage, records))
    ]


def calibration_without(signals: Iterable[str]) -> Calibration:
    """The weights that ship, but those of `signals`."""
    return msgspec.structs.replace(shipped_calibration(), **dict.fromkeys(signals, 0.0))


def group(
    enriched: Sequence[Record], prior: Prior | None, calibration: Calibration | None = None
) -> dict[ArticleId, StoryId]:
    """The story in which each article ended, as the cluster stage tells it; default: with the weights that ship."""
    matcher = Matcher(calibration or shipped_calibration())
    events = (output.message for output in drive(Cluster(ClusterSettings(), prior, matcher), enriched))
    return final_stories(event for event in events if isinstance(event, StoryEvent))


def final_stories(events: Iterable[StoryEvent]) -> dict[ArticleId, StoryId]:
    """Where each article is after all events: joins, merges, splits and moves in their order."""
    stories: dict[ArticleId, StoryId] = {}
    merged: dict[StoryId, StoryId] = {}
    for event in events:
        if event.kind in (StoryEventKind.OPENED, StoryEventKind.JOINED) and event.article is not None:
            stories[event.article.article_id] = event.story_id
        elif event.other is not None and event.kind is StoryEventKind.MERGED:
            merged[event.other] = event.story_id
        elif event.other is not None and event.kind in (StoryEventKind.SPLIT, StoryEventKind.MOVED):
            stories |= dict.fromkeys(event.articles, event.other)
    return {article_id: _living(story_id, merged) for article_id, story_id in stories.items()}


def _living(story_id: StoryId, merged: Mapping[StoryId, StoryId]) -> StoryId:
    while story_id in merged:
        story_id = merged[story_id]
    return story_id


def drive(stage: Stage, records: Sequence[Record]) -> Iterator[Output]:
    """What a stage tells, driven as the loop drives it: prepare a batch, then step, encode and fold each record."""
    for start in range(0, len(records), _BATCH):
        batch = records[start : start + _BATCH]
        stage.prepare(batch)
        for record in batch:
            effects = stage.step(record, _NOW)
            fold(stage, effects, STORIES)
            yield from effects.outputs
