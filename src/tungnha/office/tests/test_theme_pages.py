"""The pages of themes: what the office enters, who signs what, and what each of them sees."""

from datetime import date

import pytest
from django.urls import reverse

from tungnha.accounts import services as accounts
from tungnha.campaign.models import Campaign, Theme, Wording
from tungnha.campaign.services import campaigns
from tungnha.territory.models import Unit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 15)


def unit(code, parent=None, kind="ward"):
    made = Unit.objects.create(
        code=code, name=f"Phường {code}", name_fold=f"phuong {code}", kind=kind, parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def person(name, role, where):
    user = accounts.create_user(name, "mật khẩu thật dài 9")
    accounts.grant_role(user, role, where)
    return user


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Campaign, "today", lambda self, now=None: TODAY)


@pytest.fixture
def city():
    return unit("01", kind="city")


@pytest.fixture
def ward(city):
    return unit("00226", city)


@pytest.fixture
def campaign(city):
    return Campaign.objects.create(
        code="c", name="90 ngày", unit=city, start=date(2026, 9, 1), deadline=date(2026, 11, 29)
    )


@pytest.fixture
def office(client, city):
    user = person("office", "city_office", city)
    client.force_login(user)
    return client


@pytest.fixture
def theme(office, campaign, city, ward):
    body = campaigns.add_organisation(unit=city, kind="union", name="Thành đoàn")
    sent = {
        "name": "Bỏ sổ hộ khẩu giấy", "code": "so-ho-khau", "message": "Sổ giấy hết giá trị", "start": "2026-09-01",
        "end": "2026-10-31", "reached": "1", "lacks": "4", "premises_kinds": ["block"], "owner0": f"u{ward.pk}",
        "owner1": f"o{body.pk}", "times-loudspeaker": "2", "weeks-loudspeaker": "1", "times-letters": "1",
        "weeks-letters": "",
    }  # fmt: skip
    made = office.post(reverse("theme-new", args=[campaign.pk]), sent)
    assert made.status_code == 302
    return Theme.objects.get()


def take(client, wording, step, **sent):
    wording.refresh_from_db()
    return client.post(
        reverse("wording-step", args=[wording.pk]), {"step": step, "seen": wording.revision} | sent
    )


def test_the_office_enters_a_theme_with_its_owners_and_channels(theme, ward):
    assert [str(one) for one in theme.owners.all()] == [ward.name, "Thành đoàn"]
    assert list(theme.channels.values_list("channel", "times", "weeks")) == [
        ("letters", 1, None),
        ("loudspeaker", 2, 1),
    ]
    assert (theme.reached, theme.lacks, theme.premises_kinds) == (1, 4, ["block"])


def test_a_theme_that_ends_before_it_starts_comes_back_with_the_reason(office, campaign, ward):
    sent = {
        "name": "x", "code": "x", "message": "x", "start": "2026-10-02", "end": "2026-10-01", "reached": "0",
        "owner0": f"u{ward.pk}",
    }  # fmt: skip
    page = office.post(reverse("theme-new", args=[campaign.pk]), sent)
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["end"])
    assert not Theme.objects.exists()


def test_the_form_shows_what_is_kept_and_changes_it(office, theme, ward):
    here = reverse("theme-change", args=[theme.pk])
    form = office.get(here).context["form"]
    assert form["owner0"].value() == f"u{ward.pk}"
    assert (form["times-loudspeaker"].value(), str(form["weeks-loudspeaker"].value())) == (2, "1")
    assert form["weeks-letters"].value() == ""
    sent = {
        "name": "Khác", "message": "y", "start": "2026-09-01", "end": "2026-10-31", "reached": "0",
        "owner0": f"u{ward.pk}",
    }  # fmt: skip
    assert office.post(here, sent).status_code == 302
    theme.refresh_from_db()
    assert (theme.name, theme.code, theme.owners.count(), theme.channels.count()) == (
        "Khác",
        "so-ho-khau",
        1,
        0,
    )


def test_wording_is_written_signed_in_order_and_published_through_the_pages(
    client, office, theme, city, ward
):
    write = reverse("wording-write", args=[theme.pk])
    assert office.post(write, {"language": "vi", "text": "Sổ giấy", "seen": "0"}).status_code == 302
    wording = Wording.objects.get()
    page = office.get(reverse("theme", args=[theme.pk])).content.decode()
    assert reverse("wording-step", args=[wording.pk]) in page  # the office may withdraw it …
    assert 'value="review"' not in page  # … but not review its own wording
    refused = take(office, wording, "review")
    assert refused.status_code == 400
    assert "Bạn đã soạn nội dung này" in refused.content.decode()
    officer, chief = person("ward", "unit_officer", ward), person("chief", "city_office", city)
    for who, step in ((officer, "review"), (officer, "sign"), (chief, "sign"), (chief, "publish")):
        client.force_login(who)
        assert take(client, wording, step).status_code == 302, step
    wording.refresh_from_db()
    assert wording.state == "published"


def test_a_step_on_an_older_page_is_refused_with_the_reason(client, office, theme, ward):
    office.post(reverse("wording-write", args=[theme.pk]), {"language": "vi", "text": "Sổ giấy", "seen": "0"})
    wording = Wording.objects.get()
    client.force_login(person("ward", "unit_officer", ward))
    take(client, wording, "review")
    page = take(client, wording, "review", seen=1)
    assert page.status_code == 400
    assert "Trong lúc đó người khác đã sửa nội dung" in page.content.decode()
    wording.refresh_from_db()
    assert wording.state == "reviewed"


def test_another_ward_reads_the_theme_and_takes_no_step(client, office, theme, city):
    office.post(reverse("wording-write", args=[theme.pk]), {"language": "vi", "text": "Sổ giấy", "seen": "0"})
    client.force_login(person("other", "unit_officer", unit("00229", city)))
    page = client.get(reverse("theme", args=[theme.pk])).content.decode()
    assert "Sổ giấy" in page
    assert '<form method="post" action="/noi-dung/' not in page
    assert take(client, Wording.objects.get(), "review").status_code == 404
    assert client.get(reverse("wording-write", args=[theme.pk])).status_code == 404


def test_channels_that_fall_short_are_told_with_the_units(office, theme, ward):
    page = office.get(reverse("theme", args=[theme.pk]))
    rows = {str(one.goal.channel): one.failing for one in page.context["frequencies"]}
    assert rows == {"letters": 1, "loudspeaker": 9}
    assert ward.name in page.content.decode()


def test_a_campaign_without_themes_says_what_to_do(office, campaign):
    assert (
        reverse("theme-new", args=[campaign.pk])
        in office.get(reverse("themes", args=[campaign.pk])).content.decode()
    )
