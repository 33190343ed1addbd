"""Entries go in once and stay as they are; what is counted follows from them; a changed row is found."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from tungnha.ledger import chain, guards, queries, rebuilding, services, stored
from tungnha.ledger.models import DailyCount, Entry
from tungnha.ledger.tests.conftest import NOW, Speech


def counts(measure="knock"):
    rows = DailyCount.objects.filter(measure=measure).order_by("day", "unit")
    return [(row.day.isoformat(), row.unit, row.times, row.households, row.first_households) for row in rows]


def test_an_entry_sent_twice_is_there_once(world):
    entry = world.knock()
    assert world.send(entry) == ["accepted"]
    assert world.send(entry, entry) == ["known", "known"]
    assert Entry.objects.count() == 1
    assert counts() == [("2026-09-20", world.ward.pk, 1, 1, 1)]


def test_an_id_with_another_body_is_held_and_the_first_stands(world):
    entry = world.knock()
    assert world.send(entry, entry | {"body": {"answered": True}}) == ["accepted", "different_body"]
    assert world.send(entry | {"body": {"answered": True}}) == ["different_body"]
    assert queries.held(world.officer).count() == 1
    assert Entry.objects.get().body == "{}"


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET body = '{}'", "DELETE FROM ledger_entry"])
def test_the_database_refuses_to_change_or_delete(world, statement):
    world.send(world.knock())
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Entry.objects.count() == 1


def test_sqlites_replace_deletes_nothing_unseen(world):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has REPLACE")
    world.send(world.knock())
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry")


def test_the_chain_names_the_row_that_was_changed(world):
    world.send(*(world.knock(home) for home in range(5)))
    assert chain.check().breaks == []
    guards.take_down(connection)
    third = Entry.objects.get(position=3)
    Entry.objects.filter(position=3).update(body='{"answered":true}')
    assert [(found.position, found.uuid, found.what) for found in chain.check().breaks] == [
        (3, str(third.uuid), "changed")
    ]


def test_the_chain_names_a_row_that_is_gone_and_an_end_that_was_cut(world):
    world.send(*(world.knock(home) for home in range(5)))
    head = stored.head()
    guards.take_down(connection)
    Entry.objects.filter(position=2).delete()
    assert [(found.position, found.what) for found in chain.check().breaks] == [(2, "missing")]
    Entry.objects.filter(position__gte=4).delete()
    assert [(found.position, found.what) for found in chain.check(against=head).breaks] == [
        (2, "missing"),
        (4, "cut"),
    ]


def test_a_household_counts_once_a_day_and_once_anew(world):
    yesterday = NOW - timedelta(days=1)
    world.send(world.knock(0), world.knock(0), world.knock(1))
    assert counts() == [("2026-09-20", world.ward.pk, 3, 2, 2)]
    world.send(world.knock(0, at=yesterday))
    assert counts() == [("2026-09-19", world.ward.pk, 1, 1, 1), ("2026-09-20", world.ward.pk, 3, 2, 1)]
    assert queries.totals("90-ngay", "knock") == {world.ward.pk: (4, 2)}


def test_a_withdrawal_takes_back_what_was_counted(world):
    entry = world.knock()
    undo = world.knock(kind="withdrawal", corrects=entry["id"])
    assert world.send(entry, undo) == ["accepted", "accepted"]
    assert counts() == []
    assert queries.standing(["test-knock"], [world.homes[0].pk]) == []


def test_a_correction_may_come_before_what_it_corrects(world):
    wrong = world.knock(0)
    right = world.knock(1, corrects=wrong["id"])
    world.send(right)
    world.send(wrong)
    assert counts() == [("2026-09-20", world.ward.pk, 1, 1, 1)]
    assert [one.household for one in queries.standing(["test-knock"], [h.pk for h in world.homes])] == [
        world.homes[1].pk
    ]


def test_two_corrections_of_one_entry_take_it_back_once(world):
    wrong = world.knock(0)
    world.send(wrong, world.knock(0))
    world.send(world.knock(kind="withdrawal", corrects=wrong["id"]))
    world.send(world.knock(kind="withdrawal", corrects=wrong["id"]))
    assert counts() == [("2026-09-20", world.ward.pk, 1, 1, 1)]


def test_nobody_takes_back_what_another_wrote(world):
    entry = world.knock()
    undo = world.knock(kind="withdrawal", corrects=entry["id"])
    world.send(entry)
    assert world.send(undo, session=world.second_session) == ["anothers_entry"]
    assert counts() == [("2026-09-20", world.ward.pk, 1, 1, 1)]


def test_a_strangers_correction_that_came_first_changes_nothing(world):
    entry = world.knock()
    world.send(world.knock(kind="withdrawal", corrects=entry["id"]), session=world.second_session)
    world.send(entry)
    assert counts() == [("2026-09-20", world.ward.pk, 1, 1, 1)]
    assert [table.same for table in rebuilding.rebuild()] == [True] * len(rebuilding.rebuild())


def test_a_supervisor_releases_a_strangers_correction(world):
    entry = world.knock()
    world.send(entry)
    world.send(world.knock(kind="withdrawal", corrects=entry["id"]), session=world.second_session)
    services.release(queries.held(world.officer).get(), by=world.officer, note="Hùng đã gọi")
    assert counts() == []
    assert all(table.same for table in rebuilding.rebuild())


def test_a_rebuild_mends_a_projection_and_says_so(world):
    world.send(*(world.knock(home, body={"answered": home % 2 == 0}) for home in range(6)))
    before = counts()
    DailyCount.objects.filter(measure="knock").update(times=99)
    assert {table.table: table.same for table in rebuilding.rebuild()}["ledger_dailycount"] is False
    assert counts() == before
    assert all(table.same for table in rebuilding.rebuild())


def test_the_office_writes_only_what_the_person_may_in_the_unit(world):
    said = Speech(people=30)
    services.record("test-speech", said, actor=world.officer, campaign="90-ngay", unit=world.ward)
    assert counts("speech")[0][2:] == (1, 0, 0)
    for actor, unit in ((world.volunteer, world.ward), (world.officer, world.other_ward)):
        with pytest.raises(PermissionDenied):
            services.record("test-speech", said, actor=actor, campaign="90-ngay", unit=unit)
    assert Entry.objects.count() == 1
