"""Learn the weights of the signals from labelled articles: numbers only, `cluster/calibration.json`.

Pairs are those that the stage scores, from many more near articles than it compares in service.  Each set has an
intercept of its own, which is thrown away: how likely two near articles are to belong together depends on the stream,
and is what the bar follows.  `--leave-out` learns without a set and says how well the rest orders its pairs.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.gold import in_event_time_order, read_gold
from bench.kept_vectors import add_encoder_options, chosen_encoder
from bench.stories import drive, enrich_all
from cluster.centring import shipped_prior
from cluster.draft import Draft
from cluster.matching import Match, Matcher, Subject
from cluster.pairs import Calibration, Pairs, shipped_calibration
from cluster.stage import Cluster
from enrich.encoder import Encoder
from wire.messages import ArticleId
from wire.settings import ClusterSettings

_SIGNALS = ("meaning", "meaning_across", "words", "names", "numbers", "same_language", "same_outlet", "time", "named")
_PENALTY = 1.0
_ROUNDS = 30
# Far beyond what the stage compares: pairs that are near alone would teach little of what tells near from far.
_NEAREST = 300
_MOST_PAIRS = 20_000  # of a set: a big one must not outvote the others
Table = NDArray[np.float64]


class _Label(msgspec.Struct, frozen=True):
    id: str
    cluster: str


class _Listening(Matcher):
    """A matcher that keeps what it scored."""

    def __init__(self, calibration: Calibration) -> None:
        super().__init__(calibration, _NEAREST)
        self.scored: list[tuple[list[ArticleId], Table]] = []

    def match(self, draft: Draft, subject: Subject, marks: Iterable[str]) -> Match:
        """As the matcher does."""
        found = super().match(draft, subject, marks)
        others = list(map(draft.memory.columns.article_id, found.articles.tolist()))
        self.scored.append((others, signals_of(found.pairs)))
        return found


def main(arguments: Sequence[str]) -> int:
    """Write the weights."""
    parser = ArgumentParser(prog="python -m bench calibrate", description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET", help="JSON Lines with labels")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--leave-out", type=Path, help="learn without this one of the sets, and try the weights on it")
    add_encoder_options(parser)
    options = parser.parse_args(arguments)
    encoder = chosen_encoder(options)
    tables = {path: labelled_pairs(path, encoder) for path in options.sets}
    learned = [path for path in options.sets if path != options.leave_out]
    weights = fitted([tables[path] for path in learned])
    rounded = {name: round(float(weight), 2) for name, weight in zip(_SIGNALS, weights, strict=True)}
    calibration = msgspec.convert({**rounded, "sets": [path.stem for path in learned]}, Calibration)
    options.out.write_bytes(msgspec.json.encode(calibration) + b"\n")
    for path, (signals, same) in tables.items():
        print(f"{path.stem}: {len(same)} pairs, average precision {average_precision(signals @ weights, same):.3f}")
    print(f"{options.out}: {rounded}", file=sys.stderr)
    return 0


def labelled_pairs(path: Path, encoder: Encoder) -> tuple[Table, NDArray[np.bool_]]:
    """Signals of the pairs that the stage scores in a set, and which of them belong together."""
    arrivals = in_event_time_order(read_gold(path))
    lines = (msgspec.json.decode(line, type=_Label) for line in path.read_bytes().splitlines() if line.strip())
    by_line = {line.id: line.cluster for line in lines}
    label = {arrival.article.article_id: by_line[arrival.id] for arrival in arrivals}
    listening = _Listening(shipped_calibration())
    for _ in drive(Cluster(ClusterSettings(), shipped_prior(), matcher=listening), enrich_all(arrivals, encoder)):
        pass
    order = [arrival.article.article_id for arrival in arrivals]
    signals = np.vstack([rows for _, rows in listening.scored])
    pairs = zip(order, listening.scored, strict=True)
    same = np.array([label[one] == label[other] for one, (others, _) in pairs for other in others])
    chosen = np.random.default_rng(0).permutation(len(same))[:_MOST_PAIRS]
    return signals[chosen], same[chosen]


def signals_of(pairs: Pairs) -> Table:
    """What the weights of a calibration are multiplied with, in the order of its fields, a row for each pair."""
    meaning, words, names, numbers, same, outlet, days, named, _ = pairs.values
    square = np.maximum(meaning, 0.0) ** 2
    across = square * (1 - same)
    return np.column_stack(
        [square, across, np.sqrt(words), np.sqrt(names), numbers, same, outlet, np.log1p(days), named]
    )


def fitted(tables: Sequence[tuple[Table, NDArray[np.bool_]]]) -> Table:
    """Weights of a logistic regression: Newton's method, ridge penalty, both classes of each set weighing the same."""
    columns, width = [], len(_SIGNALS)
    for at, (signals, _) in enumerate(tables):
        intercepts = np.zeros((len(signals), len(tables)))
        intercepts[:, at] = 1
        columns.append(np.hstack([signals, intercepts]))
    rows, same = np.vstack(columns), np.concatenate([same for _, same in tables]).astype(float)
    weight = np.concatenate([np.where(same, 500 / same.sum(), 500 / (~same).sum()) for _, same in tables])
    penalty = np.diag([_PENALTY] * width + [_PENALTY / 100] * len(tables))
    solution = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-(rows @ solution)))
        slope = rows.T @ (weight * (same - likely)) - penalty @ solution
        curve = (rows * (weight * likely * (1 - likely))[:, None]).T @ rows + penalty
        solution = solution + np.linalg.solve(curve, slope)
    return np.asarray(solution[:width])


def average_precision(scores: Table, same: NDArray[np.bool_]) -> float:
    """The mean precision at each pair that belongs together, best scores first."""
    ordered = same[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return float(precision[ordered].mean())
