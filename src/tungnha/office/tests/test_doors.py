"""Knocks on every address as nobody, as another ward's officer and as the ward's own. A new address needs a line here."""

import gzip
import json

import pytest
from django.urls import get_resolver, reverse

from tungnha.accounts import services
from tungnha.campaign.models import Campaign, Evidence, Phase, Plan, Task, TaskDependency
from tungnha.outreach.models import Stop, Turf, TurfPlan
from tungnha.register.models import Household, ListFile, MatchCandidate, Resident
from tungnha.territory.models import Premises, Source, Unit

pytestmark = pytest.mark.django_db

OPEN = {"sign-in": 200, "set-language": 302}
"""Addresses anybody may use."""
NO_UNIT = {"home": 200, "sign-out": 405, "campaigns": 200, "campaign-new": 404}
"""Addresses of anybody who signed in. Signing out takes a POST; a campaign needs a unit where one plans."""
# Address → (its arguments, what the ward's officer gets, whether an administrator, who sees no people, is let in)
OF_A_UNIT = {
    "unit": (("unit",), 200, True),
    "search": (("unit",), 200, True),
    "layer": (("unit", "=cua"), 200, True),
    "turfs": (("unit",), 200, True),
    "households": (("unit",), 200, False),
    "matches": (("unit",), 200, False),
    "lists": (("unit",), 200, False),
    "list-preview": (("unit", "=" + "0" * 32), 404, False),  # no such upload
    "list": (("list",), 200, False),
    "list-mend": (("list",), 404, False),  # nothing to mend
    "decide-match": (("match",), 405, False),  # a decision takes a POST
    "turf": (("turf",), 200, True),
    "turf-layer": (("turf",), 200, True),
    "walk-list": (("turf",), 200, False),
    "letters": (("turf",), 404, False),  # none printed yet
    "letter": (("turf", "home"), 404, False),
    "campaign": (("campaign",), 200, False),
    "campaign-change": (("campaign",), 200, False),
    "phases": (("campaign",), 200, False),
    "phase": (("phase",), 200, False),
    "plan-new": (("campaign",), 200, False),
    "plan-change": (("plan",), 200, False),
    "plan-file": (("plan",), 404, False),  # no scan sent
    "tasks-new": (("plan",), 200, False),
    "tasks": (("campaign",), 200, False),
    "late": (("campaign",), 200, False),
    "organisations": (("campaign",), 200, False),
    "task": (("task",), 200, False),
    "task-change": (("task",), 200, False),
    "task-move": (("task",), 405, False),  # these take a POST
    "evidence-new": (("task",), 405, False),
    "evidence-file": (("evidence",), 404, False),  # words only
    "dependency-new": (("task",), 200, False),
    "dependency-remove": (("dependency",), 405, False),
}


def make_unit(code, name):
    unit = Unit.objects.create(code=code, name=name, name_fold=name.lower(), kind="ward", path=f"/{code}/")
    Unit.objects.filter(pk=unit.pk).update(path=f"/{unit.pk}/")
    unit.refresh_from_db()
    return unit


@pytest.fixture
def ward():
    unit = make_unit("00226", "Văn Miếu")
    source = Source.objects.create(name="test", generated=True)
    list_file = ListFile.objects.create(unit=unit, name="Tổ 5.xlsx", sha256="0" * 64, generated=True)
    door = Premises.objects.create(
        unit=unit, address="Số 12 ngõ 34/5", address_fold="so 12 ngo 34/5", source=source, latitude=21.03, longitude=105.84
    )  # fmt: skip
    home = Household.objects.create(
        premises=door, unit=unit, identity=b"h" * 16, head_name="Nguyễn Thị Đào", head_fold="nguyen thi dao", list_file=list_file
    )  # fmt: skip
    left, right = (
        Resident.objects.create(household=home, identity=bytes([n]) * 16, full_name="Đào", name_fold="dao", list_file=list_file)
        for n in range(2)
    )  # fmt: skip
    plan = TurfPlan.objects.create(unit=unit, seed=1, settings={}, on_streets=False, generated=True)
    turf = Turf.objects.create(
        plan=plan, number=0, doors=1, minutes=9.0, walk_metres=20.0, diameter_metres=0.0, connected=True
    )
    Stop.objects.create(plan=plan, turf=turf, position=0, household=home)
    match = MatchCandidate.objects.create(left=left, right=right, probability=0.9)
    days = {"start": "2026-09-01", "deadline": "2026-11-29"}
    campaign = Campaign.objects.create(code="90-ngay", name="90 ngày đêm", unit=unit, **days)
    phase = Phase.objects.create(campaign=campaign, name="Cao điểm", start="2026-09-10", end="2026-10-10")
    issued = Plan.objects.create(
        campaign=campaign, number="123/KH-UBND", issued="2026-08-25", issuer="UBND", title="Cao điểm"
    )
    facts = {"plan": issued, "unit": unit, "start": "2026-09-01", "due": "2026-10-01"}
    first, second = (Task.objects.create(line=line, title=f"Việc {line}", **facts) for line in (1, 2))
    dependency = TaskDependency.objects.create(task=second, needs=first)
    officer = services.create_user("can-bo", "mật khẩu thật dài 9")
    evidence = Evidence.objects.create(task=first, text="Đã xong", by=officer)
    return {
        "plan": issued,
        "task": first,
        "dependency": dependency,
        "evidence": evidence,
        "unit": unit,
        "list": list_file,
        "home": home,
        "turf": turf,
        "match": match,
        "campaign": campaign,
        "phase": phase,
    }


def sign_in(client, role=None, unit=None):
    user = services.create_user("huong", "mật khẩu thật dài 9")
    if role:
        services.grant_role(user, role, unit)
    client.force_login(user)
    return user


def address(name, ward):
    words = OF_A_UNIT[name][0] if name in OF_A_UNIT else ()
    return reverse(name, args=[word[1:] if word.startswith("=") else ward[word].pk for word in words])


def test_every_address_is_tried_here():
    assert {pattern.name for pattern in get_resolver("tungnha.office.urls").url_patterns} == {
        *OPEN,
        *NO_UNIT,
        *OF_A_UNIT,
    }


@pytest.mark.parametrize("name", [*NO_UNIT, *OF_A_UNIT])
def test_nobody_is_sent_to_sign_in(client, ward, name):
    response = client.get(address(name, ward))
    assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("sign-in"))


@pytest.mark.parametrize("name", OPEN)
def test_open_addresses_answer_anybody(client, ward, name):
    assert client.get(address(name, ward)).status_code == OPEN[name]


@pytest.mark.parametrize("name", OF_A_UNIT)
def test_another_wards_officer_finds_nothing(client, ward, name):
    sign_in(client, "unit_officer", make_unit("00229", "Ô Chợ Dừa"))
    refused = 405 if OF_A_UNIT[name][1] == 405 else 404
    assert client.get(address(name, ward)).status_code == refused
    assert client.post(address(name, ward), {"state": "same"}).status_code in {404, 405}


@pytest.mark.parametrize("name", OF_A_UNIT)
def test_the_wards_officer_is_let_in(client, ward, name):
    sign_in(client, "unit_officer", ward["unit"])
    assert client.get(address(name, ward)).status_code == OF_A_UNIT[name][1]


@pytest.mark.parametrize("name", OF_A_UNIT)
def test_an_administrator_sees_no_people(client, ward, name):
    sign_in(client, "administrator", ward["unit"])
    response = client.get(address(name, ward))
    _, status, let_in = OF_A_UNIT[name]
    assert response.status_code == (status if let_in or status == 405 else 404)
    assert "Nguyễn Thị Đào" not in response.content.decode("utf-8", "ignore")


@pytest.mark.parametrize("name", NO_UNIT)
def test_those_without_a_role_see_an_empty_home(client, ward, name):
    sign_in(client)
    response = client.get(address(name, ward))
    assert response.status_code == NO_UNIT[name]
    assert "Văn Miếu" not in response.content.decode()


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
