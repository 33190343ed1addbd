"""What a volunteer does with the phone, as the browser tests do it."""

PASSWORD = "mật khẩu thật dài 9"
PIN = "482916"
SMALL_PHONE = {
    "viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
}  # fmt: skip


def take_into_use(page, server, name="lan", pin=PIN):
    """Sign in, choose a PIN, and wait for the walk."""
    page.goto(f"{server}/dang-nhap/?next=/di/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.fill("#pin", pin)
    page.click("form button")
    page.wait_for_selector(".walk")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def open_walk(page):
    page.click(".walk")
    page.wait_for_selector(".doors li")


def unlock(page, pin=PIN):
    page.fill("#pin", pin)
    page.click("form button")
    page.wait_for_selector("#pin", state="detached")


IN_STORE = """([store, key, value]) => new Promise((resolve, reject) => {
    const asked = indexedDB.open("tungnha-field");
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
        const going = asked.result.transaction(store, "readwrite");
        if (key) going.objectStore(store).put(value, key);
        const found = going.objectStore(store).getAllKeys();
        going.oncomplete = () => (asked.result.close(), resolve(found.result));
        going.onerror = () => reject(going.error);
    };
})"""
"""By the browser's own interface: the modules cannot be fetched while the phone is offline."""


def stored(page, store):
    """The keys of everything in one of the phone's stores."""
    return page.evaluate(IN_STORE, [store, None, None])


def outbox(page):
    return stored(page, "outbox")


def set_fetched(page, hours):
    """Make the walks as old as if they had been fetched so many hours ago."""
    now = page.evaluate("Date.now()")
    page.evaluate(IN_STORE, ["kept", "fetched", now - hours * 3_600_000])


def do_doors(page, count):
    """Work through doors with the outcomes in turn; each in three taps or fewer, the door's own included."""
    page.click("a.next")
    for number in range(count):
        outcome = ("nobody_home", "refused", "no_phone", "moved", "done")[number % 5]
        at = page.url
        page.click(f"[data-outcome={outcome}]")
        if outcome == "done":
            page.click(".panel fieldset:first-child button")
            page.click(".panel > button.main")
        page.wait_for_function("at => location.href !== at", arg=at)


def go(page, place):
    """Open a screen by its address."""
    page.goto(page.url.split("#")[0] + place)


def sync_all(page):
    """Send everything, and wait until the phone says that the server has it."""
    go(page, "#/end")
    with page.expect_response("**/api/field/walks**"):
        page.click(".standing button")
    page.wait_for_selector(".message.safe", timeout=20_000)
