"""A coordinate search: one number after the other, up and down, as long as the whole gets better."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

Weights = Mapping[str, float]
Judge = Callable[[Sequence[Weights]], Sequence[float]]  # the higher the better, one for each

SCALES = (0.8, 1.0)
LEVELS = (-1.0, -1.8, -2.6)
STEPS = (0.2, 0.1)  # shares of a weight
_SMALLEST = 2.5  # a smaller weight moves as far as this one
_WORTH = 0.001  # less is noise
_DIGITS = 2


class Step(NamedTuple):
    """What was changed and what the whole is worth now."""

    said: str
    weights: Weights
    worth: float


def levelled(start: Weights, level: str, judge: Judge) -> Step:
    """The start with the best of `SCALES` and, added to the weight `level`, the best of `LEVELS`.

    A regression that throws its intercepts away knows neither how large scores must be beside the bar nor where they
    lie.
    """
    settings = [(scale, above) for scale in SCALES for above in LEVELS]
    tried = [
        {name: round(weight * scale + above * (name == level), _DIGITS) for name, weight in start.items()}
        for scale, above in settings
    ]
    worth, _, at = max((worth, -at, at) for at, worth in enumerate(judge(tried)))
    scale, above = settings[at]
    return Step(f"all times {scale}, {level} {above:+}", tried[at], worth)


def climb(start: Step, judge: Judge) -> Iterator[Step]:
    """Each step that made the whole better, in order; the last is the result.  The same in every run."""
    now = start
    for share in STEPS:
        for name in start.weights:
            for _ in range(2):
                step = share * max(abs(now.weights[name]), _SMALLEST)
                tried = [{**now.weights, name: round(now.weights[name] + by, _DIGITS)} for by in (step, -step)]
                worth, _, best = max((worth, -at, at) for at, worth in enumerate(judge(tried)))
                if worth < now.worth + _WORTH:
                    break
                now = Step(f"{name} {now.weights[name]} to {tried[best][name]}", tried[best], worth)
                yield now
