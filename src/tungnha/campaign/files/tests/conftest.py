"""A city with three wards, as in the room's other tests, and its office."""

import pytest

from tungnha.campaign.tests.conftest import city, make_officer, wards

__all__ = ["city", "office", "wards"]


@pytest.fixture
def office(city, wards):
    return make_officer("office", "city_office", city)
