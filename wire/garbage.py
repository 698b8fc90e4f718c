"""Python's search for cyclic garbage, where it would only find what is there to stay."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """It is off inside, for the whole process; reference counts free what can be freed."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
