"""Codes of an app and recovery codes are taken once, and guessing is stopped."""

import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tungnha.accounts import services, totp
from tungnha.accounts.models import RecoveryCode, TotpSecret, User
from tungnha.accounts.services import factors

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000
SECRET = b"12345678901234567890"


@pytest.fixture
def clock(monkeypatch):
    """The time of codes, to be moved by hand."""
    now = [float(NOW)]
    monkeypatch.setattr(factors.time, "time", lambda: now[0])
    return now


@pytest.fixture
def person(clock):
    user = services.create_user("huong", "mật khẩu thật dài 9")
    factors.add_totp(user, SECRET, totp.code_at(SECRET, NOW - 60 + 30))
    return user


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(moment, code):
    assert totp.code_at(SECRET, moment) == code


def test_a_code_is_taken_once(person):
    code = totp.code_at(SECRET, NOW)
    factors.check_code(person, code)
    with pytest.raises(ValidationError):
        factors.check_code(person, code)


def test_the_code_that_enrolled_does_not_also_sign_in(person):
    with pytest.raises(ValidationError):
        factors.check_code(person, totp.code_at(SECRET, NOW - 30))


@pytest.mark.parametrize(("off", "taken"), [(-60, False), (0, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_off(person, off, taken):
    if taken:
        factors.check_code(person, totp.code_at(SECRET, NOW + off))
    else:
        with pytest.raises(ValidationError):
            factors.check_code(person, totp.code_at(SECRET, NOW + off))


def test_after_five_wrong_codes_even_the_right_one_waits(person):
    for _try in range(factors.TRIES):
        with pytest.raises(ValidationError) as wrong:
            factors.check_code(person, "000000")
        assert wrong.value.error_dict["code"][0].code != "paused"
    right = totp.code_at(SECRET, NOW)
    with pytest.raises(ValidationError) as paused:
        factors.check_code(person, right)
    assert paused.value.error_dict["code"][0].code == "paused"
    User.objects.update(factor_tried_at=timezone.now() - factors.PAUSE - factors.timedelta(seconds=1))
    factors.check_code(person, right)


def test_right_codes_do_not_count_as_tries(person, clock):
    for step in range(factors.TRIES + 2):
        clock[0] = NOW + 30 * step
        factors.check_code(person, totp.code_at(SECRET, clock[0]))


def test_a_recovery_code_opens_once_however_it_is_typed(person):
    codes = factors.new_recovery_codes(person)
    assert len(set(codes)) == factors.CODES
    factors.check_code(person, codes[3].upper().replace("-", " "))
    with pytest.raises(ValidationError):
        factors.check_code(person, codes[3])
    factors.check_code(person, codes[4])


def test_new_recovery_codes_replace_the_old_ones(person):
    old = factors.new_recovery_codes(person)
    factors.new_recovery_codes(person)
    with pytest.raises(ValidationError):
        factors.check_code(person, old[0])


def test_another_persons_codes_do_not_open(person):
    other = services.create_user("lan", "mật khẩu thật dài 9")
    with pytest.raises(ValidationError):
        factors.check_code(other, factors.new_recovery_codes(person)[0])


def test_neither_secret_nor_code_is_kept_in_clear(person):
    codes = factors.new_recovery_codes(person)
    kept = bytes(TotpSecret.objects.get().secret_sealed)
    assert SECRET not in kept
    assert SECRET.hex().encode() not in kept
    hashes = {bytes(one.code_hash) for one in RecoveryCode.objects.all()}
    assert not {code.replace("-", "").encode()[:16] for code in codes} & hashes


def test_the_last_factor_stays(person):
    with pytest.raises(ValidationError):
        factors.remove_totp(person)
    assert TotpSecret.objects.exists()


def test_a_reset_takes_everything_and_ends_every_session(person, client):
    client.force_login(person)
    factors.new_recovery_codes(person)
    factors.reset(person)
    person.refresh_from_db()
    assert (person.second_factor_at, person.recovery_codes.count(), person.sessions.count()) == (None, 0, 0)
    assert not TotpSecret.objects.exists()


def test_the_code_of_a_wrong_phone_does_not_enrol():
    user = services.create_user("minh", "mật khẩu thật dài 9")
    with pytest.raises(ValidationError):
        factors.add_totp(user, SECRET, totp.code_at(b"x" * 20, time.time()))
    user.refresh_from_db()
    assert user.second_factor_at is None
