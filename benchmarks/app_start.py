"""From opening the volunteer's app to its list: a 6×-slowed CPU on slow 3G, the first time and after.

Chromium by Playwright over a real server with a walk of 300 doors. "First" is the sign-in's redirect to the app in a
browser that has nothing of it, until the PIN can be chosen; then, from the PIN (six digits at once, as no hand types them) to the
list with the walk downloaded. "Signed in from the app" is the same where the person opened the app before signing in, so that
it is on the phone already. "After" is a start with the service worker, until the PIN can be typed; then from the PIN to the
list. The network is emulated as Chrome's developer tools do, which delay every request by the latency but open connections
at once; the worker's own requests are not delayed. Slowed is the page's thread: the PIN's own time (PBKDF2, slow by intent) is
spent beside it, so it is given apart, unslowed; a phone six times slower takes six times as long for it.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from tungnha.field.tests.handling import PASSWORD, PIN, SMALL_PHONE
from tungnha.field.tests.serving import served

NETWORKS = {"slow 3G": (50_000, 2_000), "slow 3G, 400 ms": (50_000, 400), "none": (-1, 0)}
"""Bytes per second each way, and milliseconds of latency. Chrome's own preset is 400 kbit/s with 2,000 ms; WebPageTest's
slow 3G is 400 kbit/s with 400 ms."""


def slowed(page, network, cpu=6):
    bytes_per_second, latency = NETWORKS[network]
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": cpu})
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency, "downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second},
    )  # fmt: skip


def until(page, selector, began):
    page.wait_for_selector(selector, timeout=120_000)
    return time.perf_counter() - began


def sign_in(page):
    page.fill("[name=username]", "lan")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def start(page, server, before, found):
    """Open the app, type the PIN, and wait for the list."""
    began = time.perf_counter()
    page.goto(f"{server}/di/", wait_until="commit")
    found[f"{before}: open to PIN"] = until(page, "#pin", began)
    page.fill("#pin", PIN)
    began = time.perf_counter()
    page.click("form button")
    found[f"{before}: PIN to list"] = until(page, ".walk", began)


def one_run(browser, server, network):
    found = {}
    context = browser.new_context(**SMALL_PHONE)
    page = context.new_page()
    page.goto(f"{server}/di/")
    page.wait_for_selector("a[href^='/dang-nhap/']")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{server}/dang-nhap/?next=/tap-huan/")
    sign_in(page)
    page.wait_for_load_state()
    slowed(page, network)
    start(page, server, "signed in from the app", found)
    context.close()

    context = browser.new_context(**SMALL_PHONE)
    page = context.new_page()
    page.goto(f"{server}/dang-nhap/?next=/tap-huan/")
    sign_in(page)
    page.wait_for_load_state()
    slowed(page, network)
    start(page, server, "first", found)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.close()
    page = context.new_page()
    slowed(page, network)
    start(page, server, "after", found)
    found["the PIN alone (PBKDF2)"] = page.evaluate(
        """async (pin) => {
            const vault = await import("/static/field/vault.js");
            const began = performance.now();
            await vault.unlock(pin);
            return (performance.now() - began) / 1000;
        }""",
        PIN,
    )
    context.close()
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory(prefix="tungnha-bench-") as folder,
        served(Path(folder) / "data", 300) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        table = {}
        for network in NETWORKS:
            measured = [one_run(browser, server, network) for _ in range(runs)]
            table[network] = {
                step: {
                    "median": round(statistics.median(one[step] for one in measured), 2),
                    "from": round(min(one[step] for one in measured), 2),
                    "to": round(max(one[step] for one in measured), 2),
                }
                for step in measured[0]
            }
        browser.close()
    print(
        json.dumps({"runs": runs, "cpu": "6x slowed", "load": os.getloadavg()[0], "seconds": table}, indent=1)
    )


if __name__ == "__main__":
    main()
