"""Coming in as people do: invited by link, with a passkey or an app, or through the city's own identity provider."""

import base64
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tungnha.accounts import totp
from tungnha.field.tests.installed import environment, free_port, running, served, tungnha

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROVIDER = Path(__file__).parents[1] / "oidc"
PASSWORD = "một mật khẩu thật dài"


@contextmanager
def installation(folder, **options):
    """An empty installation with Hanoi's units, served; its address and the environment of its commands."""
    port = free_port()
    address = f"http://localhost:{port}"
    installed = environment(folder, public_url=address, **options)
    tungnha(installed, "init")
    tungnha(installed, "units", "load-vietnam", "--province", "01")
    with served(installed, port):
        yield address, installed


@pytest.fixture
def visitor(browser):
    """Opens a page as somebody with a browser of their own."""
    opened = []

    def new(width=1440):
        opened.append(browser.new_context(locale="vi-VN", viewport={"width": width, "height": 900}))
        opened[-1].set_default_timeout(60_000)
        return opened[-1].new_page()

    yield new
    for context in opened:
        context.close()


def choose_password(page, link):
    page.goto(link)
    for field in ("password", "again"):
        page.fill(f"input[name={field}]", PASSWORD)
    page.click("button.main")


def sign_in(page, address, name):
    page.goto(f"{address}/dang-nhap/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def with_authenticator(page):
    """A device with a passkey store, as the browser's own test tool has it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_from_an_empty_database_to_an_officer_who_is_in(tmp_path, visitor):
    with installation(tmp_path) as (address, installed):
        link = tungnha(installed, "users", "invite", "quan-tri", "administrator", "01")["link"]
        admin = visitor()
        with_authenticator(admin)
        choose_password(admin, link)
        admin.fill("#passkey-name", "Máy ở cơ quan")
        admin.click("form[data-passkey] button.main")
        admin.locator(".codes li").nth(9).wait_for()
        admin.click("a.button.main")
        admin.click("nav.rooms >> text=Người dùng")
        admin.click("text=Thêm người")
        admin.fill("[name=full_name]", "Nguyễn Thị Hường")
        admin.fill("[name=username]", "huong")
        admin.select_option("[name=role]", "unit_officer")
        ward = next(
            text for text in admin.locator("[name=unit] option").all_inner_texts() if "Văn Miếu" in text
        )
        admin.select_option("[name=unit]", label=ward)
        admin.click("button.main")
        invited = admin.locator("#link").input_value()

        officer = visitor(width=360)
        choose_password(officer, invited)
        officer.click("details summary")
        secret = base64.b32decode(officer.locator(".key").inner_text().replace(" ", ""))
        officer.fill("#code", totp.code_at(secret, time.time()))
        officer.click("text=Thêm ứng dụng")
        officer.locator(".codes li").nth(9).wait_for()
        recovery = officer.locator(".codes li").first.inner_text()
        officer.click("a.button.main")
        officer.locator("table >> text=Văn Miếu").first.wait_for()
        assert officer.locator("tbody tr").count() == 1
        assert officer.evaluate("document.documentElement.scrollWidth") <= 360

        again = visitor()
        sign_in(again, address, "huong")
        again.click("details summary")
        again.fill("#recovery", recovery)
        again.locator("#recovery").press("Enter")
        again.locator("table >> text=Văn Miếu").first.wait_for()

        admin.click("text=Đăng xuất")
        sign_in(admin, address, "quan-tri")
        admin.click("form[data-passkey] button.main")
        admin.wait_for_url(f"{address}/")
        admin.goto(f"{address}/toi/")
        admin.locator("text=Máy ở cơ quan").wait_for()

        stranger = visitor()
        stranger.goto(invited)
        stranger.locator("text=Đường dẫn không còn dùng được").first.wait_for()
    kept = sqlite3.connect(tmp_path / "tungnha.sqlite3")
    kinds = dict(kept.execute("SELECT kind, count(*) FROM accounts_auditentry GROUP BY kind"))
    assert {"command", "sign_in", "change", "read"} <= set(kinds)


@pytest.mark.parametrize("preset", ["standard", "vn-national"])
def test_an_identity_provider_lets_in_whom_we_know_and_nobody_else(tmp_path, visitor, preset):
    port = free_port()
    issuer = f"http://localhost:{port}"
    options = {
        "oidc_issuer": issuer, "oidc_client_id": "tungnha", "oidc_client_secret": "a secret of the tests",
        "oidc_label": "Cổng của Thành phố", "oidc_preset": preset,
        "oidc_scope": "openid" if preset == "vn-national" else "openid profile",
    }  # fmt: skip
    with installation(tmp_path, **options) as (address, installed):
        returning = f"{address}/dang-nhap/ngoai/ve/"
        answers = f"{issuer}/.well-known/openid-configuration"
        with running("node", str(PROVIDER / "provider.mjs"), str(port), returning, answers_at=answers):
            link = tungnha(installed, "users", "invite", "lan", "analyst", "01")["link"]

            def vouched_for(page, name):
                page.fill("[name=login]", name)
                page.fill("[name=password]", "anything")
                page.click("button[type=submit]")
                page.click("button[type=submit]")  # agrees that we learn the name

            known = visitor()
            known.goto(f"{address}/dang-nhap/")
            known.click("text=Cổng của Thành phố")
            vouched_for(known, "lan")
            known.locator("text=Chưa có ai ở đây được liên kết").wait_for()

            invited = visitor()
            invited.goto(link)
            invited.click("text=Cổng của Thành phố")
            vouched_for(invited, "lan")
            invited.wait_for_url(f"{address}/")
            expected = "NGƯỜI LAN" if preset == "vn-national" else "Người lan"
            assert invited.locator(".who").inner_text() == expected

            known.click("text=Cổng của Thành phố")  # still signed in there
            known.wait_for_url(f"{address}/")

            forged = visitor()
            forged.goto(f"{returning}?code=x&state=y")
            forged.locator("text=chưa xác nhận được bạn là ai").wait_for()
            if preset == "vn-national":
                organisation = visitor()
                organisation.goto(f"{address}/dang-nhap/ngoai/")
                vouched_for(organisation, "organisation")
                organisation.locator("text=chưa xác nhận được bạn là ai").wait_for()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tungnha.sqlite3*"))
    assert b"000085000003" not in kept, "a personal number is kept in clear"
    assert b"subject-of-lan" not in kept
