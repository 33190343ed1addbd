"""What comes in goes out again, and what went out changes nothing when it comes in."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
import python_calamine
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tungnha.register import exports, generator, imports
from tungnha.register.commands import lists
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory import generator as ground
from tungnha.territory import queries, services
from tungnha.territory.imports import load_vietnam
from tungnha.territory.models import Premises


@pytest.fixture
def ward(db):
    load_vietnam(["01"])
    unit = queries.unit("00226")
    ground.make_streets(unit, seed=2)
    return unit


def _register():
    """Everything the register holds about people and their doors, but for which list said so last."""
    people = [field.attname for field in Resident._meta.concrete_fields if field.name != "list_file"]
    homes = [field.attname for field in Household._meta.concrete_fields if field.name != "list_file"]
    return [
        sorted(model.objects.values_list(*names), key=str)
        for model, names in (
            (Resident, people),
            (Household, homes),
            (Premises, ("pk", "address", "floor", "placing")),
        )
    ]


def _write(rows, header=generator.HEADER):
    path = Path(tempfile.mkdtemp()) / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def _csv(unit, **options):
    return b"".join(exports.as_csv(exports.Export(unit, by="huong", **options)))


def _table(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


_ODD = st.sampled_from(["", "=1+1", "-", "'", "@x", "Số 5", "Ê Đê H'Ơ", "a\tb", "  b ", "[TN-", "Tòa A"])
_CHANGES = st.lists(
    st.tuples(st.integers(0, 49), st.integers(1, len(generator.HEADER) - 1), _ODD), max_size=12
)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10_000), changes=_CHANGES, suffix=st.sampled_from(["csv", "xlsx"]))
def test_import_export_import_changes_nothing(ward, seed, changes, suffix):
    Premises.objects.update(parent=None)
    for model in (Resident, Household, Premises, ListFile):
        model.objects.all().delete()
    rows = generator.spoil(generator.rows(ward, 60, seed=seed), ward, generator.Errors(), seed=seed)
    for index, column, cell in changes:
        row = rows[index % len(rows)]  # spoiling leaves rows out, and cells
        row[column % len(row)] = cell
    imports.run(_write(rows), ward)
    before = _register()
    wanted = exports.Export(ward, by="huong", numbers=True)
    out = io.BytesIO(b"".join(exports.as_csv(wanted)) if suffix == "csv" else exports.as_workbook(wanted))
    again = imports.run(out, ward, name=f"out.{suffix}")
    assert (again.accepted, again.rejected) == (len(before[0]), 0)
    assert _register() == before


def test_a_house_of_the_map_goes_out_and_in_again(ward):
    source = services.record_source("map")
    street = ward.streets.first()
    shown = services.PremisesDraft(
        f"5 {street.name}", number="5", way=street.name, latitude=ward.latitude, longitude=ward.longitude
    )
    services.record_mapped(ward, [shown], source)
    imports.run(
        _write([["Nguyễn Văn An", f"Số 5 {street.name}", "1985"]], ["Họ và tên", "Địa chỉ", "Năm sinh"]), ward
    )
    before = _register()
    assert [address for _, address, *_ in before[2]] == [shown.address], "the list's house is the map's"
    imports.run(io.BytesIO(_csv(ward, numbers=True)), ward, name="out.csv")
    assert _register() == before


def test_a_mark_of_another_units_household_is_refused(ward):
    rows = [["[TN-" + "A" * 26 + "]", "Nguyễn Văn An", "Số 5 phố Khâm Thiên"]]
    report = imports.run(_write(rows, ["Mã hộ", "Họ và tên", "Địa chỉ"]), ward)
    assert [issue.code for issue in report.issues] == ["household-unknown"]
    assert not Household.objects.exists()


NUMBER = "003085000001"
AN = ["H1", "Nguyễn Văn An", NUMBER, "0912345678", "Số 5 phố Khâm Thiên", "=cmd"]
COLUMNS = ["Mã hộ", "Họ và tên", "Số CCCD", "SĐT", "Địa chỉ", "Quan hệ"]


def test_numbers_and_phones_are_masked_unless_asked_for_and_masked_rows_do_not_come_back(ward):
    imports.run(_write([AN], COLUMNS), ward)
    before = _register()
    table = _table(_csv(ward))
    row = dict(zip(exports.COLUMNS, table[-1], strict=True))
    assert (row["number"], row["phone"], row["relation"]) == ("003•••••0001", "091•••••5678", "'=cmd")
    report = imports.run(io.BytesIO(_csv(ward)), ward, name="out.csv")
    assert [issue.code for issue in report.issues] == ["masked", "masked"]
    assert _register() == before
    row = dict(zip(exports.COLUMNS, _table(_csv(ward, numbers=True))[-1], strict=True))
    assert (row["number"], row["phone"]) == (NUMBER, "0912345678")


def test_the_first_lines_say_who_took_it_out_when_and_that_people_are_generated(ward):
    imports.run(_write([AN], COLUMNS), ward, generated=True)
    first, second, *_ = _table(_csv(ward))
    assert "huong" in first[0]
    assert ward.name in first[0]
    assert len(second) == 1
    book = python_calamine.load_workbook(
        io.BytesIO(exports.as_workbook(exports.Export(ward, by="huong", numbers=True)))
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert "huong" in rows[0][0]
    assert NUMBER in rows[-1], "a text, with its zeros"
    assert "=cmd" in rows[-1], "a text, no formula"


def test_the_command_writes_both_kinds_and_no_other(ward, tmp_path):
    imports.run(_write([AN], COLUMNS), ward)
    for name, code in (("out.csv", 0), ("out.xlsx", 0), ("out.pdf", 2)):
        result = CliRunner().invoke(
            lists, ["export", str(tmp_path / name), "--unit", ward.code], obj={"json": False}
        )
        assert (result.exit_code, (tmp_path / name).exists()) == (code, code == 0)
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0
