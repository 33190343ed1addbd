"""Lists that are wrong in ways nobody planned: said where and why, nothing half applied, the good rows in."""

import io
import zipfile

import pytest
import xlsxwriter

from tungnha.register import imports, reading
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory import generator as ground
from tungnha.territory import queries
from tungnha.territory.imports import load_vietnam
from tungnha.territory.models import Premises

HEADER = "Mã hộ,Họ và tên,Ngày sinh,Số CCCD,Địa chỉ,Phường,Vĩ độ,Kinh độ"
AN = "H1,Nguyễn Văn An,05/03/1985,003085000001,Số 5 phố Khâm Thiên,,,"


@pytest.fixture
def ward(db, tmp_path, settings):
    settings.TUNGNHA_DATA = tmp_path
    load_vietnam(["01"])
    return queries.unit("00226")


def _run(ward, *rows, header=HEADER):
    return imports.run(io.BytesIO("\n".join([header, *rows]).encode()), ward, name="list.csv")


def _codes(report):
    return [(issue.row, issue.code, issue.severity.value) for issue in report.issues]


def _zip(**parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b""),
        ("list.csv", b"\n\n"),
        ("list.csv", b"\x7fELF\x00\x00\x00 a program"),
        ("list.csv", b'a,b\n"' + b"x" * 200_000),
        ("list.csv", "Tên,Tuổi\nAn,41\n".encode()),
        ("list.xlsx", b""),
        ("list.xlsx", b"PK\x03\x04 cut off"),
        ("list.xlsx", _zip(**{"xl/workbook.xml": b"<workbook/>"})),
        ("list.xlsx", _zip(**{"xl/worksheets/sheet1.xml": b"0" * 50_000_000})),
        ("list.ods", _zip(**{"content.xml": b"0" * 50_000_000})),
        ("list.xls", b"no workbook at all"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole_with_a_reason(ward, name, content):
    with pytest.raises(reading.ListError) as refused:
        imports.run(io.BytesIO(content), ward, name=name)
    assert str(refused.value)
    assert not ListFile.objects.exists()


def test_a_file_with_too_many_rows_is_refused_before_the_first_is_stored(ward, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 100)
    rows = [f"H{n},Nguyễn Văn An,1985,,Số {n} phố Khâm Thiên,,," for n in range(150)]
    with pytest.raises(reading.ListError, match="100"):
        _run(ward, *rows)
    assert (ListFile.objects.count(), Resident.objects.count()) == (0, 0)


def test_a_quote_that_is_never_closed_is_found_before_the_first_row_is_stored(ward):
    rows = [AN, *(f'H{n},"Nguyễn Văn An,1985,,Số {n} phố Khâm Thiên,,,' for n in range(1, 2)), "x" * 200_000]
    with pytest.raises(reading.ListError):
        _run(ward, *rows)
    assert (ListFile.objects.count(), Resident.objects.count()) == (0, 0)


def test_letters_lost_to_a_wrong_encoding_refuse_their_row_and_no_other(ward):
    data = (
        f"{HEADER}\n{AN}\n".encode()
        + b"H2,Nguy\xecn An,1985,,Kham Thien,,,\nH3,An,1985,,S\xf4 7 Kham Thien,,,\n"
    )
    report = imports.run(io.BytesIO(data), ward, name="list.csv")
    assert (report.accepted, report.rejected) == (1, 2)
    assert [(issue.row, issue.field, issue.code) for issue in report.issues] == [
        (3, "name", "text-damaged"),
        (4, "address", "text-damaged"),
    ]


def test_a_formula_in_a_workbook_counts_as_what_it_shows_and_its_text_as_text(ward):
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Họ và tên", "Địa chỉ", "Năm sinh"])
        sheet.write_formula(1, 0, '=CONCAT("Nguyễn"," An")', None, "Nguyễn An")
        sheet.write_string(1, 1, "Số 5 phố Khâm Thiên")
        sheet.write_string(2, 0, '=HYPERLINK("http://x")')
        sheet.write_string(2, 1, "Số 7 phố Khâm Thiên")
        sheet.write_string(2, 2, "31/02/1985")
    report = imports.run(io.BytesIO(data.getvalue()), ward, name="list.xlsx")
    assert list(Resident.objects.values_list("full_name", flat=True)) == ["Nguyễn An"]
    mend = imports.read_mend_file(report.mend_file).decode("utf-8-sig")
    assert "'=HYPERLINK" in mend


def test_a_sheet_that_begins_in_the_middle_keeps_its_columns_and_row_numbers(ward):
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write_row(3, 2, ["Họ và tên", "Địa chỉ"])
        sheet.write_row(4, 2, ["Nguyễn Văn An", "Số 5 phố Khâm Thiên"])
        sheet.write_row(5, 2, ["Lê Thị Ba", "", "x"])
        sheet.write_row(6, 2, ["", "Số 7 phố Khâm Thiên", "x"])
    file = io.BytesIO(data.getvalue())
    assert imports.preview(file, ward, name="list.xlsx").layout.columns == {"name": 2, "address": 3}
    report = imports.run(file, ward, name="list.xlsx")
    assert (report.accepted, _codes(report)) == (2, [(7, "name-missing", "error")])


def test_the_sheets_of_a_workbook_are_read_to_their_ends_as_often_as_wanted(monkeypatch):
    monkeypatch.setattr(reading, "_PACK", 3)
    wanted = {name: [[f"{name} {number}", float(number)] for number in range(7)] for name in ("A", "B")}
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        for name, rows in wanted.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        book.add_worksheet("empty")
    sheets = reading.sheets(io.BytesIO(data.getvalue()), "list.xlsx")
    assert {one.name: one.top(2) for one in sheets} == {name: rows[:2] for name, rows in wanted.items()}
    assert {one.name: list(one.read()) for one in sheets} == wanted


def test_an_open_document_goes_in_like_any_workbook(ward):
    cells = [["Họ và tên", "Địa chỉ"], ["Nguyễn Văn An", "Số 5 phố Khâm Thiên"]]
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in cells
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="A">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    data = _zip(**{"mimetype": kind, "META-INF/manifest.xml": listed, "content.xml": content})
    assert imports.run(io.BytesIO(data), ward, name="list.ods").accepted == 1


@pytest.mark.parametrize(
    "born", ["31/02/1990", "00/00/1990", "29/02/2023", "1990-13-01", "25/11/2199", "01/01/1850", "x"]
)
def test_a_day_that_never_was_or_cannot_be_refuses_the_row_and_no_other(ward, born):
    report = _run(ward, AN, f"H2,Trần Thị Bình,{born},,Số 7 phố Khâm Thiên,,,")
    assert (report.accepted, report.rejected) == (1, 1)
    assert {issue.field for issue in report.issues} == {"birth"}


@pytest.mark.parametrize(
    ("named", "codes"),
    [
        ("Phường Không Có", [(3, "unit-other", "error")]),
        ("99999", [(3, "unit-other", "error")]),
        ("Phường Ba Đình", [(3, "unit-other", "error")]),
        ("Phường Thổ Quan", [(3, "unit-abolished", "warning")]),
        ("00226", []),
        ("Văn Miếu - Quốc Tử Giám", []),
    ],
)
def test_a_ward_that_is_unknown_or_another_is_refused_and_a_former_one_told(ward, named, codes):
    report = _run(ward, AN, f"H2,Trần Thị Bình,1990,,Số 7 phố Khâm Thiên,{named},,")
    assert _codes(report) == codes


def test_positions_swapped_unreadable_or_in_the_sea_are_told_and_the_door_stands_on_its_alley(ward):
    ground.make_streets(ward, seed=2)
    street = ward.streets.filter(kind="street").first().name
    here = f"{ward.latitude},{ward.longitude}"
    swapped = f"{ward.longitude},{ward.latitude}"
    rows = [
        f"H{n},Nguyễn Văn {n},1985,,Số {n} {street},,{position}"
        for n, position in enumerate([here, swapped, "21.02,109.9", "abc,105", "95,185", ","], start=1)
    ]
    report = _run(ward, *rows)
    assert report.accepted == 6
    assert _codes(report) == [
        (3, "position-swapped", "warning"),
        (4, "position-outside", "warning"),
        (5, "position-form", "warning"),
        (6, "position-form", "warning"),
    ]
    placed = dict(Premises.objects.exclude(street=None).values_list("number", "placing"))
    assert placed == {"1": "given", "2": "given", "3": "alley", "4": "alley", "5": "alley", "6": "alley"}
    assert (report.placing.given, report.placing.on_alley, report.placing.unplaced) == (2, 4, 0)
    assert Household.objects.exclude(premises__latitude=None).count() == 6
