"""A link lets one person in once, and only who may give the role sends it."""

import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tungnha.accounts import scope, services, totp
from tungnha.accounts.models import Invitation, OutsideIdentity, User
from tungnha.accounts.queries import people as reads
from tungnha.accounts.services import factors, identities, people, roles
from tungnha.accounts.tests.test_scope import make_unit

pytestmark = pytest.mark.django_db
PASSWORD = "mật khẩu thật dài 9"


@pytest.fixture
def places():
    city = make_unit("01", "Hà Nội", kind="city")
    return {"city": city, "ward": make_unit("00226", "Văn Miếu", city)}


def administrator(unit, name="quan-tri"):
    user = services.create_user(name, PASSWORD)
    services.grant_role(user, "administrator", unit)
    return user


def invite(places, **changes):
    given = {
        "username": "huong",
        "full_name": "Nguyễn Thị Hường",
        "role": "unit_officer",
        "unit": places["ward"],
    }
    return people.invite(**given | changes)


def test_an_invited_person_chooses_the_password_and_holds_the_role(places):
    user, token = invite(places, by=administrator(places["ward"]))
    assert not user.check_password(PASSWORD)
    people.accept(token, PASSWORD)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert scope.may(user, "people", places["ward"])
    assert user.roles.get().granted_by == "quan-tri"


def test_a_link_works_once(places):
    _user, token = invite(places)
    people.accept(token, PASSWORD)
    with pytest.raises(ValidationError):
        people.accept(token, "một mật khẩu khác hẳn")


def test_a_link_works_only_while_it_lasts(places):
    _user, token = invite(places)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert people.invited(token) is None


def test_a_new_link_puts_the_old_one_out_of_use(places):
    user, old = invite(places)
    new = people.new_link(user)
    assert (people.invited(old), people.invited(new)) == (None, user)


def test_a_weak_password_leaves_the_link_good(places):
    user, token = invite(places)
    with pytest.raises(ValidationError):
        people.accept(token, "ngắn")
    assert people.invited(token) == user


def test_the_token_is_not_kept(places):
    _user, token = invite(places)
    assert token.encode() not in bytes(Invitation.objects.get().token_hash)


def test_who_may_not_give_the_role_adds_nobody(places):
    with pytest.raises(ValidationError):
        invite(places, role="auditor", by=administrator(places["ward"]))
    assert not User.objects.filter(username="huong").exists()


@pytest.mark.parametrize(
    ("role", "at", "by", "given"),
    [
        ("unit_officer", "ward", "ward", True),
        ("unit_officer", "ward", "city", True),
        ("unit_officer", "city", "ward", False),
        ("administrator", "ward", "ward", False),
        ("administrator", "ward", "city", True),
        ("auditor", "city", "city", False),
        ("volunteer", "ward", "ward", True),
    ],
)
def test_who_gives_what(places, role, at, by, given):
    user = services.create_user("huong", PASSWORD)
    giver = administrator(places[by])
    if given:
        held = roles.give_role(giver, user, role=role, unit=places[at])
        roles.take_role(giver, held)
        return
    with pytest.raises(ValidationError):
        roles.give_role(giver, user, role=role, unit=places[at])
    held = services.grant_role(user, role, places[at])
    with pytest.raises(ValidationError):
        roles.take_role(giver, held)
    held.refresh_from_db()
    assert held.valid_to is None


def test_nobody_gives_or_ends_their_own(places):
    giver = administrator(places["city"])
    with pytest.raises(ValidationError):
        roles.give_role(giver, giver, role="unit_officer", unit=places["ward"])
    own = services.grant_role(giver, "analyst", places["ward"])
    with pytest.raises(ValidationError):
        roles.take_role(giver, own)


def test_a_wards_administrator_does_not_take_over_a_city_officers_sign_in(places):
    person = services.create_user("to-cong-tac", PASSWORD)
    services.grant_role(person, "unit_officer", places["ward"])
    of_ward, of_city = administrator(places["ward"]), administrator(places["city"], "quan-tri-tp")
    assert scope.stands_over(of_ward, person)
    services.grant_role(person, "city_office", places["city"])
    assert [scope.stands_over(one, person) for one in (of_ward, of_city, person)] == [False, True, False]


def test_people_are_found_without_marks_in_ones_units_only(places):
    other = make_unit("00229", "Ô Chợ Dừa", places["city"])
    invite(places)
    invite(places, username="dao", full_name="Trần Thị Đào", unit=other)
    seen = reads.people_seen_by(administrator(places["ward"]))
    assert [user.username for user in seen] == ["huong", "quan-tri"]
    seen = reads.people_seen_by(administrator(places["city"], "quan-tri-tp"), text="tran thi dao")
    assert [user.username for user in seen] == ["dao"]


def test_an_identity_is_one_persons_and_kept_as_a_hash(places):
    first, _token = invite(places)
    second, _token = invite(places, username="lan")
    given = {"issuer": "https://idp.example", "by": "number", "linked_by": "quan-tri"}
    identities.link(first, value="001085000001", **given)
    with pytest.raises(ValidationError):
        identities.link(second, value=" 001085000001 ", **given)
    assert b"001085000001" not in bytes(OutsideIdentity.objects.get().value_hash)
    told = reads.Told("https://idp.example", (("subject", "x"), ("number", "001085000001")))
    assert reads.linked(told) == first
    assert reads.linked(reads.Told("https://other.example", told.identifiers)) is None


@pytest.mark.parametrize(("giver", "left"), [("city", (False, False)), ("ward", (True, True))])
def test_a_greater_role_ends_the_ways_in_that_a_lesser_administrator_made(places, giver, left):
    """Otherwise a ward's administrator keeps a link, and comes in as the city's officer that the person becomes."""
    lesser, chief = administrator(places["ward"]), administrator(places["city"], "giam-doc")
    user, token = invite(places, by=lesser, role="volunteer")
    identities.link(user, issuer="https://id.vn", by="subject", value="của tôi", linked_by=lesser.username)
    role = "city_office" if giver == "city" else "point_staff"
    roles.give_role(chief, user, role=role, unit=places[giver])
    assert (people.invited(token) == user, OutsideIdentity.objects.filter(user=user).exists()) == left


def test_whoever_opened_the_link_they_made_is_out_once_the_person_gets_a_greater_role(places):
    """The attack: a ward's administrator invites somebody, opens the link, and waits until the city promotes them."""
    lesser, chief = administrator(places["ward"]), administrator(places["city"], "giam-doc")
    victim, token = invite(places, by=lesser, role="volunteer")
    people.accept(token, PASSWORD)
    attacker = Client()
    attacker.force_login(User.objects.get(pk=victim.pk))
    secret = b"12345678901234567890"
    factors.add_totp(victim, secret, totp.code_at(secret, time.time()))
    codes = factors.new_recovery_codes(victim)
    own = {"issuer": "https://id.vn", "by": "subject", "value": "kẻ khác"}
    identities.link(victim, linked_by=victim.username, **own)

    roles.give_role(chief, victim, role="city_office", unit=places["city"])

    assert attacker.get(reverse("home")).status_code == 302
    assert not Client().login(username="huong", password=PASSWORD)
    assert reads.linked(reads.Told("https://id.vn", (("subject", "kẻ khác"),))) is None
    fresh = people.new_link(victim, by=chief.username)
    promoted = people.accept(fresh, "một mật khẩu khác 7")
    assert promoted.second_factor_at is None
    with pytest.raises(ValidationError):
        factors.check_code(promoted, codes[0])
    roles.give_role(chief, promoted, role="analyst", unit=places["city"])
    assert promoted.has_usable_password(), "what the chief set up stays"


def test_another_role_that_the_same_administrator_may_give_leaves_the_sign_in(places):
    lesser, chief = administrator(places["ward"]), administrator(places["city"], "giam-doc")
    user, token = invite(places, by=lesser, role="volunteer")
    people.accept(token, PASSWORD)
    roles.give_role(chief, user, role="unit_officer", unit=places["ward"])
    assert Client().login(username="huong", password=PASSWORD)


def test_a_greater_role_leaves_the_link_of_whoever_gives_it(places):
    chief = administrator(places["city"])
    user, token = invite(places, by=chief, role="volunteer")
    roles.give_role(chief, user, role="city_office", unit=places["city"])
    assert people.invited(token) == user
