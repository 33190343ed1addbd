"""Chromium is killed while visits are being saved: whatever the app said was saved is there after the restart."""

import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tungnha.field.tests.handling import PIN, SMALL_PHONE, take_into_use, unlock
from tungnha.ledger.models import Entry

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KILLS = int(os.environ.get("TUNGNHA_SOAK_BROWSER_KILLS", "5"))
SENT_AFTER = 20
"""Kills: an outbox that only grows would make each start slower than any phone's."""

OPEN = f"""
    const [{{ phone, record, start }}, vault] = [await import("/static/field/phone.js"), await import("/static/field/vault.js")];
    await vault.unlock("{PIN}");
    await start();
"""
"""The app's modules beside those in the page, over the same storage: as a second page that takes over."""
SAVE = f"""async (walkId) => {{
    {OPEN}"""
SAVE += """
    const walk = phone.walks.find(({ id }) => id === walkId);
    for (let place = 0; ; place = (place + 1) % walk.doors.length) {
        const body = { outcome: "nobody_home" };
        await told(await record(walk, { kind: "visit", version: 1, household: walk.doors[place].h, body }));
    }
}"""
HERE = f"""async () => {{
    {OPEN}"""
HERE += """
    const { keys } = await import("/static/field/storage.js");
    return [await keys("outbox"), [...phone.marks.values()].flatMap((marks) => Object.values(marks).map(({ id }) => id))];
}"""


class Browser:
    """A browser with a profile that lasts, in a process group of its own, so that all of it can be killed."""

    def __init__(self, playwright, flags, profile, server):
        self.context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path="/usr/bin/chromium", args=flags, **SMALL_PHONE
        )
        self.page = self.context.pages[0]
        self.server = server
        self.profile = str(profile)

    def kill(self):
        """SIGKILL to every process of this profile: nothing gets to finish what it was writing."""
        for process in _with_profile(self.profile):
            os.kill(process, signal.SIGKILL)

    def reopen(self):
        self.page.goto(f"{self.server}/di/")
        try:
            unlock(self.page)
            self.page.wait_for_selector(".walk", timeout=120_000)
        except Exception as error:
            raise AssertionError(f"after a kill the app shows: {self.page.inner_text('body')}") from error


def _with_profile(profile):
    """Numbers of the processes that were started with a profile, the newest first."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"--user-data-dir={profile}".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return sorted(found, reverse=True)


def _kill_in_mid_save(browser, chance, turf):
    """Ids of which the app said that they are saved, until the browser was killed."""
    saved = []
    browser.page.expose_function("told", lambda one: saved.append(one))  # noqa: PLW0108 - Playwright marks it
    browser.page.evaluate(f"(walk) => void ({SAVE})(walk)", turf)
    until = time.monotonic() + chance.uniform(0.05, 1.5)
    while time.monotonic() < until:
        browser.page.wait_for_timeout(10)
    browser.kill()
    return saved


def _send_everything(browser, waiting):
    """End the shift: the app says that all is safe once the server has said so."""
    browser.page.unroute("**/api/sync/**")
    unlock(browser.page)  # the modules beside it had taken over
    browser.page.goto(f"{browser.server}/di/#/end")
    browser.page.click(".standing button")
    browser.page.wait_for_selector(".message.safe", timeout=60_000 + 100 * waiting)


def test_chromium_killed_in_mid_save_loses_nothing_that_the_app_said_was_saved(
    live_server, place, playwright, chromium_flags, tmp_path
):
    from playwright.sync_api import Error

    chance = random.Random(6522)
    told, sent, killed_after = set(), set(), []
    browser = Browser(playwright, chromium_flags, tmp_path / "profile", live_server.url)
    take_into_use(browser.page, live_server.url)
    for number in range(1, KILLS + 1):
        # Nothing is sent, so that everything must be in the outbox.
        browser.page.route("**/api/sync/**", lambda route: route.abort())
        saved = _kill_in_mid_save(browser, chance, place.turf.pk)
        killed_after.append(len(saved))
        told.update(saved)
        with suppress(Error):  # it is dead
            browser.context.close()
        browser = Browser(playwright, chromium_flags, tmp_path / "profile", live_server.url)
        browser.page.route("**/api/sync/**", lambda route: route.abort())
        browser.reopen()
        here, marked = browser.page.evaluate(HERE)
        assert told <= set(here) | sent
        # What is remembered of a door and what is in the outbox were written together.
        assert set(marked) <= set(here) | sent
        if number % SENT_AFTER == 0 or number == KILLS:
            _send_everything(browser, len(here))
            sent.update(here)
            assert {str(one) for one in Entry.objects.values_list("uuid", flat=True)} == sent
            sys.stdout.write(
                f"{number} kills; {len(told)} visits said to be saved, {len(sent)} sent, none lost\n"
            )
            sys.stdout.flush()
    browser.context.close()
    sys.stdout.write(f"visits saved before each kill: {killed_after[:20]}\n")
