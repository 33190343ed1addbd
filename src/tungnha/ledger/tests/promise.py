"""What every soak does: a data folder and a process of its own, cycles of trouble, then a look whether the promise was kept.

A soak that is told to stop (SIGTERM) ends its cycle, looks, and says how far it came.
"""

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
from collections import Counter

SAID_AFTER = 100
"""Cycles: so often a soak says how far it has come."""
_done, _stopping = [], []


def soak(module, folder, times):
    """Run a soak beside the tests and give what it says."""
    run = subprocess.run(
        [sys.executable, "-m", f"tungnha.ledger.tests.{module}", str(folder), "--times", str(times)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def run(main):
    """The command of one soak: `python -m tungnha.ledger.tests.MODULE FOLDER --times 1000`. Prints one JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("folder")
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--seed", type=int, default=6)
    sys.stdout.write(json.dumps(main(options.parse_args())) + "\n")


def begin(folder, **world):
    """The program set up in a new data folder, with two wards, homes and phones in it. No connection stays open."""
    os.environ["TUNGNHA_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    import django

    django.setup()
    logging.disable(logging.WARNING)  # of refusals there are thousands, and they are meant
    from django.core.management import call_command
    from django.db import connection

    from tungnha.ledger.tests.conftest import World

    call_command("migrate", verbosity=0)
    made = World(**world)
    connection.close()
    signal.signal(signal.SIGTERM, lambda *_: _stopping.append(True))
    return made


def cycles(times, acknowledged=None):
    """Go round so many times, unless told to stop, and say now and then on stderr how it stands."""
    for number in range(1, times + 1):
        yield
        _done.append(number)
        if number % SAID_AFTER == 0:
            sys.stderr.write(f"{number} cycles{_standing(acknowledged) if acknowledged else ''}\n")
        if _stopping:
            return


def _standing(acknowledged):
    lost, twice, stored = _compare(acknowledged)
    return f"; {len(acknowledged)} acknowledged, {stored} stored, {len(lost)} lost, {len(twice)} twice"


def _compare(acknowledged):
    from django.db import connection

    from tungnha.ledger.models import Entry

    there = Counter(str(one) for one in Entry.objects.values_list("uuid", flat=True))
    connection.close()
    twice = [one for one, times in there.items() if times > 1]
    return sorted(acknowledged - there.keys()), sorted(twice), len(there)


def look(acknowledged, **more):
    """Whether every entry of which a phone was told that it is safe is there, once, in a ledger that is sound."""
    from django.db import connection

    from tungnha.ledger import chain, rebuilding

    lost, twice, stored = _compare(acknowledged)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        sound = cursor.fetchall() == [("ok",)]
    return {
        "cycles": len(_done),
        "acknowledged": len(acknowledged),
        "stored": stored,
        "lost": lost,
        "twice": twice,
        "breaks": len(chain.check().breaks),
        "rebuilt_the_same": all(table.same for table in rebuilding.rebuild()),
        "database_sound": sound,
    } | more
