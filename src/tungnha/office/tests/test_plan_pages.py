"""The plan's pages: what a steering office enters, what a ward answers, and what each of them sees."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tungnha.accounts import services as accounts
from tungnha.campaign.models import Campaign, Organisation, Plan, Task
from tungnha.campaign.services import plans
from tungnha.territory.models import Unit

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 15)


def unit(code, parent=None, kind="ward"):
    made = Unit.objects.create(
        code=code, name=f"Phường {code}", name_fold=f"phuong {code}", kind=kind, parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path, monkeypatch):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    monkeypatch.setattr(Campaign, "today", lambda self, now=None: TODAY)


@pytest.fixture
def city():
    return unit("01", kind="city")


@pytest.fixture
def wards(city):
    return [unit(f"0{n:04d}", city) for n in range(3)]


@pytest.fixture
def campaign(city):
    return Campaign.objects.create(
        code="c", name="90 ngày", unit=city, start=date(2026, 9, 1), deadline=date(2026, 11, 29)
    )


def person(name, role, where):
    user = accounts.create_user(name, "mật khẩu thật dài 9")
    accounts.grant_role(user, role, where)
    return user


@pytest.fixture
def office(city):
    return person("office", "city_office", city)


def line(campaign, office, units, due, title="Lập tổ cơ động"):
    plan = Plan.objects.filter(campaign=campaign).first() or plans.add_plan(
        campaign, number="123/KH-UBND", issued=campaign.start, issuer="UBND", title="Cao điểm", by=office
    )
    return plans.add_tasks(plan, title=title, units=units, start=campaign.start, due=due, by=office)


def test_the_office_enters_a_plan_and_gives_a_task_to_every_ward(client, office, campaign, city, wards):
    client.force_login(office)
    body = {"name": "Sở Thông tin và Truyền thông", "kind": "department"}
    client.post(reverse("organisations", args=[campaign.pk]), body)
    sent = {
        "number": "5 / KH-UBND", "issued": "2026-08-25", "issuer": "UBND Thành phố", "title": "Cao điểm",
        "attachment": SimpleUploadedFile("Kế hoạch.pdf", b"%PDF-1.7 x"),
    }  # fmt: skip
    assert client.post(reverse("plan-new", args=[campaign.pk]), sent).status_code == 302
    plan = Plan.objects.get()
    assert plan.number == "05/KH-UBND"
    scan = client.get(reverse("plan-file", args=[plan.pk]))
    assert (b"".join(scan.streaming_content), scan["Content-Disposition"][:10]) == (
        b"%PDF-1.7 x",
        "attachment",
    )
    given = {
        "title": "Lập tổ",
        "start": "2026-09-01",
        "due": "2026-10-01",
        "everyone": "on",
        "organisations": [Organisation.objects.get().pk],
    }
    assert client.post(reverse("tasks-new", args=[plan.pk]), given).status_code == 302
    assert {task.responsible for task in Task.objects.all()} == {*(w.name for w in wards), body["name"]}
    page = client.get(reverse("campaign", args=[campaign.pk])).content.decode()
    assert "05/KH-UBND" in page
    assert "Lập tổ" in page


def test_a_bad_plan_says_where_and_keeps_nothing(client, office, campaign, tmp_path):
    client.force_login(office)
    sent = {
        "number": "không",
        "issued": "2026-08-25",
        "issuer": "UBND",
        "title": "x",
        "attachment": SimpleUploadedFile("a.pdf", b"%PDF-1"),
    }
    page = client.post(reverse("plan-new", args=[campaign.pk]), sent)
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["number"])
    sent |= {"number": "5/KH-UBND", "attachment": SimpleUploadedFile("a.exe", b"MZ")}
    page = client.post(reverse("plan-new", args=[campaign.pk]), sent)
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["attachment"])
    assert not Plan.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_ward_answers_for_its_own_task_and_sees_no_other(client, office, campaign, wards):
    mine, theirs, _ = line(campaign, office, wards, TODAY - timedelta(days=2))
    plans.add_dependency(mine, theirs)
    client.force_login(person("ward", "unit_officer", wards[0]))
    for name in ("campaign", "tasks", "late"):
        page = client.get(reverse(name, args=[campaign.pk])).content.decode()
        assert wards[0].name in page
        assert wards[1].name not in page
    page = client.get(reverse("task", args=[mine.pk])).content.decode()
    assert wards[1].name not in page
    assert client.get(reverse("task", args=[theirs.pk])).status_code == 404
    proof = {
        "text": "Đã có quyết định",
        "number": "12/QĐ-UBND",
        "attachment": SimpleUploadedFile("a.pdf", b"%PDF-1"),
    }
    assert client.post(reverse("evidence-new", args=[mine.pk]), proof).status_code == 302
    done = {"state": "done", "note": "", "seen": "open"}
    assert client.post(reverse("task-move", args=[mine.pk]), done).status_code == 302
    mine.refresh_from_db()
    assert (mine.state, mine.closed_on, mine.was_late()) == ("done", TODAY, True)
    assert client.get(reverse("evidence-file", args=[mine.evidence.get().pk])).status_code == 200
    # What belongs to who planned it is not there: moving days, dropping, order.
    assert client.post(reverse("task-change", args=[mine.pk]), {}).status_code == 404
    assert client.post(reverse("dependency-new", args=[mine.pk]), {"needs": theirs.pk}).status_code == 404
    assert client.post(reverse("dependency-remove", args=[mine.waits_for.get().pk])).status_code == 404
    for path, given in (("task-move", done), ("evidence-new", proof)):
        assert client.post(reverse(path, args=[theirs.pk]), given).status_code == 404
    client.force_login(person("beside", "unit_officer", wards[1]))
    assert client.get(reverse("evidence-file", args=[mine.evidence.get().pk])).status_code == 404


def test_a_ward_cannot_drop_its_task(client, office, campaign, wards):
    task = line(campaign, office, wards[:1], TODAY)[0]
    client.force_login(person("ward", "unit_officer", wards[0]))
    page = client.post(
        reverse("task-move", args=[task.pk]), {"state": "dropped", "note": "x", "seen": "open"}
    )
    assert (page.status_code, list(page.context["move"].errors)) == (400, ["state"])
    task.refresh_from_db()
    assert task.state == "open"


def test_an_analyst_reads_and_answers_nothing(client, office, campaign, city, wards):
    task = line(campaign, office, wards[:1], TODAY)[0]
    client.force_login(person("reader", "analyst", city))
    page = client.get(reverse("task", args=[task.pk]))
    assert '<form method="post" action="' + reverse("task-move", args=[task.pk]) not in page.content.decode()
    assert (
        client.post(reverse("task-move", args=[task.pk]), {"state": "done", "seen": "open"}).status_code
        == 404
    )


def test_a_cycle_is_refused_on_the_page(client, office, campaign, wards):
    first, second, _ = line(campaign, office, wards, TODAY)
    client.force_login(office)
    assert client.post(reverse("dependency-new", args=[first.pk]), {"needs": second.pk}).status_code == 302
    page = client.post(reverse("dependency-new", args=[second.pk]), {"needs": first.pk})
    assert page.status_code == 400
    assert first.responsible in str(page.context["form"].errors["needs"])


def test_tasks_are_found_by_state_line_and_words(client, office, campaign, wards):
    line(campaign, office, wards, TODAY - timedelta(days=1))
    other = line(campaign, office, wards[:1], TODAY, title="Báo cáo tuần")[0]
    client.force_login(office)
    here = reverse("tasks", args=[campaign.pk])

    def found(**asked):
        return len(client.get(here, asked).context["page"].object_list)

    assert (found(), found(**{"trang-thai": "tre"}), found(q="Báo cáo"), found(q=wards[1].name)) == (
        4,
        3,
        1,
        1,
    )
    assert found(dong=f"{other.plan_id}.{other.line}") == 1
    assert (found(dong="x.y"), found(**{"trang-thai": "nonsense"})) == (4, 4)


def test_pages_of_a_whole_city_ask_few_questions(client, office, campaign, city):
    """500 tasks over 126 units: the number of queries does not grow with them."""
    wards = [unit(f"1{n:04d}", city) for n in range(126)]
    for number in range(4):
        line(
            campaign,
            office,
            wards[: 125 if number else 126],
            TODAY - timedelta(days=3 - number),
            title=f"Việc {number}",
        )
    for number in range(100):
        line(
            campaign,
            office,
            [wards[number]],
            TODAY - timedelta(days=number % 20),
            title=f"Việc riêng {number}",
        )
    assert Task.objects.count() >= 500
    client.force_login(office)
    for name in ("campaign", "tasks", "late"):
        here = reverse(name, args=[campaign.pk])
        client.get(here)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(here).status_code == 200
        assert len(asked) <= 30
