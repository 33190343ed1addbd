"""Tables of figures as offices send them: numbers in either way of writing, units of their own time, bad rows back."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
import xlsxwriter

from tungnha.campaign import figure_table
from tungnha.campaign.figure_table import TableError, from_file, pasted, percentage, whole
from tungnha.campaign.models import Campaign, Figure, Indicator
from tungnha.campaign.services import figure_tables, indicators
from tungnha.campaign.services.figure_tables import Sent
from tungnha.campaign.services.figures import Provenance
from tungnha.campaign.tests.conftest import make_officer, make_unit
from tungnha.territory import imports
from tungnha.territory.models import Unit

TODAY = date(2026, 10, 14)
NOON = datetime(2026, 10, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234.567", 1_234_567), ("1,234,567", 1_234_567), ("1 234 567", 1_234_567), ("1\u00a0234", 1234), ("1.234", 1234),
        ("449470", 449_470), ("12,0", 12), (449470.0, 449_470), ("0", 0), ("", None), (None, None), ("12.000", 12_000),
    ],
)  # fmt: skip
def test_whole_numbers_in_every_way_of_writing(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    "text", ["12,5", "1.23", "1.234,567", "1,234.567", "-5", "12 hộ", "1.2345", 12.5, "١٢"]
)
def test_what_is_not_a_whole_number_is_not_guessed(text):
    with pytest.raises(ValueError):
        whole(text)


@pytest.mark.parametrize(
    ("text", "hundredths"),
    [("38,49", 3849), ("38.49 %", 3849), ("1.234,56%", 123_456), ("124,56", 12_456), ("100", 10_000), ("0,005", 1), ("", None), (38.485, 3849)],
)  # fmt: skip
def test_percentages_with_comma_or_point(text, hundredths):
    assert percentage(text) == hundredths


def test_a_pasted_table_finds_its_header_below_a_title():
    table = pasted("Báo cáo ngày\t\t\nTT\tMã đơn vị\tLũy kế\n1\t00001\t12\n")
    assert (table.columns, table.first, len(table.rows)) == ({"code": 1, "total": 2}, 3, 1)


@pytest.mark.parametrize("text", ["", "a\tb\nc\td", "Mã\tTên\n1\t2"])
def test_a_table_without_a_header_is_refused(text):
    with pytest.raises(TableError):
        pasted(text)


def test_a_table_that_is_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(figure_table, "LARGEST", 2)
    with pytest.raises(TableError):
        pasted("Mã\tLũy kế\n1\t1\n2\t2\n")


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr(Campaign, "today", lambda self, now=None: TODAY)


@pytest.fixture
def activated(plan, today):
    indicators.load()
    return indicators.track(plan.campaign, Indicator.objects.get(code="EID3"))


def send(tracked, text, by, *, indicator=None, day=TODAY, cut_off=NOON):
    sent = Sent("dán", tracked if indicator is None else None, day)
    return figure_tables.take_in(tracked.campaign, pasted(text), sent, Provenance(cut_off, "official", by))


def test_good_rows_go_in_and_bad_ones_come_back_with_row_and_reason(activated, wards, office):
    text = (
        "Mã\tĐơn vị\tLũy kế\tChỉ tiêu giao\tTỷ lệ %\n"
        f"{wards[0].code}\t{wards[0].name}\t449.470\t1.167.685\t38,49\n"
        f"{wards[1].code}\t{wards[1].name}\t12 hộ\t\t\n"
        "77777\tLạ\t5\t\t\n"
        f"{wards[0].code}\t{wards[0].name}\t7\t\t\n"
        f"{wards[2].code}\t{wards[2].name}\t\t\t\n"
        "\tTổng cộng\t449.470\t\t\n"
    )
    kept = send(activated, text, office)
    assert (kept.accepted, kept.empty) == (1, 2)
    assert [row[0] for row in kept.rejected] == [3, 4, 5]
    figure = Figure.objects.get()
    assert (figure.numerator, figure.published, figure.state, figure.method) == (
        449_470,
        3849,
        "accepted",
        "table",
    )
    mended = list(csv.reader(io.StringIO(figure_tables.mend_file(kept).decode("utf-8-sig"))))
    assert [row[:3] for row in mended[1:]] == [
        [wards[1].code, wards[1].name, "12 hộ"],
        ["77777", "Lạ", "5"],
        [wards[0].code, wards[0].name, "7"],
    ]


def test_the_file_to_mend_is_no_formula_and_can_be_sent_again(activated, wards, office):
    kept = send(activated, f'Mã\tLũy kế\tLý do\n{wards[0].code}\tx\t=HYPERLINK("http://x")\n', office)
    text = figure_tables.mend_file(kept).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    again = send(activated, text.replace(",x,", ",15,"), office)
    assert (again.accepted, again.rejected) == (1, [])


def test_a_printed_percentage_that_is_not_the_quotient_is_a_doubt(plan, activated, wards, office):
    """70.54 was printed for 3,384,759 of 5,456,818: 62.03."""
    online = indicators.track(plan.campaign, Indicator.objects.get(code="DVC1"))
    text = f"Mã\tKết quả\tMẫu số\tTỷ lệ\n{wards[0].code}\t3.384.759\t5.456.818\t70,54\n"
    kept = send(online, text, office)
    assert kept.accepted == 1
    assert [row for row, _ in kept.doubts] == [2]
    assert "62" in kept.doubts[0][1]


def test_sending_a_table_twice_changes_nothing(activated, wards, office):
    text = f"Mã\tLũy kế\n{wards[0].code}\t10\n{wards[1].code}\t20\n"
    send(activated, text, office)
    send(activated, text, office)
    assert Figure.objects.count() == 2


def test_a_fall_comes_back_until_its_reason_is_in_the_table(activated, wards, office):
    send(activated, f"Mã\tLũy kế\n{wards[0].code}\t100\n", office, day=date(2026, 10, 13))
    kept = send(activated, f"Mã\tLũy kế\n{wards[0].code}\t90\n", office)
    assert (kept.accepted, len(kept.rejected)) == (0, 1)
    kept = send(activated, f"Mã\tLũy kế\tLý do điều chỉnh\n{wards[0].code}\t90\tTrừ trùng\n", office)
    assert (kept.accepted, kept.rejected) == (1, [])


def test_a_ward_sends_its_own_row_only_and_waits_for_sign_off(activated, wards):
    officer = make_officer("ward", "unit_officer", wards[0])
    kept = send(activated, f"Mã\tLũy kế\n{wards[0].code}\t100\n{wards[1].code}\t100\n", officer)
    assert (kept.accepted, [row[0] for row in kept.rejected]) == (1, [3])
    assert wards[1].name not in kept.rejected[0][2]
    assert Figure.objects.get().state == "submitted"


def test_a_column_may_name_the_indicator(activated, plan, wards, office):
    indicators.track(plan.campaign, Indicator.objects.get(code="EID1"))
    text = f"Mã chỉ tiêu\tMã\tLũy kế\nEID1\t{wards[0].code}\t10\nEID3\t{wards[0].code}\t4\nEID9\t{wards[0].code}\t4\n"
    kept = send(activated, text, office, indicator=False)
    assert (kept.accepted, [row[0] for row in kept.rejected]) == (2, [4])


def test_names_alone_find_units_unless_two_share_one(activated, city, wards, office):
    twins = [make_unit(code, city) for code in ("00101", "00102")]
    Unit.objects.filter(pk__in=[unit.pk for unit in twins]).update(name="Phường Đôi", name_fold="phuong doi")
    kept = send(activated, f"Đơn vị\tLũy kế\n{wards[0].name.upper()}\t10\nP. Đôi\t5\nKhông có\t5\n", office)
    assert (kept.accepted, [row[0] for row in kept.rejected]) == (1, [3, 4])


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_is_read_like_what_is_pasted(activated, wards, office, tmp_path, ending):
    """A workbook keeps 38.49 % as 0.3849 and drops the zeros before a code."""
    path = tmp_path / f"bang.{ending}"
    if ending == "csv":
        path.write_text(
            f"Mã;Lũy kế;Mẫu số;Tỷ lệ\n{wards[1].code};449470;1167685;38,49\n", encoding="utf-8-sig"
        )
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["Bảng số liệu"])
            sheet.write_row(2, 0, ["Mã", "Lũy kế", "Mẫu số", "Tỷ lệ"])
            sheet.write_row(3, 0, [int(wards[1].code), 449_470, 1_167_685, 0.3849])
    sent = Sent(path.name, activated, TODAY)
    kept = figure_tables.take_in(
        activated.campaign, from_file(path), sent, Provenance(NOON, "official", office)
    )
    assert (kept.accepted, kept.rejected, kept.doubts) == (1, [], [])
    assert Figure.objects.get().published == 3849


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(TableError):
        from_file(path)


@pytest.mark.data
@pytest.mark.django_db
def test_a_code_is_that_of_the_periods_own_time(today):
    """00004 was Trúc Bạch and is Ba Đình: the day decides, and a name that does not fit is refused."""
    imports.load_vietnam(["01"])
    now = Unit.objects.get(code="01", valid_from=imports.REFORM)
    campaign = Campaign.objects.create(
        code="90", name="90", unit=now, start=date(2025, 5, 1), deadline=date(2026, 11, 29)
    )
    office = make_officer("office", "city_office", now)
    indicators.load()
    tracked = indicators.track(campaign, Indicator.objects.get(code="EID3"))
    before = datetime(2025, 6, 20, 5, tzinfo=UTC)
    old = send(
        tracked, "Mã\tĐơn vị\tLũy kế\n00004\tTrúc Bạch\t5\n", office, day=date(2025, 6, 20), cut_off=before
    )
    new = send(tracked, "Mã\tĐơn vị\tLũy kế\n00004\tPhường Ba Đình\t9\n", office)
    assert (old.rejected, new.rejected) == ([], [])
    assert [(each.unit.name, each.numerator) for each in Figure.objects.all()] == [
        ("Phường Trúc Bạch", 5),
        ("Phường Ba Đình", 9),
    ]
    wrong = send(tracked, "Mã\tĐơn vị\tLũy kế\n00004\tTrúc Bạch\t6\n", office, day=date(2026, 10, 13))
    assert "Ba Đình" in wrong.rejected[0][2]
    gone = send(tracked, "Mã\tLũy kế\n00001\t6\n", office)  # Phúc Xá, whose code nobody has today
    assert "Hồng Hà" in gone.rejected[0][2]
