"""Kill the server under load, again and again; drop answers; then look whether the promise was kept.

    python -m tungnha.ledger.tests.killing FOLDER --times 1000

Runs in a process and a data folder of its own, against the real server with two worker processes. Prints one JSON line.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

PHONES = 6
BATCH = 10


class Phone(threading.Thread):
    """Sends what waits until the server dies; forgets only what was answered. Now and then it does not hear the answer."""

    def __init__(self, world, session_token, port, outbox, chance):
        super().__init__()
        self.world, self.token, self.port = world, session_token, port
        self.outbox, self.acknowledged, self.chance = outbox, set(), chance
        self.wrong = []
        self.stop = False

    def run(self):
        from django.utils import timezone

        while not self.stop:
            while len(self.outbox) < BATCH:
                entry = self.world.knock(self.chance.randrange(6), at=timezone.now())
                self.outbox[entry["id"]] = entry
            batch = self.chance.sample(list(self.outbox.values()), BATCH)
            try:
                self.send(batch, timezone.now())
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)

    def send(self, batch, now):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            body = json.dumps({"sent_at": now.isoformat(), "entries": batch})
            line.request("POST", "/api/sync/v1/entries", body, {"Authorization": f"Bearer {self.token}"})
            if self.chance.random() < 0.1:
                return
            answer = line.getresponse()
            data = answer.read()
        finally:
            line.close()
        if answer.status != 200:
            return
        for one in json.loads(data)["answers"]:
            if one["status"] not in {"accepted", "known"}:
                self.wrong.append(one)
            self.acknowledged.add(one["id"])
            self.outbox.pop(one["id"], None)


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _serve(port):
    command = [
        sys.executable,
        "-m",
        "tungnha",
        "serve",
        "--port",
        str(port),
        "--workers",
        "2",
        "--threads",
        "8",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, start_new_session=True, **quiet)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    raise RuntimeError("the server did not start")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder")
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--seed", type=int, default=6)
    given = options.parse_args()
    os.environ["TUNGNHA_DATA"] = given.folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tungnha.ledger.tests.conftest import World

    call_command("migrate", verbosity=0)
    world = World(kind="visit", body={"outcome": "nobody_home"})
    connection.close()
    chance = random.Random(given.seed)
    outboxes, acknowledged, wrong = [{} for _ in range(PHONES)], set(), []
    for _ in range(given.times):
        port = _free_port()
        server = _serve(port)
        tokens = (world.token, world.second_token)
        phones = [
            Phone(world, tokens[number % 2], port, outboxes[number], random.Random(chance.random()))
            for number in range(PHONES)
        ]
        for phone in phones:
            phone.start()
        time.sleep(chance.uniform(0.2, 1.5))
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        for phone in phones:
            phone.stop = True
        for phone in phones:
            phone.join()
            acknowledged |= phone.acknowledged
            wrong += phone.wrong
    sys.stdout.write(json.dumps(_look(acknowledged, wrong)))


def _look(acknowledged, wrong):
    from django.db import connection

    from tungnha.ledger import chain, rebuilding
    from tungnha.ledger.models import Entry

    there = Counter(str(one) for one in Entry.objects.values_list("uuid", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        sound = cursor.fetchall() == [("ok",)]
    return {
        "acknowledged": len(acknowledged),
        "stored": len(there),
        "lost": sorted(acknowledged - there.keys()),
        "twice": sorted(one for one, times in there.items() if times > 1),
        "wrong": wrong,
        "breaks": len(chain.check().breaks),
        "rebuilt_the_same": all(table.same for table in rebuilding.rebuild()),
        "database_sound": sound,
    }


if __name__ == "__main__":
    main()
