"""Official numbers have one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign.documents import NotANumberError, official_number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Số: 5 / KH - UBND", "05/KH-UBND"),
        ("1565/QĐ-TTg", "1565/QĐ-TTg"),
        ("42/2022/NĐ-CP", "42/2022/NĐ-CP"),
        ("12/UBND-VX", "12/UBND-VX"),
        ("05-KH/BCĐ57", "05-KH/BCĐ57"),
        ("số 190/TB-TTPVHCC ", "190/TB-TTPVHCC"),
        ("408/2025/NQ-CP", "408/2025/NQ-CP"),
    ],
)
def test_both_families_are_read(typed, kept):
    assert official_number(typed) == kept


@pytest.mark.parametrize("typed", ["", "KH-UBND", "123", "không số", "12/", "/KH", "12//KH", "=1+1/KH"])
def test_other_text_is_refused(typed):
    with pytest.raises(NotANumberError):
        official_number(typed)


@given(
    st.one_of(
        st.text(), st.from_regex(r"[Ss]ố:? ?\d{1,4} ?[/-] ?[A-ZĐ]{2} ?[/-] ?[A-ZĐ]{2,6}", fullmatch=True)
    )
)
def test_reading_twice_changes_nothing(text):
    try:
        once = official_number(text)
    except NotANumberError:
        return
    assert official_number(once) == once
