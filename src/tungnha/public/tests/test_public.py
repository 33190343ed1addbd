"""What anybody may open, what it says, and that it says nothing about a household."""

from datetime import timedelta

import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from tungnha.channels.letters import tokens
from tungnha.channels.letters.models import LetterWave
from tungnha.channels.letters.services import letter_key
from tungnha.field.tests.places import ground
from tungnha.outreach import passes
from tungnha.outreach.models import VisitorReport
from tungnha.outreach.services import reports, teams

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return ground(3)


def shown(client, token):
    return client.get(reverse("public-visitor", args=[token])).content.decode()


def todays(place):
    return passes.issue(place.assignment.pk, timezone.localdate())


def test_a_pass_of_today_says_who_it_is_and_where(client, place):
    page = shown(client, todays(place))
    assert "Thẻ này hợp lệ hôm nay" in page
    for word in ("Nguyễn Lan", "Tổ 1", place.ward.name, "Ngõ 34/5"):
        assert word in page


def test_a_pass_that_does_not_hold_says_no_name(client, place):
    yesterday = passes.issue(place.assignment.pk, timezone.localdate() - timedelta(days=1))
    genuine = todays(place)
    altered = ("A" if genuine[0] != "A" else "B") + genuine[1:]
    unknown = passes.issue(2**39, timezone.localdate())
    for token in (yesterday, altered, unknown, "x", "A" * 5000):
        page = shown(client, token)
        assert "KHÔNG hợp lệ" in page
        assert "Nguyễn Lan" not in page


@pytest.mark.parametrize("ended", ["taken_back", "let_go", "inactive"])
def test_a_pass_ends_with_its_walk_and_its_person(client, place, ended):
    token = todays(place)
    if ended == "taken_back":
        teams.take_back(place.assignment)
    elif ended == "let_go":
        teams.let_go(place.member)
    else:
        place.member.user.is_active = False
        place.member.user.save()
    assert "KHÔNG hợp lệ" in shown(client, token)


def test_a_letter_is_genuine_only_with_its_own_code(client, place):
    wave = LetterWave.objects.create(
        unit=place.ward, ordered_by="test", template="t", template_sha256="0" * 64
    )
    home = place.households[0]
    token = tokens.sign(letter_key(), [home.pk], wave.pk)[0].tobytes().decode()
    page = client.get(reverse("public-letter", args=[token]))
    assert place.ward.name in page.content.decode()
    assert home.head_name not in page.content.decode()
    assert home.premises.address not in page.content.decode()
    assert (
        client.get(
            reverse("public-letter", args=[token[:-1] + ("A" if token[-1] != "A" else "B")])
        ).status_code
        == 404
    )


REPORT = {"what": "code", "text": "Hỏi mã OTP ở ngõ 34 lúc 19h", "phone": ""}


def test_a_report_reaches_the_ward_of_the_pass(client, place):
    address = f"{reverse('public-report')}?the={todays(place)}"
    assert client.post(address, REPORT)["Location"] == reverse("public-reported")
    told = VisitorReport.objects.get()
    assert (told.unit, told.assignment) == (place.ward, place.assignment)
    assert reports.words_of(told)["text"] == REPORT["text"]


@pytest.mark.parametrize("written", ["Văn Miếu - Quốc Tử Giám", "phuong van mieu - quoc tu giam"])
def test_a_ward_is_found_as_people_write_it(client, place, written):
    place.ward.name_fold = "phuong van mieu - quoc tu giam"
    place.ward.save()
    client.post(reverse("public-report"), REPORT | {"ward": written})
    assert VisitorReport.objects.get().unit == place.ward


def test_a_report_without_a_known_ward_is_asked_again(client, place):
    page = client.post(reverse("public-report"), REPORT | {"ward": "Không Đâu"})
    assert page.status_code == 400
    assert list(VisitorReport.objects.all()) == []


def test_every_public_address_is_tried_here():
    names = {pattern.name for pattern in get_resolver("tungnha.public.urls").url_patterns}
    assert names == {"public-visitor", "public-letter", "public-door", "public-report", "public-reported"}


@pytest.mark.parametrize("name", ["public-door", "public-report", "public-reported"])
def test_pages_open_without_a_sign_in(client, name):
    assert client.get(reverse(name)).status_code == 200
