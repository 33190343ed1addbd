"""What every test may ask for."""

import os
from pathlib import Path

import pytest


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
