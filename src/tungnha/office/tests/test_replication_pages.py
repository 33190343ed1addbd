"""From a pilot to the campaigns of other wards, through the pages."""

import re
from datetime import date

import pytest
from django.urls import reverse

from tungnha.accounts import services
from tungnha.campaign.models import Campaign, Replication
from tungnha.campaign.services import campaigns, plans
from tungnha.office.tests.test_doors import make_unit
from tungnha.territory.models import Population, Source

pytestmark = pytest.mark.django_db
START = date(2026, 9, 1)


@pytest.fixture
def city():
    return make_unit("01", "Hà Nội")


@pytest.fixture
def wards(city):
    made = [make_unit(f"0020{n}", f"Phường {n}", city) for n in range(5)]
    source = Source.objects.create(name="test")
    for n, ward in enumerate(made):
        Population.objects.create(unit=ward, people=1000 * (n + 1), as_of=START, source=source)
    return made


@pytest.fixture
def office(client, city):
    user = services.create_user("office", "mật khẩu thật dài 9")
    services.grant_role(user, "city_office", city)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def pilot(office, wards):
    campaign = campaigns.create_campaign(
        code="thi-diem", name="Thí điểm", unit=wards[0], start=START, deadline=date(2026, 9, 30)
    )
    plan = plans.add_plan(
        campaign, number="12/KH-UBND", issued=START, issuer="UBND", title="x", by=office.user
    )
    plans.add_tasks(plan, title="Gõ cửa", start=START, due=date(2026, 9, 20), units=wards[:1], by=office.user)
    return campaign


def address_in(page, pattern):
    return re.search(pattern, page.content.decode())[0]


def planned(office, pilot):
    office.post(reverse("template-new", args=[pilot.pk]))
    here = address_in(office.get(reverse("pilot", args=[pilot.pk])), r"/mau/\d+/nhan-rong/")
    form = office.get(here).context["form"]
    given = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    given |= {"territory": given["territory"].pk, "steps": 2, "first_day": "2026-11-02"}
    made = office.post(here, given)
    return made["Location"], Replication.objects.get()


def test_from_the_pilot_to_the_campaigns_of_a_step(office, pilot, wards):
    parameter = {"kind": "contact_rate", "hour": 18, "value": "0,5", "n": 400, "since": "2026-09-02",
                 "until": "2026-09-20", "source": "measured"}  # fmt: skip
    assert office.post(reverse("parameter-new", args=[pilot.pk]), parameter).status_code == 302
    roster = {
        "name": "Tối",
        "weekdays": ["5", "1"],
        "starts": "18:30",
        "ends": "20:30",
        "teams": 3,
        "people": 2,
    }
    assert office.post(reverse("roster-new", args=[pilot.pk]), roster).status_code == 302
    page = office.get(reverse("pilot", args=[pilot.pk])).content.decode()
    assert ("0,451 – 0,549" in page, "Thứ Hai, Thứ Sáu" in page) == (True, True)
    here, replication = planned(office, pilot)
    assert set(replication.units.all()) == set(wards[1:])
    order = reverse("replication-order", args=[replication.pk])
    assert office.post(order, {"method": "random", "by_people": "on"})["Location"] == here
    draw = replication.draws.get()
    shown = office.get(here)
    assert str(draw.seed) in shown.content.decode()
    assert shown.context["error"] > 0
    assert office.post(order, {"method": "random"}).context["form"].errors["reason"]
    office.post(reverse("replication-begin", args=[replication.pk]))
    assert office.get(order).status_code == 404
    office.post(reverse("replication-step", args=[replication.pk, 1]))
    assert Campaign.objects.exclude(pk=pilot.pk).count() == 2
    row = replication.rows.filter(step=2).first()
    moved = {"start": "2026-12-01", "reason": "Lụt"}
    assert office.post(reverse("replication-deviate", args=[row.pk]), moved)["Location"] == here
    page = office.get(here).content.decode()
    assert ("Lụt" in page, "dời từ" in page) == (True, True)
    child = replication.rows.filter(step=1).first().campaign
    assert pilot.name in office.get(reverse("pilot", args=[child.pk])).content.decode()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("00201\n00202\n00203", "Phường 4"),
        ("00201\n00202\n00203\n00204\n00202", "Dòng 5"),
        ("00201\n99999\n00203\n00204", "99999"),
    ],
)
def test_an_order_by_hand_names_the_line_that_is_wrong(office, pilot, lines, said):
    _here, replication = planned(office, pilot)
    page = office.post(
        reverse("replication-order", args=[replication.pk]), {"method": "hand", "order": lines}
    )
    assert said in str(page.context["form"].errors["order"])
    assert not replication.draws.exists()


def test_need_is_read_with_either_decimal_sign_and_the_greatest_begin(office, pilot, wards):
    _here, replication = planned(office, pilot)
    lines = "00201 Phường 1; 1,5\n00202; 12\n00203\n00204 ; 2.5"
    office.post(reverse("replication-order", args=[replication.pk]), {"method": "need", "order": lines})
    keys = [unit.pk for unit in wards]
    assert replication.draws.get().steps == [[keys[2], keys[4]], [keys[1], keys[3]]]


def test_a_campaign_of_the_whole_city_that_names_wards_is_no_template(office, city, wards):
    campaign = campaigns.create_campaign(code="c", name="c", unit=city, start=START, deadline=START)
    plan = plans.add_plan(campaign, number="1/KH-UBND", issued=START, issuer="x", title="x", by=office.user)
    plans.add_tasks(plan, title="x", start=START, due=START, units=wards[:1], by=office.user)
    page = office.post(reverse("template-new", args=[campaign.pk]), follow=True)
    assert "Phường 0" in page.content.decode()
    assert not campaign.templates.exists()
