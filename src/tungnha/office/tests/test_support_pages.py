"""Support models through the pages: registering, the matrix, who lacks one, and closing."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tungnha.campaign.models import Campaign, SupportKind, SupportModel
from tungnha.campaign.services import support
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


def facts(**more):
    kind = SupportKind.objects.get(code="diem-24-24")
    given = {
        "kind": kind.pk,
        "name": "Điểm 24/24",
        "place": "Nhà văn hóa",
        "opened": "2026-10-01",
        "body": "UBND",
    }
    return given | more


def test_a_ward_registers_proves_and_closes_its_model(client, campaign, wards):
    client.force_login(person("phuong", "unit_officer", wards[0]))
    address = reverse("support-new", args=[campaign.pk])
    elsewhere = client.post(address, facts(unit=wards[1].pk))
    assert list(elsewhere.context["form"].errors) == ["unit"]
    assert client.post(address, facts(unit=wards[0].pk)).status_code == 302
    model = SupportModel.objects.get()
    client.post(reverse("support-evidence-new", args=[model.pk]), {"number": "7/QĐ-UBND"})
    assert (
        client.post(
            reverse("support-close", args=[model.pk]), {"closed": "2026-09-01", "note": "x"}
        ).status_code
        == 400
    )
    client.post(reverse("support-close", args=[model.pk]), {"closed": "2026-10-10", "note": "Xong"})
    page = client.get(reverse("support-model", args=[model.pk])).content.decode()
    for told in ("07/QĐ-UBND", "Xong", "10/10/2026"):
        assert told in page


def test_the_matrix_shows_the_share_on_the_day_asked_for(client, office, campaign, wards):
    kind = SupportKind.objects.first()
    words = {"kind": kind, "name": "x", "place": "x", "body": "x"}
    support.open_model(wards[0], by=office, opened=TODAY, **words)
    client.force_login(office)
    address = reverse("support", args=[campaign.pk])
    today = client.get(address).context["table"]
    before = client.get(address, {"ngay": (TODAY - timedelta(days=1)).isoformat()}).context["table"]
    assert [(share.have, share.units) for share in (today.any, before.any)] == [(1, 3), (0, 3)]
    assert client.get(address, {"ngay": "2026-02-31"}).status_code == 200
    assert client.get(address, {"loai": "ward"}).context["category"] == "ward"


def test_the_office_requires_a_kind_and_sees_who_lacks_it(client, office, campaign, wards):
    client.force_login(office)
    client.post(reverse("support-kinds", args=[campaign.pk]), {"name": "Xe lưu động"})
    kind = SupportKind.objects.get(name="Xe lưu động")
    client.post(reverse("support-require", args=[campaign.pk]), {"unit_kind": "ward", "kind": kind.pk})
    words = {"kind": kind, "name": "x", "place": "x", "body": "x"}
    support.open_model(wards[0], by=office, opened=TODAY, **words)
    sheet = client.get(reverse("support-lacking", args=[campaign.pk]), {"tai": "csv"})
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))[1:]
    assert {row[1] for row in rows} == {ward.name for ward in wards[1:]}
    requirement = campaign.support_requirements.get()
    client.post(reverse("support-require-no-longer", args=[requirement.pk]))
    assert not campaign.support_requirements.exists()


def test_126_units_take_a_fixed_number_of_queries(client, office, campaign, city):
    kinds = list(SupportKind.objects.all())
    for n in range(126):
        ward = unit(f"9{n:04d}", city)
        for kind in kinds[: n % 3]:
            SupportModel.objects.create(kind=kind, unit=ward, name="x", place="x", body="x", opened=TODAY)
    support.require(campaign, unit_kind="ward")
    client.force_login(office)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("support", args=[campaign.pk]))
    assert len(queries) <= 18, [query["sql"][:90] for query in queries]
    assert page.context["table"].any.have == 84


def test_a_ward_adds_no_kind_for_everybody(client, wards):
    client.force_login(person("phuong", "unit_officer", wards[0]))
    own = Campaign.objects.create(
        code="thi-diem", name="Thí điểm", unit=wards[0], start=TODAY, deadline=TODAY
    )
    address = reverse("support-kinds", args=[own.pk])
    before = SupportKind.objects.count()
    assert client.post(address, {"code": "cua-toi", "name": "Của tôi", "name_en": "Mine"}).status_code == 404
    assert (SupportKind.objects.count(), client.get(address).context["form"]) == (before, None)
