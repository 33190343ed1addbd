"""Kill a process while it writes the ledger, again and again, at any point of a transaction, a commit or a checkpoint.

    python -m tungnha.ledger.tests.killing_writer FOLDER --times 10000

No server stands between: of what the writer says to be durable, the next one must find everything.
"""

import os
import random
import signal
import time

import msgspec

from tungnha.ledger.tests import promise

BATCH = 5
SMALL_CHECKPOINTS = 50
"""Pages: so that kills fall into checkpoints too."""


def _write(world, seed, told):
    """Write until killed; the id of an entry goes into the pipe once the ledger has answered for it."""
    from django.conf import settings
    from django.utils import timezone

    from tungnha.ledger import services

    chance = random.Random(seed)
    # For the connection of the writing thread, which is made only now.
    settings.DATABASES["default"]["OPTIONS"]["init_command"] += (
        f" PRAGMA wal_autocheckpoint={SMALL_CHECKPOINTS};"
    )
    while True:
        entries = [world.knock(chance.randrange(6), at=timezone.now()) for _ in range(BATCH)]
        services.receive(world.session, [msgspec.json.encode(one) for one in entries])
        os.write(told, "".join(one["id"] for one in entries).encode())


def _until_killed(world, chance):
    """Ids that one writer answered for before it was killed."""
    heard, told = os.pipe()
    writer = os.fork()
    if not writer:
        os.close(heard)
        try:
            _write(world, chance.random(), told)
        finally:
            os._exit(1)
    os.close(told)
    try:
        first = os.read(heard, 36 * BATCH)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(writer, signal.SIGKILL)
        _, status = os.waitpid(writer, 0)
        assert os.WIFSIGNALED(status), "the writer failed before it was killed"
        text = first
        while more := os.read(heard, 65_536):
            text += more
    finally:
        os.close(heard)
    said = text.decode()
    return {said[start : start + 36] for start in range(0, len(said) - 35, 36)}


def main(given):
    world = promise.begin(given.folder, kind="visit", body={"outcome": "nobody_home"})
    chance, acknowledged = random.Random(given.seed), set()
    for _ in promise.cycles(given.times, acknowledged):
        acknowledged |= _until_killed(world, chance)
    return promise.look(acknowledged)


if __name__ == "__main__":
    promise.run(main)
