"""`tungnha ledger` on the command line."""

import json

import pyarrow.parquet as pq
from click.testing import CliRunner
from django.db import connection

from tungnha.ledger import guards, stored
from tungnha.ledger.commands import ledger
from tungnha.ledger.models import Entry, Held


def run(*arguments):
    result = CliRunner().invoke(ledger, list(map(str, arguments)), obj={"json": True})
    return result.exit_code, json.loads(result.stdout) if result.exit_code in {
        0,
        1,
    } and result.stdout else result.output


def test_check_fails_and_names_a_tampered_entry(world):
    world.send(*(world.knock(home) for home in range(3)))
    code, said = run("check")
    assert (code, said["entries"], said["breaks"]) == (0, 3, [])
    guards.take_down(connection)
    Entry.objects.filter(position=2).update(household=world.homes[5].pk)
    code, said = run("check")
    assert (code, [(one["position"], one["what"]) for one in said["breaks"]]) == (1, [(2, "changed")])
    assert run("check", "--against", "9:zz")[0] == 2


def test_export_holds_every_entry_and_says_which_are_in_force(world, tmp_path):
    entry = world.knock()
    world.send(entry, world.knock(kind="withdrawal", corrects=entry["id"]), world.knock(1))
    code, said = run("export", tmp_path / "ledger.parquet")
    table = pq.read_table(tmp_path / "ledger.parquet").to_pylist()
    assert (code, said["entries"]) == (0, 3)
    assert [(row["position"], row["kind"], row["in_force"]) for row in table] == [
        (1, "test-knock", False),
        (2, "withdrawal", True),
        (3, "test-knock", True),
    ]
    assert table[0]["id"] == entry["id"]


def test_rebuild_says_that_nothing_changed(world):
    world.send(world.knock())
    code, said = run("rebuild")
    assert (code, {table["same"] for table in said["tables"]}) == (0, {True})


def test_held_entries_are_listed_and_settled(world):
    world.send(world.knock(campaign="45-ngay"))
    code, said = run("held", "--as", "officer")
    digest = said["held"][0]["digest"]
    assert (code, said["held"][0]["reason"]) == (0, "other_campaign")
    assert run("settle", digest, "--as", "lan", "--note", "x")[0] == 1
    assert run("settle", digest, "--as", "officer", "--note", "Đúng")[1]["state"] == "released"
    assert (Held.objects.get().note, stored.head()[0]) == ("Đúng", 1)


def test_a_session_is_given_once_and_ended(world):
    code, said = run("enrol", "lan", "00226", "90-ngay", "--days", "2")
    assert (code, len(said["token"])) == (0, 22)
    assert run("enrol", "lan", "00226", "90-ngay", "--area", "moon:1")[0] == 1
    assert run("revoke", said["device"])[0] == 0
    assert run("revoke", 10**6)[0] == 1
