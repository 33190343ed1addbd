"""Directives: who is asked, how each answers, who has not acted, whom to remind, and what a later document ends."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign.models import Directive, DirectiveLine, Organisation, Recipient, Response, Task
from tungnha.campaign.queries import directives as reads
from tungnha.campaign.services import directives
from tungnha.campaign.tests.conftest import make_officer, make_unit

SENT, DEADLINE = date(2026, 9, 7), date(2026, 9, 30)
CONTENT = {
    "number": "12/CV-BCĐ", "issued": date(2026, 9, 5), "issuer": "Ban Chỉ đạo 06", "subject": "Lập tổ cơ động",
    "action": "Báo cáo danh sách tổ cơ động", "deadline": DEADLINE, "remind_days": [-3, 0, 1],
}  # fmt: skip


def refused(field, call, *args, **words):
    with pytest.raises(ValidationError) as caught:
        call(*args, **words)
    assert list(caught.value.message_dict) == [field]
    return caught.value.message_dict[field][0]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


@pytest.fixture
def press(city):
    return Organisation.objects.create(unit=city, kind="press", name="Báo Hànộimới")


@pytest.fixture
def directive(plan, wards, press, office):
    return directives.issue(
        plan.campaign, units=wards, organisations=[press], by=office, today=SENT, **CONTENT
    )


@pytest.fixture
def asked(directive, wards):
    """The first ward's copy."""
    return directive.recipients.get(unit=wards[0])


@pytest.fixture
def officer(wards):
    return make_officer("phuong", "unit_officer", wards[0])


def history(recipient):
    return list(recipient.events.values_list("what", flat=True))


def test_each_recipient_has_its_own_copy_and_its_history_begins(directive, wards, press):
    assert {one.responsible for one in directive.recipients.all()} == {*(w.name for w in wards), press.name}
    assert [history(one) for one in directive.recipients.all()] == [["sent"]] * 4


def test_bad_directives_say_where_and_send_nothing(plan, wards, office):
    call = {"by": office, "today": SENT, "units": wards}
    refused("number", directives.issue, plan.campaign, **call, **CONTENT | {"number": "không"})
    early = CONTENT | {"deadline": CONTENT["issued"] - timedelta(days=1)}
    refused("deadline", directives.issue, plan.campaign, **call, **early)
    refused("remind_days", directives.issue, plan.campaign, **call, **CONTENT | {"remind_days": [99]})
    refused("units", directives.issue, plan.campaign, **call | {"units": []}, **CONTENT)
    elsewhere = [*wards, make_unit("79", kind="city")]
    refused("units", directives.issue, plan.campaign, **call | {"units": elsewhere}, **CONTENT)
    program = ContentFile(b"MZ", name="a.exe")
    refused("attachment", directives.issue, plan.campaign, **call, **CONTENT, attachment=program)
    assert not Directive.objects.exists()


def test_the_same_document_is_entered_once(directive, plan, wards, office):
    with pytest.raises(ValidationError):
        directives.issue(
            plan.campaign, units=wards, by=office, today=SENT, **CONTENT | {"number": "12 / CV-BCĐ"}
        )


def test_a_ward_sees_takes_and_answers_the_office_returns_and_accepts(asked, officer, office, files):
    directives.see(asked, by=officer)
    directives.see(asked, by=officer)
    directives.acknowledge(asked, by=officer)
    sent = ContentFile(b"%PDF-1.7 x", name="Danh sách.pdf")
    directives.answer(asked, by=officer, today=DEADLINE, number="5/BC-UBND", attachment=sent)
    refused("note", directives.give_back, asked, by=office, note=" ")
    directives.give_back(asked, by=office, note="Thiếu số điện thoại trực")
    directives.answer(asked, by=officer, today=DEADLINE + timedelta(days=2), text="Bổ sung")
    directives.close(asked, by=office)
    asked.refresh_from_db()
    assert (asked.state, asked.first_answered_on, asked.answered_on) == (
        "closed",
        DEADLINE,
        DEADLINE + timedelta(days=2),
    )
    assert history(asked) == [
        "sent", "seen", "taken", "answered", "returned", "answered", "closed",
    ]  # fmt: skip
    assert [(one.by, one.number, one.text) for one in asked.responses.all()] == [
        (officer, "05/BC-UBND", ""),
        (officer, "", "Bổ sung"),
    ]
    assert len(list(files.rglob("*.pdf"))) == 1


def test_what_somebody_else_did_meanwhile_is_not_done_twice(asked, officer, office):
    seen = asked.state
    directives.answer(Recipient.objects.get(pk=asked.pk), by=office, today=SENT, text="Đã báo qua điện thoại")
    with pytest.raises(ValidationError, match="người khác"):
        directives.acknowledge(asked, by=officer, seen=seen)
    with pytest.raises(ValidationError):
        directives.answer(asked, by=officer, today=SENT, text="x")
    assert Response.objects.count() == 1


def test_closing_without_an_answer_takes_a_reason(asked, office):
    refused("note", directives.close, asked, by=office)
    directives.close(asked, by=office, note="Phường đã giải thể tổ")
    with pytest.raises(ValidationError):
        directives.answer(asked, by=office, today=SENT, text="x")


@pytest.mark.parametrize(
    ("answers", "on", "quality"),
    [
        ([], DEADLINE, None),
        ([], DEADLINE + timedelta(days=1), "late"),
        ([DEADLINE], DEADLINE + timedelta(days=9), "on_time"),
        ([DEADLINE + timedelta(days=1)], DEADLINE + timedelta(days=9), "late"),
        ([DEADLINE, DEADLINE + timedelta(days=1)], DEADLINE + timedelta(days=9), "partly"),
    ],
)
def test_the_official_class_goes_by_the_answer_that_stands(asked, office, answers, on, quality):
    for n, day in enumerate(answers):
        if n:
            directives.give_back(asked, by=office, note="Thiếu")
        directives.answer(asked, by=office, today=day, text="Xong")
    assert asked.quality(on) == quality


def test_an_addition_to_an_answer_that_stands_makes_nobody_late(asked, office):
    directives.answer(asked, by=office, today=DEADLINE, text="Xong")
    directives.answer(asked, by=office, today=DEADLINE + timedelta(days=5), text="Thêm ảnh")
    assert asked.quality(DEADLINE + timedelta(days=6)) == "on_time"


def test_a_later_directive_replaces_one_and_nobody_answers_it_any_more(directive, asked, plan, wards, office):
    later = CONTENT | {"number": "15/CV-BCĐ", "issued": date(2026, 9, 10)}
    new = directives.issue(plan.campaign, units=wards, by=office, today=SENT, replaces=directive, **later)
    directive.refresh_from_db()
    assert (directive.ended, directive.ended_by, directive.ended_on) == ("replaced", new, SENT)
    assert history(asked) == ["sent", "ended"]
    with pytest.raises(ValidationError, match="hết hiệu lực"):
        directives.answer(asked, by=office, today=SENT, text="x")
    assert asked.pk not in {one.pk for one in reads.to_answer(office, below=True)}


def test_a_directive_is_withdrawn_for_a_reason_or_by_a_later_one(directive, plan, wards, office):
    refused("note", directives.end, directive, ended="withdrawn", by=office, today=SENT)
    refused("later", directives.end, directive, ended="replaced", by=office, today=SENT, note="x")
    facts = CONTENT | {"number": "01/CV-BCĐ", "issued": date(2026, 8, 1)}
    older = directives.issue(plan.campaign, units=wards, by=office, today=SENT, **facts)
    refused("later", directives.end, directive, ended="replaced", later=older, by=office, today=SENT)
    directives.end(directive, ended="withdrawn", note="Ban hành nhầm", by=office, today=SENT)
    refused("later", directives.end, older, ended="replaced", later=directive, by=office, today=SENT)
    with pytest.raises(ValidationError):
        directives.end(directive, ended="withdrawn", note="x", by=office, today=SENT)


def test_a_directive_gives_its_recipients_a_task(directive, plan, office, wards, press):
    days = {"start": SENT, "due": DEADLINE}
    directives.give_task(directive, plan, title="Lập tổ cơ động", by=office, **days)
    assert {task.responsible for task in Task.objects.all()} == {*(w.name for w in wards), press.name}
    assert DirectiveLine.objects.get().line == 1


def test_further_recipients_are_added_once(directive, wards, office, city):
    new = make_unit("00099", city)
    assert directives.add_recipients(directive, units=[*wards, new], by=office, today=SENT) == 1
    assert directives.add_recipients(directive, units=[new], by=office, today=SENT) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(directive=directive, unit=new, sent_on=SENT)


def test_a_moved_deadline_is_told_to_every_recipient(directive, asked, office):
    directives.correct(directive, by=office, **CONTENT | {"deadline": DEADLINE + timedelta(days=7)})
    assert "07/10/2026" in asked.events.last().note


def test_the_table_names_who_has_not_acted_longest_overdue_first(directive, plan, wards, office, press):
    facts = CONTENT | {"number": "14/CV-BCĐ", "deadline": DEADLINE + timedelta(days=20)}
    other = directives.issue(plan.campaign, units=wards[1:2], by=office, today=SENT, **facts)
    for ward in wards[2:]:
        directives.answer(directive.recipients.get(unit=ward), by=office, today=SENT, text="Xong")
    directives.acknowledge(directive.recipients.get(unit=wards[0]), by=office)
    seen, today = reads.recipients_seen_by(office), DEADLINE + timedelta(days=4)
    table = reads.not_acted(seen, today)
    assert table.directives == [directive, other]
    assert [(row.whose, row.overdue, [cell is not None for cell in row.cells]) for row in table.rows] == [
        (wards[1].name, 4, [True, True]),
        (press.name, 4, [True, False]),
        (wards[0].name, 4, [True, False]),
    ]
    untaken = reads.not_acted(seen, today, reads.UNTAKEN)
    assert {row.whose for row in untaken.rows} == {press.name, wards[1].name}
    assert [row.whose for row in reads.not_acted(seen, today, text="hanoimoi").rows] == [press.name]
    assert reads.not_acted(seen, DEADLINE, reads.OVERDUE).rows == []


def test_the_table_takes_one_query(directive, office, django_assert_num_queries):
    seen = reads.recipients_seen_by(office)
    with django_assert_num_queries(1):
        reads.not_acted(seen, DEADLINE)


def test_who_is_to_be_reminded_is_computed_and_a_recorded_reminder_holds_until_the_next_day_of_the_rule(
    directive, wards, office
):
    def due(today):
        found = reads.to_remind(reads.recipients_seen_by(office), today)
        return [{one.responsible for one in group.recipients} for group in found]

    everyone = {one.responsible for one in directive.recipients.all()}
    three_before = DEADLINE - timedelta(days=3)
    assert due(three_before - timedelta(days=1)) == []
    assert due(three_before) == [everyone]
    keys = [one.pk for one in directive.recipients.all()]
    assert directives.record_reminders(directive, keys, by=office, today=three_before) == 4
    assert directives.record_reminders(directive, keys, by=office, today=three_before) == 0
    assert due(three_before + timedelta(days=1)) == []
    directives.answer(directive.recipients.get(unit=wards[0]), by=office, today=DEADLINE, text="Xong")
    assert due(DEADLINE) == [everyone - {wards[0].name}]


def test_a_directive_sent_late_does_not_call_back_days_before_it_was_sent(plan, wards, office):
    late = DEADLINE - timedelta(days=2)
    directives.issue(plan.campaign, units=wards, by=office, today=late, **CONTENT)
    assert reads.to_remind(reads.recipients_seen_by(office), late) == []


def test_the_text_for_the_chat_group_says_who_has_not_acknowledged_and_who_has_not_answered(
    directive, wards, office, officer
):
    directives.acknowledge(directive.recipients.get(unit=wards[0]), by=officer)
    (due,) = reads.to_remind(reads.recipients_seen_by(office), DEADLINE + timedelta(days=1))
    assert reads.reminder_text(due, DEADLINE + timedelta(days=1)).splitlines() == [
        "NHẮC VIỆC: 12/CV-BCĐ ngày 05/09/2026, Ban Chỉ đạo 06",
        "Về việc: Lập tổ cơ động",
        "Thời hạn: 30/09/2026 (quá hạn 1 ngày)",
        f"Chưa tiếp nhận: {wards[1].name}; {wards[2].name}; Báo Hànộimới.",
        f"Chưa trả lời: {wards[0].name}.",
        "Đề nghị: Báo cáo danh sách tổ cơ động",
    ]


def test_what_waits_for_an_officer_is_their_units_and_not_all_below(directive, wards, office, officer, press):
    assert [one.unit for one in reads.to_answer(officer)] == [wards[0]]
    assert [one.responsible for one in reads.to_answer(office)] == [press.name]
    assert reads.to_answer(office, below=True).count() == 4
    assert list(reads.directives_of(directive.campaign, officer)) == [directive]
    stranger = make_officer("khac", "unit_officer", make_unit("79", kind="city"))
    assert list(reads.directives_of(directive.campaign, stranger)) == []


def test_history_and_answers_are_neither_changed_nor_deleted(asked, office):
    directives.answer(asked, by=office, today=SENT, text="Xong")
    for line in (asked.events.first(), asked.responses.get()):
        rows = type(line).objects.filter(pk=line.pk)
        for change in (line.save, line.delete, rows.delete, lambda rows=rows: rows.update(by=None)):
            with pytest.raises(TypeError):
                change()
    assert (history(asked), asked.responses.get().text) == (["sent", "answered"], "Xong")


STEPS = st.lists(st.sampled_from(["see", "acknowledge", "answer", "give_back", "close"]), max_size=8)


@pytest.mark.django_db
@given(steps=STEPS)
def test_however_it_goes_history_has_a_line_for_each_step_that_was_taken(steps):
    with transaction.atomic():
        city = make_unit("01", kind="city")
        office = make_officer("office", "city_office", city)
        from tungnha.campaign.tests.conftest import make_plan

        sent = directives.issue(
            make_plan(city).campaign, units=[city], by=office, today=SENT, **CONTENT
        ).recipients.get()
        words = {"answer": {"today": SENT, "text": "x"}, "give_back": {"note": "x"}, "close": {"note": "x"}}
        taken = 0
        for step in steps:
            before = sent.events.count()
            try:
                getattr(directives, step)(sent, by=office, **words.get(step, {}))
            except ValidationError:
                assert sent.events.count() == before
                sent.refresh_from_db()
            taken += sent.events.count() - before
        kept = Recipient.objects.get(pk=sent.pk)
        assert sent.events.count() == taken + 1
        assert (kept.state == "answered") <= (kept.answered_on is not None)
        assert kept.state == sent.events.last().what
        transaction.set_rollback(True)
