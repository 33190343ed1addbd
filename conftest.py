"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# CI tries the same examples every time, so that a red run speaks of the change; elsewhere they are drawn anew.
settings.register_profile("draw", deadline=None)
settings.register_profile("fixed", deadline=None, derandomize=True)
settings.load_profile("fixed" if os.environ.get("CI") else "draw")

CHROMIUM = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip
"""The map needs WebGL, which a machine without a graphics card draws in software."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Beside PostgreSQL (`DATABASE_URL`) only what touches the database runs: the rest has run beside SQLite."""
    if "DATABASE_URL" in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if not _touches_the_database(item)])
        items[:] = filter(_touches_the_database, items)


def _touches_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


@pytest.fixture(autouse=True)
def _trail_can_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with real commits empties every table afterwards, which the guards of the audit trail would refuse."""
    marked = request.node.get_closest_marker("django_db")
    commits = {"live_server", "transactional_db"} & set(request.fixturenames)
    if not commits and not (marked and marked.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection  # noqa: PLC0415 - Django is only now set up

    from tungnha.accounts import guards  # noqa: PLC0415
    from tungnha.accounts.models import AuditEntry  # noqa: PLC0415
    from tungnha.ledger import services  # noqa: PLC0415

    services.writer.close()  # or its connection would be in the way when the database goes

    guards.take_down(connection)
    AuditEntry.objects.all().delete()
    guards.put_up(connection)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """Playwright, once for all browser tests: a second one beside it is refused.

    Its synchronous interface runs an event loop in the tests' own thread, which Django takes for asynchronous code.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - heavy

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_flags() -> list[str]:
    """What Chromium is started with."""
    return CHROMIUM


@pytest.fixture(scope="session")
def browser(playwright: Any) -> Iterator[Any]:
    """Debian's Chromium. Tests open contexts of their own in it."""
    running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
    yield running
    running.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data (its README says what is in it): `TUNGNHA_TEST_DATA`, or beside the project.

    Without it a test is skipped, except in CI, where it fails.
    """
    folder = Path(os.environ.get("TUNGNHA_TEST_DATA", Path(__file__).parent.parent / "shared" / "data"))
    if folder.is_dir():
        return folder
    message = f"needs the real data folder; there is none at {folder} (set TUNGNHA_TEST_DATA)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
