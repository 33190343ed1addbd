"""Ingest: durable entries a second over real HTTP, with sign-in, scope check, audit and projections; peers beside it.

    python benchmarks/ingest.py                      SQLite, in a folder of its own
    requirements/postgres.sh python benchmarks/ingest.py      PostgreSQL
    python benchmarks/ingest.py --help

The load generator runs on the same cores as the server. Every request is one phone's batch of visits at the doors of
its own turf; every answer is read and every entry in it must be `accepted`. The figures are of what was acknowledged.
"""

import argparse
import asyncio
import atexit
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CAMPAIGN = "90-ngay"
WARDS = 126
DOORS = 30
WARM_UP = 3.0


def set_up(folder=None):
    """A data folder of its own, which goes when the run ends; one that was given stays."""
    if folder is not None:
        os.environ["TUNGNHA_DATA"] = str(folder)
    elif "TUNGNHA_DATA" not in os.environ:
        os.environ["TUNGNHA_DATA"] = tempfile.mkdtemp(prefix="tungnha-ingest-")
        atexit.register(shutil.rmtree, os.environ["TUNGNHA_DATA"], ignore_errors=True)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    os.environ.setdefault("TUNGNHA_LOG_LEVEL", "WARNING")
    import django

    django.setup()


# The city.


def make_city(phones):
    """Wards, and for each phone a volunteer with a session bound to a turf of 30 doors, two people behind each.

    Returns the phones: token, unit, and the doors as (household, residents).
    """
    from datetime import date, timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from tungnha.accounts.models import RoleHeld, User
    from tungnha.ledger import bulk, devices
    from tungnha.ledger.models import Device
    from tungnha.outreach.models import Stop, Turf, TurfPlan
    from tungnha.register.models import Household, ListFile, Resident
    from tungnha.territory.models import Premises, Source, Unit

    call_command("migrate", verbosity=0)
    city = Unit.objects.create(code="01", name="Hà Nội", name_fold="ha noi", kind="city", path="/1/")
    Unit.objects.filter(pk=city.pk).update(path=f"/{city.pk}/")
    wards = []
    for number in range(WARDS):
        ward = Unit.objects.create(
            code=f"{number:05}", name=f"W{number}", name_fold="w", kind="ward", parent=city, path="/"
        )
        Unit.objects.filter(pk=ward.pk).update(path=f"/{city.pk}/{ward.pk}/")
        wards.append(ward)
    source = Source.objects.create(name="benchmark", generated=True)
    listed = [ListFile.objects.create(unit=ward, name="b", sha256="0" * 64, generated=True) for ward in wards]
    plans = [TurfPlan.objects.create(unit=ward, seed=1, settings={}, on_streets=False) for ward in wards]
    users = User.objects.bulk_create(
        [User(username=f"v{n}", password="!") for n in range(phones)], batch_size=500
    )
    RoleHeld.objects.bulk_create(
        [
            RoleHeld(user=user, role="volunteer", unit=wards[n % WARDS], valid_from=date(2020, 1, 1))
            for n, user in enumerate(users)
        ],
        batch_size=500,
    )
    turfs = Turf.objects.bulk_create(
        [
            Turf(
                plan=plans[n % WARDS],
                number=n // WARDS,
                doors=DOORS,
                minutes=90,
                walk_metres=0,
                diameter_metres=0,
                connected=True,
            )
            for n in range(phones)
        ],
        batch_size=500,
    )
    now = timezone.now()
    sessions, tokens = [], []
    for n, user in enumerate(users):
        tokens.append(devices.new_token())
        sessions.append(
            Device(
                token_hash=devices.token_hash(tokens[-1]),
                user=user,
                campaign=CAMPAIGN,
                unit=wards[n % WARDS],
                areas=[f"turf:{turfs[n].pk}"],
                issued_at=now,
                expires_at=now + timedelta(days=7),
                first_issued_at=now - timedelta(days=60),
            )
        )
    Device.objects.bulk_create(sessions, batch_size=500)
    homes, people, stops, doors = [], [], [], []
    for n in range(phones):
        ward = wards[n % WARDS].pk
        for door in range(DOORS):
            home = n * DOORS + door + 1
            doors.append((home, ward, "", "house", "", "", f"{home}", f"{home}", "unit", source.pk))
            homes.append((home, home, ward, "", home.to_bytes(16, "big"), "", "", listed[n % WARDS].pk))
            stops.append((plans[n % WARDS].pk, turfs[n].pk, door, home))
            people += [
                (
                    2 * home - 1 + who,
                    home,
                    (2 * home - 1 + who).to_bytes(16, "big"),
                    "Lan",
                    "lan",
                    "",
                    "",
                    "unknown",
                    "",
                    "permanent",
                    0,
                    False,
                    listed[n % WARDS].pk,
                )
                for who in (0, 1)
            ]
    from django.db import transaction

    with transaction.atomic():
        bulk.insert(
            Premises,
            ("id", "unit", "group", "kind", "number", "name", "address", "address_fold", "placing", "source"),
            doors,
        )
        bulk.insert(
            Household,
            ("id", "premises", "unit", "reference", "identity", "head_name", "head_fold", "list_file"),
            homes,
        )
        bulk.insert(
            Resident,
            (
                "id",
                "household",
                "identity",
                "full_name",
                "name_fold",
                "sort_key",
                "sex",
                "phone_owner",
                "relation",
                "stay",
                "step",
                "home_support",
                "list_file",
            ),
            people,
        )
        bulk.insert(Stop, ("plan", "turf", "position", "household"), stops)
    return [(tokens[n], wards[n % WARDS].pk, n * DOORS + 1) for n in range(phones)]


# The load.


def make_requests(phones, batch, rounds, seed=6, *, sealed=False):
    """Whole HTTP requests in any order, made before the clock starts."""
    chance = random.Random(seed)
    if not sealed:
        made = [make_request(phone, batch, chance) for _ in range(rounds) for phone in phones]
    else:
        parts = [
            (phones[start :: os.cpu_count()], batch, rounds, seed + start) for start in range(os.cpu_count())
        ]
        with multiprocessing.get_context("spawn").Pool(os.cpu_count(), set_up) as pool:
            made = [one for part in pool.starmap(make_sealed, parts) for one in part]
    chance.shuffle(made)
    return made


def make_sealed(phones, batch, rounds, seed):
    chance = random.Random(seed)
    return [make_request(phone, batch, chance, sealed=True) for _ in range(rounds) for phone in phones]


def make_request(phone, batch, chance, *, sealed=False):
    """One phone's batch. One visit in four is a success, three in five nobody at home."""
    from base64 import b64encode
    from datetime import UTC, datetime

    from tungnha.ledger import sealing
    from tungnha.ledger.entries import uuid7

    token, unit, first = phone
    now = datetime.now(UTC).isoformat()
    entries = []
    for number in range(batch):
        home, uuid = first + number % DOORS, uuid7()
        lot = chance.random()
        if lot < 0.6:
            body = '{"outcome":"nobody_home"}'
        elif lot < 0.85:
            body = (
                f'{{"outcome":"done","steps":[{{"resident":{2 * home - 1},"step":3,"hands":"with_help"}},'
                f'{{"resident":{2 * home},"step":4,"hands":"alone"}}],"note":"Nhà có chó, gọi cửa sau; bác trai đã tự làm"}}'
            )
        else:
            body = '{"outcome":"refused","note":"Hẹn không quay lại, đã có người hướng dẫn"}'
        entry = f'{{"id":"{uuid}","kind":"visit","version":1,"occurred_at":"{now}","campaign":"{CAMPAIGN}","unit":{unit},"household":{home},"body":{body}}}'
        if sealed:
            entry = f'{{"id":"{uuid}","sealed":"{b64encode(sealing.seal(entry.encode())).decode()}"}}'
        entries.append(entry)
    text = f'{{"sent_at":"{now}","entries":[{",".join(entries)}]}}'.encode()
    head = f"POST /api/sync/v1/entries HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


@dataclass
class Load:
    """What was sent and what came back."""

    accepted: int = 0
    errors: int = 0
    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)

    def p(self, share):
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class _Connection(asyncio.Protocol):
    """One phone's connection: sends the next request when the last was answered. Reads just enough HTTP."""

    def __init__(self, requests, load, batch, until):
        self.requests, self.load, self.batch, self.until = requests, load, batch, until
        self.buffer, self.done = bytearray(), asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self.next()

    def next(self):
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self.buffer.lower().find(b"content-length:", 0, end)
        length = int(self.buffer[at + 15 : self.buffer.find(b"\r\n", at)])
        if len(self.buffer) < end + 4 + length:
            return
        accepted = self.buffer.count(b'"accepted"')
        self.load.milliseconds.append((time.perf_counter() - self.began) * 1000)
        self.load.accepted += accepted
        if accepted != self.batch:
            self.load.errors += 1
            if self.load.errors == 1:
                print(bytes(self.buffer[:600]), file=sys.stderr)
        self.buffer.clear()
        self.next()

    def connection_lost(self, error):
        if error or self.buffer:
            self.load.errors += 1
        if not self.done.done():
            self.done.set_result(None)


async def _drive(port, requests, batch, connections, seconds):
    load = Load()
    queue = iter(requests)
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(
            lambda: _Connection(queue, load, batch, began + seconds), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    load.seconds = time.perf_counter() - began
    return load


def drive(port, requests, batch, connections, seconds=1e9):
    return asyncio.run(_drive(port, requests, batch, connections, seconds))


# The servers, and what they cost.


@dataclass(frozen=True)
class Process:
    """What /proc says of one process."""

    number: int
    parent: int
    group: int
    seconds: float


def processes():
    ticks = os.sysconf("SC_CLK_TCK")
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = place.read_text()
        except OSError:  # it has ended meanwhile
            continue
        parts = text.rpartition(")")[2].split()
        yield Process(
            int(text.split(" ", 1)[0]), int(parts[1]), int(parts[2]), sum(map(int, parts[11:13])) / ticks
        )


def cpu_of(chosen):
    return sum(process.seconds for process in processes() if chosen(process))


def cpu_of_database():
    """Seconds of CPU of PostgreSQL's processes; SQLite runs inside the server."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        first = int(cursor.fetchone()[0].split()[0])
    return cpu_of(lambda process: first in {process.number, process.parent})


class Costs:
    """CPU of the server, the database and the load generator between two moments, told for each request of a batch."""

    def __init__(self, server):
        self.server = server
        self.before = self._now()

    def _now(self):
        return self.server.cpu(), cpu_of_database(), time.process_time()

    def told(self, load, batch):
        requests = max(1, load.accepted / batch)
        spent = [1000 * (now - then) / requests for now, then in zip(self._now(), self.before, strict=True)]
        names = ("server", "database", "generator")
        each = ", ".join(f"{name} {ms:.2f}" for name, ms in zip(names, spent, strict=True) if ms)
        return f"  CPU ms a request: {each}; two cores would give {2000 / sum(spent) * batch:,.0f}/s; load {os.getloadavg()[0]:.0f}"


class Server:
    """The program's own server, or a peer's endpoint, on a free port."""

    def __init__(self, application=None, workers=2, threads=32):
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        if application is None:
            command = [
                "-m",
                "tungnha",
                "serve",
                "--port",
                str(self.port),
                "--workers",
                str(workers),
                "--threads",
                str(threads),
            ]
        else:
            command = [
                "-m",
                "granian",
                "--interface",
                "wsgi",
                "--port",
                str(self.port),
                "--workers",
                str(workers),
                "--blocking-threads",
                str(threads),
                "--no-ws",
                application,
            ]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=HERE,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def cpu(self):
        """Seconds of CPU that its processes have used so far."""
        return cpu_of(lambda process: process.group == self.process.pid)

    def __enter__(self):
        for _ in range(1800):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        self.__exit__()
        raise RuntimeError("the server did not start")

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)


def read_roll_up(stop, gave):
    """Another process: reads the city's totals ten times a second while entries come in."""
    set_up()
    from tungnha.ledger import queries

    milliseconds = []
    while not stop.is_set():
        began = time.perf_counter()
        queries.totals(CAMPAIGN, "visit")
        milliseconds.append((time.perf_counter() - began) * 1000)
        time.sleep(0.1)
    gave.put(milliseconds)


def bare(phones, batch, seconds, group):
    """The ceiling: the same rows into the same table, from one process, `group` batches a transaction, nothing else."""
    from django.utils import timezone

    from tungnha.ledger import stored, writing
    from tungnha.ledger.entries import Recorded, uuid7

    position, previous = stored.head()
    now = timezone.now()
    text = '{"outcome":"done","steps":[{"resident":1,"step":3,"hands":"with_help"}],"note":"Nhà có chó, gọi cửa sau"}'
    began, written, waited = time.perf_counter(), 0, []
    while time.perf_counter() - began < seconds:
        rows = [
            Recorded(
                uuid7(),
                "visit",
                1,
                now,
                now,
                0,
                1,
                1,
                CAMPAIGN,
                2,
                None,
                n % (len(phones) * DOORS) + 1,
                None,
                None,
                None,
                text,
                position + n + 1,
            )
            for n in range(batch * group)
        ]
        start = time.perf_counter()
        with writing.turn():
            stored.add(rows, [previous] * len(rows))
        waited.append(time.perf_counter() - start)
        position += len(rows)
        written += len(rows)
    return written / sum(waited), sorted(waited)[int(0.99 * len(waited))] * 1000


def line(name, load, extra=""):
    print(
        f"{name:34} {load.accepted / load.seconds:9,.0f}/s  p50 {load.p(0.5):6.0f}  p99 {load.p(0.99):6.0f} ms  {load.accepted:10,} entries in {load.seconds:5.1f} s  errors {load.errors}\n{extra}",
        flush=True,
    )


def measured(name, server, phones, batch, given, *, roll_up=False):
    """Some seconds of load after a warm-up."""
    rounds = max(1, -(-int(given.most * (given.seconds + WARM_UP)) // (len(phones) * batch)))
    requests = iter(make_requests(phones, batch, rounds, sealed=given.sealed))
    drive(server.port, requests, batch, given.connections, WARM_UP)
    if roll_up:
        context = multiprocessing.get_context("spawn")
        stop, gave = context.Event(), context.Queue()
        reader = context.Process(target=read_roll_up, args=(stop, gave))
        reader.start()
        time.sleep(2)
    costs = Costs(server)
    load = drive(server.port, requests, batch, given.connections, given.seconds)
    extra = costs.told(load, batch)
    if roll_up:
        stop.set()
        times = sorted(gave.get(timeout=30))
        reader.join()
        extra += f"\n  roll-up p99 {times[int(0.99 * len(times))]:.1f} ms of {len(times)} reads"
    line(name, load, extra)
    return load


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--phones", type=int, default=10_000)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--threads", type=int, default=32)
    options.add_argument("--batches", type=int, nargs="*", default=[30])
    options.add_argument("--sealed", action="store_true", help="entries sealed as the app sends them")
    options.add_argument(
        "--most", type=int, default=25_000, help="entries a second for which requests are made beforehand"
    )
    options.add_argument("--stored", type=int, default=0, help="entries that are there before the run")
    options.add_argument("--only", nargs="*", default=["ledger", "evening", "plain", "bare"])
    options.add_argument(
        "--folder", type=Path, help="keep the data there; what a run left there is used again"
    )
    given = options.parse_args()
    set_up(given.folder)
    from django.db import connection

    print(
        f"{connection.vendor}, {given.phones:,} phones, {given.connections} connections, {given.workers} workers of {given.threads} threads, {'sealed' if given.sealed else 'plain'} entries, load {os.getloadavg()[0]:.1f}"
    )
    began = time.perf_counter()
    kept = given.folder and given.folder / "phones.json"
    if kept and kept.exists():
        phones = json.loads(kept.read_text())
    else:
        phones = make_city(given.phones)
        if given.stored:
            import stored

            stored.fill(given.stored, given.phones * DOORS, CAMPAIGN)
        if kept:
            kept.write_text(json.dumps(phones))
    print(f"city ready after {time.perf_counter() - began:.1f} s", flush=True)
    connection.close()
    if "ledger" in given.only or "evening" in given.only:
        with Server(workers=given.workers, threads=given.threads) as server:
            if "evening" in given.only:
                evening = make_requests(phones, DOORS, 1, sealed=given.sealed)
                costs = Costs(server)
                load = drive(server.port, evening, DOORS, given.connections)
                line(f"evening: {given.phones:,} phones x {DOORS}", load, costs.told(load, DOORS))
            if "ledger" in given.only:
                for batch in given.batches:
                    measured(f"ledger, batch {batch}", server, phones, batch, given, roll_up=True)
    if "plain" in given.only:
        import plain_endpoint

        plain_endpoint.make_tables()
        connection.close()
        given.sealed = False  # it could not open them
        with Server("plain_endpoint:application", workers=given.workers, threads=given.threads) as server:
            measured("plain Django + ORM, batch 30", server, phones, 30, given)
    if "bare" in given.only:
        for group in (1, 20):
            rate, p99 = bare(phones, 30, given.seconds / 2, group)
            print(f"bare database, {30 * group:4} a commit        {rate:9,.0f}/s  p99 {p99:.0f} ms a commit")


if __name__ == "__main__":
    main()
