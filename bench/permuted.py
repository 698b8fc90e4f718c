"""How much the stories change when articles come in another order: each late by a random time of some minutes.

Prints how many come in another place, and B-cubed F1 of the one grouping against the other (1: the same stories).
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from msgspec.structs import replace

from bench.bcubed import bcubed
from bench.gold import Arrival, in_event_time_order, read_gold
from bench.kept_vectors import add_encoder_options, chosen_encoder
from bench.stories import enrich_all, group
from cluster.centring import shipped_prior


def main(arguments: Sequence[str]) -> int:
    """Print one line."""
    parser = ArgumentParser(prog="python -m bench permuted", description=__doc__)
    parser.add_argument("articles", type=Path, metavar="SET", help="JSON Lines, as `bench stories` reads them")
    parser.add_argument("--minutes", type=float, default=10.0, help="how late an article is at most")
    parser.add_argument("--seed", type=int, default=1)
    add_encoder_options(parser)
    options = parser.parse_args(arguments)
    arrivals = in_event_time_order(read_gold(options.articles))
    late = delayed(arrivals, timedelta(minutes=options.minutes), options.seed)
    encoder, prior = chosen_encoder(options), shipped_prior()
    one, other = (group(enrich_all(stream, encoder), prior) for stream in (arrivals, late))
    agree = bcubed(list(one.values()), [other[article] for article in one]).f1
    moved = sum(a.id != b.id for a, b in zip(arrivals, late, strict=True))
    print(
        f"seed {options.seed}: {moved} of {len(arrivals)} articles in another place; the stories agree to {agree:.3f}"
    )
    return 0


def delayed(arrivals: Sequence[Arrival], at_most: timedelta, seed: int) -> list[Arrival]:
    """The articles in their new order: each seen later by a random part of `at_most`, its event time as it was."""
    random = Random(seed)  # noqa: S311
    late = [
        Arrival(one.id, replace(one.article, seen=one.article.seen + random.random() * at_most)) for one in arrivals
    ]
    return sorted(late, key=lambda one: one.article.seen)
