"""Learn the weights of the signals: `cluster/calibration.json`, all sets one setting.

A coordinate search (`bench.climb`) goes by what the stage makes of the sets and of an invented month (`bench.drift`);
it starts from a logistic regression over pairs (`bench.regression`) or goes on from the weights of a file.  A pull back
to the start keeps it from fitting what few articles say.  The same input gives the same file.
`--leave-out` learns without a set, and then judges it.
"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from math import log
from pathlib import Path
from statistics import fmean

import msgspec

from bench.bcubed import bcubed
from bench.climb import Step, Weights, climb, levelled
from bench.daily import Told, month
from bench.developing import TOPIC, developing
from bench.drift import swallowed
from bench.gold import Arrival, in_event_time_order, read_gold
from bench.kept_vectors import add_encoder_options, chosen_encoder
from bench.regression import WEIGHTS, Labelled, fitted, labelled_pairs
from bench.stories import enrich_all, group
from cluster.centring import shipped_prior
from cluster.pairs import Calibration
from enrich.encoder import Encoder
from wire.log.port import Record
from wire.messages import ArticleId

_SEED, _DAYS = 1, 30
_PROCESSES = 2
# What the regression listens to: the pairs must not depend on the weights that ship.
_PLAIN = msgspec.convert(dict.fromkeys(WEIGHTS, 0.0) | {"meaning": 8.0, "time": -2.0}, Calibration)
_PERFECT = 0.01  # errors that are nobody's fault: without them the last one would outweigh all
_PULL = 0.01  # for one weight that is moved by its own size


class _Label(msgspec.Struct, frozen=True):
    id: str
    cluster: str


@dataclass(frozen=True, slots=True)
class Stream:
    """Labelled articles as enrich tells of them, in the order in which they come."""

    name: str
    enriched: Sequence[Record]
    ids: Mapping[ArticleId, str]  # ids of lines, in the same order
    label: Mapping[str, str]  # by id of line, and so are the others
    language: Mapping[str, str]
    told: Sequence[Told] = ()  # by `bench.daily` and `bench.developing`; none in a set

    def judged(self, calibration: Calibration) -> dict[str, float]:
        """What these weights make of it, each 0 to 1."""
        placed = group(self.enriched, shipped_prior(), calibration)
        stories = {self.ids[article]: story for article, story in placed.items()}
        if self.told:
            daily = [told for told in self.told if told.topic != TOPIC]
            going_on = {told.line.id: stories[told.line.id] for told in self.told if told.topic == TOPIC}
            return {
                "own story": 1 - len(swallowed(daily, stories)) / len({told.event for told in daily}),
                "going on": _f1(self.label, going_on),
            }
        return dict(_scores(self.label, stories, self.language))


def main(arguments: Sequence[str]) -> int:
    """Write the weights."""
    parser = ArgumentParser(prog="python -m bench calibrate", description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET", help="JSON Lines with labels")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from; default: the regression's")
    parser.add_argument("--leave-out", type=Path, help="learn without this one of the sets, and try the weights on it")
    add_encoder_options(parser)
    options = parser.parse_args(arguments)
    encoder = chosen_encoder(options)
    learned = [path for path in options.sets if path != options.leave_out]
    sets = [labelled(path, encoder) for path in learned]
    streams = [*sets, told(encoder)]
    with ProcessPoolExecutor(_PROCESSES) as pool:
        judge = Judge(streams, pool)
        start = _given(options.start, judge) if options.start else regressed(sets, judge)
        print(f"{start.worth:.4f} {start.said}: {dict(start.weights)}")
        step = start
        for step in climb(start, judge.pulled_to(start.weights)):
            print(f"{step.worth:.4f} {step.said}", flush=True)
        names = tuple(path.stem for path in learned)
        calibration = msgspec.convert({**step.weights, "sets": names}, Calibration)
        options.out.write_bytes(msgspec.json.encode(calibration) + b"\n")
        shown = [labelled(options.leave_out, encoder)] if options.leave_out else streams
        for stream, judged in zip(shown, pool.map(Stream.judged, shown, [calibration] * len(shown)), strict=True):
            print(stream.name, ", ".join(f"{name} {value:.3f}" for name, value in judged.items()))
    return 0


class Judge:
    """What settings are worth to the streams."""

    def __init__(self, streams: Sequence[Stream], pool: Executor) -> None:
        self._streams = streams
        self._pool = pool

    def __call__(self, tried: Sequence[Weights]) -> list[float]:
        """One for each; every stream has the same say."""
        jobs = [(stream, msgspec.convert(weights, Calibration)) for weights in tried for stream in self._streams]
        judged = [_worth(one) for one in self._pool.map(Stream.judged, *zip(*jobs, strict=True))]
        count = len(self._streams)
        return [fmean(judged[at : at + count]) for at in range(0, len(judged), count)]

    def pulled_to(self, start: Weights) -> Callable[[Sequence[Weights]], list[float]]:
        """The same, less what it costs to have left the start."""
        return lambda tried: [
            worth - _PULL * sum(((one[name] - at) / max(1.0, abs(at))) ** 2 for name, at in start.items())
            for one, worth in zip(tried, self(tried), strict=True)
        ]


def regressed(sets: Sequence[Stream], judge: Judge) -> Step:
    """The regression's weights, brought to where the stage needs them."""
    weights = dict(zip(WEIGHTS, map(float, fitted([_pairs(one) for one in sets])), strict=True))
    return levelled(weights, "same_language", judge)


def _given(path: Path, judge: Judge) -> Step:
    read = msgspec.structs.asdict(msgspec.json.decode(path.read_bytes(), type=Calibration))
    weights = {name: read[name] for name in WEIGHTS}
    return Step(path.name, weights, judge([weights])[0])


def _worth(judged: Mapping[str, float]) -> float:
    """The better, the higher: a share of its errors less is worth the same to every stream."""
    return -fmean(log(1 + _PERFECT - value) for value in judged.values())


def labelled(path: Path, encoder: Encoder) -> Stream:
    """A set."""
    lines = [msgspec.json.decode(line, type=_Label) for line in path.read_bytes().splitlines() if line.strip()]
    label = {line.id: line.cluster for line in lines}
    return _stream(path.stem, in_event_time_order(read_gold(path)), label, encoder)


def told(encoder: Encoder) -> Stream:
    """The invented month."""
    stream = [*month(_SEED, _DAYS), *developing(_SEED, _DAYS)]
    arrivals = in_event_time_order([told.line for told in stream])
    return _stream("month", arrivals, {told.line.id: told.event for told in stream}, encoder, stream)


def _stream(
    name: str, arrivals: Sequence[Arrival], label: Mapping[str, str], encoder: Encoder, told: Sequence[Told] = ()
) -> Stream:
    return Stream(
        name=name,
        enriched=enrich_all(arrivals, encoder),
        ids={arrival.article.article_id: arrival.id for arrival in arrivals},
        label=label,
        language={arrival.id: arrival.article.language_hint or "" for arrival in arrivals},
        told=told,
    )


def _pairs(stream: Stream) -> Labelled:
    label = {article: stream.label[line] for article, line in stream.ids.items()}
    return labelled_pairs(stream.enriched, list(label), label, _PLAIN)


def _scores(
    label: Mapping[str, str], stories: Mapping[str, str], language: Mapping[str, str]
) -> Iterator[tuple[str, float]]:
    """B-cubed F1 of all, without the single ones, within each language, and F1 over pairs of two languages."""
    sizes = Counter(label[one] for one in stories)
    yield "all", _f1(label, stories)
    yield "no single ones", _f1(label, {one: story for one, story in stories.items() if sizes[label[one]] > 1})
    spoken = Counter(language[one] for one in stories)
    if len(spoken) > 1:
        of_each = {code: {one: story for one, story in stories.items() if language[one] == code} for code in spoken}
        yield "within languages", fmean(_f1(label, said) for said in of_each.values())
        yield "across languages", across(label, stories, language)


def _f1(label: Mapping[str, str], stories: Mapping[str, str]) -> float:
    return bcubed([label[one] for one in stories], list(stories.values())).f1


def across(label: Mapping[str, str], stories: Mapping[str, str], language: Mapping[str, str]) -> float:
    """F1 over pairs of articles in two languages; 0 where there are none."""

    def pairs(groups: Mapping[str, object]) -> int:
        counts: dict[object, Counter[str]] = {}
        for one in stories:
            counts.setdefault(groups[one], Counter())[language[one]] += 1
        # All pairs less those of one language.
        return sum((of.total() ** 2 - sum(count**2 for count in of.values())) // 2 for of in counts.values())

    both = pairs({one: (label[one], story) for one, story in stories.items()})
    return 2 * both / max(1, pairs(stories) + pairs(label))
