"""Where the search for weights starts: a logistic regression over pairs of labelled articles."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.stories import drive
from cluster.centring import shipped_prior
from cluster.draft import Draft
from cluster.matching import Match, Matcher, Subject
from cluster.pairs import SIGNALS, Calibration, Pairs
from cluster.stage import Cluster
from wire.log.port import Record
from wire.messages import ArticleId
from wire.settings import ClusterSettings

# What the columns of a table belong to: the fields of `Calibration` that are weights.
WEIGHTS = tuple(name for name in Calibration.__struct_fields__ if name != "sets")
_PENALTY = 1.0
_ROUNDS = 12
# Far beyond what the stage compares: pairs that are near alone would teach little of what tells near from far.
_NEAREST = 1000
_PAIRS_OF_AN_ARTICLE = 60
_MOST_PAIRS = 20_000  # of a set: a big one must not outvote the others
Table = NDArray[np.float64]
Labelled = tuple[Table, NDArray[np.bool_]]  # signals of pairs, and which of these belong together


class _Listening(Matcher):
    """A matcher that keeps some of what it scored, near and far alike."""

    def __init__(self, calibration: Calibration) -> None:
        super().__init__(calibration, _NEAREST)
        self.scored: list[tuple[list[ArticleId], Table]] = []
        self._chance = np.random.default_rng(0)

    def match(self, draft: Draft, subject: Subject, marks: Iterable[str]) -> Match:
        """As the matcher does."""
        found = super().match(draft, subject, marks)
        chosen = np.sort(self._chance.permutation(len(found.articles))[:_PAIRS_OF_AN_ARTICLE])
        others = list(map(draft.memory.columns.article_id, found.articles[chosen].tolist()))
        self.scored.append((others, signals_of(found.pairs)[chosen]))
        return found


def labelled_pairs(
    enriched: Sequence[Record], order: Sequence[ArticleId], label: Mapping[ArticleId, str], calibration: Calibration
) -> Labelled:
    """Pairs that the stage scores while it places the articles `order` with these weights."""
    listening = _Listening(calibration)
    for _ in drive(Cluster(ClusterSettings(), shipped_prior(), matcher=listening), enriched):
        pass
    signals = np.vstack([rows for _, rows in listening.scored])
    pairs = zip(order, listening.scored, strict=True)
    same = np.array([label[one] == label[other] for one, (others, _) in pairs for other in others])
    chosen = np.random.default_rng(0).permutation(len(same))[:_MOST_PAIRS]
    return signals[chosen], same[chosen]


def signals_of(pairs: Pairs) -> Table:
    """What the weights of a calibration are multiplied with, in the order of `WEIGHTS`, a row for each pair."""
    value = dict(zip(SIGNALS, pairs.values, strict=True))
    square = np.maximum(value["meaning"], 0.0) ** 2
    columns = {
        "meaning": square,
        "meaning_across": square * (1 - value["language"]),
        "words": np.sqrt(value["words"]),
        "names": np.sqrt(value["names"]),
        "numbers": value["numbers"],
        "same_language": value["language"],
        "same_outlet": value["outlet"] * value["language"],
        "time": np.log1p(value["time"]),
        "named": value["named"],
    }
    return np.column_stack([columns[name] for name in WEIGHTS])


def fitted(tables: Sequence[Labelled]) -> Table:
    """Weights of a logistic regression: Newton's method, ridge penalty, both classes of each set weighing the same.

    Each set has an intercept of its own, which is thrown away: how likely two near articles are to belong together
    depends on the stream, and is what `cluster.background` follows.
    """
    width = tables[0][0].shape[1]
    columns = []
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
