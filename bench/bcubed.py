"""B-cubed (Amigo et al. 2009): each article's precision and recall, averaged over articles, single ones included."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Bcubed(NamedTuple):
    """Means over articles, 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def bcubed(gold: Sequence[Hashable], said: Sequence[Hashable]) -> Bcubed:
    """How well the stories `said` match those of `gold`, given article by article; at least one article."""
    true_sizes, said_sizes = Counter(gold), Counter(said)
    both = Counter(zip(gold, said, strict=True))
    precision = sum(count * count / said_sizes[story] for (_, story), count in both.items())
    recall = sum(count * count / true_sizes[story] for (story, _), count in both.items())
    return Bcubed(precision / len(gold), recall / len(gold))
