"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# CI tries the same examples every time, so that a red run speaks of the change; elsewhere they are drawn anew.
settings.register_profile("draw", deadline=None)
settings.register_profile("fixed", deadline=None, derandomize=True)
settings.load_profile("fixed" if os.environ.get("CI") else "draw")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Beside PostgreSQL (`DATABASE_URL`) only what touches the database runs: the rest has run beside SQLite."""
    if "DATABASE_URL" in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if not _touches_the_database(item)])
        items[:] = filter(_touches_the_database, items)


def _touches_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or item.get_closest_marker("django_db") is not None


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
