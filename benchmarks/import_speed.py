"""Import: seconds from a list file to rows in SQLite, from CSV and XLSX, as a curve over size, beside a plain reader.

python benchmarks/import_speed.py [PEOPLE ...]     default 10000 100000; the issue's sizes are 10000 100000 300000 1000000

`ours` is what `tungnha lists import` does: the reading process ahead, and this one storing. `again` is the same list a
second time. `peer` is what a project would write in an afternoon: `csv` or openpyxl (read-only mode) for the rows and
Django's `bulk_create` for households, then residents. It looks a household up by its reference and stores the cells as
they are. It does not look for the header, clean or fold text, validate, read addresses, make premises or place them,
encrypt or hash anything, notice repetitions, reject rows, or know a list that it has had before. It runs up to 100,000
people, since it holds all rows at once.

Each is a process of its own on a fresh database; writing the list is not in the seconds. CPU and peak memory are of the
process that stores and of those that read ahead.
"""

import csv
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import uuid
from functools import partial
from pathlib import Path

import scratch

PEER_UP_TO = 100_000


def write(path: Path, people: int) -> None:
    """A ward's list with an office's errors; the same people in both kinds of file."""
    unit = scratch.ward()
    from tungnha.register import generator

    if path.suffix == ".xlsx":
        generator.write_list(path, unit, people)
        return
    spoiled = generator.spoil(generator.rows(unit, people), unit, generator.Errors())
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([generator.HEADER, *spoiled])


class Watch:
    """Seconds, CPU seconds and peak memory from here on, of this process and of those that read for it."""

    def __init__(self) -> None:
        self._cpu = [_cpu(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        self._began = time.perf_counter()
        self._reading = 0.0

    def look(self, _count: int) -> None:
        """Note how large the reading processes are. (`getrusage` would count what they were before they began.)"""
        sizes = [_peak(child.pid) for child in multiprocessing.active_children()]
        self._reading = max(self._reading, sum(sizes))

    def say(self, who: str, path: Path, rows: int, note: str) -> None:
        seconds = time.perf_counter() - self._began
        own, theirs = (
            _cpu(who) - before
            for who, before in zip((resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN), self._cpu, strict=True)
        )
        print(f"{who:6}{path.suffix:6}{rows:10,} rows {seconds:7.1f} s {rows / seconds:8,.0f} rows/s   CPU {own:6.1f} + {theirs:5.1f} s"
              f"   peak {_peak(os.getpid()):6,.0f} + {self._reading:4,.0f} MB   {note}", flush=True)  # fmt: skip


def _cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _peak(process: int | None) -> float:
    """Largest size in MB, 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def ours(path: Path) -> None:
    unit = scratch.ward()
    from tungnha.engine.ahead import ahead
    from tungnha.register import imports
    from tungnha.register.sweeping import begin_unswept

    for who in ("ours", "again"):
        watch = Watch()
        report = imports.run(
            path, unit, generated=True, work=partial(ahead, start=begin_unswept), advance=watch.look
        )
        watch.say(who, path, report.accepted + report.rejected, f"rejected {report.rejected:,}")


def _plain_rows(path: Path):
    from tungnha.register.generator import HEADER

    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
        return
    import openpyxl

    for sheet in openpyxl.load_workbook(path, read_only=True):
        for row in sheet.iter_rows(min_row=6, values_only=True):
            yield dict(zip(HEADER, row, strict=False))


def peer(path: Path) -> None:
    unit = scratch.ward()
    from tungnha.register.models import Household, ListFile, Resident
    from tungnha.territory.models import Premises, Source

    watch = Watch()
    told = ListFile.objects.create(unit=unit, name=path.name, generated=True)
    source = Source.objects.create(name="peer", generated=True)
    door = Premises.objects.create(unit=unit, address="all", address_fold="all", source=source)
    read = list(_plain_rows(path))
    homes = {}
    for row in read:
        key = row["Mã hộ"] or ""
        homes.setdefault(key, Household(
            premises=door, unit=unit, reference=key, identity=uuid.uuid4().bytes, head_name=row["Họ và tên"] or "", list_file=told,
        ))  # fmt: skip
    Household.objects.bulk_create(homes.values(), batch_size=500)
    Resident.objects.bulk_create((
        Resident(
            household=homes[row["Mã hộ"] or ""], identity=uuid.uuid4().bytes, full_name=row["Họ và tên"] or "",
            relation=row["Quan hệ với chủ hộ"] or "", list_file=told,
        )
        for row in read
    ), batch_size=500)  # fmt: skip
    watch.say("peer", path, len(read), "nothing checked, nothing encrypted")


def _in_a_process_of_its_own(target, *arguments) -> None:
    process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    process.join()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tungnha-lists-") as folder:
        for size in [int(text) for text in sys.argv[1:]] or [10_000, 100_000]:
            for suffix in ("csv", "xlsx"):
                file = Path(folder) / f"{size}.{suffix}"
                _in_a_process_of_its_own(write, file, size)
                for who in (ours, peer) if size <= PEER_UP_TO else (ours,):
                    _in_a_process_of_its_own(who, file)
                file.unlink()
