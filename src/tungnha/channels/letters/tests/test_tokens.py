import string

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tungnha.channels.letters.tokens import LENGTH, Token, sign, verify

KEY = bytes(range(32))
households = st.integers(0, 2**40 - 1)
waves = st.integers(0, 2**24 - 1)


def _token(household, wave, key=KEY):
    return sign(key, [household], wave)[0].tobytes().decode()


@given(households, waves)
def test_a_token_says_its_household_and_wave(household, wave):
    token = _token(household, wave)
    assert len(token) == LENGTH
    assert verify(KEY, token) == verify(KEY, token.lower()) == Token(household, wave)


@given(households, waves, st.integers(0, LENGTH - 1), st.sampled_from(string.ascii_uppercase + "234567"))
def test_an_altered_token_does_not_verify(household, wave, place, letter):
    token = _token(household, wave)
    altered = token[:place] + letter + token[place + 1 :]
    assert altered == token or verify(KEY, altered) is None


@given(st.text(max_size=40))
def test_any_other_text_is_not_a_token(text):
    assert verify(KEY, text) is None


@given(households, waves)
def test_another_installation_does_not_accept_it(household, wave):
    assert verify(b"x" * 32, _token(household, wave)) is None


def test_a_batch_equals_one_by_one():
    numbers = np.arange(1, 300, 7)
    assert [row.tobytes().decode() for row in sign(KEY, numbers, 5)] == [_token(n, 5) for n in numbers]
