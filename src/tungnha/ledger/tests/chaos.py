"""Phones that sync as badly as can be, with a server that is now and then restored from an older backup.

    python -m tungnha.ledger.tests.chaos FOLDER --times 10000

Requests are cut off on the way, answers get lost, batches come twice and shuffled, clocks are wrong by up to 400 days and are put
right. The phones keep to `docs/sync.md`; the server is the program's own, asked through all of its layers.
"""

import io
import json
import random
from datetime import timedelta
from pathlib import Path

from tungnha.ledger.tests import promise
from tungnha.ledger.tests.phones import Phone

PHONES = 8
A_BACKUP_EVERY, A_RESTORE_EVERY = 60, 150
"""Syncs, on average."""
HELD_FOR_CLOCKS = {"future", "too_old"}


class Careless(Phone):
    """A phone whose person and network do everything wrong that they can."""

    def __init__(self, client, token, world, chance):
        super().__init__(client, token)
        self.world, self.chance, self.made, self.held, self.wrong = world, chance, [], set(), []
        self.noticed = 0
        self.set_clock()

    def set_clock(self):
        self.clock_error = timedelta(
            days=self.chance.choice([0, 0, -400, 400, self.chance.uniform(-400, 400)])
        )

    def work(self):
        """Some doors; now and then an earlier visit is taken back or replaced, whether it was sent or not."""
        for _ in range(self.chance.randrange(5)):
            entry = self.world.knock(self.chance.randrange(6), at=self.now())
            if self.made and self.chance.random() < 0.2:
                entry["corrects"] = self.chance.choice(self.made)
                if self.chance.random() < 0.5:
                    entry |= {"kind": "withdrawal", "body": {}}
            self.made.append(self.save(entry)["id"])

    def sync_badly(self):
        if self.head is not None:
            self.noticed += self.check_for_rollback()
        waiting = list(self.outbox.values())
        self.chance.shuffle(waiting)
        while waiting:
            size = self.chance.randint(1, 6)
            batch, waiting = waiting[:size], waiting[size:]
            for _ in range(self.chance.choice([1, 1, 1, 2])):
                if not self.send(batch):
                    return
        if self.chance.random() < 0.3:
            self.pull(limit=self.chance.randint(1, 50))

    def send(self, batch):
        """Whether the network stayed: a request may be cut off on its way there, or the answer on its way back."""
        if self.chance.random() < 0.1:
            batch = [*batch, self.chance.choice(batch)]
        lot = self.chance.random()
        if lot < 0.08:
            text = json.dumps({"sent_at": self.now().isoformat(), "entries": batch}).encode()
            arrived = io.BytesIO(text[: self.chance.randrange(len(text))])
            response = self.client.post(
                "/api/sync/v1/entries", text, content_type="application/json", headers=self.headers, **{"wsgi.input": arrived}
            )  # fmt: skip
            if response.status_code != 400:
                self.wrong.append([response.status_code, "cut off"])
            return False
        response = self.post(batch, self.chance.choice(["", "gzip", "zstd"]))
        if response.status_code != 200:
            self.wrong.append([response.status_code, response.content.decode()])
            return False
        if lot < 0.2:
            return False
        for one in response.json()["answers"]:
            if one["status"] == "held":
                self.held.add(one["id"])
                if one["reason"] not in HELD_FOR_CLOCKS:
                    self.wrong.append(one)
        self.hear(response)
        return True


class Backups:
    """Copies of the database as an administrator makes them, and what happens when one is put back."""

    def __init__(self, database):
        self.database, self.copy, self.made, self.restored = database, database.with_name("backup"), 0, 0

    def make(self):
        from django.db import connection

        self.copy.unlink(missing_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(self.copy)])
        self.made += 1

    def put_back(self):
        from django.db import connection

        if not self.made:
            return
        connection.close()
        for ending in ("-wal", "-shm"):
            self.database.with_name(self.database.name + ending).unlink(missing_ok=True)
        self.database.write_bytes(self.copy.read_bytes())
        self.restored += 1


def main(given):
    world = promise.begin(given.folder, kind="visit", body={"outcome": "nobody_home"})
    from django.conf import settings
    from django.test import Client

    from tungnha.ledger.models import Held

    settings.ALLOWED_HOSTS = ["*"]
    chance = random.Random(given.seed)
    tokens = (world.token, world.second_token)
    phones = [
        Careless(Client(), tokens[number % 2], world, random.Random(chance.random()))
        for number in range(PHONES)
    ]
    backups = Backups(Path(settings.DATABASES["default"]["NAME"]))
    for _ in promise.cycles(given.times):
        phone = chance.choice(phones)
        if chance.random() < 0.02:
            phone.set_clock()
        phone.work()
        phone.sync_badly()
        if chance.random() < 1 / A_BACKUP_EVERY:
            backups.make()
        if chance.random() < 1 / A_RESTORE_EVERY:
            backups.put_back()
    for phone in phones:  # the last restore must not be the last word
        for _ in range(100):
            phone.sync_badly()
            if not phone.outbox:
                break
    held = {str(one) for one in Held.objects.values_list("uuid", flat=True)}
    answered = {one for phone in phones for one in phone.answered}
    said = promise.look(answered - held)
    return said | {
        "held": len(held),
        "waiting": sum(len(phone.outbox) for phone in phones),
        "made": sum(len(phone.made) for phone in phones),
        "neither_answered_nor_waiting": sum(
            not (phone.answered.keys() | phone.outbox.keys()).issuperset(phone.made) for phone in phones
        ),
        "restored": backups.restored,
        "noticed": sum(phone.noticed for phone in phones),
        "wrong": [str(one) for phone in phones for one in phone.wrong][:20],
    }


if __name__ == "__main__":
    promise.run(main)
