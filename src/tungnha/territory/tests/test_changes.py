"""Merges, splits and renames: what is refused, what is recorded, what is taken back, and who carries on."""

import json
from datetime import date, timedelta

import pytest
import shapely
from click.testing import CliRunner
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tungnha import cli
from tungnha.territory import changes, imports, queries
from tungnha.territory.changes import Draft, NewUnit, Part
from tungnha.territory.models import Succession, Unit, UnitChange

DAY = date(2026, 10, 15)


def make_unit(code, parent=None, kind="ward", **facts):
    made = Unit.objects.create(
        code=code, name=f"Đơn vị {code}", name_fold=code, kind=kind, parent=parent, path="/", **facts
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


@pytest.fixture
def city(db):
    return make_unit("01", kind="city")


@pytest.fixture
def wards(city):
    return [make_unit(f"0000{n}", city) for n in range(1, 4)]


def record(parts, effective=DAY, **more):
    return changes.record(Draft("9/NQ-HĐND", effective, *parts, **more))


def refused(field, *args, **words):
    before = list(Unit.objects.order_by("pk").values_list("pk", "valid_to"))
    with pytest.raises(ValidationError) as caught:
        record(*args, **words)
    assert list(caught.value.message_dict) == [field]
    assert list(Unit.objects.order_by("pk").values_list("pk", "valid_to")) == before
    assert not UnitChange.objects.exists()
    return caught.value.message_dict[field][0]


def named(code="00009", **more):
    return {"code": code, "name": "Phường Mới", "kind": "ward"} | more


def test_a_merger_ends_the_old_units_and_begins_one_that_may_bear_an_old_code(wards, city):
    record(changes.merger(wards[:2], **named("00001")))
    old, new = Unit.objects.filter(code="00001").order_by("valid_from")
    assert (old.valid_to, new.valid_from, new.valid_to, new.parent) == (DAY, DAY, None, city)
    assert new.path == f"{city.path}{new.pk}/"
    assert queries.unit("00001", DAY) == new
    assert queries.unit("00001", DAY - timedelta(days=1)) == old
    assert set(new.predecessors.values_list("old__code", "whole", "share")) == {
        ("00001", True, 1.0),
        ("00002", True, 1.0),
    }


def test_until_its_day_comes_a_change_changes_no_list(wards, city):
    tomorrow = timezone.localdate() + timedelta(days=1)
    record(changes.merger(wards[:2], **named()), tomorrow)
    assert set(queries.current_units(city, ["ward"])) == set(wards)
    wards[0].refresh_from_db()
    assert queries.successors(wards[0]) == [wards[0]]
    assert [unit.name for unit in queries.successors(wards[0], tomorrow)] == ["Phường Mới"]


def test_groups_go_along_with_a_unit_that_goes_whole(wards):
    group = make_unit("00001.5", wards[0], "group", latitude=21.0)
    record(changes.merger([wards[0]], **named()))
    heir = queries.heirs([group], DAY)[group.pk]
    assert (heir.code, heir.kind, heir.parent.name, heir.latitude) == ("00001.5", "group", "Phường Mới", 21.0)
    assert heir.path == f"{heir.parent.path}{heir.pk}/"


def test_groups_of_a_unit_that_is_cut_up_are_asked_for(wards):
    group = make_unit("00001.5", wards[0], "group")
    parts = changes.splitting(
        wards[0], [(NewUnit(code, code, "ward"), share) for code, share in (("A", 0.7), ("B", 0.3))]
    )
    assert group.name in refused("below", parts)
    record(parts, below={group.pk: "B"})
    assert queries.heirs([group], DAY)[group.pk].parent.code == "B"


@pytest.mark.parametrize(
    ("shares", "accepted"),
    [
        ((0.7, 0.3), True),
        ((None, None), True),
        ((0.7, 0.2), False),
        ((0.7, None), False),
        ((1.2, -0.2), False),
        ((1.0,), True),
        ((None,), False),
    ],
)
def test_shares_are_all_unknown_or_add_up_to_one(wards, shares, accepted):
    parts = changes.splitting(
        wards[0], [(NewUnit(f"A{n}", f"A{n}", "ward"), share) for n, share in enumerate(shares)]
    )
    if accepted:
        record(parts, basis="dân số")
        assert Succession.objects.count() == len(shares)
    else:
        refused("shares", parts)


def test_a_code_that_another_unit_bears_on_that_day_is_refused(wards):
    assert wards[2].name in refused("new", changes.merger(wards[:2], **named(wards[2].code)))
    twice = [NewUnit("A", "A", "ward")] * 2
    refused("new", (twice, [Part(ward, "A", 1.0) for ward in wards[:2]]))
    refused("new", changes.merger([wards[0]], **named(name=" ")))


def test_a_unit_ends_once_and_only_while_it_exists(wards):
    young = make_unit("00008", wards[0].parent, valid_from=DAY)
    refused("effective", changes.merger([young], **named()))
    group = make_unit("g", wards[0], "group")
    assert group.name in refused(
        "units",
        changes.merger(
            [wards[0], group],
            **named(),
        ),
    )
    wards[1].valid_to = DAY + timedelta(days=3)
    wards[1].save()
    refused("units", changes.merger(wards[:2], **named()))


def test_units_of_two_districts_need_a_place_for_the_new_one(city, wards):
    district = make_unit("021", city, "district")
    far = make_unit("00077", district)
    refused("new", changes.merger([wards[0], far], **named()))
    record(
        ([NewUnit("00009", "Mới", "ward", district)], [Part(wards[0], "00009", 1.0), Part(far, "00009", 1.0)])
    )
    assert queries.unit("00009", DAY).parent == district


def test_a_merger_covers_the_ground_of_both(wards):
    for n, ward in enumerate(wards[:2]):
        ward.boundary, ward.area_km2 = shapely.to_wkb(shapely.box(n, 0, n + 1, 1)), 2.5
        ward.save()
    record(changes.merger([queries.unit(ward.code) for ward in wards[:2]], **named()))
    new = Unit.objects.get(code="00009")
    assert (shapely.from_wkb(bytes(new.boundary)).area, new.area_km2) == (2.0, 5.0)


def test_a_change_whose_day_has_not_come_can_be_taken_back(wards):
    group = make_unit("g", wards[0], "group")
    change = record(changes.merger(wards[:2], **named()), timezone.localdate() + timedelta(days=9))
    changes.cancel(change)
    assert set(Unit.objects.values_list("code", "valid_to")) == {
        *((ward.code, None) for ward in wards), ("01", None), (group.code, None),
    }  # fmt: skip
    past = record(changes.merger([wards[0]], **named()), timezone.localdate())
    with pytest.raises(ValidationError):
        changes.cancel(past)


def test_a_change_on_which_something_already_stands_is_not_taken_back(wards):
    change = record(changes.merger(wards[:2], **named()), timezone.localdate() + timedelta(days=9))
    imports.services.ensure_premises(
        Unit.objects.get(code="00009"),
        [imports.services.PremisesDraft("Số 1")],
        imports.services.record_source("x"),
    )
    with pytest.raises(ValidationError):
        changes.cancel(change)
    assert Unit.objects.filter(code="00009").exists()


def test_shares_stated_later_are_those_of_every_part(wards):
    news = [(NewUnit(code, code, "ward"), None) for code in "AB"]
    change = record(changes.splitting(wards[0], news))
    first, second = Unit.objects.filter(code__in="AB").order_by("code")
    assert queries.heirs([wards[0]], DAY) == {wards[0].pk: None}
    for shares in ({first.pk: 0.5}, {first.pk: 0.5, second.pk: 0.4}, {first.pk: 1.2, second.pk: -0.2}):
        with pytest.raises(ValidationError):
            changes.state_shares(change, wards[0], shares, basis="dân số")
    with pytest.raises(ValidationError):
        changes.state_shares(change, wards[0], {first.pk: 0.4, second.pk: 0.6}, basis=" ")
    changes.state_shares(change, wards[0], {first.pk: 0.4, second.pk: 0.6}, basis="dân số")
    assert queries.heirs([wards[0]], DAY) == {wards[0].pk: second}


@pytest.mark.django_db
@given(
    shares=st.lists(st.integers(1, 20), min_size=1, max_size=5),
    known=st.booleans(),
)
def test_the_greater_part_carries_on_and_there_is_never_more_than_one(shares, known):
    with transaction.atomic():
        ward = make_unit("1", make_unit("01", kind="city"))
        total = sum(shares)
        given_shares = [one / total if known or len(shares) == 1 else None for one in shares]
        news = [(NewUnit(f"A{n}", "x", "ward"), share) for n, share in enumerate(given_shares)]
        record(changes.splitting(ward, news), basis="dân số")
        heir = queries.heirs([ward], DAY)[ward.pk]
        greater = [n for n, one in enumerate(shares) if 2 * one > total]
        assert (heir.code if heir else None) == (
            f"A{greater[0]}" if greater and given_shares[0] is not None else None
        )
        assert queries.heirs([ward], DAY - timedelta(days=1)) == {ward.pk: ward}
        transaction.set_rollback(True)


def test_in_hanois_change_of_2025_whole_wards_carry_on_and_the_others_wait(db):
    imports.load_vietnam(["01"])
    old = list(Unit.objects.filter(valid_to=imports.REFORM))
    heirs = queries.heirs(old, imports.REFORM)
    by_kind = {}
    for unit in old:
        followed, stuck = by_kind.get(unit.kind, (0, 0))
        carried = heirs[unit.pk] is not None
        by_kind[unit.kind] = (followed + carried, stuck + (not carried))
    assert by_kind["city"] == (1, 0)
    assert by_kind["district"] == (0, 30)
    wards = [sum(by_kind[kind][n] for kind in ("ward", "commune", "township")) for n in (0, 1)]
    assert sum(wards) == 526
    assert (
        wards[0]
        == Succession.objects.filter(whole=True, old__kind__in=["ward", "commune", "township"]).count()
    )
    # The code 00004 was Trúc Bạch and is Ba Đình: the unit goes by its own successions, not by its code.
    truc_bach = Unit.objects.get(code="00004", valid_to=imports.REFORM)
    assert heirs[truc_bach.pk] != truc_bach
    stuck = next(unit for unit in old if unit.kind == "ward" and heirs[unit.pk] is None)
    assert queries.levels_above([stuck], imports.REFORM) == {stuck.pk: queries.unit("01")}


def table(tmp_path, *rows, header="mã cũ;mã mới;tên mới;loại mới;tỷ lệ"):
    path = tmp_path / "nghị quyết.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8-sig")
    return path


def run(*words):
    return CliRunner().invoke(cli.main, ["--json", "units", *map(str, words)])


def test_a_decision_in_which_parts_of_several_units_become_one_comes_as_a_table(wards, tmp_path):
    path = table(
        tmp_path,
        "00001;09001;Phường Một;Phường;60",
        "00001;09002;Phường Hai;Phường;40",
        "00002;09002;;;",
    )
    done = run("record-change", path, "--document", "9/NQ-HĐND", "--from", DAY, "--basis", "dân số")
    assert json.loads(done.stdout) | {"change": 0} == {"change": 0, "old": 2, "new": 2}
    assert set(Succession.objects.values_list("old__code", "new__code", "share", "whole")) == {
        ("00001", "09001", 0.6, False),
        ("00001", "09002", 0.4, False),
        ("00002", "09002", 1.0, True),
    }
    assert queries.heirs(wards, DAY)[wards[0].pk].name == "Phường Một"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("09999;1;Một;Phường;", "09999"),
        ("00001;1;Một;Làng;", "Làng"),
        ("00001;1;Một;Phường;nửa", "nửa"),
        ("00001;09001;Tên khác;Phường;", "09001"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_recorded(wards, tmp_path, row, told):
    path = table(tmp_path, "00002;09001;Phường Một;Phường;", row)
    done = run("record-change", path, "--document", "9/NQ-HĐND", "--from", DAY)
    assert (done.exit_code, "3" in done.output, told in done.output) == (1, True, True)
    assert not UnitChange.objects.exists()


def test_a_table_without_its_columns_is_refused(wards, tmp_path):
    done = run("record-change", table(tmp_path, "1;2", header="cũ;mới"), "--document", "9", "--from", DAY)
    assert (done.exit_code, "nghị quyết.csv" in done.output) == (1, True)


def test_following_by_the_command_says_what_moved(wards):
    done = run("follow-changes")
    assert json.loads(done.stdout) == {"moved": {}, "waiting": {}}
