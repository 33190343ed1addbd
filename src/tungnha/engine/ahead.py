"""Work done in other processes a little ahead of whoever takes it, so that both go on at once."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def ahead(
    function: Callable[[_In], _Out],
    items: Iterable[_In],
    *,
    start: Callable[[], object] | None = None,
    jobs: int = 0,
    fewest: int = 10,
    lying: int = 16,
) -> Iterator[_Out]:
    """Yield `function(item)` for each item, in order, two items a process and some results ahead of whoever takes them.

    `engine.work.work` is for work whose results are small; here whoever takes the results may be the slower one, and
    neither the items nor the results heap up meanwhile.

    Parameters
    ----------
    function, items
        Function, items and results must pickle.
    start
        Called in each process before its first item.
    jobs
        Processes; by default one a core, less the one that takes the results.
    fewest
        Items below this number are not worth a process: they are worked out here, one by one.
    lying
        Results that may lie ready beyond those two, so that nobody waits while whoever takes them is busy with many
        at once.
    """
    source = iter(items)
    first = list(islice(source, fewest))
    if len(first) < fewest or multiprocessing.current_process().daemon:
        yield from map(function, chain(first, source))
        return
    jobs = jobs or max(1, (os.cpu_count() or 2) - 1)
    under_way: deque[Future[_Out]] = deque()
    # A fresh process: a copy of this one would inherit its threads' locks and its open database.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=start) as pool:
        try:
            for item in chain(first, source):
                under_way.append(pool.submit(function, item))
                if len(under_way) > 2 * jobs + lying:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
