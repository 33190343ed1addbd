"""Tasks: who has them, how they move, what they wait for, what proves them, and when they are late."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tungnha.campaign import precedence
from tungnha.campaign.models import Attachment, Plan, Task, TaskDependency
from tungnha.campaign.queries import plans as reads
from tungnha.campaign.services import campaigns, plans
from tungnha.campaign.tests.conftest import make_officer, make_plan, make_unit

DUE = date(2026, 10, 1)
DAYS = {"start": date(2026, 9, 1), "due": DUE}


def refused(field, call, *args, **words):
    with pytest.raises(ValidationError) as caught:
        call(*args, **words)
    assert list(caught.value.message_dict) == [field]
    return caught.value.message_dict[field][0]


@pytest.fixture
def tasks(plan, wards, office):
    return plans.add_tasks(plan, title="Lập tổ cơ động", units=wards, by=office, **DAYS)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


def test_a_line_gives_each_unit_its_own_task(tasks, plan, wards, office):
    more = plans.add_tasks(plan, title="Báo cáo", units=wards[:1], by=office, **DAYS)
    assert {task.unit for task in tasks} == set(wards)
    assert ({task.line for task in tasks}, more[0].line) == ({1}, 2)
    assert [(event.what, event.by) for event in tasks[0].events.all()] == [("added", office)]


def test_a_unit_elsewhere_is_refused_and_nobody_gets_the_task(plan, wards, office):
    elsewhere = make_unit("79", kind="city")
    reason = refused("units", plans.add_tasks, plan, title="x", units=[*wards, elsewhere], by=office, **DAYS)
    assert elsewhere.name in reason
    refused("units", plans.add_tasks, plan, title="x", by=office, **DAYS)
    days = {"start": DUE, "due": DUE - timedelta(days=1)}
    refused("due", plans.add_tasks, plan, title="x", units=wards, by=office, **days)
    assert not Task.objects.exists()


def test_a_plan_needs_a_number_of_its_own(plan, office):
    facts = {"issued": plan.issued, "issuer": plan.issuer, "title": "x", "by": office}
    refused("number", plans.add_plan, plan.campaign, number="không số", **facts)
    with pytest.raises(ValidationError):
        plans.add_plan(plan.campaign, number="123 / KH-UBND", **facts)
    assert plans.add_plan(plan.campaign, number="5/KH-UBND", **facts).number == "05/KH-UBND"


def test_a_task_moves_along_its_states_and_tells_who_moved_it(tasks, office):
    task = tasks[0]
    plans.move_task(task, "doing", by=office, today=DUE)
    plans.move_task(task, "done", by=office, today=DUE + timedelta(days=1))
    task.refresh_from_db()
    assert (task.state, task.closed_on, task.was_late()) == ("done", DUE + timedelta(days=1), True)
    refused("note", plans.move_task, task, "doing", by=office, today=DUE)
    refused("state", plans.move_task, task, "dropped", by=office, today=DUE, note="x")
    plans.move_task(task, "doing", by=office, today=DUE, note="Thiếu danh sách")
    task.refresh_from_db()
    assert (task.state, task.closed_on) == ("doing", None)
    moves = [(e.was, e.became, e.note) for e in task.events.filter(what="state")]
    assert moves == [("open", "doing", ""), ("doing", "done", ""), ("done", "doing", "Thiếu danh sách")]


def test_a_state_seen_too_long_ago_is_refused(tasks, office):
    plans.move_task(tasks[0], "doing", by=office, today=DUE)
    refused("state", plans.move_task, tasks[0], "done", by=office, today=DUE, seen="open")
    assert Task.objects.get(pk=tasks[0].pk).state == "doing"


def test_a_due_date_moves_only_with_a_reason(tasks, office):
    task = tasks[0]
    later = {"title": task.title, "start": task.start, "due": DUE + timedelta(days=7), "by": office}
    refused("note", plans.change_task, task, **later)
    assert Task.objects.get(pk=task.pk).due == DUE
    plans.change_task(task, note="Mưa lũ", **later)
    event = task.events.get(what="due")
    assert (event.was, event.became, event.note) == ("2026-10-01", "2026-10-08", "Mưa lũ")


def test_a_cycle_is_refused_and_its_tasks_are_named(tasks):
    first, second, third = tasks
    plans.add_dependency(first, second)
    plans.add_dependency(second, third)
    reason = refused("needs", plans.add_dependency, third, first)
    assert [reason.count(task.responsible) for task in tasks] == [1, 1, 2]
    refused("needs", plans.add_dependency, first, first)
    assert TaskDependency.objects.count() == 2


def test_tasks_of_two_campaigns_do_not_wait_for_each_other(tasks, wards, office):
    other = plans.add_tasks(make_plan(wards[0]), title="x", units=wards[:1], by=office, **DAYS)
    refused("needs", plans.add_dependency, tasks[0], other[0])


class NoCycleIsEverStored(TestCase):
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25))
    def test_whatever_is_asked_for(self, asked):
        city = make_unit("01", kind="city")
        office = make_officer("office", "city_office", city)
        tasks = [
            plans.add_tasks(make_plan(city) if not Plan.objects.exists() else Plan.objects.get(), title=str(n), units=[city], by=office, **DAYS)[0]
            for n in range(6)
        ]  # fmt: skip
        for task, needs in asked:
            try:
                plans.add_dependency(tasks[task], tasks[needs])
            except ValidationError:
                # Refused only where the edge would close a cycle.
                stored = list(TaskDependency.objects.values_list("task", "needs"))
                assert precedence.path(stored, tasks[needs].pk, tasks[task].pk)
        edges = set(TaskDependency.objects.values_list("task", "needs"))
        left = {task.pk for task in tasks}
        while free := {key for key in left if not any(a == key and b in left for a, b in edges)}:
            left -= free
        assert not left


class LateIsOneRule(TestCase):
    @given(st.lists(st.tuples(st.sampled_from(Task.State.values), st.integers(-3, 3)), max_size=10))
    def test_query_and_model_agree(self, cases):
        city = make_unit("01", kind="city")
        plan = make_plan(city)
        today = DUE
        for line, (state, days) in enumerate(cases, 1):
            closed = None if state in Task.UNFINISHED else today
            due = today + timedelta(days=days)
            Task.objects.create(
                plan=plan, line=line, title="x", unit=city, start=due, due=due, state=state, closed_on=closed
            )
        every = Task.objects.select_related("unit", "organisation")
        expected = {n for n, (state, days) in enumerate(cases, 1) if state in {"open", "doing"} and days < 0}
        assert {task.line for task in every if task.is_late(today)} == expected
        assert set(Task.objects.filter(reads.late(today)).values_list("line", flat=True)) == expected
        assert reads.summary(Task.objects.all(), today).late == len(expected)
        assert sum(len(one.tasks) for one in reads.behind(every, today)) == len(expected)


def test_a_task_due_before_what_it_waits_for_is_flagged(tasks, office):
    first, second, _third = tasks
    plans.add_dependency(first, second)
    everything = Task.objects.all()
    assert not reads.mistimed(everything)
    plans.change_task(
        second, title=second.title, start=second.start, due=DUE + timedelta(days=1), by=office, note="x"
    )
    assert [(one.task, one.needs) for one in reads.mistimed(everything)] == [(first, second)]
    assert second.title in plans.timing_warning(first, second)


def test_a_ward_reads_only_its_own_tasks(tasks, plan, wards, city, office):
    body = campaigns.add_organisation(unit=city, kind="press", name="Báo Hànộimới")
    plans.add_tasks(plan, title="Tuyên truyền", organisations=[body], by=office, **DAYS)
    seen = {
        name: {task.responsible for task in reads.tasks_of(plan.campaign, make_officer(name, role, where))}
        for name, role, where in (("ward", "unit_officer", wards[0]), ("city", "analyst", city), ("leader", "team_leader", city))
    }  # fmt: skip
    assert seen["ward"] == {wards[0].name}
    assert seen["city"] == {*(ward.name for ward in wards), "Báo Hànộimới"}
    assert seen["leader"] == set()


def test_late_tasks_are_grouped_by_whose_they_are(tasks, plan, wards, office):
    plans.add_tasks(
        plan, title="Báo cáo", units=wards[:1], start=DAYS["start"], due=DUE - timedelta(days=5), by=office
    )
    plans.move_task(tasks[2], "done", by=office, today=DUE)
    found = reads.behind(Task.objects.select_related("unit", "organisation"), DUE + timedelta(days=1))
    assert [(one.whose, len(one.tasks), one.days) for one in found] == [
        (wards[0].name, 2, 6),
        (wards[1].name, 1, 1),
    ]


def test_lines_count_their_tasks(tasks, plan, wards, office):
    plans.move_task(tasks[0], "done", by=office, today=DUE)
    (line,) = reads.lines(Task.objects.all(), DUE + timedelta(days=1))
    assert (line.tasks, line.done, line.late, line.state, line.only_task) == (3, 1, 2, "late", 0)


def packed(*names):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return held.getvalue()


def test_a_file_is_kept_with_its_digest_under_another_name(tasks, office, files):
    sent = ContentFile(b"%PDF-1.7 ...", name="../Biên bản.pdf")
    evidence = plans.add_evidence(tasks[0], attachment=sent, by=office)
    kept = evidence.attachment
    assert (kept.name, kept.size) == ("Biên bản.pdf", 12)
    assert "Biên" not in kept.path
    assert (files / kept.path).read_bytes() == b"%PDF-1.7 ..."
    assert reads.without_evidence(tasks) == set()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.pdf", b"MZ not a pdf"),
        ("a.docx", b"PK\x03\x04 not packed"),
        ("a.docx", packed("word/document.xml", "word/vbaProject.bin")),
        ("a.xlsx", packed("word/document.xml")),
        ("a.pdf", b""),
    ],
)
def test_a_file_of_another_kind_is_refused_and_leaves_nothing(tasks, office, files, name, content):
    refused(
        "attachment",
        plans.add_evidence,
        tasks[0],
        text="xong",
        attachment=ContentFile(content, name=name),
        by=office,
    )
    assert not tasks[0].evidence.exists()
    assert not Attachment.objects.exists()
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_a_file_too_large_is_refused(tasks, office, monkeypatch):
    monkeypatch.setattr("tungnha.campaign.services.attachments.LARGEST", 10)
    refused(
        "attachment",
        plans.add_evidence,
        tasks[0],
        attachment=ContentFile(b"%PDF-1.7 ...", name="a.pdf"),
        by=office,
    )


def test_a_file_whose_row_cannot_be_stored_is_removed_again(tasks, office, files, monkeypatch):
    def fail(*args, **words):
        raise IntegrityError

    monkeypatch.setattr("tungnha.campaign.services.plans.TaskEvent.objects.create", fail)
    with pytest.raises(IntegrityError), transaction.atomic():
        plans.add_evidence(tasks[0], attachment=ContentFile(b"%PDF-1.7 ...", name="a.pdf"), by=office)
    assert default_storage.listdir("campaign")[1] == []


def test_evidence_says_something(tasks, office):
    refused("text", plans.add_evidence, tasks[0], text="  ", by=office)
    with pytest.raises(ValidationError):
        plans.add_evidence(tasks[0], link="javascript:alert(1)", by=office)
    assert plans.add_evidence(tasks[0], number="7/BC-UBND", by=office).number == "07/BC-UBND"


def test_done_without_proof_is_found(tasks, office):
    plans.move_task(tasks[0], "done", by=office, today=DUE)
    assert reads.without_evidence(tasks) == {tasks[0].pk}
