"""Python's search for cyclic garbage, where it would only find what is there to stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """There are none inside, in the whole process, and later ones pass over what is there at the end.

    Reference counts still free what can be freed; of what is passed over, `collect_all` alone finds the cycles.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect_all() -> None:
    """Free all cyclic garbage, also of what collections pass over."""
    gc.unfreeze()
    gc.collect()
