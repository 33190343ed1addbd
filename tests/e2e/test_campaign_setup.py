"""The steering office sets the 90-day campaign up from an empty database; a ward officer sees that ward and no other."""

import base64
import re
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import icalendar
import polib
import pytest

from tungnha.accounts import totp
from tungnha.field.tests.installed import environment, served, tungnha

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OFFICE, SECOND, WARD, OTHER = "to-cong-tac", "to-pho", "can-bo-phuong", "can-bo-khac"
WARDS = {WARD: "00226", OTHER: "00229"}
"""Since 1 July 2025: Văn Miếu – Quốc Tử Giám and Kim Liên."""
CATALOGUE = Path(__file__).parents[2] / "src/tungnha/office/locale/vi/LC_MESSAGES/django.po"
SAID = {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE))}
"""What the pages say in Vietnamese, by what stands in the code: a better translation breaks no test."""


def vi(text):
    return SAID[text]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """An empty installation with Hanoi's units and four people; nothing else."""
    # test_sign_in.py passes the second step.
    installed = environment(tmp_path_factory.mktemp("setup"), second_factor="no")
    tungnha(installed, "init")
    tungnha(installed, "units", "load-vietnam", "--province", "01")
    passwords = {}
    for name, role, code in (
        (OFFICE, "city_office", "01"),
        (SECOND, "city_office", "01"),  # nobody signs what they wrote themselves
        *((name, "unit_officer", code) for name, code in WARDS.items()),
    ):
        passwords[name] = tungnha(installed, "users", "add", name)["password"]
        tungnha(installed, "users", "grant", name, role, code)
    return installed, passwords


@pytest.fixture(scope="module")
def address(installation):
    with served(installation[0]) as url:
        yield url


@pytest.fixture(scope="module")
def person(browser, address, installation):
    """The page of somebody who signed in once, with a second step, as each of them does on the first day."""
    pages = {}

    def signed_in(name, width=1440):
        if name not in pages:
            context = browser.new_context(
                base_url=address, locale="vi-VN", viewport={"width": width, "height": 900}
            )
            context.set_default_timeout(60_000)
            pages[name] = context.new_page()
            sign_in(pages[name], name, installation[1][name])
        return pages[name]

    yield signed_in
    for page in pages.values():
        page.context.close()


def sign_in(page, name, password):
    """Sign in and, where the installation asks for it, add an authenticator app: its key is read off the page."""
    page.goto("/")
    page.get_by_label(vi("User name")).fill(name)
    page.get_by_label(vi("Password")).fill(password)
    page.keyboard.press("Enter")
    page.locator(".key, table").first.wait_for(state="attached")
    if not page.locator(".key").count():
        return
    page.locator("details summary").first.click()
    key = base64.b32decode(page.locator(".key").inner_text().replace(" ", ""))
    page.fill("#code", totp.code_at(key, time.time()))
    page.locator("#code").press("Enter")
    page.locator(".codes li").nth(9).wait_for()
    page.click("a.button.main")
    page.get_by_role("link", name=vi("Campaigns")).first.wait_for()


def add_phase(page, name, start, end):
    page.get_by_label(vi("Name"), exact=True).fill(name)
    page.get_by_label(vi("First day")).fill(start)
    page.get_by_label(vi("Last day")).fill(end)
    page.get_by_role("button", name=vi("Add")).click()
    page.get_by_role("rowheader", name=name).wait_for()


def test_the_office_sets_the_campaign_up(person):
    from playwright.sync_api import expect

    page = person(OFFICE)
    page.get_by_role("link", name=vi("Campaigns"), exact=True).click()
    page.get_by_role("link", name=vi("Set up the first campaign")).click()
    page.get_by_label(vi("Name"), exact=True).fill("90 ngày đêm")
    page.get_by_label(vi("First day")).fill("2026-09-01")
    page.get_by_label(vi("Last day")).fill("2026-11-29")
    page.get_by_role("button", name=vi("Set up the campaign")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("90 ngày đêm")

    page.get_by_role("link", name=vi("Divide the campaign into phases.")).click()
    for phase in (
        ("Chuẩn bị", "2026-09-01", "2026-09-14"),
        ("Cao điểm", "2026-09-15", "2026-11-14"),
        ("Tổng kết", "2026-11-15", "2026-11-29"),
    ):
        add_phase(page, *phase)
    # A phase that shares days with another is refused at its field, and stays to be mended.
    page.get_by_label(vi("Name"), exact=True).fill("Nước rút")
    page.get_by_label(vi("First day")).fill("2026-11-01")
    page.get_by_label(vi("Last day")).fill("2026-11-20")
    page.get_by_role("button", name=vi("Add")).click()
    expect(page.get_by_role("alert")).to_contain_text("Cao điểm")

    page.get_by_role("link", name=vi("Plan"), exact=True).click()
    page.get_by_role("link", name=vi("Organisations"), exact=True).click()
    page.get_by_label(vi("Name"), exact=True).fill("Thành đoàn Hà Nội")
    page.get_by_label(vi("Kind"), exact=True).select_option(value="union")
    page.get_by_role("button", name=vi("Add")).click()
    page.get_by_role("rowheader", name="Thành đoàn Hà Nội").wait_for()

    page.get_by_role("link", name=vi("Plan"), exact=True).click()
    page.get_by_role("link", name=vi("Enter a plan"), exact=True).click()
    page.get_by_label(vi("Number"), exact=True).fill("201 / KH-UBND")
    page.get_by_label(vi("Date"), exact=True).fill("2026-08-20")
    page.get_by_label(vi("Issued by")).fill("UBND thành phố Hà Nội")
    page.get_by_label(vi("About")).fill("Cao điểm 90 ngày đêm")
    page.get_by_role("button", name=vi("Save")).click()
    expect(page.get_by_role("heading", name="201/KH-UBND")).to_be_visible()

    page.get_by_role("link", name=vi("Add a task")).click()
    page.get_by_label(vi("Task"), exact=True).fill("Lập danh sách hộ")
    page.get_by_label(vi("Due"), exact=True).fill("2026-09-14")
    page.get_by_label(vi("Every unit below the campaign's territory")).check()
    page.get_by_role("button", name=vi("Give the task")).click()
    page.get_by_role("link", name=vi("Add a task")).click()
    page.get_by_label(vi("Task"), exact=True).fill("Ban hành hướng dẫn")
    page.get_by_label(vi("Due"), exact=True).fill("2026-09-10")
    page.get_by_label(re.compile("Thành đoàn Hà Nội")).check()
    page.get_by_role("button", name=vi("Give the task")).click()
    expect(page.locator("dl.facts dd").first).to_have_text("127")


def open_part(page, part):
    """A part of the campaign by its tab."""
    page.goto("/")
    page.get_by_role("link", name=vi("Campaigns"), exact=True).click()
    page.get_by_role("link", name="90 ngày đêm").click()
    page.get_by_role("navigation", name=vi("Parts of the campaign")).get_by_role(
        "link", name=vi(part)
    ).click()


def test_the_office_sends_a_directive_to_every_ward(person):
    from playwright.sync_api import expect

    page = person(OFFICE)
    open_part(page, "Directives")
    page.get_by_role("link", name=vi("Enter a directive")).first.click()
    page.get_by_label(vi("Number"), exact=True).fill("45/UBND-KGVX")
    page.get_by_label(vi("Date"), exact=True).fill("2026-09-02")
    page.get_by_label(vi("Issued by")).fill("UBND thành phố Hà Nội")
    page.get_by_label(vi("About")).fill("Lập tổ cơ động")
    page.get_by_label(vi("Required action")).fill("Mỗi phường, xã lập ít nhất một tổ.")
    page.get_by_label(vi("Deadline"), exact=True).fill("2026-09-12")
    page.get_by_label(vi("Every unit below the campaign's territory")).check()
    page.locator("form.card button.main").click()
    expect(page.get_by_role("heading", name="45/UBND-KGVX")).to_be_visible()
    open_part(page, "Directives")
    expect(page.get_by_role("row", name="45/UBND-KGVX")).to_contain_text("126")


def test_the_office_gives_the_wards_their_targets(person):
    from playwright.sync_api import expect

    page = person(OFFICE)
    open_part(page, "Indicators")
    page.get_by_role("link", name=vi("What is followed")).click()
    page.locator("input[value=EID3]").check()
    page.get_by_role("button", name=vi("Follow those ticked")).click()
    page.get_by_role("link", name=re.compile("EID3 · ")).click()
    page.get_by_role("link", name=vi("Set and divide the target")).click()
    page.get_by_label(vi("Target"), exact=True).fill("1.000.000")
    page.get_by_label(vi("Divide it")).select_option(value="population")
    page.get_by_label(vi("In force from")).fill("2026-09-01")
    page.get_by_label(vi("Reason or document")).fill("201/KH-UBND")
    page.get_by_role("button", name=vi("Show the division")).click()
    # The sum of the 126 is the city's target, and it is shown before it counts.
    expect(page.locator("tr.total")).to_contain_text("1.000.000")
    page.get_by_role("button", name=vi("Apply")).click()
    expect(page.get_by_role("row", name=re.compile("Văn Miếu"))).to_be_visible()
    assert page.locator("tbody tr").count() >= 126


def test_a_theme_is_written_by_one_and_reviewed_signed_and_published_by_another(person):
    from playwright.sync_api import expect

    page = person(OFFICE)
    open_part(page, "Themes")
    page.get_by_role("link", name=vi("Add the first theme")).click()
    page.get_by_label(vi("Name"), exact=True).fill("Kích hoạt định danh điện tử")
    page.get_by_label(vi("Code"), exact=True).fill("kich-hoat")
    page.get_by_label(vi("What people are to know")).fill(
        "Kích hoạt tài khoản ngay trên điện thoại của mình."
    )
    page.get_by_label(vi("True from")).fill("2026-09-01")
    page.get_by_label(vi("True until")).fill("2099-12-31")
    page.get_by_label(f"{vi('Owner')} 1").select_option(label="Thành phố Hà Nội")
    page.locator("#id_times-loudspeaker").fill("2")
    page.get_by_role("button", name=vi("Save")).click()
    page.get_by_role("link", name=vi("Write its wording")).click()
    page.get_by_label(vi("Wording"), exact=True).fill(
        "Mời bà con đến nhà văn hóa để được hướng dẫn kích hoạt."
    )
    page.get_by_role("button", name=vi("Keep the draft")).click()
    expect(
        page.get_by_text(vi("You wrote this wording; somebody else has to review and sign it."))
    ).to_be_visible()
    assert not page.get_by_role("button", name=vi("Pass the review")).count()

    second = person(SECOND)
    open_part(second, "Themes")
    expect(second.get_by_text(vi("none in force"))).to_be_visible()
    second.get_by_role("link", name="Kích hoạt định danh điện tử").click()
    for step in ("Pass the review", "Sign", "Publish"):
        second.get_by_role("button", name=vi(step), exact=True).click()
        expect(second.get_by_role("button", name=vi(step), exact=True)).to_have_count(0)
    open_part(page, "Themes")
    expect(page.get_by_text(vi("version %(n)s in force") % {"n": 1})).to_be_visible()


def test_what_is_planned_for_a_ward_is_in_its_calendar_and_its_feed_and_in_no_others(person, address):
    from playwright.sync_api import expect

    page = person(OFFICE)
    open_part(page, "Calendar")
    page.get_by_role("link", name=vi("Plan something")).click()
    page.get_by_label(vi("Kind of touch")).select_option(value="loudspeaker_slot")
    page.get_by_label(vi("Title")).fill("Phát loa đợt 1")
    page.get_by_label(vi("Theme"), exact=True).select_option(label="Kích hoạt định danh điện tử")
    ward = page.locator("#id_unit option", has_text=WARDS[WARD]).get_attribute("value")
    page.locator("#id_unit").select_option(value=ward)
    page.get_by_label(vi("First day"), exact=True).fill("2026-09-15")
    page.get_by_label(vi("Begins at")).fill("16:30")
    page.get_by_label(vi("Ends at")).fill("16:45")
    page.get_by_role("button", name=vi("Save")).click()
    expect(page.get_by_role("heading", name="Phát loa đợt 1")).to_be_visible()

    feeds = {}
    for name, seen in ((WARD, 1), (OTHER, 0)):
        officer = person(name, width=360 if name == OTHER else 1440)
        open_part(officer, "Calendar")
        officer.goto(officer.url.partition("?")[0] + "?xem=tuan&ngay=2026-09-15")
        expect(officer.get_by_text("Phát loa đợt 1")).to_have_count(seen)
        officer.get_by_role("link", name=vi("Read it in a calendar program")).click()
        officer.get_by_label(vi("For whom")).fill("Đội loa")
        officer.get_by_role("button", name=vi("Make it")).click()
        path = urlsplit(officer.locator("code.address").inner_text()).path
        with urllib.request.urlopen(address + path, timeout=20) as answer:
            feeds[name] = icalendar.Calendar.from_ical(answer.read()).walk("VEVENT")
    (event,) = feeds[WARD]
    assert event["summary"] == "Phát loa đợt 1"
    began, ended = event.start.astimezone(UTC), event.end.astimezone(UTC)
    assert (began, ended) == (
        datetime(2026, 9, 15, 9, 30, tzinfo=UTC),
        datetime(2026, 9, 15, 9, 45, tzinfo=UTC),
    )
    assert feeds[OTHER] == []


def test_a_ward_officer_sees_that_ward_and_no_other(person):
    from playwright.sync_api import expect

    page = person(WARD)
    page.goto("/")
    page.get_by_role("link", name=vi("Campaigns"), exact=True).click()
    page.get_by_role("link", name="90 ngày đêm").click()
    expect(page.locator("dl.facts dd").first).to_have_text("1")
    assert not page.get_by_role("link", name=vi("Add a task")).count()
    page.get_by_role("link", name=re.compile("Lập danh sách hộ")).click()
    expect(page.locator("dl.facts")).to_contain_text("Phường Văn Miếu")
    mine = page.url
    page.get_by_label(vi("State"), exact=True).select_option(value="doing")
    page.get_by_role("button", name=vi("Record")).click()
    expect(page.get_by_role("status")).to_be_visible()

    other = person(OTHER, width=360)
    other.goto("/")
    other.get_by_role("link", name=vi("Campaigns"), exact=True).click()
    other.get_by_role("link", name="90 ngày đêm").click()
    assert other.evaluate("document.documentElement.scrollWidth") <= 360
    assert "Văn Miếu" not in other.locator("main").inner_text()
    assert other.goto(mine).status == 404
    assert other.goto("/chien-dich/1/co-quan/").status == 404

    for part, theirs in (("Directives", "45/UBND-KGVX"), ("Indicators", "EID3")):
        for officer, own, strange in ((page, "Văn Miếu", "Kim Liên"), (other, "Kim Liên", "Văn Miếu")):
            open_part(officer, part)
            officer.get_by_role("link", name=theirs).first.click()
            expect(officer.get_by_text(re.compile(own)).first).to_be_visible()
            assert strange not in officer.locator("main").inner_text()
