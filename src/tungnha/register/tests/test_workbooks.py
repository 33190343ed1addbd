"""Large sheets: what is read in pieces is what is read whole."""

import io
import re
import zipfile
from contextlib import nullcontext
from datetime import date, datetime, time
from unittest import mock

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tungnha.register import reach, reading, workbooks

SHEET = "xl/worksheets/sheet1.xml"
ROW = '<row r="{0}"><c r="A{0}" t="str"><v>người {0}</v></c><c r="B{0}"><v>{0}</v></c></row>'
BEFORE = '<worksheet><dimension ref="A1"/><sheetData>'
AFTER = "</sheetData><pageMargins/></worksheet>"


def _small_pieces():
    """Pieces of some rows instead of some 100,000."""
    return mock.patch.multiple(workbooks, LARGE=0, PIECE=2000, _BLOCK=2000)


def _rows(sheets):
    return [(sheet.name, sheet.count, list(sheet.read())) for sheet in reading._packed(sheets)]


def _whole(data):
    return _rows(workbooks.whole(io.BytesIO(data)))


def _in_pieces(data):
    with _small_pieces():
        return _rows(workbooks.in_pieces(io.BytesIO(data)))


def _pieces(data):
    """How many small workbooks are read for the sheets of one."""
    with _small_pieces(), mock.patch.object(workbooks, "_sheet", wraps=workbooks._sheet) as read:
        _rows(workbooks.in_pieces(io.BytesIO(data)))
    return read.call_count


def _with(xml, part=SHEET, data=None):
    """A workbook of which one part is replaced."""
    if data is None:
        data = io.BytesIO()
        with xlsxwriter.Workbook(data) as book:
            book.add_worksheet("DS")
        data = data.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            after.writestr(name, xml if name == part else before.read(name))
    return changed.getvalue()


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20),
    st.sampled_from(["Nguyễn Văn An", "</row>", "<row r='1'>", "sheetData", "<![CDATA[", "-->", " hai  chỗ ", "=1+1"]),
    st.floats(-1e9, 1e9),
    st.booleans(),
    st.dates(date(1901, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.times().map(lambda at: at.replace(microsecond=0)),
)  # fmt: skip
TABLES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.lists(CELLS, max_size=6)), min_size=1, max_size=40
)
"""Rows as: empty rows above, empty cells before, cells."""


def _write(sheet, table, formats):
    number = -1
    for gap, left, cells in table:
        number += 1 + gap
        for column, cell in enumerate(cells, left):
            if isinstance(cell, str) and cell.startswith("="):
                sheet.write_formula(number, column, cell, None, "kết quả")
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(number, column, cell)
            elif isinstance(cell, float):
                sheet.write_number(number, column, cell)
            elif isinstance(cell, time):
                sheet.write_datetime(number, column, cell, formats["time"])
            elif cell is not None:
                sheet.write_datetime(number, column, cell, formats["date"])
            else:
                sheet.write_blank(number, column, None, formats["date"])
    sheet.merge_range(number + 1, 0, number + 2, 3, "gộp", formats["date"])


@settings(deadline=None, max_examples=60)
@given(st.lists(TABLES, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_the_sheets_of_any_workbook_are_the_same_in_pieces_as_whole(tables, inline, of_1904):
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"constant_memory": inline, "date_1904": of_1904}) as book:
        formats = {
            "date": book.add_format({"num_format": "dd/mm/yyyy"}),
            "time": book.add_format({"num_format": "hh:mm:ss"}),
        }
        for table in tables:
            _write(book.add_worksheet(), table, formats)
    assert _in_pieces(data.getvalue()) == _whole(data.getvalue())


def test_a_sheet_is_read_in_as_many_pieces_as_it_needs_and_its_rows_keep_their_numbers():
    rows = "".join(ROW.format(number) for number in (*range(3, 40), *range(500, 540)))
    data = _with(BEFORE + rows + AFTER)
    [(name, count, read)] = _in_pieces(data)
    assert (name, count, read[1], read[2], read[499]) == (
        "DS", 539, ["", ""], ["người 3", 3.0], ["người 500", 500.0],
    )  # fmt: skip
    assert _pieces(data) == 4


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(re.sub(r"(</?)(?=\w)", r"\1x:", BEFORE + ROW.format(2) + ROW.format(9) + AFTER), id="prefix"),
        pytest.param('<?xml version="1.0" encoding="utf-8"?>\n' + BEFORE + ROW.format(2) + ROW.format(9) + AFTER, id="declared"),
        pytest.param(BEFORE + ROW.format(2) + '<row spans="1:2" r="7"/>\n  ' + ROW.format(9) + "\n" + AFTER, id="between"),
        pytest.param(BEFORE + '<row r="2"><c><v>1</v></c><c><v>2</v></c></row>' + ROW.format(9) + AFTER, id="cells without a place"),
        pytest.param(BEFORE + "".join(map(ROW.replace("A{0}", "D{0}").replace("B{0}", "C{0}").format, range(1, 60))) + ROW.format(60) + AFTER, id="further left below"),
        pytest.param(BEFORE + AFTER, id="empty"),
    ],
)  # fmt: skip
def test_other_ways_of_writing_a_sheet_are_cut(xml):
    assert _in_pieces(_with(xml)) == _whole(_with(xml))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ROW.format(2) + "<!-- </row> -->" + ROW.format(9), id="a comment"),
        pytest.param('<row r="2"><c r="A2" t="inlineStr"><is><t><![CDATA[</row>]]></t></is></c></row>', id="CDATA"),
        pytest.param('<row><c t="str"><v>không số</v></c></row>' * 3, id="rows without numbers"),
        pytest.param("<row r='2'><c r='A2' t='str'><v>nháy đơn</v></c></row>", id="other quotes"),
        pytest.param("".join(ROW.format(900 - number) for number in range(100)), id="rows out of order"),
        pytest.param('<row r="2"><c r="A2" t="str"><v>' + "dài" * 2000 + "</v></c></row>", id="a long row"),
    ],
)  # fmt: skip
def test_what_the_cutter_does_not_know_for_certain_is_read_whole(rows):
    data = _with(BEFORE + rows + AFTER)
    with pytest.raises(workbooks.CannotCutError):
        _in_pieces(data)
    with _small_pieces():
        [sheet] = reading.sheets(io.BytesIO(data), "list.xlsx")
    assert [(sheet.name, sheet.count, list(sheet.read()))] == _whole(data)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param((BEFORE + ROW.format(2)), id="cut off"),
        pytest.param(BEFORE + ROW.format(2) + "</y:sheetData>" + ROW.format(9) + AFTER, id="another end"),
        pytest.param(BEFORE + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>' + AFTER, id="no such string"),
        pytest.param((BEFORE + ROW.format(2) + AFTER).encode("utf-16"), id="another encoding"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_refused_as_it_is_whole(xml):
    data = _with(xml)
    with pytest.raises(reading.ListError) as refused:
        reading.sheets(io.BytesIO(data), "list.xlsx")
    with _small_pieces(), pytest.raises(reading.ListError) as refused_in_pieces:
        reading.sheets(io.BytesIO(data), "list.xlsx")
    assert str(refused_in_pieces.value) == str(refused.value)


def _cell(place, text="x"):
    row = re.sub(r"\D", "", place)
    return f'<row r="{row}"><c r="{place}" t="str"><v>{text}</v></c></row>'


@pytest.mark.parametrize("place", ["XFD1048576", "CA1900000", "B4294967295", "az2000000"])
@pytest.mark.parametrize("pieces", [False, True])
def test_a_cell_too_far_to_make_room_for_is_refused(place, pieces):
    data = io.BytesIO(_with(BEFORE + ROW.format(1) + _cell(place) + AFTER))
    with _small_pieces() if pieces else nullcontext(), pytest.raises(reading.ListError) as refused:
        reading.sheets(data, "list.xlsx")
    assert place.upper() in str(refused.value)


def test_a_row_far_below_without_a_place_for_its_cells_is_refused():
    data = io.BytesIO(_with(BEFORE + '<row r="4000000000"><c t="str"><v>x</v></c></row>' + AFTER))
    with pytest.raises(reading.ListError, match="A4000000000"):
        reading.sheets(data, "list.xlsx")


def test_a_far_cell_is_found_beside_a_damaged_part_and_whatever_its_part_is_called():
    data = _with(BEFORE + ROW.format(1) + _cell("XFD1048576") + AFTER)
    data = data.replace(b"<Properties", b"<properties")  # its checksum is wrong now
    data = data.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet1.doc").replace(
        b"sheet1.xml", b"sheet1.doc"
    )
    with pytest.raises(reading.ListError, match="XFD1048576"):
        reading.sheets(io.BytesIO(data), "list.xlsx")


def test_a_long_text_without_tags_is_looked_through_once():
    assert (
        sum(map(len, reach._tags(io.BytesIO(b"<c>" + b" " * 5 * reach._BLOCK + b"<c>")))) < 3 * reach._BLOCK
    )


def test_colours_far_away_and_a_wide_sheet_are_no_hindrance():
    colours = '<row r="1048576"><c r="XFC1048576" s="1"/><c r="XFD1048576" s="1"></c></row>'
    for rows in (ROW.format(1) + colours, ROW.format(1) + _cell("XFD2"), ROW.format(1) + _cell("CA1000")):
        data = _with(BEFORE + rows + AFTER)
        [sheet] = reading.sheets(io.BytesIO(data), "list.xlsx")
        assert sheet.top(1)[0][:2] == ["người 1", 1.0]


@given(st.integers(1, 20_000))
def test_the_letters_of_a_column_lead_back_to_its_number(number):
    assert reach._number(reach._letters(number).encode()) == number
