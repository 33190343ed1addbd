"""The protocol over HTTP: packed, split, cut off, too large, repeated; and the peers' bugs that must not be ours."""

import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import zstandard
from django.db import IntegrityError, OperationalError
from django.urls import reverse
from django.utils import timezone

from tungnha.ledger import guards, kinds, projections, rebuilding, stored
from tungnha.ledger.models import Device, Entry, Held
from tungnha.ledger.sync import clock, openapi, packing, wire
from tungnha.ledger.sync.problems import CODES, ProblemError
from tungnha.ledger.tests.phones import Phone

DOCS = Path(__file__).parents[4] / "docs"


@pytest.fixture
def phone(client, world):
    return Phone(client, world.token)


@pytest.fixture
def other(client, world):
    return Phone(client, world.second_token)


def fresh(world, home=0, **changes):
    return world.knock(home, at=timezone.now(), **changes)


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_a_batch_comes_in_packed_and_the_answer_goes_out_packed(phone, world, encoding):
    entries = [fresh(world, home) for home in range(6)]
    response = phone.post(entries, encoding, **({"accept-encoding": encoding} if encoding else {}))
    data = {"gzip": gzip.decompress, "zstd": lambda one: zstandard.ZstdDecompressor().decompressobj().decompress(one), "": bytes}[encoding](response.content)  # fmt: skip
    said = msgspec.json.decode(data, type=wire.Uploaded)
    assert [(str(one.id), one.status) for one in said.answers] == [(one["id"], "accepted") for one in entries]
    assert (said.head.position, response["Cache-Control"]) == (6, "no-store")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_truncated_upload_is_refused_and_nothing_of_it_is_in(phone, world, encoding):
    body = json.dumps({"sent_at": timezone.now().isoformat(), "entries": [fresh(world)] * 5}).encode()
    packed = {"gzip": gzip.compress, "zstd": zstandard.compress}[encoding](body)
    for cut in (1, len(packed) // 2, len(packed) - 1):
        response = phone.client.post(
            reverse("sync-entries"), packed[:cut], content_type="application/json",
            headers=phone.headers | {"content-encoding": encoding},
        )  # fmt: skip
        assert (response.status_code, response.json()["code"]) in {
            (400, "truncated"),
            (400, "broken_compression"),
        }
    assert (Entry.objects.count(), Held.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "bomb",
    [
        ("gzip", gzip.compress(bytes(50 * 1024**2))),
        ("zstd", zstandard.ZstdCompressor().compress(bytes(50 * 1024**2))),
        ("zstd", zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=27)).compress(bytes(200 * 1024**2))),
    ],
)  # fmt: skip
def test_a_decompression_bomb_is_stopped(bomb):
    encoding, data = bomb
    with pytest.raises(ProblemError) as caught:
        packing.unpack(data, encoding, wire.MOST_DECOMPRESSED)
    assert caught.value.status in {400, 413}


def test_what_follows_a_gzip_stream_is_not_overlooked():
    with pytest.raises(ProblemError, match="truncated"):
        packing.unpack(gzip.compress(b"{}") + gzip.compress(b"{}"), "gzip", 1000)
    with pytest.raises(ProblemError, match="unsupported_encoding"):
        packing.unpack(zlib.compress(b"{}"), "deflate", 1000)


def test_a_body_or_a_batch_too_large_is_refused_whole(phone, world):
    assert phone.post([fresh(world, body={"note": "x" * 1_100_000})]).json()["code"] == "too_large"
    assert phone.post([{}] * 1_001).json()["code"] == "too_many"
    assert (Entry.objects.count(), Held.objects.count()) == (0, 0)


@pytest.mark.parametrize("body", ["", "[]", "{", '{"entries": []}', '{"sent_at": "now", "entries": []}'])
def test_a_body_that_is_no_batch_is_refused(phone, body):
    response = phone.client.post(
        reverse("sync-entries"), body, content_type="application/json", headers=phone.headers
    )
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


def test_a_malformed_position_is_refused(phone):
    assert phone.get("sync-entries", after="-1")["code"] == "malformed"
    assert phone.get("sync-state", position="²")["code"] == "malformed"


def test_news_come_page_by_page_and_say_nothing_private(phone, other, world):
    sent = [phone.save(fresh(world, home, body={"answered": True, "note": "chó dữ"})) for home in range(5)]
    phone.sync()
    pages = [other.pull(limit=2) for _ in range(3)]
    assert [(len(page["entries"]), page["more"]) for page in pages] == [(2, True), (2, True), (1, False)]
    assert list(other.seen) == [one["id"] for one in sent]
    assert {json.dumps(one["body"]) for one in other.seen.values()} == {'{"answered": true}'}
    assert other.pull()["entries"] == []


def test_news_go_back_no_further_than_72_hours(phone, other, world, monkeypatch):
    world.send(world.knock(at=timezone.now() - timedelta(days=4)), now=timezone.now() - timedelta(days=4))
    late = fresh(world)
    world.send(late, now=timezone.now())
    other.pull()
    assert list(other.seen) == [late["id"]]


# The bugs that peers had (names: project and issue).


def test_duplicate_race_kpi_5047(phone, world):
    """One entry arriving in two requests, and twice in one, makes one row."""
    entry = phone.save(fresh(world))
    assert phone.post([entry, entry]).json()["answers"][1]["status"] == "known"
    phone.sync()
    assert Entry.objects.count() == 1


def test_lost_acknowledgement_getodk_3099(phone, world):
    """The answer never came: the phone keeps the entry, sends it again, and there is one."""
    phone.save(fresh(world))
    phone.sync(lose_answer=True)
    assert len(phone.outbox) == 1
    assert phone.sync() == ["known"]
    assert (phone.outbox, Entry.objects.count()) == ({}, 1)


def test_deleted_although_the_upload_failed_getodk_1017(phone, world, monkeypatch):
    """Where the database fails nothing is answered as taken, and the phone still has it."""

    def fail(*_):
        raise OperationalError("disk full")

    phone.save(fresh(world))
    with monkeypatch.context() as broken:
        broken.setattr(stored, "add", fail)
        response = phone.sync()
    assert (response.status_code, response["Retry-After"], len(phone.outbox)) == (503, "5", 1)
    assert phone.sync() == ["accepted"]


def test_silent_constraint_failure_kolibri_14648(phone, world, monkeypatch):
    """A projection that the database refuses takes the entry with it, loudly: no row, no acknowledgement."""

    def break_a_constraint(added, withdrawn):
        raise IntegrityError("CHECK constraint failed")

    phone.client.raise_request_exception = False
    phone.save(fresh(world))
    with monkeypatch.context() as broken:
        broken.setattr(
            projections, "_projections", [projections.Projection("broken", (), break_a_constraint)]
        )
        response = phone.sync()
    assert (response.status_code, Entry.objects.count(), len(phone.outbox)) == (500, 0, 1)
    assert phone.sync() == ["accepted"]


def test_checkpoint_ahead_of_data_pouchdb_1240(phone, other, world):
    """Where a page ends, the next begins: an entry written between two pages is not skipped."""
    for home in range(3):
        phone.save(fresh(world, home))
    phone.sync()
    first = other.pull(limit=2)
    assert first["after"] == first["entries"][-1]["position"]
    phone.save(fresh(world, 3))
    phone.sync()
    other.pull()
    assert len(other.seen) == Entry.objects.count() == 4


def test_unsynced_data_dropped_by_a_pull_sormas_403(phone, other, world):
    """Reading news changes nothing about what is still to be sent, also about the same household."""
    other.save(fresh(world, 0))
    other.sync()
    mine = phone.save(fresh(world, 0, body={"answered": True}))
    phone.pull()
    assert list(phone.outbox) == [mine["id"]]
    assert phone.sync() == ["accepted"]
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("wrong", [timedelta(days=400), timedelta(days=-400), timedelta(hours=7)])
def test_clock_skew_cht_core_6284(client, world, wrong):
    """A phone whose clock is years off tells the right time once the server has estimated the difference."""
    phone = Phone(client, world.token, clock_error=wrong)
    now = timezone.now()
    phone.save(world.knock(at=now - timedelta(hours=1) + wrong))
    assert phone.sync() == ["accepted"]
    (entry,) = stored.read("WHERE position = 1")
    assert abs(entry.when - (now - timedelta(hours=1))) < timedelta(seconds=10)
    assert entry.occurred_at - entry.when > timedelta(days=300) or wrong < timedelta(days=300)
    world.device.refresh_from_db()
    assert abs(timedelta(milliseconds=world.device.clock_offset) + wrong) < timedelta(seconds=10)


def test_a_clock_put_right_in_between_is_held_not_guessed(phone, world):
    phone.save(world.knock(at=timezone.now() + timedelta(days=400)))
    assert phone.sync() == ["future"]


def test_server_rolled_back_by_a_restore_cht_core_4146(phone, world):
    """After a restore from an older backup the phone notices, and sends again what it had already been told was safe."""
    phone.save(fresh(world, 0))
    phone.sync()
    assert phone.check_for_rollback() is False
    phone.save(fresh(world, 1))
    phone.sync()
    from django.db import connection

    guards.take_down(connection)
    Entry.objects.filter(position=2).delete()
    guards.put_up(connection)
    rebuilding.rebuild()
    assert phone.check_for_rollback() is True
    assert phone.sync() == ["accepted"]
    assert Entry.objects.count() == 2
    assert phone.check_for_rollback() is False


def test_a_restore_is_noticed_even_when_others_have_written_since(phone, other, world):
    for home in range(2):
        phone.save(fresh(world, home))
    phone.sync()
    from django.db import connection

    guards.take_down(connection)
    Entry.objects.filter(position=2).delete()
    guards.put_up(connection)
    for home in range(3):
        other.save(fresh(world, home))
    other.sync()
    assert phone.check_for_rollback() is True


# The documents.


def test_the_openapi_file_is_what_the_program_does():
    own = [kind for kind in kinds.every() if not kind.name.startswith("test-")]
    assert (DOCS / "sync.openapi.json").read_text(encoding="utf-8") == openapi.text(own), (
        "run: tungnha ledger openapi > docs/sync.openapi.json"
    )


def test_the_openapi_document_has_every_address_and_answers_fit_it(phone, world):
    from tungnha.ledger.sync import urls

    assert {path.lstrip("/") for path in openapi.document([])["paths"]} == {
        str(pattern.pattern) for pattern in urls.urlpatterns
    }
    phone.save(fresh(world))
    for answer, struct in (
        (phone.post(list(phone.outbox.values())), wire.Uploaded),
        (phone.client.get(reverse("sync-entries"), headers=phone.headers), wire.Download),
        (phone.client.get(reverse("sync-state"), headers=phone.headers), wire.State),
        (phone.post([{}] * 2000), wire.Problem),
    ):
        msgspec.json.decode(answer.content, type=struct)


def test_every_reason_and_every_problem_is_explained():
    from tungnha.ledger.judging import Reason

    text = (DOCS / "sync.md").read_text(encoding="utf-8")
    assert {one for one in [*Reason, *CODES] if f"`{one}`" not in text} == set()


def test_a_small_difference_is_the_networks_not_the_clocks():
    now = datetime(2026, 9, 20, tzinfo=UTC)
    assert clock.offset(now - timedelta(seconds=20), now) == 0
    assert clock.offset(now - timedelta(seconds=90), now) == 90_000
    assert Device._meta.get_field("clock_offset").default == 0
