"""How long dividing a target takes: the arithmetic alone, and the whole use case with its rows stored.

Weights are drawn like communes' populations (lognormal, median 20,000, seed 6); units hang directly below one root in a
throwaway SQLite database; 3,321 is every commune of the country since 1 July 2025. Median of five runs, seconds.
Usage: python benchmarks/cascade.py
"""

import os
import statistics
import tempfile
import time
from datetime import date

import numpy as np

SIZES = (126, 500, 1_000, 2_000, 3_321, 10_040)


def seconds(call, runs=5):
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        found.append(time.perf_counter() - begun)
    return statistics.median(found)


def installation():
    os.environ["TUNGNHA_DATA"] = tempfile.mkdtemp(prefix="tungnha-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def campaign(size):
    """A root with `size` units below it, their populations, and an indicator that adds up."""
    from tungnha.campaign.models import Campaign, Indicator
    from tungnha.campaign.services import indicators
    from tungnha.territory import services
    from tungnha.territory.models import Unit

    root = Unit.objects.create(code=f"r{size}", name="Gốc", name_fold="goc", kind="city", path="/")
    root.path = f"/{root.pk}/"
    root.save()
    units = [
        Unit(
            code=f"{size}-{n}",
            name=f"Xã {n}",
            name_fold=f"xa {n}",
            kind="commune",
            parent=root,
            path=f"{root.path}{n}/",
        )
        for n in range(size)
    ]
    Unit.objects.bulk_create(units, batch_size=50)
    people = np.random.default_rng(6).lognormal(np.log(20_000), 0.7, size).astype(int)
    source = services.record_source(f"drawn {size}")
    services.record_populations(list(zip(units, map(int, people), strict=True)), date(2025, 7, 1), source)
    made = Campaign.objects.create(
        code=f"c{size}", name="Thử", unit=root, start=date(2026, 9, 1), deadline=date(2026, 11, 29)
    )
    return indicators.track(made, Indicator.objects.get(code="EID3")), root, [int(n) for n in people]


def main():
    installation()
    from tungnha.accounts.models import User
    from tungnha.campaign.apportion import apportion
    from tungnha.campaign.queries.targets import in_force
    from tungnha.campaign.services import indicators, targets

    indicators.load()
    by = User.objects.create(username="office")
    day = date(2026, 9, 1)
    print(f"{'units':>7} {'arithmetic':>11} {'proposed and stored':>20}")
    for size in SIZES:
        tracked, root, people = campaign(size)
        total = 350 * size
        alone = seconds(lambda total=total, people=people: apportion(total, people))

        def cascade(tracked=tracked, root=root, total=total):
            targets.cascade(tracked, root, total, "population", effective=day, why="KH", by=by)

        whole = seconds(cascade)
        standing = in_force(tracked, day)
        assert sum(value for unit, value in standing.items() if unit != root.pk) == total
        print(f"{size:>7} {alone:>11.4f} {whole:>20.3f}")


if __name__ == "__main__":
    main()
