"""Import: seconds from a list file to rows in SQLite, from XLSX and CSV, and peak memory.

python benchmarks/import_speed.py [PEOPLE ...]     default 10000 100000; 1000000 is the issue's size
"""

import csv
import multiprocessing
import resource
import sys
import time
from pathlib import Path

import scratch


def measure(people: int, kind: str) -> None:
    unit = scratch.ward()
    from django.conf import settings

    from tungnha.register import generator, imports

    path = Path(settings.TUNGNHA_DATA) / f"list.{kind}"
    if kind == "xlsx":
        rows = generator.write_list(path, unit, people)
    else:
        spoiled = generator.spoil(generator.rows(unit, people), unit, generator.Errors())
        rows = len(spoiled)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([generator.HEADER, *spoiled])
        del spoiled
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    report = imports.run(path, unit, generated=True)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{kind:5} {rows:9,} rows {seconds:7.1f} s {rows / seconds:9,.0f} rows/s  rejected {report.rejected:6,}"
          f"  peak {peak:6,.0f} MB (before: {before:,.0f})", flush=True)  # fmt: skip


if __name__ == "__main__":
    for size in [int(text) for text in sys.argv[1:]] or [10_000, 100_000]:
        for suffix in ("csv", "xlsx"):
            # A process each, so that memory is its own.
            process = multiprocessing.get_context("spawn").Process(target=measure, args=(size, suffix))
            process.start()
            process.join()
