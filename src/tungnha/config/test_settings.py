"""Settings under which the tests run: a database of their own, a fixed key, fast password hashing."""

import os
import tempfile

os.environ.setdefault("TUNGNHA_DATA", tempfile.mkdtemp(prefix="tungnha-test-"))
os.environ.setdefault("TUNGNHA_MASTER_KEY", "00" * 32)

from tungnha.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
# Tests sign in with one step; those about the second one turn it on.
TUNGNHA_SECOND_FACTOR = False

if "DATABASE_URL" not in os.environ:
    # A file, because the browser tests serve from a second thread.
    DATABASES["default"]["TEST"] = {"NAME": str(TUNGNHA_DATA / "test.sqlite3")}  # noqa: F405
