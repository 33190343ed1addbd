"""What follows a unit that is merged, split or renamed, and what waits for a person: nothing is lost."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tungnha.accounts.models import RoleHeld
from tungnha.accounts.scope import may
from tungnha.campaign.models import (
    Campaign,
    Organisation,
    Recipient,
    SupportKind,
    SupportModel,
    Task,
    TaskDependency,
)
from tungnha.campaign.queries import support as support_reads
from tungnha.campaign.services import campaigns, directives, plans, support
from tungnha.campaign.tests.conftest import make_officer, make_plan, make_unit
from tungnha.campaign.tests.test_directives import CONTENT
from tungnha.territory import changes, following, imports, queries
from tungnha.territory.changes import Draft, NewUnit
from tungnha.territory.models import Followed, Unit

DAY = date(2026, 10, 15)
DAYS = {"start": date(2026, 9, 1), "due": date(2026, 11, 1)}


def decide(parts, effective=DAY, **more):
    return changes.record(Draft("9/NQ-HĐND", effective, *parts, **more), by="office")


def merged(wards, code="00009"):
    decide(changes.merger(wards, code=code, name="Phường Mới", kind="ward"))
    return Unit.objects.get(code=code)


def halves(ward, *shares):
    new = [(NewUnit(f"9000{n}", f"Phần {n}", "ward"), share) for n, share in enumerate(shares)]
    decide(changes.splitting(ward, new), basis="dân số")
    return [Unit.objects.get(code=f"9000{n}") for n in range(len(shares))]


def told(thing):
    return [(event.what, event.by) for event in thing.events.all()]


@pytest.fixture
def tasks(plan, wards, office):
    return plans.add_tasks(plan, title="Lập tổ cơ động", units=wards, by=office, **DAYS)


def test_open_work_goes_on_in_the_successor_and_closed_work_stays(tasks, wards, office, plan):
    plans.add_tasks(plan, title="Báo cáo", units=wards[:1], by=office, **DAYS)
    plans.move_task(tasks[0], "done", by=office, today=DAY)
    new = merged(wards[:1])
    assert following.follow(DAY).moved == {"task": 1}
    assert [(task.title, task.unit) for task in Task.objects.order_by("line", "pk")][0::3] == [
        ("Lập tổ cơ động", wards[0]),
        ("Báo cáo", new),
    ]
    moved = Task.objects.get(unit=new)
    last = moved.events.last()
    assert (last.what, last.was, last.became, last.by) == ("unit", wards[0].name, "Phường Mới", None)


def test_following_again_changes_nothing_and_a_day_in_the_future_moves_nothing(tasks, wards):
    merged(wards[:2])
    assert following.follow(DAY - timedelta(days=1)).moved == {}
    assert following.follow(DAY).moved == {"task": 2}
    state = (list(Task.objects.values_list("unit", "state")), Followed.objects.count())
    assert following.follow(DAY) == following.Followings({}, {})
    assert (list(Task.objects.values_list("unit", "state")), Followed.objects.count()) == state


def test_a_line_that_both_had_is_done_once_by_the_one_farthest_on(tasks, wards, office, plan):
    (after,) = plans.add_tasks(plan, title="Sau đó", units=wards[2:], by=office, **DAYS)
    plans.move_task(tasks[1], "doing", by=office, today=DAY)
    plans.add_dependency(after, tasks[0])
    new = merged(wards[:2])
    following.follow(DAY)
    kept = Task.objects.get(unit=new)
    assert (kept.pk, kept.state) == (tasks[1].pk, "doing")
    joined = Task.objects.get(pk=tasks[0].pk)
    assert (joined.unit, joined.state, joined.closed_on) == (wards[0], "dropped", DAY)
    assert new.name in joined.events.last().note
    assert TaskDependency.objects.filter(task=after, needs=kept).exists()


def test_a_unit_cut_up_without_a_greater_part_waits_for_a_person(tasks, wards, office, city):
    first, second = halves(wards[0], 0.5, 0.5)
    assert following.follow(DAY).waiting == {"task": 1}
    (waiting,) = following.undecided(DAY)
    assert (waiting.open.key, waiting.old, queries.levels_above([wards[0]], DAY)[wards[0].pk]) == (
        tasks[0].pk,
        wards[0],
        city,
    )
    given = {"day": DAY, "by": office.pk, "username": office.username}
    assert following.decide("task", [tasks[0].pk], second, **given) == 1
    assert following.decide("task", [tasks[0].pk], first, **given) == 0
    assert following.undecided(DAY) == []
    tasks[0].refresh_from_db()
    assert (tasks[0].unit, told(tasks[0])[-1]) == (second, ("unit", office))
    assert Followed.objects.get().by == office.username


def test_stating_the_shares_later_lets_the_rule_decide(tasks, wards):
    first, second = halves(wards[0], None, None)
    assert following.follow(DAY).waiting == {"task": 1}
    change = first.predecessors.get().change
    changes.state_shares(change, wards[0], {first.pk: 0.3, second.pk: 0.7}, basis="số hộ 2026")
    assert following.follow(DAY).moved == {"task": 1}
    assert Task.objects.get(pk=tasks[0].pk).unit == second


def test_an_open_task_is_not_swallowed_by_one_the_successor_has_finished(tasks, wards, office, plan):
    first, _second = halves(wards[0], None, None)
    done = plans.add_tasks(plan, title="x", units=[first], by=office, **DAYS)[0]
    Task.objects.filter(pk=done.pk).update(line=1, state="done", closed_on=DAY)
    following.decide("task", [tasks[0].pk], first, day=DAY, by=office.pk, username="office")
    moved = Task.objects.get(pk=tasks[0].pk)
    assert (moved.unit, moved.state, moved.line) == (first, "open", 2)


def test_a_directive_that_one_of_two_answered_is_still_to_be_answered_by_both_together(plan, wards, office):
    sent = directives.issue(plan.campaign, units=wards, by=office, today=date(2026, 9, 7), **CONTENT)
    directives.answer(sent.recipients.get(unit=wards[0]), by=office, today=DAY, text="Xong")
    new = merged(wards[:2])
    following.follow(DAY)
    kept = sent.recipients.get(unit=new)
    assert (kept.state, told(kept)) == (
        "sent",
        [("sent", office), ("moved", None), ("joined", None)],
    )
    joined = sent.recipients.get(unit=wards[0])
    assert (joined.state, joined.responses.get().text) == ("closed", "Xong")


def test_a_task_made_from_a_directive_goes_to_the_units_of_today(plan, wards, office, monkeypatch):
    sent = directives.issue(plan.campaign, units=wards, by=office, today=date(2026, 9, 7), **CONTENT)
    new = merged(wards[:2])
    following.follow(DAY)
    monkeypatch.setattr(Campaign, "today", lambda _self: DAY)
    given = directives.give_task(sent, plan, title="x", by=office, **DAYS)
    assert {task.unit for task in given} == {new, wards[2]}


def test_a_part_that_has_not_answered_reopens_the_successors_answer(plan, wards, office):
    first, _second = halves(wards[0], None, None)
    sent = directives.issue(
        plan.campaign, units=[wards[0], first], by=office, today=date(2026, 9, 7), **CONTENT
    )
    directives.answer(sent.recipients.get(unit=first), by=office, today=DAY, text="Xong")
    key = sent.recipients.get(unit=wards[0]).pk
    following.decide("directive", [key], first, day=DAY, by=office.pk, username="office")
    assert sent.recipients.get(unit=first).state == "returned"


def test_an_organisation_takes_its_open_work_along_under_a_name_of_its_own(plan, wards, office):
    unions = [Organisation.objects.create(unit=ward, kind="union", name="Đoàn phường") for ward in wards[:2]]
    given = plans.add_tasks(plan, title="Ra quân", organisations=unions, by=office, **DAYS)
    plans.move_task(given[0], "done", by=office, today=DAY)
    sent = directives.issue(plan.campaign, organisations=unions, by=office, today=date(2026, 9, 7), **CONTENT)
    new = merged(wards[:2])
    assert following.follow(DAY).moved == {"organisation": 2}
    assert {body.name for body in Organisation.objects.filter(unit=new)} == {
        "Đoàn phường",
        f"Đoàn phường ({wards[1].name})",
    }
    assert {task.unit for task in Task.objects.filter(organisation=unions[1])} == {new}
    assert Task.objects.get(organisation=unions[0]).unit == wards[0]
    assert {one.unit for one in sent.recipients.all()} == {new}


def test_a_support_model_counts_for_the_old_unit_before_and_the_new_one_after(plan, wards, office):
    facts = {"kind": SupportKind.objects.first(), "name": "Điểm", "place": "x", "body": "x"}
    support.open_model(wards[0], by=office, opened=date(2026, 9, 1), **facts)
    closed = support.open_model(wards[1], by=office, opened=date(2026, 9, 1), **facts)
    support.close_model(closed, closed=date(2026, 9, 5), note="Xong", by=office)
    new = merged(wards[:2])
    assert following.follow(DAY).moved == {"support": 1}
    assert following.follow(DAY).moved == {}
    units = support_reads.units_of(plan.campaign, office, ["ward"])

    def having(day):
        table = support_reads.coverage(support_reads.models_of(plan.campaign, office), units, day)
        return [row.unit for row in table.rows if any(row.counts)]

    assert [having(DAY - timedelta(days=1)), having(DAY)] == [[wards[0]], [new]]
    assert SupportModel.objects.get(unit=new).continues.unit == wards[0]
    assert SupportModel.objects.filter(unit=wards[1], closed=date(2026, 9, 5)).exists()


def test_a_running_campaign_and_its_officers_role_go_on_in_the_renamed_unit(wards, office):
    pilot = make_plan(wards[0]).campaign
    officer = make_officer("phuong", "unit_officer", wards[0])
    change = decide(changes.merger([wards[0]], code=wards[0].code, name="Phường Tên Mới", kind="ward"))
    counted = {
        (move.follower.kind, move.heir.name) for move in following.moves(following.concerned(change), DAY)
    }
    assert counted == {("campaign", "Phường Tên Mới"), ("role", "Phường Tên Mới")}
    following.follow(DAY)
    pilot.refresh_from_db()
    assert pilot.unit.name == "Phường Tên Mới"
    assert may(officer, "figures", pilot.unit, on=DAY)
    assert RoleHeld.objects.get(user=officer).unit == wards[0]


def test_a_role_that_leads_nowhere_waits_until_it_is_ended(wards):
    officer = make_officer("phuong", "unit_officer", wards[0])
    halves(wards[0], 0.5, 0.5)
    assert [move.follower.kind for move in following.undecided(DAY)] == ["role"]
    RoleHeld.objects.filter(user=officer).update(valid_to=DAY)
    assert following.undecided(DAY) == []


SHARES = st.sampled_from([(1.0,), (0.6, 0.4), (0.5, 0.5), (None, None), (0.4, 0.35, 0.25)])


@st.composite
def worlds(draw):
    """How each of four wards is cut up (by index of the new unit and share), and what is open in each."""
    wards = draw(st.integers(2, 4))
    news = draw(st.integers(1, 3))
    parts = []
    for ward in range(wards):
        shares = draw(SHARES)
        into = draw(st.permutations(range(news)))[: len(shares)]
        if len(into) < len(shares):
            shares, into = (1.0,), into[:1]
        parts += [(ward, new, share) for new, share in zip(into, shares, strict=True)]
    states = draw(st.lists(st.sampled_from(["open", "doing", "done"]), min_size=wards, max_size=wards))
    answered = draw(st.lists(st.booleans(), min_size=wards, max_size=wards))
    lines = draw(st.integers(1, 2))
    return wards, parts, states, answered, lines


def fill_with_work(wards, office, states, answered, lines):
    """The same lines of a plan, the same directive, a support model and a union for every ward."""
    plan = make_plan(wards[0].parent)
    for line in range(1, lines + 1):
        given = plans.add_tasks(plan, title="x", units=wards, by=office, **DAYS)
        assert {task.line for task in given} == {line}
        for task, state in zip(given, states, strict=True):
            if state != "open":
                plans.move_task(task, state, by=office, today=DAY)
    sent = directives.issue(plan.campaign, units=wards, by=office, today=date(2026, 9, 7), **CONTENT)
    facts = {"kind": SupportKind.objects.first(), "name": "x", "place": "x", "body": "x"}
    for ward, did in zip(wards, answered, strict=True):
        if did:
            directives.answer(sent.recipients.get(unit=ward), by=office, today=DAY, text="x")
        support.open_model(ward, by=office, opened=date(2026, 9, 1), **facts)
        Organisation.objects.create(unit=ward, kind="union", name="Đoàn")
    return sent


def cut(wards, parts):
    used = sorted({new for _ward, new, _share in parts})
    return decide(
        (
            [NewUnit(f"2{new}", f"Mới {new}", "ward") for new in used],
            [changes.Part(wards[ward], f"2{new}", share) for ward, new, share in parts],
        )
    )


def in_ended_units():
    """Whatever is open where nobody is any more."""
    tasks = Task.objects.filter(state__in=Task.UNFINISHED, unit__valid_to__isnull=False)
    asked = Recipient.objects.exclude(state="closed").filter(unit__valid_to__isnull=False)
    models = SupportModel.objects.filter(closed=None, unit__valid_to__isnull=False)
    bodies = Organisation.objects.filter(unit__valid_to__isnull=False)
    kinds = {"task": tasks, "directive": asked, "support": models, "organisation": bodies}
    return {(kind, pk) for kind, rows in kinds.items() for pk in rows.values_list("pk", flat=True)}


@pytest.mark.django_db
@settings(max_examples=60)
@given(world=worlds(), twice=st.booleans())
def test_every_open_thing_is_afterwards_in_one_place_or_waits_for_a_person(world, twice):
    count, parts, states, answered, lines = world
    with transaction.atomic():
        city = make_unit("01", kind="city")
        wards = [make_unit(f"1{n}", city) for n in range(count)]
        office = make_officer("office", "city_office", city)
        sent = fill_with_work(wards, office, states, answered, lines)
        expected = {
            (move.follower.kind, move.open.key): move.heir and move.heir.pk
            for move in following.moves(following.concerned(cut(wards, parts)), DAY)
        }
        open_before = lines * (count - states.count("done")) + count * 3
        assert len(expected) == open_before
        for _time in range(1 + twice):
            following.follow(DAY)
        waiting = {(move.follower.kind, move.open.key) for move in following.undecided(DAY)}
        moved = [(one.kind, one.key, one.heir_id) for one in Followed.objects.all()]
        assert waiting == {key for key, heir in expected.items() if heir is None} == in_ended_units()
        assert sorted(moved) == sorted((*key, heir) for key, heir in expected.items() if heir is not None)
        closed_before = Task.objects.filter(state="done")
        assert closed_before.count() == lines * states.count("done")
        assert {task.unit for task in closed_before} <= set(wards)
        for heir in Unit.objects.filter(valid_from=DAY):
            came = {key for (kind, key), to in expected.items() if kind == "task" and to == heir.pk}
            led_here = set(Task.objects.filter(pk__in=came).values_list("line", flat=True))
            going_on = Task.objects.filter(unit=heir, state__in=Task.UNFINISHED)
            assert sorted(going_on.values_list("line", flat=True)) == sorted(led_here)
            answers = [
                answered[wards.index(one.old)] for one in Followed.objects.filter(kind="directive", heir=heir)
            ]
            assert [one.waits for one in sent.recipients.filter(unit=heir)] == (
                [not all(answers)] if answers else []
            )
        transaction.set_rollback(True)


def test_hanois_change_of_2025_moves_what_it_can_and_names_the_rest(db):
    """Every ward and district of the old city has a task; 59% of the pairs of wards are partial, districts end."""
    imports.load_vietnam(["01"])
    old = Unit.objects.filter(valid_to=imports.REFORM).exclude(kind="city")
    before = Unit.objects.get(code="01", valid_to=imports.REFORM)
    office = make_officer("office", "city_office", before)
    drive = campaigns.create_campaign(
        code="2025", name="90 ngày đêm", unit=before, start=date(2025, 5, 1), deadline=date(2025, 7, 29)
    )
    facts = {"issued": date(2025, 5, 1), "issuer": "UBND", "title": "x", "by": office}
    plan = plans.add_plan(drive, number="1/KH-UBND", **facts)
    words = {"start": date(2025, 5, 1), "due": date(2025, 7, 20), "by": office}
    plans.add_tasks(plan, title="Lập tổ", units=old, **words)
    whole = Unit.objects.filter(successors__whole=True, valid_to=imports.REFORM).exclude(kind="city").count()

    done = following.follow(imports.REFORM)
    assert (done.moved, done.waiting) == ({"campaign": 1, "task": whole}, {"task": old.count() - whole})
    assert following.follow(imports.REFORM).moved == {}
    city = queries.unit("01", imports.REFORM)
    drive.refresh_from_db()
    assert drive.unit == city
    waiting = following.undecided(imports.REFORM)
    assert set(queries.levels_above([move.old for move in waiting], imports.REFORM).values()) == {city}
    assert sum(move.old.kind == "district" for move in waiting) == 30
    # Wards that became one have the task once, and the dropped ones say where it goes on.
    open_units = Task.objects.filter(state="open", unit__valid_to=None).values_list("unit", flat=True)
    assert len(open_units) == len(set(open_units)) == Task.objects.filter(state="open").count() - len(waiting)
    assert Task.objects.filter(state="dropped").count() == whole - len(open_units)

    for move in waiting:
        following.decide("task", [move.open.key], city, day=imports.REFORM, by=office.pk, username="office")
    assert following.undecided(imports.REFORM) == []
    assert Task.objects.filter(state="open", unit=city).count() == 1
