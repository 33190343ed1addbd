"""What goes wrong with phones: each bug that peers had, and each that was found here, by its name."""

import pytest

from tungnha.accounts import services as accounts
from tungnha.field.tests.handling import (
    PASSWORD,
    PIN,
    SMALL_PHONE,
    do_doors,
    go,
    open_walk,
    outbox,
    set_fetched,
    stored,
    sync_all,
    take_into_use,
    unlock,
)
from tungnha.ledger import guards, services
from tungnha.ledger.models import Device, Entry, Held
from tungnha.outreach.services import teams

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOCK = "new BroadcastChannel('tungnha-field').postMessage('mine')"
"""As another page does that takes the walks over."""
PULL = """async (pin) => {
    const [{ pull }, { get }] = [await import("/static/field/sync.js"), await import("/static/field/storage.js")];
    const [vault, { keepRule }] = [await import("/static/field/vault.js"), await import("/static/field/position.js")];
    await vault.unlock(pin);
    const { token } = await vault.decrypt(await get("kept", "device"));
    return pull(token, keepRule).then(() => "kept", ({ name }) => name);
}"""
"""What a sync does after sending, by itself. The modules are beside the app's own, over the same storage."""
FULL = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
        if (this.name === "%s") throw new DOMException("full", "QuotaExceededError");
        return put.call(this, value, key);
    };
    globalThis.makeRoom = () => { IDBObjectStore.prototype.put = put; };
}"""


def record_at(page, outcome):
    """Record an outcome at the door that is shown, and wait until the next screen is."""
    at = page.url
    page.click(f"[data-outcome={outcome}]")
    page.wait_for_function("at => location.href !== at", arg=at)


def answered(page, status, body):
    page.route(
        "**/api/sync/v1/entries",
        lambda route: route.fulfill(status=status, content_type="application/json", body=body),
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (502, "<html>bad gateway"),
        (413, '{"code": "too_large"}'),
        (401, "<html>a proxy wants a password"),
        (200, '{"answers": [], "head": {"position": 1, "hash": ""}}'),
        (200, '{"answers": [{"id": "ID", "status": "on_fire"}], "head": {"position": 1, "hash": ""}}'),
        (200, '{"answers": [{"id"'),
    ],
)
def test_getodk_1017_nothing_is_deleted_because_an_upload_failed(phone, status, body):
    open_walk(phone)
    phone.context.set_offline(True)
    do_doors(phone, 1)
    (kept,) = outbox(phone)
    answered(phone, status, body.replace("ID", kept))
    phone.context.set_offline(False)
    go(phone, "#/end")
    with phone.expect_response("**/api/sync/v1/entries"):
        phone.click(".standing button")
    phone.unroute("**/api/sync/v1/entries")
    assert outbox(phone) == [kept]
    assert phone.locator(".message.error").first.is_visible()
    sync_all(phone)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("store", ["outbox", "kept"])
def test_collect_6522_a_storage_that_fails_in_mid_save_saves_nothing_and_says_so(phone, place, store):
    open_walk(phone)
    phone.click("a.next")
    at = phone.url
    phone.evaluate(FULL % store)
    phone.click("[data-outcome=refused]")
    phone.wait_for_selector(".message.error:not([hidden])")
    assert (phone.url, outbox(phone), phone.inner_text("#saved")) == (at, [], "")
    phone.evaluate("makeRoom()")
    phone.click("[data-outcome=refused]")
    phone.wait_for_function("at => location.href !== at", arg=at)
    sync_all(phone)
    assert Entry.objects.count() == 1


def test_pouchdb_7847_dexie_739_storage_taken_away_while_the_app_is_open_is_noticed(phone):
    open_walk(phone)
    phone.evaluate(
        "indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => new Promise((done) => {"
        " const asked = indexedDB.deleteDatabase(name); asked.onsuccess = asked.onblocked = done; }))))"
    )
    phone.reload()
    phone.wait_for_selector(".message.error")
    assert "tổ trưởng" in phone.inner_text(".message.error")


def test_pouchdb_7847_the_mark_that_tells_of_a_loss_is_set_by_the_server(phone):
    """Safari deletes what a script set after seven days without use: together with the storage itself."""
    cookies = {one["name"]: one for one in phone.context.cookies(phone.url)}
    assert cookies["tungnha_phone"]["expires"] > phone.evaluate("Date.now() / 1000") + 60 * 86_400


def test_sormas_403_a_pull_drops_nothing_that_was_not_sent(phone, place):
    """The walk is taken back while its visits wait: they stay on the phone until the server has them."""
    answered(phone, 503, '{"code": "busy"}')
    open_walk(phone)
    do_doors(phone, 3)
    teams.take_back(place.assignment)
    assert phone.evaluate(PULL, PIN) == "kept"
    assert (len(stored(phone, "walks")), len(outbox(phone))) == (0, 3)
    phone.unroute("**/api/sync/v1/entries")
    sync_all(phone)
    assert Entry.objects.count() == 3


def test_pouchdb_1240_the_checkpoint_is_never_ahead_of_the_data(phone, place):
    read = "import('/static/field/storage.js').then(({ get }) => get('kept', 'position'))"
    before = phone.evaluate(read)
    open_walk(phone)
    phone.evaluate(FULL % "walks")
    do_doors(phone, 1)
    phone.wait_for_function(
        "() => import('/static/field/storage.js').then(async ({ keys }) => (await keys('sent')).length === 1)"
    )
    assert phone.evaluate(PULL, PIN) == "QuotaExceededError"
    assert phone.evaluate(read) == before
    phone.evaluate("makeRoom()")
    sync_all(phone)
    assert phone.evaluate(read) == Entry.objects.get().position


SKEWED = """(() => {
    const RealDate = Date;
    globalThis.Date = class extends RealDate {
        constructor(...given) { given.length ? super(...given) : super(RealDate.now() + %d); }
        static now() { return RealDate.now() + %d; }
    };
})()"""


@pytest.mark.parametrize("days", [-400, 400])
def test_cht_core_6284_a_clock_that_is_wrong_by_400_days_loses_no_entry(browser, live_server, place, days):
    context = browser.new_context(**SMALL_PHONE)
    context.add_init_script(SKEWED % ((days * 86_400_000,) * 2))
    page = context.new_page()
    take_into_use(page, live_server.url)
    open_walk(page)
    page.context.set_offline(True)
    do_doors(page, 3)
    page.context.set_offline(False)
    sync_all(page)
    entries = list(Entry.objects.all())
    context.close()
    assert len(entries) == 3
    assert all(abs(one.clock_offset + days * 86_400_000) < 120_000 for one in entries)


@pytest.mark.parametrize("session_lost", [False, True])
def test_cht_core_4146_a_server_restored_from_an_older_backup_is_sent_again_what_it_lost(
    phone, place, session_lost
):
    from django.db import connection

    open_walk(phone)
    do_doors(phone, 4)
    sync_all(phone)
    ids = set(Entry.objects.values_list("uuid", flat=True))
    guards.take_down(connection)
    Entry.objects.filter(position__gt=2).delete()
    guards.put_up(connection)
    if session_lost:  # the backup is older than the session, too
        Device.objects.update(token_hash=b"x" * 32)
        phone.click(".standing button")
        phone.wait_for_selector(".message.error a")
        phone.click(".message.error a")
        phone.fill("[name=username]", "lan")
        phone.fill("[name=password]", PASSWORD)
        phone.click("main button")
        unlock(phone)
    sync_all(phone)
    for _ in range(200):  # "safe" may still stand there from before
        if Entry.objects.count() == len(ids):
            break
        phone.wait_for_timeout(100)
    assert set(Entry.objects.values_list("uuid", flat=True)) == ids


def test_a_session_that_ran_out_asks_to_sign_in_and_keeps_everything(phone, place):
    from datetime import timedelta

    from django.utils import timezone

    open_walk(phone)
    phone.context.set_offline(True)
    do_doors(phone, 5)
    Device.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    phone.context.set_offline(False)
    go(phone, "#/end")
    phone.wait_for_selector(".message.error a")
    assert len(outbox(phone)) == 5
    phone.click(".message.error a")
    phone.fill("[name=username]", "lan")
    phone.fill("[name=password]", PASSWORD)
    phone.click("main button")
    unlock(phone)  # the same PIN
    sync_all(phone)
    assert Entry.objects.count() == 5


def test_a_revoked_phone_with_a_full_outbox_gives_nobody_elses_name_to_it(phone, place, live_server):
    """Another person takes the phone into use: what the first one recorded is held under the first one's name."""
    open_walk(phone)
    phone.context.set_offline(True)
    do_doors(phone, 2)
    services.revoke(Device.objects.get())
    phone.context.set_offline(False)
    phone.wait_for_url("**#/wiped", timeout=20_000)
    phone.wait_for_selector("text=2 mục")  # said, although nobody can read them here
    assert len(outbox(phone)) == 2
    other = accounts.create_user("hoa", PASSWORD, full_name="Trần Hoa")
    accounts.grant_role(other, "volunteer", place.ward)
    from tungnha.outreach import training
    from tungnha.outreach.services.training import sit

    asked = training.course(training.DOORSTEP).questions
    sit(other, training.DOORSTEP, {number: one.right for number, one in enumerate(asked)})
    member = teams.add_member(place.member.team, other)
    teams.hand_over(place.assignment, member, by=place.leader)
    take_into_use(phone, live_server.url, "hoa", "593817")
    sync_all(phone)
    assert Entry.objects.count() == 0
    assert set(Held.objects.values_list("reason", flat=True)) == {"other_person"}
    for held in Held.objects.all():
        services.release(held, by=place.leader, note="Chị Lan xác nhận")
    assert set(Entry.objects.values_list("actor", flat=True)) == {place.member.user_id}


def test_a_second_tap_makes_no_second_visit(phone, place):
    open_walk(phone)
    phone.click("a.next")
    phone.wait_for_selector("[data-outcome=refused]")
    at = phone.url
    phone.evaluate(
        "const one = document.querySelector('[data-outcome=refused]'); one.click(); one.click(); one.click();"
    )
    phone.wait_for_function("at => location.href !== at", arg=at)
    sync_all(phone)
    assert Entry.objects.count() == 1


def test_a_visit_of_another_evening_does_not_erase_the_first_attempt(phone, place):
    """Rates of contact are measured from every attempt: only what is put right at once corrects."""
    home = place.households[0].pk
    open_walk(phone)
    do_doors(phone, 1)
    sync_all(phone)
    go(phone, f"#/walk/{place.turf.pk}/{home}")
    record_at(phone, "moved")
    sync_all(phone)
    assert [one.corrects is None for one in Entry.objects.all()] == [True, False]
    phone.evaluate(SKEWED % ((31 * 60_000,) * 2))
    go(phone, f"#/walk/{place.turf.pk}")
    go(phone, f"#/walk/{place.turf.pk}/{home}")
    record_at(phone, "refused")
    sync_all(phone)
    assert [one.corrects is None for one in Entry.objects.all()] == [True, False, True]


def test_two_pages_at_once_the_newer_has_the_walks(phone, live_server):
    open_walk(phone)
    other = phone.context.new_page()
    other.goto(f"{live_server.url}/di/")
    unlock(other)
    other.wait_for_selector(".walk")
    phone.wait_for_selector("#pin")
    assert "34/5" not in phone.inner_text("body")
    open_walk(other)
    do_doors(other, 2)
    sync_all(other)
    assert Entry.objects.count() == 2


def test_a_locked_phone_says_no_address(phone):
    open_walk(phone)
    do_doors(phone, 1)
    phone.wait_for_selector("#saved button")
    phone.evaluate(LOCK)
    phone.wait_for_selector("#pin")
    assert "34/5" not in phone.inner_text("body")
    assert "34/5" not in phone.title()


def test_what_is_typed_of_a_pin_stays_when_something_changes_in_the_background(phone):
    open_walk(phone)
    phone.evaluate(LOCK)
    phone.fill("#pin", PIN[:3])
    phone.evaluate(LOCK)
    phone.wait_for_timeout(300)
    assert phone.input_value("#pin") == PIN[:3]


def test_after_72_hours_a_locked_phone_forgets_the_walks_and_keeps_what_was_not_sent(phone):
    open_walk(phone)
    phone.context.set_offline(True)
    do_doors(phone, 2)
    set_fetched(phone, 73)
    phone.reload()
    phone.wait_for_selector("#pin")
    assert (len(stored(phone, "walks")), len(outbox(phone))) == (0, 2)
    assert "2 mục chưa gửi" in phone.inner_text("header")


def test_a_clock_turned_back_keeps_nothing_longer(phone):
    sync_all(phone)
    phone.context.set_offline(True)  # no talk still under way says anew when the walks were fetched
    set_fetched(phone, -73)
    phone.reload()
    phone.wait_for_selector("#pin")
    assert len(stored(phone, "walks")) == 0


def test_a_new_version_while_entries_wait_takes_over_when_the_phone_is_locked(phone, monkeypatch):
    from tungnha.field import views

    open_walk(phone)
    phone.context.set_offline(True)
    do_doors(phone, 2)
    phone.context.set_offline(False)
    answered(phone, 503, '{"code": "busy"}')
    monkeypatch.setattr(views, "_version", lambda _language: "next-version")
    phone.evaluate("navigator.serviceWorker.getRegistration('/di/').then((one) => one.update())")
    phone.wait_for_function(
        "() => navigator.serviceWorker.getRegistration('/di/').then((one) => Boolean(one.waiting))"
    )
    assert phone.locator("h1").count() == 1  # still the page that was open
    phone.evaluate(LOCK)
    phone.wait_for_function("() => caches.keys().then((all) => all.join() === 'tungnha-field-next-version')")
    unlock(phone)
    phone.unroute("**/api/sync/v1/entries")
    sync_all(phone)
    assert Entry.objects.count() == 2


def test_a_browser_that_keeps_nothing_is_said_so(browser, live_server, place):
    context = browser.new_context(**SMALL_PHONE)
    context.add_init_script(
        "indexedDB.open = () => { throw new DOMException('private mode', 'SecurityError'); }"
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/di/")
    page.wait_for_selector(".message.error")
    assert "ẩn danh" in page.inner_text("main")
    context.close()


def test_a_worker_that_cannot_be_kept_keeps_nobody_from_the_walk(phone):
    phone.add_init_script("ServiceWorkerContainer.prototype.register = () => Promise.reject(new Error('no'))")
    phone.reload()
    unlock(phone)
    open_walk(phone)


def test_an_address_that_is_markup_stays_text(phone, place):
    from tungnha.territory.models import Premises

    Premises.objects.filter(pk=place.households[0].premises_id).update(
        address="<img src=x onerror=\"document.title='stolen'\">"
    )
    go(phone, "#/end")
    sync_all(phone)
    go(phone, f"#/walk/{place.turf.pk}")
    phone.wait_for_selector("text=<img src=x")
    assert phone.locator("main img").count() == 0
    assert phone.title() != "stolen"


def test_giving_back_clears_the_phone_and_frees_the_walk(phone, place):
    sync_all(phone)
    phone.on("dialog", lambda dialog: dialog.accept())
    phone.click("main > button")
    phone.wait_for_url("**#/wiped")
    place.assignment.refresh_from_db()
    assert place.assignment.returned_at is not None
    phone.click("a.button")
    phone.wait_for_selector("a[href^='/dang-nhap/']")


def test_many_pages_win_no_more_than_five_tries(phone):
    found = phone.evaluate(
        """async () => {
            const vault = await import("/static/field/vault.js");
            const { all } = await import("/static/field/storage.js");
            vault.lock();
            const answers = await Promise.all(Array.from({ length: 8 }, (_, one) => vault.unlock(`90817${one}`)));
            return [answers.some(({ open }) => open), (await all("keys")).length];
        }"""
    )
    assert found == [False, 0]


@pytest.mark.parametrize("pin", ["000000", "123456", "654321", "890123"[:6]])
def test_a_pin_that_anybody_would_try_first_is_refused(page, pin):
    weak = page.evaluate("(pin) => import('/field/vault.js').then(({ weak }) => weak(pin))", pin)
    assert weak == (pin != "890123")
    assert not page.evaluate("(pin) => import('/field/vault.js').then(({ weak }) => weak(pin))", PIN)


def test_who_does_not_see_the_screen_hears_where_they_are(phone):
    open_walk(phone)
    phone.wait_for_function("() => document.activeElement.tagName === 'H1'")
    phone.click("a.next")
    phone.wait_for_function("() => document.activeElement.textContent.includes('34/5')")
    assert phone.locator("#note").evaluate("(one) => one.labels.length") == 1
    unnamed = phone.evaluate(
        "[...document.querySelectorAll('a, button, input, textarea')].filter((one) => !(one.textContent.trim()"
        " || one.labels?.length || one.getAttribute('aria-label')) && one.id !== 'unsent').length"
    )
    assert unnamed == 0


def test_a_sync_does_not_take_the_search_or_the_map_away(phone, place):
    open_walk(phone)
    phone.fill("input[type=search]", "so 3 ")
    with phone.expect_response("**/api/field/walks**"):
        phone.click(".standing button")
    phone.focus("input[type=search]")
    phone.wait_for_timeout(200)
    assert phone.locator(".doors li").count() == 1
