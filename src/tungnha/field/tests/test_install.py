"""The app on the home screen: what Chromium itself says of it, and what the person is told."""

import struct

import pytest
from django.urls import reverse

from tungnha.field.icons import FOLDER, ICONS, draw
from tungnha.field.tests.handling import SMALL_PHONE

OFFER = """() => {
    const event = new Event("beforeinstallprompt", { cancelable: true });
    event.prompt = async () => { globalThis.asked = true; };
    dispatchEvent(event);
    return event.defaultPrevented;
}"""


def pixels(png):
    """Width and height, as the header of a PNG says (its first chunk)."""
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("name", ICONS)
def test_icons_are_as_large_as_they_say_and_can_be_drawn_again(name):
    drawing, size = ICONS[name]
    assert pixels((FOLDER / f"{name}.png").read_bytes()) == pixels(draw(drawing, size)) == (size, size)


def test_every_icon_of_the_manifest_is_there(client):
    icons = client.get(reverse("field-manifest")).json()["icons"]
    found = [(one["sizes"], one["purpose"]) for one in icons if one["type"] == "image/png"]
    assert found == [("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")]
    assert all((FOLDER / one["src"].rpartition("/")[2]).is_file() for one in icons)


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_finds_nothing_that_keeps_the_app_from_being_installed(
    live_server, place, playwright, chromium_flags, tmp_path
):
    # With a profile of its own: a private window installs nothing.
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path / "profile"), executable_path="/usr/bin/chromium", args=chromium_flags
    )
    try:
        page = context.pages[0]
        page.goto(f"{live_server.url}/di/")
        page.wait_for_selector("h1")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        tools = context.new_cdp_session(page)
        read = tools.send("Page.getAppManifest")
        assert (read["errors"], read["url"]) == ([], f"{live_server.url}/di/app.webmanifest")
        assert tools.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}
        assert tools.send("Page.getAppId")["appId"] == f"{live_server.url}/di/"
    finally:
        context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_that_offers_installing_gets_a_button_which_asks_once(phone):
    assert phone.locator(".install").inner_text() == ""
    assert phone.evaluate(OFFER)
    phone.click(".install button")
    assert phone.evaluate("globalThis.asked")
    assert phone.locator(".install").inner_text() == ""


@pytest.mark.browser
@pytest.mark.slow
def test_an_iphone_is_told_in_words_before_the_pin_is_chosen(browser, live_server, place):
    context = browser.new_context(**SMALL_PHONE)
    context.add_init_script("Navigator.prototype.standalone = false")
    page = context.new_page()
    page.goto(f"{live_server.url}/di/")
    page.wait_for_selector(".install p")
    assert "Thêm vào MH chính" in page.inner_text(".install")
    context.close()
