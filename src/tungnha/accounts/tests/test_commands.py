import json

import pytest
from click.testing import CliRunner

from tungnha.accounts import scope
from tungnha.accounts.commands import users
from tungnha.accounts.models import User
from tungnha.accounts.tests.test_scope import make_unit

pytestmark = pytest.mark.django_db


def run(*words, as_json=True):
    return CliRunner().invoke(users, list(words), obj={"json": as_json})


def test_add_then_grant_lets_a_person_see_the_unit():
    unit = make_unit("00226", "Văn Miếu")
    added = json.loads(run("add", "huong").stdout)
    assert len(added["password"]) >= 12
    granted = json.loads(run("grant", "huong", "unit_officer", "00226").stdout)
    assert granted["unit_name"] == "Văn Miếu"
    assert scope.may(User.objects.get(username="huong"), "people", unit)


def test_an_unknown_unit_or_person_is_said_plainly():
    make_unit("00226", "Văn Miếu")
    run("add", "huong")
    assert run("grant", "huong", "unit_officer", "99999").exit_code == 1
    assert run("grant", "nobody", "unit_officer", "00226").exit_code == 1


def test_a_taken_name_is_refused():
    run("add", "huong")
    assert run("add", "huong").exit_code == 1
