"""Compute the means from which grouping starts, from articles of the past: numbers only, no text."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.gold import GoldLine, read_gold
from bench.kept_vectors import add_encoder_options, chosen_encoder
from cluster.centring import Prior
from enrich.encoder import Encoder, vector_text

# Of 30, 60 and 100: fewer cost pairs across languages, more war news (docs/explanation/stories.md).
_WEIGHT_ARTICLES = 60
# Of unit vectors with 384 components, whose mean component is .05: an error of a thousandth.
_DIGITS = 4
Mean = NDArray[np.float64]


def main(arguments: Sequence[str]) -> int:
    """Write `prior.json`."""
    parser = ArgumentParser(prog="python -m bench prior", description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET", help="JSON Lines with title, text?, lang")
    parser.add_argument("--out", type=Path, required=True)
    add_encoder_options(parser)
    options = parser.parse_args(arguments)
    encoder = chosen_encoder(options)
    means = [language_means(read_gold(path), encoder) for path in options.sets]
    prior = combined(means, encoder.space, tuple(path.stem for path in options.sets))
    options.out.write_bytes(msgspec.json.encode(prior))
    print(f"{options.out}: {', '.join(prior.languages)}; {options.out.stat().st_size} bytes", file=sys.stderr)
    return 0


def language_means(lines: Sequence[GoldLine], encoder: Encoder) -> dict[str, Mean]:
    """The mean vector of each language of one set."""
    vectors = encoder.encode([vector_text(line.title, line.text) for line in lines]).astype(np.float64)
    languages = np.array([line.lang or "und" for line in lines])
    return {str(code): vectors[languages == code].mean(axis=0) for code in np.unique(languages) if code != "und"}


def combined(sets: Sequence[Mapping[str, Mean]], space: str, names: tuple[str, ...]) -> Prior:
    """Each language as in the first set that has it; the mean over all languages gives each one vote.

    A set of translations belongs first: its means differ by the language and by nothing else.
    """
    languages = {code: mean for means in reversed(sets) for code, mean in means.items()}
    return Prior(
        space=space,
        weight=_WEIGHT_ARTICLES,
        sets=names,
        overall=_rounded(np.mean([languages[code] for code in sorted(languages)], axis=0)),
        languages={code: _rounded(languages[code]) for code in sorted(languages)},
    )


def _rounded(mean: Mean) -> tuple[float, ...]:
    return tuple(round(float(component), _DIGITS) for component in mean)
