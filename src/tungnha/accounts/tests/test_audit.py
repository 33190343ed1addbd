"""The trail is append-only, is kept, waits for nobody, and shows an auditor only what concerns their units."""

import json
from datetime import date, timedelta

import click
import pytest
from click.testing import CliRunner
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from tungnha.accounts import services
from tungnha.accounts.command_trail import recorded
from tungnha.accounts.commands import users
from tungnha.accounts.models import AuditEntry
from tungnha.accounts.queries import audit as reads
from tungnha.accounts.services import audit
from tungnha.accounts.tests.test_scope import make_unit
from tungnha.accounts.whence import address_of
from tungnha.register.models import Resident

pytestmark = pytest.mark.django_db
PASSWORD = "mật khẩu thật dài 9"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.TUNGNHA_DATA = tmp_path
    return tmp_path


@pytest.fixture
def places():
    city = make_unit("01", "Hà Nội", kind="city")
    wards = {
        code: make_unit(code, name, city) for code, name in (("00226", "Văn Miếu"), ("00229", "Ô Chợ Dừa"))
    }
    return {"city": city, "ward": wards["00226"], "other": wards["00229"]}


def entry(**facts):
    return AuditEntry(**{"kind": AuditEntry.Kind.READ, "actor_name": "huong"} | facts)


@pytest.mark.parametrize(
    "change",
    [
        lambda kept: AuditEntry.objects.filter(pk=kept.pk).update(actor_name="x"),
        lambda kept: kept.delete(),
        lambda _kept: AuditEntry.objects.all().delete(),
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(change):
    kept = entry()
    audit.keep(kept)
    with pytest.raises(DatabaseError, match="audit trail"), transaction.atomic():
        change(kept)
    assert AuditEntry.objects.get().actor_name == "huong"


def test_what_is_older_than_the_setting_goes_and_nothing_younger_than_a_year(settings):
    for days in (10, 364, 366, 800):
        audit.keep(entry(at=timezone.now() - timedelta(days=days), path=str(days)))
    settings.TUNGNHA_AUDIT_DAYS = 730
    assert audit.forget_old() == 1
    settings.TUNGNHA_AUDIT_DAYS = 1
    assert audit.forget_old() == 1
    assert [one.path for one in AuditEntry.objects.order_by("-at")] == ["10", "364"]


def test_while_the_database_is_busy_entries_wait_in_files_and_come_in_later(monkeypatch, folder, places):
    def busy(self, **_given):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(AuditEntry, "save", busy)
        audit.keep(entry(path="/a/", unit_id=places["ward"].pk, address="10.0.0.7"))
    assert not AuditEntry.objects.exists()
    waiting = [path for path in (folder / "audit-waiting").iterdir() if path.suffix == ".json"]
    assert [json.loads(path.read_text())["path"] for path in waiting] == ["/a/"]
    audit.keep(entry(path="/b/"))
    found = AuditEntry.objects.order_by("path").values_list("path", "unit", "address")
    assert list(found) == [("/a/", places["ward"].pk, "10.0.0.7"), ("/b/", None, None)]
    assert audit.bring_in() == 0


def test_where_nothing_can_be_written_the_page_fails(monkeypatch, folder):
    def busy(self, **_given):
        raise OperationalError("database is locked")

    monkeypatch.setattr(AuditEntry, "save", busy)
    (folder / "audit-waiting").write_text("in the way")
    with pytest.raises(OSError, match="audit-waiting"):
        audit.keep(entry())


def test_the_usual_patience_is_restored():
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite waits for a lock")
    before = connection.cursor().execute("PRAGMA busy_timeout").fetchone()
    audit.keep(entry())
    assert connection.cursor().execute("PRAGMA busy_timeout").fetchone() == before


def person(name, *held, full_name=""):
    user = services.create_user(name, PASSWORD, full_name=full_name)
    for role, unit in held:
        services.grant_role(user, role, unit)
    return user


def test_an_auditor_sees_what_concerns_their_unit(places):
    here = person("huong", ("unit_officer", places["ward"]))
    elsewhere = person("dung", ("unit_officer", places["other"]))
    both = person("to-cong-tac", ("city_office", places["city"]), ("unit_officer", places["ward"]))
    for path, actor, unit in [
        ("own", here, places["ward"]),
        ("own sign-in", here, None),
        ("of others here", elsewhere, places["ward"]),
        ("of others there", elsewhere, places["other"]),
        ("of the city here", both, places["ward"]),
        ("of the city there", both, places["other"]),
        ("of the city, sign-in", both, None),
        ("nobody", None, None),
    ]:
        audit.keep(entry(path=path, actor=actor, unit=unit))
    of_ward = reads.seen_by(person("kiem-tra", ("auditor", places["ward"])))
    assert [one.path for one in of_ward.order_by("pk")] == [
        "own", "own sign-in", "of others here", "of the city here",
    ]  # fmt: skip
    assert reads.seen_by(person("kiem-tra-tp", ("auditor", places["city"]))).count() == 8
    assert reads.seen_by(person("quan-tri", ("administrator", places["city"]))).count() == 0


def test_the_trail_is_narrowed_by_person_kind_unit_and_day(places):
    huong = person("huong", ("unit_officer", places["ward"]), full_name="Nguyễn Thị Hường")
    noon = timezone.make_aware(timezone.datetime(2026, 3, 1, 12))
    for path, facts in {
        "a": {"actor": huong, "at": noon, "unit": places["ward"]},
        "b": {"actor": huong, "at": noon + timedelta(days=1), "kind": "change", "unit": places["other"]},
        "c": {"actor_name": "cli", "at": noon + timedelta(days=2)},
    }.items():
        audit.keep(entry(path=path, **facts))

    def found(**by):
        return [one.path for one in reads.narrowed(AuditEntry.objects.order_by("path"), **by)]

    assert found(person="nguyen thi huong") == found(person="HƯỜNG") == ["a", "b"]
    assert found(kind="change") == ["b"]
    assert found(unit=places["ward"]) == ["a"]
    assert found(unit=places["city"]) == ["a", "b"]
    assert found(first=date(2026, 3, 2), last=date(2026, 3, 2)) == ["b"]
    assert found(last=date(2026, 3, 1)) == ["a"]


def run(*words):
    """A command under the watch that `tungnha` keeps."""

    @click.group()
    @click.pass_context
    def tungnha(ctx):
        ctx.obj = {"json": True}
        ctx.with_resource(recorded())

    @tungnha.command("lists-export")
    @click.argument("file")
    @click.option("--numbers", is_flag=True)
    @click.option("--secret")
    def export(file, numbers, secret):
        del file, numbers, secret
        list(Resident.objects.values_list("number_sealed", "full_name"))

    @tungnha.command("status")
    def status():
        Resident.objects.count()

    tungnha.add_command(users)
    return CliRunner().invoke(tungnha, words)


def test_a_command_that_takes_people_out_is_recorded_and_one_that_counts_them_is_not(places):
    run("status")
    run("lists-export", "danh-sach.csv")
    run("lists-export", "danh-sach.csv", "--numbers", "--secret", "x")
    kept = AuditEntry.objects.order_by("pk").values_list("kind", "route", "path")
    assert list(kept) == [
        ("command", "tungnha lists-export", "danh-sach.csv"),
        ("command", "tungnha lists-export", "danh-sach.csv --numbers"),
    ]


def test_a_command_that_writes_is_recorded_without_its_password(places):
    run("users", "add", "huong", "--password", PASSWORD)
    kept = AuditEntry.objects.get()
    assert (kept.kind, kept.route, kept.path) == ("command", "tungnha users add", "huong")
    assert PASSWORD not in str(kept.__dict__)


def test_a_command_that_writes_nothing_is_not_recorded(places):
    assert run("users", "grant", "nobody", "unit_officer", "00226").exit_code == 1
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "6.6.6.6", "10.0.0.1"),  # anybody may write this header
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.9", "203.0.113.5"),
        (2, "203.0.113.5", "203.0.113.5"),
        (1, "", "10.0.0.1"),
        (1, "what, ever", None),
    ],
)
def test_an_address_is_believed_only_from_our_own_proxies(settings, proxies, forwarded, found):
    settings.TUNGNHA_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers=headers)
    assert address_of(request) == found


@pytest.mark.parametrize("stretch", [1, 3, 1000])
def test_pages_of_the_trail_hold_every_entry_once_however_long_the_stretches(monkeypatch, places, stretch):
    monkeypatch.setattr(reads, "_STRETCH", stretch)
    for number in range(40):
        audit.keep(entry(path=str(number), unit=places["ward" if number % 7 == 0 else "other"]))
    auditor = person("kiem-tra", ("auditor", places["ward"]))
    found, before = [], None
    while page := reads.latest(reads.seen_by(auditor), before, 2):
        found += [one.path for one in page]
        before = page[-1].pk
    assert found == ["35", "28", "21", "14", "7", "0"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["read", "change"])
def test_the_usual_care_for_the_disk_is_restored(kind):
    if connection.vendor != "sqlite":
        pytest.skip("a setting of SQLite")
    before = connection.cursor().execute("PRAGMA synchronous").fetchone()
    with audit._impatient(to_disk=kind not in audit._MANY):
        meanwhile = connection.cursor().execute("PRAGMA synchronous").fetchone()
    assert (before, meanwhile) == ((2,), (1,) if kind == "read" else (2,))
    assert connection.cursor().execute("PRAGMA synchronous").fetchone() == before
