"""One way to tell a person that something long is going on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 2.0

Advance = Callable[[int], None]
"""Say that so many more of the things being counted are done."""


def silent(_count: int) -> None:
    """An `Advance` for callers that do not show anything."""


@contextmanager
def bar(label: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on the terminal's error output for anything that outlasts two seconds, else nothing.

    `total` is how many things there are, None where that is not known beforehand.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True)
    task: TaskID = progress.add_task(label, total=total)

    def advance(count: int) -> None:
        progress.advance(task, count)
        if not progress.live.is_started and time.monotonic() - began > QUIET_SECONDS:
            progress.start()

    try:
        yield advance
    finally:
        progress.stop()
