"""The indicators' pages: the office divides a target, wards report, somebody signs off, tables come in and go out."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tungnha.accounts import services as accounts
from tungnha.campaign.models import Campaign, Curve, Figure, Indicator, Target, TargetDecision
from tungnha.campaign.services import indicators, targets
from tungnha.territory import services as places
from tungnha.territory.models import Unit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 14)
CUT_OFF = "2026-10-14T08:00"


def unit(code, name, parent=None):
    made = Unit.objects.create(
        code=code,
        name=name,
        name_fold=name.lower(),
        kind="ward" if parent else "city",
        parent=parent,
        path="/",
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(Campaign, "today", lambda self, now=None: TODAY)


@pytest.fixture
def city():
    return unit("01", "Thành phố Hà Nội")


@pytest.fixture
def wards(city):
    found = [
        unit("00004", "Phường Ba Đình", city),
        unit("00008", "Phường Ngọc Hà", city),
        unit("00025", "Phường Láng", city),
    ]
    places.record_populations(
        list(zip(found, (10, 20, 30), strict=True)), date(2025, 7, 1), places.record_source("x")
    )
    return found


@pytest.fixture
def campaign(city):
    return Campaign.objects.create(
        code="c", name="90 ngày", unit=city, start=date(2026, 9, 1), deadline=date(2026, 11, 29)
    )


@pytest.fixture
def activated(campaign):
    indicators.load()
    return indicators.track(campaign, Indicator.objects.get(code="EID3"))


def person(name, role, where):
    user = accounts.create_user(name, "mật khẩu thật dài 9")
    accounts.grant_role(user, role, where)
    return user


@pytest.fixture
def office(city):
    return person("office", "city_office", city)


def figure(number, *, day=TODAY, **more):
    return {"day": day, "numerator": number, "cut_off": CUT_OFF, "source": "unit"} | more


def test_an_empty_campaign_says_what_to_do_and_the_office_follows_indicators(client, office, campaign, wards):
    client.force_login(office)
    page = client.get(reverse("indicators", args=[campaign.pk])).content.decode()
    assert reverse("indicators-follow", args=[campaign.pk]) in page
    assert (
        "tungnha indicators load"
        in client.get(reverse("indicators-follow", args=[campaign.pk])).content.decode()
    )
    indicators.load()
    sent = {"codes": ["EID3", "DVC1"]}
    assert client.post(reverse("indicators-follow", args=[campaign.pk]), sent).status_code == 302
    followed = list(campaign.tracked.values_list("indicator__code", flat=True))
    assert sorted(followed) == ["DVC1", "EID3"]
    first = campaign.tracked.first()
    client.post(reverse("indicator-change", args=[first.pk]), {"period": "week", "weight": "3"})
    first.refresh_from_db()
    assert (first.period, first.weight) == ("week", 3)
    client.post(reverse("indicator-change", args=[first.pk]), {"action": "remove"})
    assert campaign.tracked.count() == 1


def test_the_division_is_looked_at_and_then_applied_as_it_was_seen(client, office, activated, city, wards):
    client.force_login(office)
    here = reverse("target-cascade", args=[activated.pk])
    sent = {
        "total": "1.000",
        "method": "population",
        "effective": "2026-09-01",
        "why": "KH 20",
        "by_hand": "",
    }
    looked = client.post(here, sent | {"action": "look"})
    assert [(line["quota"], line["extra"], line["value"]) for line in looked.context["lines"]] == [
        ("166,666", "+1", "167"),
        ("333,333", "", "333"),
        ("500,000", "", "500"),
    ]
    assert not TargetDecision.objects.exists()
    seen = looked.context["proposal"].digest
    assert client.post(here, sent | {"action": "apply", "seen": "stale"}).status_code == 400
    assert client.post(here, sent | {"action": "apply", "seen": seen}).status_code == 302
    assert [Target.objects.get(unit=each).value for each in (city, *wards)] == [1000, 167, 333, 500]


def test_lines_by_hand_that_do_not_read_are_told_by_their_number(client, office, activated, wards):
    client.force_login(office)
    here = reverse("target-cascade", args=[activated.pk])
    sent = {"total": "1000", "method": "equal", "effective": "2026-09-01", "why": "KH"}
    page = client.post(here, sent | {"by_hand": "00004\t1.5\n99999 7\n00008;400"})
    assert page.status_code == 400
    assert "1:" in page.context["form"].errors["by_hand"][0]
    page = client.post(here, sent | {"by_hand": "99999 7\n00008;400"})
    assert "99999" in page.context["form"].errors["by_hand"][0]
    page = client.post(here, sent | {"by_hand": "00008;400"})
    assert [line["value"] for line in page.context["lines"]] == ["300", "400", "300"]


def test_stages_by_hand_and_by_shape(client, office, activated, wards):
    client.force_login(office)
    here = reverse("target-stages", args=[activated.pk])
    sent = {"shape": "hand", "step": "7", "effective": "2026-09-01", "points": "30/9/2026 40\n29/11/2026 100"}
    assert client.post(here, sent | {"points": "30/9/2026 140"}).status_code == 400
    assert client.post(here, sent).status_code == 302
    assert list(Curve.objects.get().points.values_list("share", flat=True)) == [4000, 10_000]
    assert client.post(here, sent | {"shape": "front"}).status_code == 302
    assert client.get(here).status_code == 200


def test_a_ward_reports_the_office_returns_the_ward_corrects_the_office_signs(
    client, office, activated, wards
):
    mine = wards[0]
    officer = person("ward", "unit_officer", mine)
    client.force_login(officer)
    owing = client.get(reverse("unit-indicators", args=[activated.campaign_id, mine.pk]))
    assert [each.tracked.pk for each, _ in owing.context["owed"]] == [activated.pk]
    send = reverse("figure-report", args=[activated.pk, mine.pk])
    assert client.post(send, figure("1.250")).status_code == 302
    made = Figure.objects.get()
    assert (made.numerator, made.state, made.source) == (1250, "submitted", "unit")
    # Its own figure is not for the ward to sign off.
    assert client.post(reverse("figure-decide", args=[made.pk]), {"action": "accept"}).status_code == 404
    client.force_login(office)
    queue = client.get(reverse("figures-waiting", args=[activated.campaign_id])).content.decode()
    assert mine.name in queue
    client.post(reverse("figure-decide", args=[made.pk]), {"action": "return", "note": "Nhầm cột"})
    client.force_login(officer)
    page = client.get(reverse("unit-indicators", args=[activated.campaign_id, mine.pk])).content.decode()
    assert "Nhầm cột" in page
    assert client.post(send, figure("125")).status_code == 302
    client.force_login(office)
    waiting = Figure.objects.get(state="submitted")
    client.post(reverse("figures-waiting", args=[activated.campaign_id]), {"figure": [waiting.pk]})
    told = list(Figure.objects.order_by("version").values_list("numerator", "state", "is_current"))
    assert told == [(1250, "returned", False), (125, "accepted", True)]


def test_a_figure_that_falls_is_refused_on_the_page_and_stays_in_the_form(client, office, activated, wards):
    client.force_login(office)
    send = reverse("figure-report", args=[activated.pk, wards[0].pk])
    client.post(send, figure("100", day=TODAY - timedelta(days=1), cut_off="2026-10-13T08:00"))
    page = client.post(send, figure("90"))
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["reason"])
    assert 'value="90"' in page.content.decode()
    assert client.post(send, figure("chín mươi")).status_code == 400
    assert client.post(send, figure("90", reason="Trừ trùng")).status_code == 302


def test_a_ward_sees_its_row_and_nobody_elses(client, office, activated, wards):
    for each in wards:
        client.force_login(office)
        client.post(reverse("figure-report", args=[activated.pk, each.pk]), figure("10"))
    client.force_login(person("ward", "unit_officer", wards[0]))
    places_to_look = [
        reverse("indicators", args=[activated.campaign_id]),
        reverse("indicators-file", args=[activated.campaign_id, "csv"]),
        reverse("indicator", args=[activated.pk]),
        reverse("indicator-file", args=[activated.pk, "csv"]),
        reverse("indicators", args=[activated.campaign_id]) + f"?thuoc={wards[1].pk}",
    ]
    for here in places_to_look[:-1]:
        page = client.get(here).content.decode()
        assert wards[0].name in page
        assert wards[1].name not in page
    assert wards[1].name not in client.get(places_to_look[-1]).content.decode().replace(wards[0].name, "")
    for name in ("figure", "figure-report"):
        ask = client.get if name == "figure" else client.post
        assert ask(reverse(name, args=[activated.pk, wards[1].pk])).status_code == 404


def test_the_table_sorts_ranks_and_keeps_the_unreported_last(client, office, activated, city, wards):
    client.force_login(office)
    targets.cascade(activated, city, 300, "equal", effective=date(2026, 9, 1), why="KH", by=office)
    for each, number in zip(wards[:2], ("40", "124"), strict=True):
        client.post(reverse("figure-report", args=[activated.pk, each.pk]), figure(number))
    here = reverse("indicators", args=[activated.campaign_id])

    def names(order):
        page = client.get(here, {"xep": order})
        return [row.unit.name.removeprefix("Phường ") for row, _, _ in page.context["page"].rows]

    assert names(f"-{activated.pk}") == ["Ngọc Hà", "Ba Đình", "Láng"]
    assert names(f"{activated.pk}") == ["Ba Đình", "Ngọc Hà", "Láng"]
    assert names("-ten") == ["Ngọc Hà", "Láng", "Ba Đình"]
    assert names("nonsense") == ["Ba Đình", "Láng", "Ngọc Hà"]
    text = client.get(here).content.decode()
    assert "124,00" in text  # of the target of 100: over 100 % and not cut
    assert "82,00" in text  # both together, over those that reported


def test_a_table_is_pasted_and_its_bad_rows_come_back(client, office, activated, wards):
    client.force_login(office)
    here = reverse("figures-import", args=[activated.campaign_id])
    sent = {"indicator": activated.pk, "day": "2026-10-14", "cut_off": CUT_OFF, "source": "official"}
    page = client.post(here, sent | {"text": "không phải bảng"})
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["text"])
    page = client.post(here, sent | {"text": "Mã\tLũy kế\n00004\t10\n77777\t1\n"}, follow=True)
    table = page.context["table"]
    assert (table.accepted, len(table.rejected)) == (1, 1)
    back = client.get(reverse("figure-table-mend", args=[table.pk]))
    rows = list(csv.reader(io.StringIO(back.content.decode("utf-8-sig"))))
    assert rows[1][:3] == ["77777", "1", "3"]
    client.force_login(person("reader", "analyst", activated.campaign.unit))
    assert client.get(reverse("figure-table", args=[table.pk])).status_code == 404


def test_a_file_of_another_kind_or_an_empty_form_is_refused(client, office, activated, wards):
    client.force_login(office)
    here = reverse("figures-import", args=[activated.campaign_id])
    sent = {"indicator": activated.pk, "day": "2026-10-14", "cut_off": CUT_OFF, "source": "official"}
    page = client.post(here, sent | {"file": SimpleUploadedFile("a.exe", b"MZ")})
    assert list(page.context["form"].errors) == ["file"]
    assert list(client.post(here, sent).context["form"].errors) == ["text"]
    page = client.post(here, sent | {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")})
    assert list(page.context["form"].errors) == ["file"]
    page = client.post(here, sent | {"day": "2026-12-01", "text": "Mã\tLũy kế\n00004\t10\n"})
    assert list(page.context["form"].errors) == ["day"]


def test_downloads_hold_numbers_as_numbers_and_no_formula(client, office, activated, wards):
    Unit.objects.filter(pk=wards[0].pk).update(name='=HYPERLINK("x")')
    client.force_login(office)
    client.post(reverse("figure-report", args=[activated.pk, wards[0].pk]), figure("1.234"))
    text = client.get(reverse("indicator-file", args=[activated.pk, "csv"])).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    mine = next(row for row in rows if row[1] == "00004")
    assert (mine[2], mine[5]) == ('\'=HYPERLINK("x")', "1234")
    sent = client.get(reverse("indicators-file", args=[activated.campaign_id, "xlsx"])).content
    with zipfile.ZipFile(io.BytesIO(sent)) as book:
        sheet, texts = (
            book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "sharedStrings")
        )
    assert "<f>" not in sheet
    assert "=HYPERLINK" in texts
    assert "<v>1234</v>" in sheet
    assert client.get(reverse("indicator-file", args=[activated.pk, "exe"])).status_code == 404


def test_targets_are_carried_over_a_change_after_a_look(client, office, activated, city, wards):
    from tungnha.territory.models import Succession, UnitChange

    targets.cascade(activated, city, 301, "equal", effective=date(2026, 9, 1), why="KH", by=office)
    day = date(2026, 10, 1)
    change = UnitChange.objects.create(decided_by="NQ 1", effective=day)
    merged = [unit("10001", "Phường Mới", city), unit("10002", "Phường Khác", city)]
    Unit.objects.filter(pk__in=[each.pk for each in merged]).update(valid_from=day)
    Unit.objects.filter(pk__in=[each.pk for each in wards]).update(valid_to=day)
    Succession.objects.create(change=change, old=wards[0], new=merged[0], whole=True)
    Succession.objects.create(change=change, old=wards[1], new=merged[0], whole=True)
    for new in merged:
        Succession.objects.create(change=change, old=wards[2], new=new, whole=False)
    client.force_login(office)
    here = reverse("target-carry-over", args=[activated.pk])
    sent = {"effective": "2026-10-01", "why": "NQ 1"}
    assert client.post(here, sent).status_code == 400
    looked = client.post(here, sent | {"basis": "equal", "action": "look"})
    assert [value for _, _, lines in looked.context["groups"] for _, value in lines] == ["251", "50"]
    assert client.post(here, sent | {"basis": "equal", "action": "apply"}).status_code == 302
    page = client.get(reverse("indicator", args=[activated.pk])).content.decode()
    assert "301" in re.sub(r"<[^>]+>", " ", page)


def test_the_essential_services_say_what_is_not_known(client, office):
    indicators.load()
    client.force_login(office)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("essential-services")).content.decode()
    assert "Registering a birth" in page
    assert "57 without a name here" in page


def test_nonsense_in_the_address_is_no_error(client, office, activated, wards):
    client.force_login(office)
    for asked in (
        {"ngay": "x"},
        {"thuoc": "9" * 9},
        {"don-vi-ngay": "31/2"},
        {"uoc-tinh": "x", "don-vi-ngay": "2026-10-01"},
    ):
        assert client.get(reverse("indicators", args=[activated.campaign_id]), asked).status_code == 200
    assert client.get(reverse("target-cascade", args=[activated.pk]), {"thuoc": "x"}).status_code == 404
