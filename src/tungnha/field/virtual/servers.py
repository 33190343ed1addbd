"""Two ways to the ledger: over HTTP, as phones go, and straight into the service, at moments of one's own choosing."""

import json
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from urllib.error import URLError
from uuid import UUID

from tungnha.field.virtual.phones import CutError
from tungnha.ledger import devices, services
from tungnha.ledger.sync import clock


class Direct:
    """The ledger's own service, in this process: evenings of the past come in as if it were then."""

    def send(self, token: str, entries: Sequence[bytes], *, sent_at: datetime, now: datetime) -> list[UUID]:
        """As the protocol's upload does."""
        taken = services.receive(
            devices.find(token, now=now), entries, received_at=now, clock_offset=clock.offset(sent_at, now)
        )
        return [one.id for one in taken.answers if one.id is not None]


class Http:
    """A server at an address."""

    def __init__(self, url: str) -> None:
        self.address = f"{url.rstrip('/')}/api/sync/v1/entries"

    def send(self, token: str, entries: Sequence[bytes], *, sent_at: datetime, now: datetime) -> list[UUID]:
        """One POST; whatever goes wrong on the way is a cut."""
        del now
        body = b'{"sent_at":%s,"entries":[%s]}' % (
            json.dumps(sent_at.isoformat()).encode(),
            b",".join(entries),
        )
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's own
            self.address, body, {"authorization": f"Bearer {token}", "content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                told = json.load(answer)["answers"]
        except (URLError, OSError, ValueError, KeyError) as error:
            raise CutError(str(error)) from error
        return [UUID(one["id"]) for one in told if one.get("id")]
