"""Lists as offices really send them: good rows in, bad rows back, nothing lost, nothing doubled."""

import csv
import hmac
import zipfile
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tungnha import sealing
from tungnha.register import generator, imports, legacy, mapping, mending, reading, validation
from tungnha.register.models import Household, Resident
from tungnha.territory import queries, services
from tungnha.territory.imports import load_vietnam

TODAY = date(2026, 11, 25)
HEADER = "STT,Mã hộ,Họ và tên,Ngày sinh,Giới tính,Số CCCD,SĐT,Địa chỉ"


@pytest.fixture
def ward(db):
    load_vietnam(["01"])
    return queries.unit("00226")


def _write(folder, *rows, name="list.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes("\n".join(["Danh sách,,,,,,,", "", HEADER, *rows]).encode(encoding))
    return path


GOOD = '1,H1,Nguyễn Văn An,05/03/1985,Nam,003085000001,0162 345 6789,"Số 5 ngõ 2 phố Khâm Thiên"'
ALSO = "2,H1,Trần Thị Bình,1990-02-01,Nữ,003190000002,,Số 5 ngõ 2 phố Khâm Thiên"


def test_good_rows_go_in_and_bad_rows_come_back_to_be_mended_and_sent_again(ward, tmp_path, settings):
    settings.TUNGNHA_DATA = tmp_path
    bad = "3,H2,=HYPERLINK(1),31/02/1990,Nam,123,,Số 7 phố Khâm Thiên"
    report = imports.run(_write(tmp_path, GOOD, ALSO, bad), ward)
    assert (report.accepted, report.rejected, Household.objects.count(), Resident.objects.count()) == (
        2,
        1,
        1,
        2,
    )
    assert sorted((one.row, one.field, one.code) for one in report.issues) == [
        (6, "birth", "date-impossible"),
        (6, "number", "number-form"),
    ]
    assert b"123" not in report.mend_file.read_bytes(), "rejected numbers are sealed too"
    opened = imports.read_mend_file(report.mend_file).decode("utf-8-sig")
    header, row = csv.reader(opened.splitlines())
    assert header[3:] == HEADER.split(",")
    assert row[5] == "'=HYPERLINK(1)", "a formula must not come alive in the office's spreadsheet"
    mended = opened.replace("31/02/1990", "28/02/1990").replace(",123,", ",003090000003,")
    (tmp_path / "mended.csv").write_text(mended, encoding="utf-8")
    again = imports.run(tmp_path / "mended.csv", ward)
    assert (again.accepted, again.rejected, Resident.objects.count()) == (1, 0, 3)


def test_the_same_list_twice_changes_nothing_and_a_changed_cell_is_updated(ward, tmp_path):
    imports.run(_write(tmp_path, GOOD, ALSO), ward)
    fields = ("pk", "identity", "full_name", "birth_date", "number_index", "household_id")
    before = list(Resident.objects.order_by("pk").values_list(*fields))
    imports.run(_write(tmp_path, GOOD, ALSO), ward)
    assert list(Resident.objects.order_by("pk").values_list(*fields)) == before
    imports.run(_write(tmp_path, GOOD.replace("0162 345 6789", "0912345678"), ALSO), ward)
    assert sealing.unseal(Resident.objects.get(pk=before[0][0]).phone_sealed) == "+84912345678"


def test_personal_numbers_are_nowhere_in_clear(ward, tmp_path):
    imports.run(_write(tmp_path, GOOD), ward)
    person = Resident.objects.get()
    assert sealing.unseal(person.number_sealed) == "003085000001"
    assert Resident.objects.get(number_index=sealing.blind("003085000001", "number")) == person
    everything = repr(list(Resident.objects.values())) + repr(list(Household.objects.values()))
    assert "003085000001" not in everything
    with pytest.raises(sealing.SealBrokenError):
        sealing.unseal(bytes(person.number_sealed)[:-1] + b"x")


@pytest.mark.parametrize("way", ["utf-8", "utf-8-sig", "utf-16", "tcvn3", "vni"])
def test_every_encoding_reads_the_same(ward, tmp_path, way):
    text = f"{HEADER}\n{GOOD}\n{ALSO}"
    table = {
        "tcvn3": {new: old for old, new in zip(legacy._TCVN3_FROM, legacy._TCVN3_TO, strict=True)},
        "vni": {v: k for k, v in legacy._VNI.items()},
    }.get(way)
    data = "".join(table.get(c, c) for c in text).encode("latin-1") if table else text.encode(way)
    (tmp_path / "list.csv").write_bytes(data)
    with (tmp_path / "list.csv").open("rb") as file:
        names = [
            reading.text_of(row[2]) for sheet in reading.sheets(file, "list.csv") for row in sheet.read()
        ]
    assert names == ["Họ và tên", "Nguyễn Văn An", "Trần Thị Bình"]


def test_foreign_names_among_vietnamese_ones_do_not_make_a_list_look_old():
    streets = "Mäkelänkatu Hämeentie Töölönkatu Pääskylänrinne Kyläsaarenkuja Yliskylän puistokatu " * 5
    assert legacy.detect(f"Họ và tên, Địa chỉ {streets}") == "unicode"


def test_numbers_that_a_spreadsheet_stripped_wait_for_a_person(ward, tmp_path):
    stripped = GOOD.replace("003085000001", "3085000001")
    report = imports.run(_write(tmp_path, stripped), ward)
    assert [one.code for one in report.issues] == ["number-padding"]
    assert "003•••••0001" in report.issues[0].message
    report = imports.run(_write(tmp_path, stripped), ward, confirm_padding=True)
    assert [one.code for one in report.issues] == ["number-padded"]
    assert Resident.objects.get().number_index == sealing.blind("003085000001", "number")


def test_an_address_in_another_ward_is_refused_and_in_a_former_ward_taken(ward, tmp_path):
    other, former = (
        f'{GOOD[:-1]}, phường Tây Hồ"',
        f"{ALSO}, Phường Thổ Quan".replace("Số 5 ngõ 2 phố Khâm Thiên, ", '"Số 5 ngõ 2 phố Khâm Thiên, ')
        + '"',
    )
    report = imports.run(_write(tmp_path, other, former), ward)
    assert [(one.row, one.code, one.severity) for one in report.issues] == [
        (4, "unit-other", "error"),
        (5, "unit-abolished", "warning"),
    ]


def test_repeated_rows_are_taken_once_and_one_number_for_two_names_is_refused(ward, tmp_path):
    twin = GOOD.replace("Nguyễn Văn An", "Lê Văn Khác")
    report = imports.run(_write(tmp_path, GOOD, GOOD, twin), ward)
    assert [one.code for one in report.issues] == ["row-repeated", "number-repeated"]
    assert Resident.objects.count() == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("05/03/1985", date(1985, 3, 5)),
        ("5-3-1985", date(1985, 3, 5)),
        ("1985-03-05", date(1985, 3, 5)),
        ("31111", date(1985, 3, 5)),
    ],
)
def test_dates_come_in_many_forms(written, expected):
    assert validation.read_birth(written, TODAY) == ((expected, 1985), [])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0162 345 6789", "+84323456789"),
        ("912345678", "+84912345678"),
        ("+84 912.345.678", "+84912345678"),
        ("02438253536", "+842438253536"),
        ("12", ""),
    ],
)
def test_phones_are_renumbered_and_completed(written, expected):
    assert validation.read_phone(written)[0] == expected


@settings(max_examples=400)
@example("¹")
@example("٣٣٣٣٣٣٣٣٣٣٣٣")
@given(st.text(max_size=30))
def test_no_cell_whatever_it_holds_stops_the_reading(text):
    validation.read_number(text, TODAY)
    validation.read_birth(text, TODAY)
    validation.read_phone(text)
    validation.read_sex(text)
    validation.read_step(text)
    assert not mending.escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_sealing_is_undone_only_by_unsealing_and_hashes_tell_texts_apart(one, other):
    assert sealing.unseal(sealing.seal(one)) == one
    assert (sealing.blind(one, "test") == sealing.blind(other, "test")) == (one == other)


@given(st.text(max_size=100))
def test_a_hash_is_the_one_that_was_stored(text):
    key = sealing.derive_key("blind test")
    assert sealing.blind(text, "test") == hmac.digest(key, text.encode(), "sha256")[:16]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook"])
def test_a_file_that_is_no_list_is_refused_whole(ward, tmp_path, content):
    (tmp_path / "list.xlsx").write_bytes(content)
    with pytest.raises(reading.ListError):
        imports.run(tmp_path / "list.xlsx", ward)


def test_a_zip_bomb_is_not_opened(ward, tmp_path):
    with zipfile.ZipFile(tmp_path / "list.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    with pytest.raises(reading.ListError):
        imports.run(tmp_path / "list.xlsx", ward)


def test_a_confirmed_mapping_is_used_for_the_next_list_with_that_header(ward):
    rows = [["Cột A", "Họ tên", "Địa chỉ"], ["x", "y", "z"]]
    assert mapping.find_layout(rows).columns == {"name": 1, "address": 2}
    mapping.save(rows[0], {"reference": 0, "name": 1, "address": 2})
    assert mapping.find_layout(rows).columns == {"reference": 0, "name": 1, "address": 2}


def test_generated_people_can_never_be_real_and_their_list_imports(ward, tmp_path, settings):
    settings.TUNGNHA_DATA = tmp_path
    from tungnha.territory import generator as alleys

    alleys.make_streets(ward, seed=2)
    clean = generator.rows(ward, 2000, seed=3)
    assert {row[6][:3] for row in clean} <= validation.FIXTURE_PROVINCES
    assert clean == generator.rows(ward, 2000, seed=3)
    written = generator.write_list(tmp_path / "list.xlsx", ward, 2000, seed=3)
    report = imports.run(tmp_path / "list.xlsx", ward, generated=True)
    assert report.accepted + report.rejected == written
    assert 0 < report.rejected < 0.08 * written
    assert services.place_premises(ward).unplaced < 0.1 * ward.premises.count()
