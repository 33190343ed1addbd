"""Letters for the plan in use, by page and by command, and people taken out by page."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from django.urls import reverse

from tungnha.accounts import services as accounts
from tungnha.channels.letters.models import LetterWave
from tungnha.cli import main
from tungnha.office import letters as pages
from tungnha.outreach.services import turfs
from tungnha.planning.turfs import Limits
from tungnha.register import imports
from tungnha.territory import generator as ground
from tungnha.territory import queries
from tungnha.territory.imports import load_vietnam

NAMES = ["Nguyễn Văn An", "Trần Thị Bình", "龍"]
"""The last has a sign that no font of the letter has."""


@pytest.fixture
def ward(db, tmp_path, settings):
    settings.TUNGNHA_DATA = tmp_path
    load_vietnam(["01"])
    unit = queries.unit("00226")
    ground.make_streets(unit, seed=2)
    street = unit.streets.filter(kind="street").first().name
    rows = [
        f"{name},003085000{number:03d},Số {number} {street}" for number, name in enumerate(NAMES, start=1)
    ]
    (tmp_path / "list.csv").write_text("\n".join(["Họ và tên,Số CCCD,Địa chỉ", *rows]), encoding="utf-8")
    assert imports.run(tmp_path / "list.csv", unit).accepted == 3
    return unit


def sign_in(client, role, unit):
    user = accounts.create_user("huong", "mật khẩu thật dài 9")
    accounts.grant_role(user, role, unit)
    client.force_login(user)


def run(*words):
    result = CliRunner().invoke(main, ["--json", "letters", *words])
    return result.exit_code, json.loads(result.output) if result.output.startswith("{") else result.output


def test_the_command_writes_to_every_household_of_the_plan_and_lists_what_could_not_be_set(ward):
    assert run("make", "--unit", ward.code)[0] == 1, "there is no plan yet"
    plan = turfs.make_turfs(ward, Limits(minutes=150.0))
    code, made = run("make", "--unit", ward.code, "--fact", "hotline=024 1022")
    assert (code, made["letters"], made["rejected"]) == (1, 2, 1)
    wave = LetterWave.objects.get()
    assert (wave.pk, wave.ordered_by, wave.generated) == (made["wave"], f"turf-plan:{plan.pk}", True)
    _, found = run("rejected", str(wave.pk))
    assert [row["value"] for row in found["rejected"]] == ["龍"]
    assert run("check", made["folder"])[0] == 0


def test_the_page_makes_letters_for_the_plan_in_use_and_shows_their_manifest(client, ward):
    sign_in(client, "unit_officer", ward)
    here = reverse("letter-waves", args=[ward.pk])
    assert client.post(here).status_code == 400, "there is no plan yet"
    turfs.make_turfs(ward, Limits(minutes=150.0))
    page = client.post(here, {"hotline": "024 1022", "signer": "Nguyễn Văn Ký"}, follow=True)
    assert (page.context["letters"], [each["value"] for each in page.context["page"]]) == (2, ["龍"])
    wave = page.context["wave"]
    manifest = client.get(reverse("letter-manifest", args=[wave.pk])).content.decode()
    assert [row["letters"] for row in csv.DictReader(io.StringIO(manifest))][:1] == ["2"]
    assert wave.pk in [row.number for row in client.get(here).context["page"]]


def test_more_letters_than_a_page_may_make_are_left_to_the_command(client, ward, monkeypatch):
    sign_in(client, "unit_officer", ward)
    turfs.make_turfs(ward, Limits(minutes=150.0))
    monkeypatch.setattr(pages, "AT_MOST", 2)
    page = client.post(reverse("letter-waves", args=[ward.pk]))
    assert page.status_code == 400
    assert f"tungnha letters make --unit {ward.code}" in page.content.decode()
    assert not LetterWave.objects.exists()


@pytest.mark.parametrize(
    ("role", "asked", "status"),
    [("unit_officer", True, 200), ("team_leader", True, 404), ("team_leader", False, 200)],
)
def test_numbers_in_full_are_for_those_who_may_bring_them_in(client, ward, role, asked, status):
    sign_in(client, role, ward)
    here = "people-out-full" if asked else "people-out"
    response = client.post(reverse(here, args=[ward.pk]), {"kind": "csv"})
    assert response.status_code == status
    if status == 200:
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        assert ("003085000001" in text) == asked
        assert "huong" in text.splitlines()[0]


def test_a_workbook_is_taken_out_too_and_nothing_else(client, ward):
    sign_in(client, "unit_officer", ward)
    here = reverse("people-out-full", args=[ward.pk])
    response = client.post(here, {"kind": "xlsx"})
    again = imports.run(io.BytesIO(response.content), ward, name="out.xlsx")
    assert (again.accepted, again.rejected) == (3, 0)
    assert client.post(here, {"kind": "pdf"}).status_code == 400
