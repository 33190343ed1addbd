"""What the pages of a unit show, take in and refuse. Who may open them is tried in `test_doors.py`."""

import gzip
import json

import pytest
from django.urls import reverse

from tungnha.accounts import services
from tungnha.office.tests import doors_unit
from tungnha.office.tests.doors import World
from tungnha.territory.models import Unit

pytestmark = pytest.mark.django_db


def make_unit(code, name):
    unit = Unit.objects.create(code=code, name=name, name_fold=name.lower(), kind="ward", path=f"/{code}/")
    Unit.objects.filter(pk=unit.pk).update(path=f"/{unit.pk}/")
    unit.refresh_from_db()
    return unit


@pytest.fixture
def ward():
    author = services.create_user("nguoi-lap", "mật khẩu thật dài 9")
    unit = make_unit("00226", "Văn Miếu")
    return doors_unit.objects(World(city=unit, ward=unit, other=None, campaign=None, author=author))


def sign_in(client, role=None, unit=None):
    user = services.create_user("huong", "mật khẩu thật dài 9")
    if role:
        services.grant_role(user, role, unit)
    client.force_login(user)
    return user


def address(name, ward):
    arguments = [ward[key] for key in doors_unit.DOORS[name].arguments]
    return reverse(name, args=[one if isinstance(one, str) else one.pk for one in arguments])


def test_those_without_a_role_see_an_empty_home(client, ward):
    sign_in(client)
    for name in ("home", "campaigns"):
        assert ward["unit"].name not in client.get(reverse(name)).content.decode(), name


@pytest.mark.parametrize("name", ["unit", "search", "layer", "turfs", "turf", "turf-layer"])
def test_an_administrator_sees_no_names(client, ward, name):
    sign_in(client, "administrator", ward["unit"])
    page = client.get(address(name, ward), {"q": "dao"})
    assert page.status_code == 200
    assert ward["home"].head_name not in page.content.decode()


def test_another_officers_decision_changes_nothing(client, ward):
    sign_in(client, "unit_officer", make_unit("00229", "Ô Chợ Dừa"))
    client.post(address("decide-match", ward), {"state": "same"})
    ward["match"].refresh_from_db()
    assert ward["match"].state == "open"


def test_the_first_decision_stands(client, ward):
    sign_in(client, "unit_officer", ward["unit"])
    for state in ("different", "same"):
        client.post(address("decide-match", ward), {"state": state})
    ward["match"].refresh_from_db()
    assert (ward["match"].state, ward["match"].decided_by) == ("different", "huong")


def test_search_needs_no_marks_and_links_the_turf(client, ward):
    sign_in(client, "unit_officer", ward["unit"])
    for text in ("34/5", "dao", "NGÕ 34"):
        page = client.get(address("search", ward), {"q": text}).content.decode()
        assert address("turf", ward) in page, text


def test_an_administrators_search_goes_by_address_only(client, ward):
    sign_in(client, "administrator", ward["unit"])
    assert address("turf", ward) not in client.get(address("search", ward), {"q": "dao"}).content.decode()


def test_generated_data_are_marked_on_every_page(client, ward):
    sign_in(client, "unit_officer", ward["unit"])
    for name in ("unit", "turfs", "turf", "households", "lists", "list", "matches"):
        assert 'class="simulated"' in client.get(address(name, ward)).content.decode(), name


def test_a_layer_is_compressed_private_and_sent_once(client, ward):
    sign_in(client, "unit_officer", ward["unit"])
    first = client.get(address("layer", ward), headers={"accept-encoding": "gzip"})
    assert json.loads(gzip.decompress(first.content))["features"][0]["properties"]["t"] == 0
    assert "private" in first["Cache-Control"]
    again = client.get(address("layer", ward), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_list_goes_from_upload_to_report(client, ward, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.TUNGNHA_DATA = tmp_path
    sign_in(client, "unit_officer", ward["unit"])
    text = "Danh sách hộ\nHọ và tên,Địa chỉ,Năm sinh\nTrần Văn Hùng,Số 3 ngõ 7,1970\n,Số 5 ngõ 7,1980\n"
    sent = SimpleUploadedFile("../to 5.csv", text.encode())
    page = client.post(address("lists", ward), {"file": sent}, follow=True)
    assert "Trần Văn Hùng" in page.content.decode()
    here = page.redirect_chain[-1][0]
    kept = [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any("Trần Văn Hùng".encode() in path.read_bytes() for path in kept), "it waits sealed"
    columns = {f"column-{column['guess'].column}": column["field"] for column in page.context["columns"]}
    report = client.post(here, columns | {"action": "run"}, follow=True)
    assert (report.context["list"].accepted, report.context["list"].rejected) == (1, 1)
    mend = client.get(reverse("list-mend", args=[report.context["list"].pk]))
    assert "Số 5 ngõ 7" in b"".join(mend.streaming_content).decode("utf-8-sig")
    assert client.get(here).status_code == 404
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_upload_is_found_only_by_its_sender(client, ward, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.TUNGNHA_DATA = tmp_path
    sign_in(client, "unit_officer", ward["unit"])
    sent = SimpleUploadedFile("a.csv", "Họ và tên,Địa chỉ\nLan,Số 1\n".encode())
    here = client.post(address("lists", ward), {"file": sent})["Location"]
    other = services.create_user("lan", "mật khẩu thật dài 9")
    services.grant_role(other, "unit_officer", ward["unit"])
    client.force_login(other)
    assert client.get(here).status_code == 404


def test_a_file_of_another_kind_is_refused(client, ward):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sign_in(client, "unit_officer", ward["unit"])
    response = client.post(address("lists", ward), {"file": SimpleUploadedFile("a.exe", b"MZ")})
    assert response.status_code == 400
