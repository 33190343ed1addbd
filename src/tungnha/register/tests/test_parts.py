"""A list is read in parts, by other processes where that helps: the outcome does not depend on it."""

import csv
from functools import partial

import django
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tungnha.engine.ahead import ahead
from tungnha.register import generator, imports, rows, storing
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory import generator as ground
from tungnha.territory import queries
from tungnha.territory.imports import load_vietnam
from tungnha.territory.models import Premises


@pytest.fixture
def ward(db):
    load_vietnam(["01"])
    unit = queries.unit("00226")
    ground.make_streets(unit, seed=2)
    return unit


@pytest.fixture
def faulty(ward, tmp_path):
    """A list of 600 people with every error the generator knows, members without their own address, and repetitions."""
    errors = generator.Errors(**dict.fromkeys(generator.Errors.__annotations__, 0.05))
    spoiled = generator.spoil(generator.rows(ward, 600, seed=4), ward, errors, seed=4)
    reference, number, address = (
        generator.HEADER.index(name) for name in ("Mã hộ", "Số định danh cá nhân", "Địa chỉ")
    )
    for index in range(len(spoiled) - 1, 0, -1):
        row, above = spoiled[index], spoiled[index - 1]
        if row[reference] == above[reference]:
            row[address] = ""
            row[reference] = "" if index % 3 else row[reference]
        if index % 50 == 0:
            row[number] = above[number]
        if index % 70 == 0:
            row[address] = ""
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([generator.HEADER, *spoiled])
    return path


def _outcome(path, ward, **options):
    report = imports.run(path, ward, **options)
    people = (
        "identity",
        "full_name",
        "birth_date",
        "number_sealed",
        "phone_sealed",
        "step",
        "household__identity",
    )
    homes = (
        "identity",
        "reference",
        "head_name",
        "premises__address",
        "premises__floor",
        "premises__latitude",
    )
    doors = ("address", "floor", "kind", "group", "number", "street", "placing", "parent__address")
    found = {
        "people": list(Resident.objects.order_by("pk").values_list(*people)),
        "homes": list(Household.objects.order_by("pk").values_list(*homes)),
        "doors": sorted(Premises.objects.values_list(*doors), key=str),
        "counts": (report.accepted, report.rejected, report.warned),
        "issues": report.issues,
        "mend": imports.read_mend_file(report.mend_file),
    }
    for model in (Resident, Household, Premises, ListFile):
        model.objects.all().delete()
    return found


def test_a_faulty_list_comes_out_the_same_however_it_is_cut_and_wherever_it_is_read(
    ward, faulty, tmp_path, settings, monkeypatch
):
    settings.TUNGNHA_DATA = tmp_path
    whole = _outcome(faulty, ward)
    assert len({issue.code for issue in whole["issues"]}) >= 8
    assert whole["counts"][1] > 20
    monkeypatch.setattr(imports, "PART", 7)
    monkeypatch.setattr(storing, "AT_ONCE", 50)
    assert _outcome(faulty, ward) == whole
    assert _outcome(faulty, ward, work=partial(ahead, start=django.setup, jobs=2, fewest=1)) == whole


def test_members_without_an_address_follow_the_row_above_even_where_that_is_refused(ward, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(
        "Mã hộ,Họ và tên,Số CCCD,Địa chỉ\n"
        "H1,Nguyễn Văn An,003085000001,Số 5 phố Khâm Thiên\n"
        "H2,Trần Văn Bình,12,Số 7 phố Khâm Thiên\n"
        ",Trần Thị Cúc,003190000002,\n",
        encoding="utf-8",
    )
    imports.run(path, ward)
    assert [
        (one.full_name, one.household.reference, one.household.premises.number)
        for one in Resident.objects.order_by("pk")
    ] == [("Nguyễn Văn An", "H1", "5"), ("Trần Thị Cúc", "H2", "7")]


_PIECES = [
    "Số 5",
    "Số 12A/3",
    "số 7",
    "ngõ 34",
    "ngách 34/5",
    "phố Khâm Thiên",
    "Xã Đàn 2",
    "P. Xuân Tảo",
    "tổ 5",
    "5",
    ",",
    "x",
]


@example("Số 1 ", ["Số 5"])
@example("P5 ", ["x", ",", "x"])
@given(
    st.from_regex(r"(Số |P)[1-9][0-9]{0,2}[A-Z]?(/[1-9][0-9]?)? ", fullmatch=True),
    st.lists(st.sampled_from(_PIECES), max_size=5),
)
def test_reading_the_rest_of_an_address_once_for_many_numbers_changes_nothing(number, pieces):
    text = " ".join((number + " ".join(pieces)).split())
    place = rows.place_of(text)
    assert place == rows._read_place(text)[0]
    assert rows.place_of(place.text).text == place.text
