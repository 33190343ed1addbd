"""Kill the server under load, again and again; drop answers; then look whether the promise was kept.

    python -m tungnha.ledger.tests.killing FOLDER --times 1000

Runs in a process and a data folder of its own, against the real server with two worker processes. Prints one JSON line.
"""

import http.client
import json
import os
import random
import signal
import socket
import threading
import time
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from tungnha.ledger.tests import promise

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
    """The server that `tungnha serve` starts, forked from here: the program is loaded once and not for each kill."""
    child = os.fork()
    if child:
        _wait_for(port)
        return child
    os.setsid()
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    Granian(
        "tungnha.config.wsgi:application", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=2,
        blocking_threads=8, backpressure=64,
    ).serve()  # fmt: skip
    os._exit(0)


def _load_the_program():
    """Everything that a request needs, so that each server need not load it anew."""
    from django.test import Client

    from tungnha.config import wsgi

    assert wsgi.application
    assert Client(headers={"host": "localhost"}).get("/api/sync/v1/state").status_code == 401
    from django.db import connections

    connections.close_all()


def _wait_for(port):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the server did not start")


def _wait_for_an_answer(phones):
    """The processes behind the port take a while to be ready, and a kill before that shows nothing."""
    for _ in range(6000):
        if any(phone.acknowledged for phone in phones):
            return
        time.sleep(0.01)
    raise RuntimeError("the server does not answer")


def main(given):
    world = promise.begin(given.folder, kind="visit", body={"outcome": "nobody_home"})
    _load_the_program()
    chance = random.Random(given.seed)
    outboxes, acknowledged, wrong = [{} for _ in range(PHONES)], set(), []
    for _ in promise.cycles(given.times, acknowledged):
        port = _free_port()
        server = _serve(port)
        tokens = (world.token, world.second_token)
        phones = [
            Phone(world, tokens[number % 2], port, outboxes[number], random.Random(chance.random()))
            for number in range(PHONES)
        ]
        for phone in phones:
            phone.start()
        _wait_for_an_answer(phones)
        time.sleep(chance.uniform(0, 0.5))
        os.killpg(server, signal.SIGKILL)
        os.waitpid(server, 0)
        for phone in phones:
            phone.stop = True
        for phone in phones:
            phone.join()
            acknowledged |= phone.acknowledged
            wrong += phone.wrong
    return promise.look(acknowledged, wrong=wrong)


if __name__ == "__main__":
    promise.run(main)
