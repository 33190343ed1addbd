"""A city with wards, a campaign in it, and people who hold roles there."""

from datetime import UTC, date, datetime

import pytest

from tungnha.accounts.services import create_user, grant_role
from tungnha.campaign.models import Campaign, Plan
from tungnha.campaign.services import themes, wording
from tungnha.campaign.signing import Step
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


def make_theme(campaign, by, owners, **changed):
    facts = {
        "code": "so-ho-khau",
        "name": "Bỏ sổ hộ khẩu giấy",
        "message": "Sổ hộ khẩu giấy hết giá trị sau ngày 31/12.",
        "start": campaign.start,
        "end": campaign.deadline,
    }
    return themes.create_theme(campaign, by=by, owners=owners, **(facts | changed))


def published(theme, writer, signer, text="Nội dung"):
    """The theme's next wording, taken all the way by somebody who signs for every owner."""
    made = wording.write_text(theme, language="vi", text=text, by=writer)
    for step in (Step.REVIEW, *[Step.SIGN] * theme.owners.count(), Step.PUBLISH):
        wording.take_step(made, step, by=signer)
    return made


@pytest.fixture
def campaign(plan):
    return plan.campaign


@pytest.fixture
def signer(city):
    return make_officer("signer", "city_office", city)


@pytest.fixture
def on(monkeypatch):
    """Set the clock to noon in Hanoi of a day."""

    def set_to(day):
        noon = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: noon)

    return set_to
