"""A city with wards, a campaign in it, and people who hold roles there."""

from datetime import date

import pytest

from tungnha.accounts.services import create_user, grant_role
from tungnha.campaign.models import Campaign, Plan
from tungnha.territory.models import Unit


def make_unit(code, parent=None, kind="ward"):
    made = Unit.objects.create(
        code=code, name=f"Đơn vị {code}", name_fold=f"don vi {code}", kind=kind, parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def make_officer(name, role, where):
    user = create_user(name, "mật khẩu thật dài 9")
    grant_role(user, role, where, valid_from=date(2020, 1, 1))
    return user


def make_plan(city):
    campaign = Campaign.objects.create(
        code=f"c{city.pk}", name="90 ngày đêm", unit=city, start=date(2026, 9, 1), deadline=date(2026, 11, 29)
    )
    return Plan.objects.create(
        campaign=campaign,
        number="123/KH-UBND",
        issued=date(2026, 8, 25),
        issuer="UBND Thành phố",
        title="Cao điểm",
    )


@pytest.fixture
def city(db):
    return make_unit("01", kind="city")


@pytest.fixture
def wards(city):
    return [make_unit(f"0{n:04d}", city) for n in range(3)]


@pytest.fixture
def plan(city):
    return make_plan(city)


@pytest.fixture
def office(city):
    return make_officer("office", "city_office", city)
