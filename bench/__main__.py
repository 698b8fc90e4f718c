"""`python -m bench NAME ...`: measure speed and quality.  A new bench is a module with `main` and a row here."""

import sys
from collections.abc import Callable, Mapping, Sequence

from bench import (
    arithmetic,
    calibrate,
    deciding,
    drift,
    embedding,
    enrichment,
    errors,
    grouping,
    language,
    latency,
    mentions,
    pairs,
    parse,
    permuted,
    polling,
    prior,
    questions,
    restart,
    stories,
    telling,
)

BENCHES: Mapping[str, Callable[[Sequence[str]], int]] = {
    "arithmetic": arithmetic.main,
    "calibrate": calibrate.main,
    "deciding": deciding.main,
    "drift": drift.main,
    "embedding": embedding.main,
    "enrichment": enrichment.main,
    "errors": errors.main,
    "grouping": grouping.main,
    "language": language.main,
    "latency": latency.main,
    "mentions": mentions.main,
    "pairs": pairs.main,
    "parse": parse.main,
    "permuted": permuted.main,
    "polling": polling.main,
    "prior": prior.main,
    "questions": questions.main,
    "restart": restart.main,
    "stories": stories.main,
    "telling": telling.main,
}


def main(arguments: Sequence[str]) -> int:
    """Run the bench that the first argument names; 2 if there is none such, or a file that it needs cannot be read."""
    if not arguments or arguments[0] not in BENCHES:
        print(f"usage: python -m bench {{{','.join(BENCHES)}}} ...", file=sys.stderr)
        return 2
    try:
        return BENCHES[arguments[0]](arguments[1:])
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as refused:
        print(f"error: {refused.filename}: {refused.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
