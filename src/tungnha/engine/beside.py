"""Work that goes on beside a server, in a process of its own, for as long as the server lives."""

import multiprocessing
from collections.abc import Callable


def beside(work: Callable[..., object], *given: object) -> None:
    """Start `work(*given)` in a fresh process, which ends with this one. Both must pickle.

    Never a thread: the server forks its workers, and a lock that a thread holds at that moment stays closed in the worker
    for ever.
    """
    multiprocessing.get_context("spawn").Process(
        target=work, args=given, name=work.__name__, daemon=True
    ).start()
