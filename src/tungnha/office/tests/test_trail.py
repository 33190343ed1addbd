"""Every page that shows a person leaves an entry, every change does, and neither costs more than one write."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tungnha.accounts import services
from tungnha.accounts.models import AuditEntry
from tungnha.office.tests import doors
from tungnha.office.tests.test_doors import addresses, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "mật khẩu thật dài 9"
RESIDENT = "Nguyễn Thị Đào"
"""Whoever lives behind the door that `doors_unit` sets up."""


def holding(role, unit, name="huong", full_name=""):
    user = services.create_user(name, PASSWORD, full_name=full_name)
    services.grant_role(user, role, unit)
    return user


def content(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("part", doors.parts())
def test_whatever_shows_a_resident_or_is_taken_away_is_recorded(world, part):
    """A page that shows somebody says of which unit they are; a file may be of no unit, as a catalogue is."""
    client = signed_in(holding("city_office", world.city))
    unrecorded, seen = set(), 0
    for name, door, address in addresses(doors.parts()[part], world):
        if door.public or door.get is None:
            continue
        before = AuditEntry.objects.count()
        response = client.get(address, {"q": "dao"} if name == "search" else {})
        shown = RESIDENT in content(response).decode("utf-8", "ignore")
        taken = response.get("Content-Disposition", "").startswith("attachment")
        seen += shown
        if shown or taken:
            units = {world.ward.pk} if shown else {world.ward.pk, world.city.pk, None}
            last = AuditEntry.objects.order_by("-pk").first()
            if AuditEntry.objects.count() != before + 1 or (last.path, last.unit_id in units) != (
                address,
                True,
            ):
                unrecorded.add(name)
    assert unrecorded == set()
    assert seen or part != "unit", "the test shows nobody, so it proves nothing"


@pytest.mark.parametrize("part", doors.parts())
def test_the_rule_and_the_trail_cost_a_query_and_an_insert_at_most(world, part):
    client = signed_in(holding("city_office", world.city))
    dear = {}
    for name, door, address in addresses(doors.parts()[part], world):
        if door.get is None:
            continue
        with CaptureQueriesContext(connection) as captured:
            content(client.get(address))
        statements = [one["sql"] for one in captured]
        rule = sum("WITH RECURSIVE reach" in sql for sql in statements)
        trail = sum("accounts_auditentry" in sql for sql in statements if sql.startswith("INSERT"))
        if rule > 1 or trail > 1:
            dear[name] = (rule, trail)
    assert dear == {}


def test_a_page_that_shows_nobody_leaves_nothing(world):
    client = signed_in(holding("unit_officer", world.ward))
    for address in (
        reverse("home"),
        reverse("unit", args=[world.ward.pk]),
        reverse("turfs", args=[world.ward.pk]),
    ):
        assert client.get(address).status_code == 200
    assert not AuditEntry.objects.exists()


def test_signing_in_and_out_and_failing_is_recorded(world):
    holding("unit_officer", world.ward)
    client = Client(headers={"user-agent": "Thử nghiệm"})
    for name, password in (("huong", "sai"), ("matkhaucuatoi", "sai"), ("huong", PASSWORD)):
        client.post(reverse("sign-in"), {"username": name, "password": password})
    client.post(reverse("sign-out"))
    kept = AuditEntry.objects.order_by("pk").values_list("kind", "actor_name", "address", "agent")
    assert list(kept) == [
        ("failure", "huong", "127.0.0.1", "Thử nghiệm"),
        ("failure", "", "127.0.0.1", "Thử nghiệm"),  # a name nobody bears may be a password
        ("sign_in", "huong", "127.0.0.1", "Thử nghiệm"),
        ("sign_out", "huong", "127.0.0.1", "Thử nghiệm"),
    ]


def test_a_refusal_is_recorded(world):
    client = signed_in(holding("unit_officer", world.other))
    client.get(reverse("households", args=[world.ward.pk]))
    kept = AuditEntry.objects.get()
    assert (kept.kind, kept.status, kept.unit_id) == ("refusal", 404, world.ward.pk)


def test_a_change_says_where_it_led_and_not_what_was_typed(world):
    client = signed_in(holding("city_office", world.city))
    given = {"name": "Chiến dịch Đào", "unit": world.city.pk, "start": "2026-09-01", "deadline": "2026-11-29",
             "language": "vi", "time_zone": "Asia/Ho_Chi_Minh"}  # fmt: skip
    made = client.post(reverse("campaign-new"), given)
    kept = AuditEntry.objects.get()
    assert (kept.kind, kept.route, kept.led_to) == ("change", "campaign-new", made["Location"])
    assert "Đào" not in str(kept.__dict__)


def test_what_was_looked_for_is_not_written_down(world):
    client = signed_in(holding("unit_officer", world.ward))
    client.get(reverse("households", args=[world.ward.pk]), {"q": RESIDENT})
    assert AuditEntry.objects.get().path == reverse("households", args=[world.ward.pk])


def test_the_language_is_nobodys_business(world):
    client = signed_in(holding("unit_officer", world.ward))
    client.post(reverse("set-language"), {"language": "en"})
    assert not AuditEntry.objects.exists()


def test_an_auditor_pages_through_the_trail_of_their_unit_and_finds_by_name(world):
    officer = signed_in(holding("unit_officer", world.ward, full_name="Nguyễn Thị Hường"))
    for _turn in range(101):
        officer.get(reverse("households", args=[world.ward.pk]))
    signed_in(holding("unit_officer", world.other, "dung")).get(reverse("households", args=[world.other.pk]))
    auditor = signed_in(holding("auditor", world.ward, "kiem-tra"))
    first = auditor.get(reverse("audit"), {"nguoi": "nguyen thi huong"})
    assert len(first.context["entries"]) == 100
    second = auditor.get(reverse("audit"), {"nguoi": "nguyen thi huong", "truoc": first.context["next"]})
    assert (len(second.context["entries"]), second.context["next"]) == (1, None)
    everything = auditor.get(reverse("audit")).context["entries"]
    assert {one.actor_name for one in everything} == {"huong", "kiem-tra"}, "another ward is seen"
    empty = auditor.get(reverse("audit"), {"nguoi": "dung"})
    assert empty.context["entries"] == []


def test_a_filter_that_cannot_be_read_is_said(world):
    auditor = signed_in(holding("auditor", world.ward))
    page = auditor.get(reverse("audit"), {"tu": "hôm qua", "don_vi": world.other.pk})
    assert page.status_code == 400
    assert set(page.context["form"].errors) == {"tu", "don_vi"}


def test_people_around_a_form_that_was_refused_are_recorded_as_seen(world):
    auditor = signed_in(holding("auditor", world.ward))
    assert auditor.get(reverse("audit"), {"loai": "x"}).status_code == 400
    officer = signed_in(holding("unit_officer", world.ward, "dung"))
    assert officer.post(reverse("teams", args=[world.ward.pk]), {"name": ""}).status_code == 400
    kept = AuditEntry.objects.order_by("pk").values_list("actor_name", "kind", "route", "status", "unit")
    assert list(kept) == [
        ("huong", "read", "audit", 400, None),
        ("dung", "read", "teams", 400, world.ward.pk),
    ]


def test_a_list_of_people_taken_out_is_a_download_that_says_whether_it_held_full_numbers(world):
    client = signed_in(holding("unit_officer", world.ward))
    for way in ("people-out", "people-out-full"):
        client.post(reverse(way, args=[world.ward.pk]), {"kind": "csv"})
    kept = AuditEntry.objects.order_by("pk").values_list("kind", "route", "path", "unit")
    here = f"/don-vi/{world.ward.pk}/ho/danh-sach/"
    assert list(kept) == [
        ("download", "people-out", here, world.ward.pk),
        ("download", "people-out-full", f"{here}day-du/", world.ward.pk),
    ]
