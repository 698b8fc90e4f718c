"""A month of daily topics (weather, scores, reports from the front): does each day's event open a story of its own?

The stream is invented and goes through the very stages.  For each topic of `bench.daily`: the days whose event has a
story of its own, B-cubed precision, recall and F1 among the topic's articles, and how many stories there are.  Among
them run the stories of `bench.developing`, which go on for days: how many of them are whole, and where each of the
others lies.  What went wrong in which day is read with `--out` and `bench errors`.
"""

from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.bcubed import bcubed
from bench.daily import LONGEST_DAYS, MONTH_BEGINS, Told, month
from bench.developing import TOPIC, developing
from bench.gold import GoldLine, in_event_time_order, read_gold
from bench.kept_vectors import add_encoder_options, chosen_encoder
from bench.stories import enrich_all, group, warming
from cluster.centring import shipped_prior
from enrich.encoder import Encoder

Stories = Mapping[str, str]  # of articles, by id
_TENTH = 10


class Held(NamedTuple):
    """Where an event lies: in the story with the most of its articles."""

    articles: int  # of the event
    within: int  # of these, in that story
    others: int  # articles of other events of the stream in that story

    @property
    def whole(self) -> bool:
        """At most a tenth of the event's articles lie elsewhere, and at most a tenth of the story's are others."""
        elsewhere, size = self.articles - self.within, self.within + self.others
        return elsewhere * _TENTH <= self.articles and self.others * _TENTH <= size


def main(arguments: Sequence[str]) -> int:
    """Print a line per topic; 1 where a day has no story of its own or a developing story is not whole."""
    parser = ArgumentParser(prog="python -m bench drift", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=LONGEST_DAYS, choices=range(1, LONGEST_DAYS + 1), metavar="1-30")
    parser.add_argument("--out", type=Path, help="folder for gold.jsonl and pred.jsonl, as `bench errors` reads them")
    parser.add_argument(
        "--among", type=Path, nargs="+", default=[], help="other articles, spread evenly over the days, not scored"
    )
    parser.add_argument("--daily-only", action="store_true", help="without the stories that develop over days")
    add_encoder_options(parser)
    options = parser.parse_args(arguments)
    stream = month(options.seed, options.days)
    if not options.daily_only:
        stream += developing(options.seed, options.days)
    others = spread([line for path in options.among for line in warming(read_gold(path))], options.days)
    stories = grouped(stream, chosen_encoder(options), others)
    if options.out:
        _write(options.out, stream, stories)
    print(f"seed {options.seed}: {len(stream)} articles of {options.days} days in {len(set(stories.values()))} stories")
    broken = not_whole(stream, stories)
    for topic, told in [*_by_topic(stream).items(), ("all", stream)]:
        print(_line(topic, told, stories, broken))
    for event, where in broken.items():
        print(f"{event}: {where.within} of {where.articles} articles in one story, with {where.others} of other events")
    return int(bool(swallowed(stream, stories) or broken))


def spread(lines: Sequence[GoldLine], days: int) -> list[GoldLine]:
    """The lines in their order, at even distances over the days."""
    step = timedelta(days=days) / max(1, len(lines))
    return [
        msgspec.structs.replace(line, published=(MONTH_BEGINS + number * step).isoformat())
        for number, line in enumerate(lines)
    ]


def grouped(stream: Sequence[Told], encoder: Encoder, others: Sequence[GoldLine] = ()) -> Stories:
    """The story of each article of the stream, by its id, where the `others` come in between."""
    arrivals = in_event_time_order([*(told.line for told in stream), *others])
    stories = group(enrich_all(arrivals, encoder), shipped_prior())
    placed = {arrival.id: stories[arrival.article.article_id] for arrival in arrivals}
    return {told.line.id: placed[told.line.id] for told in stream}


def swallowed(stream: Sequence[Told], stories: Stories) -> dict[str, str]:
    """The events without a story of their own, each with the event that had it before.

    An event's story is the one with the most of its articles; it is its own where the event opened it.
    """
    ordered = sorted(stream, key=lambda told: told.line.published or "")
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for told in ordered:
        held[told.event][stories[told.line.id]] += 1
    first: dict[str, str] = {}  # event of a story's first article
    for told in ordered:
        first.setdefault(stories[told.line.id], told.event)
    before = {event: first[counts.most_common(1)[0][0]] for event, counts in held.items()}
    return {event: earlier for event, earlier in before.items() if earlier != event}


def not_whole(stream: Sequence[Told], stories: Stories) -> dict[str, Held]:
    """The developing stories that the stream tells and `stories` tear apart or mix with others."""
    events = Counter(told.event for told in stream)
    sizes = Counter(stories[told.line.id] for told in stream)
    shared = Counter((told.event, stories[told.line.id]) for told in stream)
    broken: dict[str, Held] = {}
    for event in dict.fromkeys(told.event for told in stream if told.topic == TOPIC):
        within, story = max((count, story) for (of, story), count in shared.items() if of == event)
        where = Held(articles=events[event], within=within, others=sizes[story] - within)
        if not where.whole:
            broken[event] = where
    return broken


def _by_topic(stream: Sequence[Told]) -> dict[str, list[Told]]:
    topics: dict[str, list[Told]] = defaultdict(list)
    for told in stream:
        topics[told.topic].append(told)
    return topics


def _line(topic: str, stream: Sequence[Told], stories: Stories, broken: Collection[str]) -> str:
    events = len({told.event for told in stream})
    if topic == TOPIC:
        met = f"{events - len(broken)} of {events} stories are whole"
    else:
        met = f"{events - len(swallowed(stream, stories))} of {events} events have a story of their own"
    said = [stories[told.line.id] for told in stream]
    score = bcubed([told.event for told in stream], said)
    return (
        f"{topic:10} {met}; precision {score.precision:.3f}, recall {score.recall:.3f}, F1 {score.f1:.3f}; "
        f"{len(set(said))} stories"
    )


def _write(folder: Path, stream: Sequence[Told], stories: Stories) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    gold = (msgspec.structs.asdict(told.line) | {"cluster": told.event} for told in stream)
    answer = ({"id": told.line.id, "story": stories[told.line.id]} for told in stream)
    for name, lines in (("gold", gold), ("pred", answer)):
        (folder / f"{name}.jsonl").write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
