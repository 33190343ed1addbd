"""A client of the sync protocol, for tests that say what phones do."""

import gzip
import json
from datetime import timedelta

import zstandard
from django.urls import reverse
from django.utils import timezone


class Phone:
    """A client that keeps to docs/sync.md: it lets go of an entry only once it was answered."""

    def __init__(self, client, token, clock_error=timedelta(0)):
        self.client, self.headers = client, {"authorization": f"Bearer {token}"}
        self.clock_error = clock_error
        self.outbox, self.answered, self.after, self.head, self.seen = {}, {}, 0, None, {}

    def save(self, entry):
        self.outbox[entry["id"]] = entry
        return entry

    def now(self):
        """What its clock shows."""
        return timezone.now() + self.clock_error

    def post(self, entries, encoding="", **headers):
        body = json.dumps({"sent_at": self.now().isoformat(), "entries": entries}).encode()
        packed = {"gzip": gzip.compress, "zstd": zstandard.compress, "": bytes}[encoding](body)
        return self.client.post(
            reverse("sync-entries"), packed, content_type="application/json",
            headers=self.headers | ({"content-encoding": encoding} if encoding else {}) | headers,
        )  # fmt: skip

    def sync(self, *, lose_answer=False):
        response = self.post(list(self.outbox.values()))
        if lose_answer or response.status_code != 200:
            return response
        return self.hear(response)

    def hear(self, response):
        """Let go of what was answered, and keep it in case the server is restored from an older backup."""
        said = response.json()
        self.head = said["head"]
        for answer in said["answers"]:
            self.answered[answer["id"]] = self.outbox.pop(answer["id"], None) or self.answered.get(
                answer["id"]
            )
        return [answer.get("reason", answer["status"]) for answer in said["answers"]]

    def get(self, name, **query):
        return self.client.get(reverse(name), query, headers=self.headers).json()

    def pull(self, limit=500):
        page = self.get("sync-entries", after=self.after, limit=limit)
        self.seen |= {one["id"]: one for one in page["entries"]}
        self.after = page["after"]
        return page

    def check_for_rollback(self):
        """Ask whether the server lost what it once had; if so, what it does not know goes back into the outbox."""
        state = self.get("sync-state", position=self.head["position"], hash=self.head["hash"])
        if state["rolled_back"]:
            answer = self.client.post(
                reverse("sync-known"), json.dumps({"ids": list(self.answered)}),
                content_type="application/json", headers=self.headers,
            ).json()  # fmt: skip
            self.outbox |= {one: self.answered[one] for one in answer["unknown"]}
            self.after = 0
        return state["rolled_back"]
