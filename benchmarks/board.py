"""How long the page of 126 units by 20 indicators takes, with 182,000 figures stored (72 days), through Django's test client.

Prints the median and the least of CPU seconds and of wall-clock seconds, and of the seconds in which the process was ready to
run and another had the processor (Linux says so in /proc/self/schedstat): on a machine that does nothing else it is nought.
Usage: python benchmarks/board.py [REQUESTS]
"""

import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

DAYS, INDICATORS = 72, 20
START = date(2026, 9, 1)


def installation():
    os.environ["TUNGNHA_DATA"] = tempfile.mkdtemp(prefix="tungnha-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    os.environ["TUNGNHA_SECOND_FACTOR"] = "no"
    import django

    django.setup()
    from django.core.management import call_command

    from tungnha.campaign.services import indicators
    from tungnha.territory import imports

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    imports.load_vietnam(["01"])
    indicators.load()


def campaign():
    """A campaign of the city that follows twenty indicators, each with a target for every unit and 72 days of figures."""
    from tungnha.accounts.services import create_user, grant_role
    from tungnha.campaign.models import Campaign, Figure, Indicator
    from tungnha.campaign.services import indicators, targets
    from tungnha.territory import queries

    city = queries.unit("01")
    office = create_user("office", "mật khẩu thật dài 9")
    grant_role(office, "city_office", city, valid_from=date(2020, 1, 1))
    made = Campaign.objects.create(
        code="90", name="90 ngày đêm", unit=city, start=START, deadline=START + timedelta(days=89)
    )
    units = [unit.pk for unit in queries.current_units(city) if unit.parent_id == city.pk]
    rng = np.random.default_rng(6)
    for indicator in Indicator.objects.order_by("code")[:INDICATORS]:
        tracked = indicators.track(made, indicator, period="day")
        if indicator.adds_up:
            targets.cascade(tracked, city, 1_000_000, "population", effective=START, why="KH", by=office)
        grown = np.cumsum(rng.integers(1, 90, (DAYS, len(units))), axis=0)
        Figure.objects.bulk_create(
            [
                Figure(
                    tracked=tracked, unit_id=unit, since=START + timedelta(days=day), until=START + timedelta(days=day),
                    version=1, numerator=int(grown[day, column]), denominator=20_000, source="official", method="table",
                    cut_off=datetime(2026, 9, 1, 23, tzinfo=UTC) + timedelta(days=day), entered_by=office, state="accepted", decided_by=office,
                    decided_at=datetime(2026, 11, 20, tzinfo=UTC),
                )
                for day in range(DAYS)
                for column, unit in enumerate(units)
            ],
            batch_size=500,
        )  # fmt: skip
    return made, office, Figure.objects.count()


def waited():
    """Seconds ready to run without running, since this thread began."""
    return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def main():
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    installation()
    from django.test import Client

    made, office, figures = campaign()
    client = Client(headers={"host": "localhost"})
    client.force_login(office)
    here = f"/chien-dich/{made.pk}/chi-tieu/?ngay={START + timedelta(days=DAYS - 1)}"
    took = {"CPU": [], "wall": [], "waiting for a processor": []}
    for number in range(requests + 3):
        before = (time.process_time(), time.perf_counter(), waited())
        page = client.get(here)
        after = (time.process_time(), time.perf_counter(), waited())
        assert page.status_code == 200, page.status_code
        assert page.content.count(b"<tr") > 126
        if number >= 3:  # the first fill caches
            for name, begun, ended in zip(took, before, after, strict=True):
                took[name].append(ended - begun)
    print(f"{figures} figures, {len(page.content)} bytes, {requests} requests, load {os.getloadavg()[0]:.1f}")
    for name, seconds in took.items():
        print(
            f"{name:>24}: median {statistics.median(seconds) * 1e3:6.0f} ms, least {min(seconds) * 1e3:6.0f} ms"
        )


if __name__ == "__main__":
    main()
