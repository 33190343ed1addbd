from hypothesis import given
from hypothesis import strategies as st

from tungnha.register.doorcodes import ALPHABET, door_code


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_five_clear_characters_and_stays_the_same(identity):
    code = door_code(identity)
    assert len(code) == 5
    assert set(code) <= set(ALPHABET)
    assert door_code(memoryview(identity)) == code


def test_no_two_characters_of_the_alphabet_are_mistaken_for_one_another():
    for pair in ("0O", "1I", "1L", "IL", "2Z", "5S", "8B"):
        assert not set(pair) <= set(ALPHABET)


def test_neighbours_have_unlike_codes():
    codes = {door_code(number.to_bytes(16, "big")) for number in range(2_000)}
    assert len(codes) >= 1_998


def test_another_key_gives_other_codes(monkeypatch):
    before = door_code(bytes(16))
    monkeypatch.setattr("tungnha.register.doorcodes._key", lambda: b"another" * 5)
    assert door_code(bytes(16)) != before
