"""The catalogue: loaded whole, twice without a change, from a city's own folder, and refused with the place and reason."""

import csv

import pytest

from tungnha.campaign import catalogue
from tungnha.campaign.catalogue import CatalogueError
from tungnha.campaign.models import EssentialService, Indicator, ServiceList, ServiceOwner, TrackedIndicator
from tungnha.campaign.queries import services as reads
from tungnha.campaign.services import indicators as services

pytestmark = pytest.mark.django_db
HEADER = (
    "code,name_vi,name_en,counted_in_vi,counted_in_en,kind,numerator_vi,numerator_en,denominator_vi,denominator_en,"
    "source,direction,cumulative,period,owner,note"
)


def rows():
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (Indicator, ServiceList, EssentialService, ServiceOwner)
    ]


def test_the_shipped_catalogue_loads_and_loading_again_changes_nothing():
    first = services.load()
    before = rows()
    assert services.load() == first
    assert rows() == before
    assert (first.indicators, first.lists, first.owners) == (40, 4, 25)
    codes = set(Indicator.objects.values_list("code", flat=True))
    assert {
        "ID1",
        "ID2",
        "ID3",
        "EID1",
        "EID3",
        "EID4",
        "DOC1",
        "DVC4",
        "PAY1",
        "ONT1",
        "SAT1",
        "SOC1",
        "C1",
    } <= codes


def test_only_the_services_that_a_source_names_are_there():
    """The 25 are whole; of the longer lists the rest is unnamed and said to be."""
    services.load()
    found = {each.of.code: (each.of.size, len(each.named), each.unnamed) for each in reads.lists()}
    assert found == {"25": (25, 25, 0), "53": (53, 25, 28), "76": (76, 25, 51), "82": (82, 25, 57)}
    assert reads.unplaced().count() == 15


def test_an_owner_is_dated():
    """The criminal record certificate went from the justice ministry to the police in 2025."""
    services.load()
    owners = EssentialService.objects.get(code="TY15").owners
    assert list(owners.values_list("owner", flat=True)) == ["Bộ Tư pháp", "Bộ Công an"]


def test_a_citys_own_folder_adds_and_replaces(tmp_path):
    services.load()
    line = "C99,Việc riêng,Own,việc,,count,Việc,,,,either,up,yes,week,Phường,"
    changed = "EID3,Tài khoản kích hoạt,,tài khoản,,count,Đã kích hoạt,,,,official,up,yes,week,Công an,"
    (tmp_path / "indicators.csv").write_text(f"{HEADER}\n{line}\n{changed}\n", encoding="utf-8")
    assert services.load(tmp_path).indicators == 2
    assert Indicator.objects.get(code="C99").name_vi == "Việc riêng"
    assert Indicator.objects.get(code="EID3").period == "week"
    assert Indicator.objects.count() == 41


def test_a_bad_file_says_row_and_column_and_loads_nothing(tmp_path):
    lines = [
        "e1,Tên,,việc,,count,Việc,,,,either,up,yes,week,,",
        "E2,Tên,,việc,,share,Việc,,,,either,up,maybe,week,,",
        "E3,Tên,,việc,,ratio,Việc,,,,either,up,yes,week,,",
        "E4,Tên,,việc,,count,Việc,,,,either,up,yes,decade,,",
        "E4,Tên,,việc,,count,Việc,,,,either,up,yes,week,,",
        "E5,Tên",
    ]
    (tmp_path / "indicators.csv").write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    (tmp_path / "services.csv").write_text("code,name_vi\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        services.load(tmp_path)
    places = [(each.file, each.row, each.column) for each in error.value.problems]
    assert places == [
        ("indicators.csv", 2, "code"),
        ("indicators.csv", 3, "cumulative"),
        ("indicators.csv", 4, "denominator_vi"),
        ("indicators.csv", 5, "period"),
        ("indicators.csv", 6, "code"),
        ("indicators.csv", 7, ""),
        ("services.csv", 1, ""),
    ]
    assert not Indicator.objects.exists()


def test_a_link_to_an_unknown_list_is_refused_whole(tmp_path):
    (tmp_path / "service_lists.csv").write_text(
        "code,size,valid_from,document,extends,source,note\n90,90,2026-01-01,,,nguồn,\n", encoding="utf-8"
    )
    (tmp_path / "services.csv").write_text(
        "code,list,number,name_vi,name_en,source\nA1,90,1,Một,,nguồn\nA2,91,1,Hai,,nguồn\n", encoding="utf-8"
    )
    with pytest.raises(CatalogueError) as error:
        services.load(tmp_path)
    assert [(each.file, each.row, each.column) for each in error.value.problems] == [
        ("services.csv", 3, "list")
    ]
    assert not ServiceList.objects.exists()


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(CatalogueError):
        services.load(tmp_path)


def test_every_shipped_file_has_a_source_for_every_row():
    for name in (catalogue.LISTS, catalogue.SERVICES, catalogue.OWNERS):
        with (catalogue.SHIPPED / name).open(encoding="utf-8") as file:
            assert all(row["source"] for row in csv.DictReader(file)), name


def test_a_campaign_follows_an_indicator_once(plan):
    services.load()
    indicator = Indicator.objects.get(code="EID3")
    services.track(plan.campaign, Indicator.objects.get(code="DVC1"))
    first = services.track(plan.campaign, indicator)
    again = services.track(plan.campaign, indicator, period="week", weight=3)
    assert (first.pk, again.period, again.weight, again.position) == (again.pk, "week", 3, 2)
    services.untrack(again)
    assert list(TrackedIndicator.objects.values_list("indicator__code", flat=True)) == ["DVC1"]


def test_the_kind_of_an_indicator_in_use_stays(plan, tmp_path):
    services.load()
    services.track(plan.campaign, Indicator.objects.get(code="EID3"))
    changed = "EID3,Tài khoản kích hoạt,,tài khoản,,ratio,Đã kích hoạt,,Tổng,,official,up,yes,week,Công an,"
    (tmp_path / "indicators.csv").write_text(f"{HEADER}\n{changed}\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        services.load(tmp_path)
    assert [(each.row, each.column) for each in error.value.problems] == [(2, "kind")]
