"""A bar for long work: on standard error, on terminals only, gone when the work is done."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
Advance = Callable[[int], None]


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Advance]:
    """Show how far the work is; the block gets what tells of each further step, by how many it took.

    Args:
        what: in words, such as "reading the log".
        total: of all steps, None where nobody knows.
    """
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)


def counted_off(items: Iterable[T], advance: Advance) -> Iterator[T]:
    """The items, each told of when the next is asked for."""
    for item in items:
        yield item
        advance(1)
