"""Whatever phones do, in whatever order: an acknowledged entry is there once, and what is counted is what a rebuild counts."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tungnha.ledger import chain, rebuilding, stored
from tungnha.ledger.models import DailyCount, Entry, Held
from tungnha.ledger.tests.conftest import NOW, World


class Phones(RuleBasedStateMachine):
    """Two phones on the same doors. Entries wait in outboxes, are sent in any order and grouping, more than once;
    answers get lost. `said` is a model of what each person wrote, from which the counts are worked out afresh."""

    @initialize()
    def begin(self):
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.world = World()
        self.sessions = [self.world.session, self.world.second_session]
        self.outbox: list[tuple[int, dict]] = []
        self.said: list[tuple[int, dict]] = []
        self.acknowledged: set[str] = set()
        self.arrived: set[str] = set()
        for phone, home in ((0, 0), (0, 0), (1, 0), (1, 1)):
            self.knock(phone, home, hours=home, answered=True)

    def _say(self, phone, entry):
        self.said.append((phone, entry))
        self.outbox.append((phone, entry))

    @rule(
        phone=st.integers(0, 1),
        home=st.integers(0, 2),
        hours=st.integers(0, 60),
        answered=st.booleans(),
    )
    def knock(self, phone, home, hours, answered):
        at = NOW - timedelta(hours=hours)
        self._say(phone, self.world.knock(home, at=at, body={"answered": answered}))

    @precondition(lambda self: self.said)
    @rule(
        which=st.integers(0, 3),
        home=st.integers(0, 2),
        replace=st.booleans(),
        stranger=st.sampled_from([False, False, False, True]),
    )
    def correct(self, which, home, replace, stranger):
        """Point at an entry, sent or not, mostly one's own; take it back or put another in its place."""
        whose, target = self.said[which % len(self.said)]
        phone = 1 - whose if stranger else whose
        kind = {} if replace else {"kind": "withdrawal"}
        self._say(phone, self.world.knock(home, corrects=target["id"], **kind))

    @precondition(lambda self: self.outbox)
    @rule(order=st.randoms(), most=st.integers(1, 4), twice=st.booleans(), lost=st.booleans())
    def send(self, order, most, twice, lost):
        """Some of what waits, in any order, each phone its own; then perhaps again; the answers may be lost."""
        order.shuffle(self.outbox)
        entries, rest = self.outbox[:most], self.outbox[most:]
        for _ in range(1 + twice):
            for phone in (0, 1):
                batch = [entry for whose, entry in entries if whose == phone]
                if batch:
                    statuses = self.world.send(*batch, session=self.sessions[phone])
                    assert set(statuses) <= {"accepted", "known", "anothers_entry"}
                    self.arrived |= {one["id"] for one in batch}
                    if not lost:
                        self.acknowledged |= {one["id"] for one in batch}
        if not lost:
            self.outbox = rest

    @rule(which=st.integers(0, 30))
    def send_an_old_one_again(self, which):
        if self.arrived:
            whose, entry = [pair for pair in self.said if pair[1]["id"] in self.arrived][
                which % len(self.arrived)
            ]
            assert set(self.world.send(entry, session=self.sessions[whose])) <= {"known", "anothers_entry"}

    @rule(which=st.integers(0, 30))
    def send_another_body_under_an_old_id(self, which):
        if self.arrived:
            whose, entry = [pair for pair in self.said if pair[1]["id"] in self.arrived][
                which % len(self.arrived)
            ]
            other = entry | {"household": self.world.homes[3].pk}
            assert set(self.world.send(other, session=self.sessions[whose])) <= {
                "different_body",
                "anothers_entry",
            }

    @invariant()
    def acknowledged_entries_are_there_once(self):
        if hasattr(self, "world"):
            kept = Counter(str(one) for one in Entry.objects.values_list("uuid", flat=True))
            held = {str(one) for one in Held.objects.values_list("uuid", flat=True)}
            assert all(times == 1 for times in kept.values())
            assert self.acknowledged <= kept.keys() | held

    @invariant()
    def counts_are_those_of_the_model(self):
        if not hasattr(self, "world"):
            return
        written = {str(one.uuid): one for piece in stored.in_order() for one in piece}
        undone = {
            entry.get("corrects")
            for whose, entry in self.said
            if entry["id"] in written
            and any(entry.get("corrects") == other["id"] and whose == by for by, other in self.said)
        }
        knocks = [one for key, one in written.items() if one.kind == "test-knock" and key not in undone]
        times = Counter(one.day for one in knocks)
        homes = {day: len({one.household for one in knocks if one.day == day}) for day in times}
        counted = DailyCount.objects.filter(measure="knock").values_list("day", "times", "households")
        assert {row[0]: row[1:] for row in counted} == {day: (times[day], homes[day]) for day in times}
        first = DailyCount.objects.filter(measure="knock").values_list("first_households", flat=True)
        assert sum(first) == len({one.household for one in knocks})

    def teardown(self):
        if hasattr(self, "world"):
            try:
                assert chain.check().breaks == []
                assert all(table.same for table in rebuilding.rebuild())
            finally:
                transaction.set_rollback(True)
                self.transaction.__exit__(None, None, None)


@pytest.mark.slow
def test_whatever_phones_do_the_projections_equal_the_rebuild(db):
    run_state_machine_as_test(
        Phones,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
