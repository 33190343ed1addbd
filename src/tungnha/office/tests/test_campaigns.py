"""Setting a campaign up through the pages."""

import pytest
from django.urls import reverse

from tungnha.accounts import services
from tungnha.campaign.models import Campaign
from tungnha.territory.models import Unit

pytestmark = pytest.mark.django_db
GIVEN = {
    "name": "90 ngày đêm", "code": "", "start": "2026-09-01", "deadline": "2026-11-29", "language": "vi",
    "time_zone": "Asia/Ho_Chi_Minh",
}  # fmt: skip


@pytest.fixture
def city():
    unit = Unit.objects.create(code="01", name="Hà Nội", name_fold="ha noi", kind="city", path="/")
    Unit.objects.filter(pk=unit.pk).update(path=f"/{unit.pk}/")
    unit.refresh_from_db()
    return unit


@pytest.fixture
def office(client, city):
    user = services.create_user("office", "mật khẩu thật dài 9")
    services.grant_role(user, "city_office", city)
    client.force_login(user)
    return client


def test_from_the_empty_list_to_a_campaign_with_a_phase(office, city):
    assert reverse("campaign-new") in office.get(reverse("campaigns")).content.decode()
    made = office.post(reverse("campaign-new"), GIVEN | {"unit": city.pk})
    campaign = Campaign.objects.get()
    assert (made["Location"], campaign.code) == (reverse("campaign", args=[campaign.pk]), "90-ngay-dem")
    phase = {"name": "Cao điểm", "start": "2026-09-10", "end": "2026-10-10"}
    assert office.post(reverse("phases", args=[campaign.pk]), phase).status_code == 302
    again = office.post(reverse("phases", args=[campaign.pk]), phase | {"name": "Khác"})
    assert again.status_code == 400
    assert "Cao điểm" in str(again.context["form"].errors["start"])


def test_a_refusal_stands_at_its_field_and_changes_nothing(office, city):
    page = office.post(reverse("campaign-new"), GIVEN | {"unit": city.pk, "deadline": "2026-08-01"})
    assert page.status_code == 400
    assert page.context["form"].errors["deadline"]
    assert not Campaign.objects.exists()


def test_a_unit_of_others_is_no_choice(office, city):
    other = Unit.objects.create(code="79", name="Huế", name_fold="hue", kind="city", path="/999999/")
    page = office.post(reverse("campaign-new"), GIVEN | {"unit": other.pk})
    assert page.context["form"].errors["unit"]


def test_a_reader_finds_no_form_and_posts_in_vain(client, city):
    campaign = Campaign.objects.create(
        code="a", name="a", unit=city, start="2026-09-01", deadline="2026-09-30"
    )
    user = services.create_user("reader", "mật khẩu thật dài 9")
    services.grant_role(user, "analyst", city)
    client.force_login(user)
    page = client.get(reverse("phases", args=[campaign.pk]))
    assert "<textarea" not in page.content.decode()
    assert reverse("campaign-change", args=[campaign.pk]) not in page.content.decode()
    phase = {"name": "Cao điểm", "start": "2026-09-10", "end": "2026-09-12"}
    assert client.post(reverse("phases", args=[campaign.pk]), phase).status_code == 404
    assert not campaign.phases.exists()
