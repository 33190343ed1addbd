"""Python's search for reference cycles, put off while there is much to hold and nothing to find."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import django


@contextmanager
def unswept() -> Iterator[None]:
    """Look for no reference cycles meanwhile: a search goes through everything that is held, again and again.

    For bounded work that makes many records and hardly a cycle. What is in no cycle is freed as always.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def begin_unswept() -> None:
    """Begin a process that does nothing but read a list, and ends with it."""
    django.setup()
    gc.disable()
