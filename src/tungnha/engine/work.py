"""Run one function over many inputs, here or on a cluster, with the same results for the same seed."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from joblib import Parallel, delayed, parallel_config

_In = TypeVar("_In")
_Out = TypeVar("_Out")

ENGINES = {"sequential": "sequential", "local": "loky", "dask": "dask", "ray": "ray"}


class EngineError(Exception):
    """The engine named in the settings is unknown or not installed."""


def work(
    function: Callable[[_In], _Out], items: Iterable[_In], *, engine: str = "local", jobs: int = -1
) -> Iterator[_Out]:
    """Yield `function(item)` for each item, in order, as results arrive.

    Parameters
    ----------
    function, items
        Both must pickle. Randomness must come from a seed inside the item, never from the process.
    engine
        `sequential`, `local` (processes), `dask` or `ray`; the last two need a cluster that joblib can reach.
    jobs
        Processes to use, -1 for one a core.

    Raises
    ------
    EngineError
        If the engine is unknown or its package is not installed.
    """
    if engine not in ENGINES:
        raise EngineError(f"unknown engine {engine!r}; known are {', '.join(ENGINES)}")
    if engine == "ray":
        try:
            from ray.util.joblib import register_ray  # noqa: PLC0415 - optional, and slow to load
        except ImportError as error:
            raise EngineError("engine 'ray' needs the package ray") from error
        register_ray()
    try:
        with parallel_config(backend=ENGINES[engine], n_jobs=jobs):
            yield from Parallel(return_as="generator")(delayed(function)(item) for item in items)
    except ImportError as error:
        raise EngineError(f"engine {engine!r}: {error}") from error
