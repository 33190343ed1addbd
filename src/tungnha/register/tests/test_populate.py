"""Whole generated cities written straight to the tables: as many as asked, placed, marked, and the same each time."""

import numpy as np
import pytest

from tungnha.register import generator
from tungnha.register.models import Household, ListFile
from tungnha.territory import generator as ground
from tungnha.territory import network as graph
from tungnha.territory import queries
from tungnha.territory.imports import load_vietnam
from tungnha.territory.models import Premises


@pytest.fixture
def wards(db):
    load_vietnam(["01"])
    return [queries.unit("00226"), queries.unit("00004")]


def test_shares_sum_to_the_whole_and_follow_the_people(wards):
    for total in (0, 1, 7, 1001):
        shares = ground.share_out(total, wards)
        assert sum(shares.values()) == total
        assert set(shares) == {unit.pk for unit in wards}
    people = [unit.populations.first().people for unit in wards]
    shares = ground.share_out(100_000, wards)
    assert np.allclose(
        [shares[unit.pk] / 100_000 for unit in wards], np.array(people) / sum(people), atol=1e-4
    )


def test_every_door_stands_on_its_street_with_a_household_behind_it_marked_as_generated(wards):
    done = []
    assert generator.populate(wards, {wards[0].pk: 3000}, seed=3, advance=done.append) == 3000
    assert done == [1, 1]
    ward = wards[0]
    assert Household.objects.filter(unit=ward).count() == 3000
    assert not Household.objects.exclude(unit=ward).exists()
    assert ListFile.objects.get().generated
    assert Premises.objects.filter(source__generated=False).count() == 0
    network = graph.unpack(ward.network.arrays)
    for edge, offset, street in ward.premises.values_list("edge", "edge_offset", "street_id"):
        assert 0 <= offset <= network.length[edge] + 1e-6
        assert network.street[edge] == street
    latitude, longitude = np.array(ward.premises.values_list("latitude", "longitude")).T
    projection = graph.Projection(ward.network.origin_latitude, ward.network.origin_longitude)
    away = graph.snap(network, projection.to_metres(longitude, latitude))[2]
    assert away.max() <= ground.SETBACK_METRES + 0.1
    folds = list(ward.premises.values_list("address_fold", "floor"))
    assert len(set(folds)) == len(folds), "no two doors with one address"


def test_who_finds_no_room_along_the_streets_lives_in_a_tower_by_floor(wards):
    ground.make_streets(wards[0])
    length = graph.unpack(wards[0].network.arrays).length.sum()
    houses = int(length / ground.METRES_A_HOUSE)
    generator.populate(wards[:1], {wards[0].pk: houses + 200}, seed=3)
    flats = Premises.objects.filter(kind=Premises.Kind.APARTMENT)
    assert flats.count() == 200
    assert {flat.parent.kind for flat in flats.select_related("parent")} == {Premises.Kind.BLOCK}
    assert Premises.objects.filter(kind=Premises.Kind.BLOCK, households=None).count() == 2
    assert set(flats.values_list("floor", flat=True)) == set(range(2, 2 + ground.FLOORS))
    assert Household.objects.count() == houses + 200


def test_the_same_seed_makes_the_same_city_and_again_makes_more_of_it(wards):
    def city():
        generator.populate(wards[:1], {wards[0].pk: 400}, seed=8)
        rows = list(Premises.objects.order_by("pk").values_list("address", "edge", "edge_offset", "group"))
        return rows, list(Household.objects.order_by("pk").values_list("head_name", flat=True))

    first = city()
    assert city()[0][:400] == first[0]
    assert Household.objects.count() == 800
    Household.objects.all().delete()
    Premises.objects.all().delete()
    assert city() == first
