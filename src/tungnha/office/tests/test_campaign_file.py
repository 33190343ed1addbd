"""A campaign through its file on the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tungnha.accounts import services
from tungnha.campaign.models import Campaign, Phase
from tungnha.office.tests.test_campaigns import city, office

__all__ = ["city", "office"]
pytestmark = pytest.mark.django_db
HERE = "/chien-dich/tu-tep/"
FILE = """\
format: tungnha-campaign/1
campaign:
  code: 90-ngay
  name: 90 ngày đêm
  unit: 01 Hà Nội
  start: 2026-09-01
  deadline: 2026-11-29
phases:
  - name: Cao điểm
    start: 2026-09-10
    end: 2026-10-10
"""


def apply(client, page, **changes):
    given = page.context["form"].initial
    given = {name: value for name, value in given.items() if value is not None}
    return client.post(HERE, given | {"action": "apply"} | changes)


def test_a_file_is_looked_at_then_brought_in_and_taken_away_again(office):
    sent = SimpleUploadedFile("a.yaml", FILE.replace("\n", "\r\n").encode())
    page = office.post(HERE, {"file": sent})
    assert [(row.what, row.part) for row in page.context["rows"]] == [
        ("added", "campaign"),
        ("added", "phases"),
    ]
    assert not Campaign.objects.exists()
    campaign_page = apply(office, page)
    campaign = Campaign.objects.get()
    assert campaign_page["Location"] == reverse("campaign", args=[campaign.pk])
    taken = office.get(reverse("campaign-file", args=[campaign.pk]))
    assert "attachment" in taken["Content-Disposition"]
    again = office.post(HERE, {"text": taken.content.decode()})
    assert (again.context["rows"], again.context["outcome"].is_new) == ([], False)


def test_problems_are_shown_with_their_lines_and_the_text_stays_to_be_mended(office):
    page = office.post(HERE, {"text": FILE.replace("phases", "phasses").replace("2026-10-10", "hôm nào")})
    assert page.status_code == 400
    assert [one.place.line for one in page.context["problems"]] == [8]
    assert "hôm nào" in page.content.decode()
    assert not Campaign.objects.exists()


def test_many_problems_are_shown_in_part_and_the_rest_counted(office):
    phases = "".join(f"  - name: Đợt {n}\n    start: 2026-09-10\n    end: hôm nào\n" for n in range(312))
    page = office.post(HERE, {"text": FILE[: FILE.index("  - name: Cao điểm")] + phases})
    assert (page.context["problem_count"], len(page.context["problems"])) == (312, 300)
    assert "và 12 mục nữa" in page.content.decode()


def test_a_text_that_was_changed_after_the_look_is_only_looked_at(office):
    page = office.post(HERE, {"text": FILE})
    again = apply(office, page, text=FILE.replace("Cao điểm", "Tổng kết"))
    assert again.status_code == 200
    assert not Campaign.objects.exists()
    assert apply(office, again).status_code == 302
    assert Phase.objects.get().name == "Tổng kết"


def test_a_campaign_that_changed_after_the_look_is_not_overwritten(office):
    apply(office, office.post(HERE, {"text": FILE}))
    page = office.post(HERE, {"text": FILE.replace("Cao điểm", "Đợt 1")})
    Phase.objects.update(name="Đợt 2")
    again = apply(office, page)
    assert again.status_code == 200
    assert Phase.objects.get().name == "Đợt 2"


def test_the_days_move_with_the_first(office):
    page = office.post(HERE, {"text": FILE, "start": "2027-01-01"})
    apply(office, page)
    assert str(Phase.objects.get().start) == "2027-01-10"


def test_nothing_sent_and_another_alphabet_are_refused_at_the_field(office):
    assert office.post(HERE, {"action": "look"}).context["form"].errors["file"]
    bad = SimpleUploadedFile("a.yaml", b"\xff\xfe")
    assert office.post(HERE, {"file": bad}).context["form"].errors["file"]


def test_an_officer_elsewhere_reads_that_the_code_is_taken_and_changes_nothing(office, client, city):
    from tungnha.territory.models import Unit

    apply(office, office.post(HERE, {"text": FILE}))
    other = Unit.objects.create(code="79", name="Huế", name_fold="hue", kind="city", path="/999999/")
    user = services.create_user("hue", "mật khẩu thật dài 9")
    services.grant_role(user, "city_office", other)
    client.force_login(user)
    page = client.post(HERE, {"text": FILE.replace("Cao điểm", "x")})
    assert [one.path for one in page.context["problems"]] == ["campaign.code"]
    assert "Cao điểm" not in page.content.decode()
