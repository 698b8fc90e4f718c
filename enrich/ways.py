"""How vectors may be computed on a machine, and which way is the quickest there: measured in turns, never guessed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import inf, isinf
from typing import Literal, NamedTuple

Precision = Literal["fp32", "bfloat16"]

# About 100 tokens, the size of an article's text here.
_PROBE_TEXT = "The ministers met on Tuesday to discuss the harbour, the grain and the price of bread. " * 5
_PROBE_TEXTS_PER_THREAD = 2
_ROUNDS = 3
# A busy or slow machine is not made to wait for more rounds.
_ENOUGH_SECONDS = 2.0
_SMALLEST_BATCH, _BATCH_UNMEASURED, _LARGEST_BATCH = 16, 64, 1000


class Way(NamedTuple):
    """How vectors are computed: `threads` in all, shared by `workers` batches at once."""

    precision: Precision
    threads: int
    workers: int = 1

    def __str__(self) -> str:
        return in_words(*self)


def in_words(precision: str, threads: int, workers: int) -> str:
    """Such as `bfloat16, 2 threads, 1 worker`; the precision alone where the others are unknown (0)."""
    counts = {"thread": threads, "worker": workers}
    return ", ".join((precision, *(f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n)))


def probe(way: Way) -> list[str]:
    """Texts to try a way with."""
    return [_PROBE_TEXT] * (_PROBE_TEXTS_PER_THREAD * way.threads)


def paired(
    ways: Sequence[Way], run: Callable[[Way], int], clock: Callable[[], float], rounds: int = _ROUNDS
) -> dict[Way, float]:
    """Seconds a text for each way; a single way is not tried and takes infinitely long.

    In turns and the best of each, so that the load of a moment hits all alike; no new turn after two seconds.

    Args:
        run: computes a probe in that way and says how many texts it had; the first call also prepares the way, and
            no measurement begins before every way has been prepared.
    """
    if len(ways) == 1:
        return {ways[0]: inf}
    for way in ways:
        run(way)
    found = dict.fromkeys(ways, inf)
    begun = clock()
    for turn in range(rounds):
        if turn and clock() - begun > _ENOUGH_SECONDS:
            break
        for way in ways:
            start = clock()
            texts = run(way)
            found[way] = min(found[way], (clock() - start) / texts)
    return found


def said(found: Mapping[Way, float]) -> str:
    """What was measured, the fastest first, in texts of 100 tokens a second."""
    if all(map(isinf, found.values())):
        return f"{next(iter(found))}: as set, not measured"
    fastest_first = sorted(found.items(), key=lambda one: one[1])
    return "; ".join(f"{way}: {1 / max(spent, 1e-9):.0f}/s" for way, spent in fastest_first)


def batch_within(limit: timedelta, seconds_a_text: float) -> int:
    """How many texts of ordinary length take no longer than `limit`: 16 to 1,000; 64 if nothing was measured.

    Fewer than 16 at once would cost more speed than they save time.
    """
    if isinf(seconds_a_text):
        return _BATCH_UNMEASURED
    return int(min(max(limit.total_seconds() / max(seconds_a_text, 1e-6), _SMALLEST_BATCH), _LARGEST_BATCH))
