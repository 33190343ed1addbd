"""Planning through the database: seconds from the stored register and streets to stored turfs with walking order.

python benchmarks/plan.py [UNITS ...]               curve over numbers of the city's units; default 1 10 40 126
    --doors N      households of the whole city, shared out by population; default 2,200,000
    --folder PATH  keep the installation there and go on with it the next time; default a temporary folder
    --minutes M    limit of a turf; default 150

Streets and households are generated. Filling the database is counted apart. A unit of about 20,000 doors makes the first
row of the curve; it is planned twice, since the first time may compile.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path


def install(folder: Path):
    """The city's units in the installation in `folder`, made if it is new."""
    os.environ["TUNGNHA_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from tungnha.territory import imports, queries
    from tungnha.territory.models import Unit

    call_command("migrate", verbosity=0)
    if not Unit.objects.exists():
        imports.load_vietnam(["01"])
    return list(queries.current_units(queries.unit("01")).order_by("code"))


def fill(units, shares) -> None:
    """Streets and households for units that have none."""
    from tungnha.register import generator
    from tungnha.register.models import Household
    from tungnha.territory import generator as alleys

    began = time.perf_counter()
    made = 0
    for unit in units:
        if not Household.objects.filter(unit=unit).exists():
            alleys.make_streets(unit)
            made += generator.populate([unit], {unit.pk: shares[unit.pk]})
    if made:
        print(f"filled {made:,} doors in {time.perf_counter() - began:.0f} s", flush=True)


def memory() -> tuple[float, float]:
    """Peak memory so far, GB: this process, and the largest of its children."""
    return tuple(
        resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


def measure(units, minutes: float) -> None:
    from tungnha.outreach.services import turfs as services
    from tungnha.planning.turfs import Limits

    began, busy = time.perf_counter(), time.process_time()
    engine = "local" if len(units) > 1 else "sequential"
    plans = services.plan_units(units, Limits(minutes=minutes), seed=1, engine=engine)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    figures = [plan.figures for plan in plans]
    doors, turfs = (sum(one[key] for one in figures) for key in ("doors", "turfs"))
    here, child = memory()
    print(
        f"{len(units):4} units {doors:10,} doors {turfs:7,} turfs {seconds:7.1f} s, {busy:.1f} s of work here,"
        f" connected {sum(one['connected'] for one in figures) / turfs:.4f},"
        f" max/mean {max(one['minutes_max_over_mean'] for one in figures):.3f},"
        f" min/mean {min(one['minutes_min_over_mean'] for one in figures):.3f},"
        f" peak {here:.2f} GB here and {child:.2f} GB in the largest helper, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("units", nargs="*", type=int)
    options.add_argument("--doors", type=int, default=2_200_000)
    options.add_argument("--folder", type=Path)
    options.add_argument("--minutes", type=float, default=150.0)
    chosen = options.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="tungnha-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    units = install(folder)
    from tungnha.territory.generator import share_out

    shares = share_out(chosen.doors, units)
    units.sort(key=lambda unit: (abs(shares[unit.pk] - 20_000), unit.code))
    for count in chosen.units or [1, 10, 40, 126]:
        fill(units[:count], shares)
        if count == 1:
            measure(units[:1], chosen.minutes)
        measure(units[:count], chosen.minutes)


if __name__ == "__main__":
    main()
