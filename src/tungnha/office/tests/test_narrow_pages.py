"""Directives, support models and changes of units in a real browser: nothing runs off a phone's edge, nothing is blocked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tungnha.campaign.models import Campaign, SupportKind
from tungnha.campaign.services import directives, support
from tungnha.office.tests.test_plan_pages import person, unit
from tungnha.territory import changes
from tungnha.territory.changes import Draft, NewUnit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = timezone.localdate()


@pytest.fixture
def page(browser):
    context = browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def at_work(page):  # after `page`, which lets the database be used beside its loop
    """A campaign under way, in which a ward with a long name has everything to do."""
    city = unit("01", kind="city")
    wards = [unit(f"0{n:04d}", city) for n in range(3)]
    wards[0].name = "Phường Văn Miếu – Quốc Tử Giám"
    wards[0].save()
    office, officer = person("office", "city_office", city), person("phuong", "unit_officer", wards[0])
    campaign = Campaign.objects.create(
        code="c", name="90 ngày đêm kích hoạt", unit=city, start=TODAY - timedelta(days=40), deadline=TODAY
    )
    directive = directives.issue(
        campaign, number="12/CV-BCĐ", issued=TODAY - timedelta(days=20), issuer="Ban Chỉ đạo 06 Thành phố",
        subject="Lập danh sách tổ cơ động hỗ trợ dịch vụ công trực tuyến tại nhà", action="Báo cáo",
        deadline=TODAY - timedelta(days=1), remind_days=[0], units=wards, by=office, today=TODAY - timedelta(days=20),
    )  # fmt: skip
    kind = SupportKind.objects.get(code="to-co-dong")
    model = support.open_model(
        wards[0], kind=kind, name=kind.name, place="Nhà văn hóa", opened=TODAY, body="UBND phường", by=office
    )
    support.require(campaign, unit_kind="ward", kind=kind)
    halves = [(NewUnit(f"0900{n}", f"Phường mới số {n}", "ward"), None) for n in (1, 2)]
    change = changes.record(Draft("9/NQ-HĐND", TODAY, *changes.splitting(wards[2], halves)))
    return {
        "campaign": campaign, "directive": directive, "recipient": directive.recipients.get(unit=wards[0]),
        "model": model, "change": change, "cut": wards[2], "office": office, "officer": officer,
    }  # fmt: skip


def sign_in(page, server, who):
    page.goto(f"{server.url}/dang-nhap/")
    page.fill("input[name=username]", who.username)
    page.fill("input[name=password]", "mật khẩu thật dài 9")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/")


def test_every_page_fits_a_phone_and_loads_without_a_complaint(page, live_server, at_work):
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(page, live_server, at_work["office"])
    of_campaign = (
        "directives", "directive-new", "not-acted", "reminders", "support", "support-models", "support-lacking",
        "support-kinds", "support-new",
    )  # fmt: skip
    addresses = [reverse(name, args=[at_work["campaign"].pk]) for name in of_campaign]
    of_directive = ("directive", "directive-change", "directive-end", "directive-task", "recipients-new")
    addresses += [reverse(name, args=[at_work["directive"].pk]) for name in of_directive]
    addresses += [
        reverse("to-answer") + "?duoi=co",
        reverse("recipient", args=[at_work["recipient"].pk]),
        reverse("support-model", args=[at_work["model"].pk]),
        reverse("support-change", args=[at_work["model"].pk]),
        reverse("changes"),
        reverse("change-new"),
        reverse("change", args=[at_work["change"].pk]),
        reverse("undecided"),
        reverse("undecided-unit", args=[at_work["cut"].pk]),
    ]
    too_wide = {}
    for address in addresses:
        answer = page.goto(live_server.url + address)
        assert answer.status == 200, address
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if beyond > 0:
            too_wide[address] = beyond
    assert (too_wide, complaints) == ({}, [])


def test_a_ward_answers_by_keyboard_and_the_office_copies_the_reminder(page, live_server, at_work):
    sign_in(page, live_server, at_work["officer"])
    page.get_by_role("link", name="1 văn bản chờ đơn vị trả lời").press("Enter")
    page.get_by_role("link", name="Lập danh sách tổ cơ động").press("Enter")
    page.get_by_role("button", name="Tiếp nhận").press("Enter")
    page.get_by_text("Đã tiếp nhận").first.wait_for()
    page.get_by_label("Nội dung").fill("Đã lập 5 tổ")
    page.get_by_role("button", name="Gửi trả lời").press("Enter")
    page.get_by_text("Đã lập 5 tổ").first.wait_for()
    at_work["recipient"].refresh_from_db()
    assert at_work["recipient"].state == "answered"

    page.context.clear_cookies()
    sign_in(page, live_server, at_work["office"])
    page.goto(live_server.url + reverse("reminders", args=[at_work["campaign"].pk]))
    page.get_by_role("button", name="Sao chép nội dung").click()
    page.get_by_role("button", name="Đã sao chép").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("NHẮC VIỆC: 12/CV-BCĐ")
    assert "Văn Miếu" not in copied
