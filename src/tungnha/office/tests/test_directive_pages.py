"""Directives through the pages: sending, taking on, answering, reminding, and the table of who has not acted."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tungnha.campaign.models import Directive, Organisation, Recipient, Task
from tungnha.campaign.services import directives, plans
from tungnha.office.tests.test_plan_pages import (
    TODAY,
    campaign,
    city,
    office,
    person,
    surroundings,
    unit,
    wards,
)

__all__ = ["campaign", "city", "office", "surroundings", "wards"]
pytestmark = pytest.mark.django_db
SENT = {
    "number": "12 / CV-BCĐ", "issued": "2026-10-01", "issuer": "Ban Chỉ đạo 06", "subject": "Lập tổ cơ động",
    "action": "Báo cáo danh sách", "deadline": "2026-10-10", "remind_days": "-3, 0, 1",
}  # fmt: skip


def issue(campaign, office, to, number="12/CV-BCĐ", deadline=date(2026, 10, 10), **more):
    facts = {"issued": date(2026, 10, 1), "issuer": "BCĐ", "subject": "Lập tổ", "action": "Báo cáo"}
    return directives.issue(
        campaign, units=to, by=office, today=date(2026, 10, 1), number=number, deadline=deadline,
        remind_days=[0], **facts | more,
    )  # fmt: skip


@pytest.fixture
def officer(wards):
    return person("phuong", "unit_officer", wards[0])


def test_from_the_empty_page_to_a_directive_that_a_ward_answers_and_the_office_closes(
    client, office, officer, campaign, wards
):
    client.force_login(office)
    assert (
        reverse("directive-new", args=[campaign.pk])
        in client.get(reverse("directives", args=[campaign.pk])).content.decode()
    )
    scan = SimpleUploadedFile("cv.pdf", b"%PDF-1.7 x")
    made = client.post(
        reverse("directive-new", args=[campaign.pk]), SENT | {"everyone": "on", "attachment": scan}
    )
    directive = Directive.objects.get()
    assert (made["Location"], directive.number) == (reverse("directive", args=[directive.pk]), "12/CV-BCĐ")
    assert {one.unit for one in directive.recipients.all()} == set(wards)

    client.force_login(officer)
    assert "12/CV-BCĐ" in client.get(reverse("to-answer")).content.decode()
    assert reverse("to-answer") in client.get(reverse("home")).content.decode()
    mine = directive.recipients.get(unit=wards[0])
    here = reverse("recipient", args=[mine.pk])
    client.get(here)
    client.post(reverse("recipient-take", args=[mine.pk]), {"seen": "seen"})
    sent = {"seen": "taken", "text": "Đã lập", "attachment": SimpleUploadedFile("a.pdf", b"%PDF-1.7 y")}
    assert client.post(reverse("recipient-answer", args=[mine.pk]), sent).status_code == 302
    file = client.get(reverse("response-file", args=[mine.responses.get().pk]))
    assert b"".join(file.streaming_content) == b"%PDF-1.7 y"
    assert "12/CV-BCĐ" not in client.get(reverse("to-answer")).content.decode()

    client.force_login(office)
    client.post(reverse("recipient-return", args=[mine.pk]), {"seen": "answered", "note": "Thiếu danh sách"})
    assert "Thiếu danh sách" in client.get(here).content.decode()
    assert client.post(reverse("recipient-close", args=[mine.pk]), {"seen": "answered"}).status_code == 400
    closing = {"seen": "returned", "note": "Đã đủ qua điện thoại"}
    assert client.post(reverse("recipient-close", args=[mine.pk]), closing).status_code == 302
    assert list(mine.events.values_list("what", flat=True)) == [
        "sent", "seen", "taken", "answered", "returned", "closed",
    ]  # fmt: skip


def test_a_bad_directive_says_where_and_sends_nothing(client, office, campaign, wards):
    client.force_login(office)
    address = reverse("directive-new", args=[campaign.pk])
    page = client.post(address, SENT | {"remind_days": "ba ngày", "everyone": "on"})
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["remind_days"])
    page = client.post(address, SENT | {"deadline": "2026-09-01", "everyone": "on"})
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["deadline"])
    page = client.post(address, SENT)
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["units"])
    assert not Directive.objects.exists()


def test_the_sender_looking_in_leaves_no_mark_that_the_ward_saw_it(client, office, campaign, wards):
    one = issue(campaign, office, wards).recipients.first()
    client.force_login(office)
    client.get(reverse("recipient", args=[one.pk]))
    one.refresh_from_db()
    assert one.state == "sent"


def test_a_ward_sees_its_own_answer_and_no_other_wards(client, office, officer, campaign, wards):
    directive = issue(campaign, office, wards)
    other = directive.recipients.get(unit=wards[1])
    directives.answer(other, by=office, today=TODAY, text="Bí mật của phường khác")
    client.force_login(officer)
    for address in ("directive", "directives", "not-acted"):
        key = directive.pk if address == "directive" else campaign.pk
        page = client.get(reverse(address, args=[key])).content.decode()
        assert wards[1].name not in page, address
    assert client.get(reverse("recipient", args=[other.pk])).status_code == 404


def test_the_table_as_a_file_holds_no_formula_and_only_what_was_filtered(client, office, campaign, wards):
    body = Organisation.objects.create(unit=campaign.unit, kind="press", name="=HYPERLINK(x)")
    issue(campaign, office, wards[:1])
    issue(campaign, office, wards[1:2], "13/CV-BCĐ", TODAY + timedelta(days=3), organisations=[body])
    client.force_login(office)
    address = reverse("not-acted", args=[campaign.pk])
    sheet = client.get(address, {"tai": "csv"})
    assert sheet.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert {(row["Đơn vị"], row["Cơ quan, tổ chức"], row["Số ngày quá hạn"]) for row in rows} == {
        (wards[0].name, "", "5"),
        (wards[1].name, "", "0"),
        (campaign.unit.name, "'=HYPERLINK(x)", "0"),
    }
    overdue = client.get(address, {"tai": "csv", "loc": "qua-han"}).content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(overdue)))) == 1


def test_a_directive_is_found_without_marks(client, office, campaign, wards):
    issue(campaign, office, wards, subject="Điểm hỗ trợ ngoài giờ")
    client.force_login(office)
    address = reverse("directives", args=[campaign.pk])
    found = [
        len(client.get(address, {"q": words}).context["rows"]) for words in ("DIEM HO TRO", "cv-bcd", "loa")
    ]
    assert found == [1, 1, 0]


def test_reminders_show_the_text_and_are_recorded_once(client, office, campaign, wards):
    directive = issue(campaign, office, wards)
    client.force_login(office)
    address = reverse("reminders", args=[campaign.pk])
    page = client.get(address).content.decode()
    assert "NHẮC VIỆC: 12/CV-BCĐ" in page
    client.post(reverse("reminders-record", args=[directive.pk]))
    assert {one.reminded_on for one in directive.recipients.all()} == {TODAY}
    assert "NHẮC VIỆC" not in client.get(address).content.decode()


def test_a_directive_gives_a_task_and_is_replaced_through_the_pages(client, office, campaign, wards):
    directive = issue(campaign, office, wards)
    plan = plans.add_plan(campaign, number="1/KH-UBND", issued=TODAY, issuer="UBND", title="x", by=office)
    client.force_login(office)
    given = {"plan": plan.pk, "title": "Lập tổ", "start": "2026-10-01", "due": "2026-10-20"}
    client.post(reverse("directive-task", args=[directive.pk]), given)
    assert Task.objects.count() == 3
    later = SENT | {"number": "15/CV-BCĐ", "issued": "2026-10-12", "deadline": "2026-10-20"}
    client.post(
        reverse("directive-new", args=[campaign.pk]), later | {"everyone": "on", "replaces": directive.pk}
    )
    page = client.get(reverse("directive", args=[directive.pk])).content.decode()
    assert "15/CV-BCĐ" in page
    assert "Được thay thế" in page


def test_what_is_to_be_answered_is_grouped_by_urgency(client, office, officer, campaign, wards):
    today = timezone.localdate()
    for number, shift in enumerate((-2, 0, 4), start=1):
        facts = {"issued": today - timedelta(days=9)}
        issue(campaign, office, wards[:1], f"1{number}/CV-BCĐ", today + timedelta(days=shift), **facts)
    client.force_login(officer)
    groups = client.get(reverse("to-answer")).context["groups"]
    assert [(key, len(rows)) for key, _name, rows in groups] == [("late", 1), ("today", 1), ("later", 1)]


def test_126_units_and_ten_directives_take_a_fixed_number_of_queries(client, office, campaign, city):
    many = [unit(f"9{n:04d}", city) for n in range(126)]
    for number in range(10):
        issue(campaign, office, many, f"{number + 20}/CV-BCĐ")
    client.force_login(office)
    for address, most in (("directives", 9), ("not-acted", 8), ("reminders", 8)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(address, args=[campaign.pk]))
        assert len(queries) <= most, (address, [query["sql"][:90] for query in queries])
    assert Recipient.objects.count() == 1260
