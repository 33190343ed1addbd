"""Planning through the database: seconds from the stored register and streets to stored turfs with walking order.

python benchmarks/plan.py [PEOPLE ...]     of one real ward; default 18000 36000 72000
"""

import multiprocessing
import sys
import time
from pathlib import Path

import scratch


def measure(people: int) -> None:
    unit = scratch.ward()
    from django.conf import settings

    from tungnha.outreach.services import turfs as services
    from tungnha.planning.turfs import Limits
    from tungnha.register import generator, imports

    path = Path(settings.TUNGNHA_DATA) / "list.xlsx"
    generator.write_list(path, unit, people)
    imports.run(path, unit, generated=True)
    services.make_turfs(unit, Limits(minutes=150))  # compiles
    began = time.perf_counter()
    plan = services.make_turfs(unit, Limits(minutes=150), seed=1)
    seconds = time.perf_counter() - began
    print(f"{plan.figures['doors']:7,} doors {seconds:6.2f} s  {plan.figures}", flush=True)


if __name__ == "__main__":
    for size in [int(text) for text in sys.argv[1:]] or [18_000, 36_000, 72_000]:
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(size,))
        process.start()
        process.join()
