"""Figures told in other units: whole ones, stated shares, and estimates that are asked for and marked."""

from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign.restating import Link, spread


def test_a_whole_unit_is_exact_and_adds_to_what_is_there():
    told = spread({1: 70, 2: 30, 9: 5}, {1: [Link(9, 1.0)], 2: [Link(9, 1.0)]})
    assert (told.values, told.estimated, told.unknown) == ({9: 105}, set(), set())


def test_stated_shares_divide_without_being_an_estimate():
    told = spread({1: 101}, {1: [Link(8, 0.25), Link(9, 0.75)]})
    assert (told.values, told.estimated) == ({8: 25, 9: 76}, set())


def test_an_unstated_share_goes_nowhere_until_somebody_says_on_what_basis():
    links = {1: [Link(8, None), Link(9, None)]}
    assert spread({1: 100}, links).unknown == {1}
    assert spread({1: 100}, links, {8: 1}).unknown == {1}
    told = spread({1: 100}, links, {8: 300, 9: 100})
    assert (told.values, told.estimated, told.unknown) == ({8: 75, 9: 25}, {8, 9}, set())


def test_a_stated_share_is_kept_and_only_the_rest_is_estimated():
    told = spread({1: 100}, {1: [Link(7, 0.6), Link(8, None), Link(9, None)]}, {8: 1, 9: 3})
    assert (told.values, told.estimated) == ({7: 60, 8: 10, 9: 30}, {8, 9})


def test_shares_that_do_not_add_up_are_unknown():
    assert spread({1: 100}, {1: [Link(8, 0.5), Link(9, 0.3)]}).unknown == {1}
    assert spread({1: 100}, {1: [Link(8, 0.4)]}).unknown == {1}


@given(
    st.dictionaries(st.integers(0, 30), st.integers(0, 10**9), min_size=1),
    st.dictionaries(
        st.integers(0, 30), st.lists(st.integers(100, 130), min_size=1, max_size=5, unique=True), max_size=30
    ),
    st.integers(1, 1000),
)
def test_a_total_is_kept_to_the_last_one(values, ways, people):
    links = {old: [Link(new, None) for new in news] for old, news in ways.items()}
    told = spread(values, links, {new: people + new for new in range(100, 131)})
    assert sum(told.values.values()) == sum(values.values())
    assert told.unknown == set()
