"""The app as a volunteer uses it: a real browser of a small phone, a real server, networks that come and go."""

import pytest

from tungnha.field.tests.handling import do_doors, go, open_walk, outbox, sync_all, unlock
from tungnha.ledger import services
from tungnha.ledger.models import Device, Entry

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_ten_doors_offline_survive_a_reload_and_reach_the_server(phone, place):
    open_walk(phone)
    phone.context.set_offline(True)
    do_doors(phone, 10)
    assert Entry.objects.count() == 0
    phone.reload()
    unlock(phone)
    assert len(outbox(phone)) == 10
    go(phone, "#/end")
    phone.wait_for_selector(".message.error")  # not safe yet
    phone.context.set_offline(False)
    phone.click(".standing button")
    phone.wait_for_selector(".message.safe", timeout=20_000)
    assert sorted(Entry.objects.values_list("household", flat=True)) == sorted(
        home.pk for home in place.households[:10]
    )
    assert outbox(phone) == []


def test_an_answer_lost_on_its_way_makes_no_second_entry(phone, place):
    """getodk 3099: the acknowledgement is lost, the phone sends again."""
    cut = []

    def swallow(route):
        response = route.fetch()
        cut.append(response.status)
        route.abort() if len(cut) == 1 else route.fulfill(response=response)

    phone.route("**/api/sync/v1/entries", swallow)
    open_walk(phone)
    do_doors(phone, 1)
    phone.wait_for_function("() => document.querySelector('.standing, .outcome')")
    sync_all(phone)
    assert len(cut) >= 2
    assert Entry.objects.count() == 1


def test_undo_takes_an_entry_back(phone, place):
    open_walk(phone)
    do_doors(phone, 1)
    phone.click("#saved button")
    # Back at the door that was undone; only then is the undoing saved.
    phone.wait_for_url(f"**/{place.households[0].pk}")
    sync_all(phone)
    assert list(Entry.objects.values_list("kind", flat=True)) == ["visit", "withdrawal"]


def test_a_note_with_a_code_is_not_saved(phone, place):
    open_walk(phone)
    phone.click("a.next")
    phone.fill("#note", "OTP 482913")
    phone.click("[data-outcome=refused]")
    phone.wait_for_selector(".message.error:not([hidden])")
    assert outbox(phone) == []


def test_a_phone_reported_lost_is_wiped_and_shows_nothing(phone, place):
    open_walk(phone)
    services.revoke(Device.objects.get())
    phone.click(".standing button")
    phone.wait_for_url("**#/wiped")
    shown = phone.inner_text("body")
    assert "34/5" not in shown
    left = phone.evaluate(
        """async () => {
            const { all } = await import("/static/field/storage.js");
            return [await all("keys"), await all("kept"), await all("walks")];
        }"""
    )
    assert left == [[], [], []]


def test_storage_that_the_browser_took_away_is_noticed(phone, place):
    phone.evaluate(
        "indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => indexedDB.deleteDatabase(name))))"
    )
    phone.reload()
    phone.wait_for_selector(".message.error")
    assert "tổ trưởng" in phone.inner_text(".message.error")


def test_nothing_on_the_disk_says_who_lives_where(phone, place):
    open_walk(phone)
    do_doors(phone, 2)
    kept = phone.evaluate(
        """async () => {
            const { all } = await import("/static/field/storage.js");
            const plain = (value) => value instanceof ArrayBuffer ? "" : ArrayBuffer.isView(value) ? ""
                : value instanceof CryptoKey ? String(value.extractable)
                : value && typeof value === "object" ? Object.values(value).map(plain).join(" ") : String(value);
            const stores = await Promise.all(["keys", "kept", "walks", "outbox", "sent"].map(all));
            return stores.map(plain).join(" ");
        }"""
    )
    for word in ("34/5", "Đào", "nobody_home", "Bearer", "true"):
        assert word not in kept


def test_the_pass_is_read_by_a_camera_and_opens_as_valid(phone, place, tmp_path, client):
    import zxingcpp
    from PIL import Image

    open_walk(phone)
    go(phone, f"#/walk/{place.turf.pk}/pass")
    phone.wait_for_selector(".qr path")
    phone.locator(".qr").screenshot(path=tmp_path / "pass.png")
    (code,) = zxingcpp.read_barcodes(Image.open(tmp_path / "pass.png"))
    page = client.get("/" + code.text.split("/", 3)[3]).content.decode()
    assert "Nguyễn Lan" in page
