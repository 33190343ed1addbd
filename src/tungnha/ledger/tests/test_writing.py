"""Those who wait share a commit; what goes wrong with one item is that item's alone."""

import threading

import pytest
from django.db import DatabaseError, close_old_connections, connection, connections, transaction

from tungnha.ledger import chain, grouping, rebuilding, services, writing
from tungnha.ledger.models import Entry


class Writes:
    """Stands in for the ledger's writing: notes the groups, fails on what it is told to."""

    def __init__(self):
        self.groups, self.began, self.gate = [], threading.Event(), threading.Event()
        self.gate.set()

    def __call__(self, items):
        self.began.set()
        self.gate.wait(5)
        self.groups.append(list(items))
        if "bad" in items:
            raise ValueError("bad")
        return [one.upper() for one in items]


def in_turn(do, **limits):
    def turn():  # looked up each time: a test puts another in its place
        return writing.turn()

    return grouping.Together(do, within=turn, name="test", **limits)


def together(*jobs):
    results = [None] * len(jobs)

    def run(number, job):
        try:
            results[number] = job()
        except Exception as error:  # noqa: BLE001
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, job)) for number, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    return threads, results


def queued(group, count):
    for _ in range(500):
        if len(group._queue) == count:
            return
        threading.Event().wait(0.005)
    raise AssertionError("never queued")


@pytest.mark.django_db(transaction=True)
def test_those_who_wait_are_written_together_up_to_the_limit():
    writes = Writes()
    group = in_turn(writes, size=len, most=10)
    writes.gate.clear()
    first, one = together(lambda: group.submit("a"))
    assert writes.began.wait(5)
    rest, results = together(*(lambda word=word: group.submit(word) for word in ("bbbb", "cccc", "dddd")))
    queued(group, 3)
    writes.gate.set()
    for thread in first + rest:
        thread.join(10)
    assert one + results == ["A", "BBBB", "CCCC", "DDDD"]
    assert [sum(map(len, items)) for items in writes.groups] == [1, 8, 4]
    group.close()


@pytest.mark.django_db(transaction=True)
def test_an_item_that_fails_does_not_spoil_the_others():
    writes = Writes()
    group = in_turn(writes, size=len, most=100)
    writes.gate.clear()
    first, _ = together(lambda: group.submit("a"))
    assert writes.began.wait(5)
    rest, results = together(*(lambda word=word: group.submit(word) for word in ("good", "bad", "fine")))
    queued(group, 3)
    writes.gate.set()
    for thread in first + rest:
        thread.join(10)
    assert sorted(map(str, results)) == ["FINE", "GOOD", "bad"]
    assert group.submit("later") == "LATER"
    group.close()


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_the_turn_is_anothers_goes_along():
    writes = Writes()
    group = in_turn(writes, size=len, most=100)
    with writing.turn():
        threads, results = together(*(lambda word=word: group.submit(word) for word in ("a", "b", "c")))
        queued(group, 3)
    for thread in threads:
        thread.join(10)
    assert (sorted(results), [sorted(items) for items in writes.groups]) == (
        ["A", "B", "C"],
        [["a", "b", "c"]],
    )
    group.close()


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_had_nothing_to_do_ends_and_another_takes_its_place(monkeypatch):
    monkeypatch.setattr(grouping, "_PATIENCE", 0.01)
    group = in_turn(Writes(), size=len, most=100)
    assert group.submit("a") == "A"
    for _ in range(500):
        if group._thread is None:
            break
        threading.Event().wait(0.005)
    assert group._thread is None
    assert group.submit("b") == "B"
    group.close()


@pytest.mark.django_db(transaction=True)
def test_who_cannot_have_a_turn_is_told_why(monkeypatch):
    def fail():
        raise DatabaseError("no disk")

    group = in_turn(Writes(), size=len, most=100)
    with monkeypatch.context() as broken:
        broken.setattr(writing, "turn", fail)
        with pytest.raises(DatabaseError, match="no disk"):
            group.submit("a")
    assert group.submit("b") == "B"
    group.close()


@pytest.mark.django_db(transaction=True)
def test_results_go_on_to_the_next_and_errors_go_back_at_once():
    last = in_turn(lambda items: [one + "!" for one in items], size=len, most=100)
    first = grouping.Together(Writes(), then=last, name="first", size=len, most=100)
    threads, results = together(*(lambda word=word: first.submit(word) for word in ("a", "bad", "c")))
    for thread in threads:
        thread.join(10)
    with transaction.atomic():
        inside = first.submit("d")
    assert [*map(str, results), inside] == ["A!", "bad", "C!", "D!"]
    first.close()
    last.close()


def test_many_phones_at_once_make_one_unbroken_chain(committed):
    def phone(number):
        entries = [committed.knock(home % 6) for home in range(10)]
        return committed.send(*entries, session=(committed.session, committed.second_session)[number % 2])

    threads, results = together(*(lambda number=number: phone(number) for number in range(8)))
    for thread in threads:
        thread.join(30)
    assert results == [["accepted"] * 10] * 8
    assert (Entry.objects.count(), chain.check().breaks) == (80, [])
    assert all(table.same for table in rebuilding.rebuild())
    close_old_connections()


def test_duplicate_race_in_many_threads_kpi_5047(committed):
    entries = [committed.knock(home) for home in range(6)]
    threads, results = together(*(lambda: committed.send(*entries) for _ in range(6)))
    for thread in threads:
        thread.join(30)
    assert Entry.objects.count() == 6
    assert sorted(status for statuses in results for status in statuses) == ["accepted"] * 6 + ["known"] * 30


def test_a_failed_commit_answers_nobody(committed, monkeypatch):
    def fail(*_):
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr("tungnha.ledger.stored.add", fail)
        with pytest.raises(DatabaseError):
            committed.send(committed.knock())
    assert Entry.objects.count() == 0
    assert committed.send(committed.knock()) == ["accepted"]
    assert connection.in_atomic_block is False
    assert services.MOST_IN_A_TRANSACTION > 30
