"""SQLite is the packaged one, and set so that what was acknowledged survives a power cut."""

import ctypes
import subprocess
import sys

import pytest
from django.db import connection

from tungnha.ledger import checks

pytestmark = pytest.mark.django_db


def found():
    return [(one.id, one.level) for one in checks.sqlite_is_sound(databases=["default"])]


@pytest.fixture(autouse=True)
def only_on_sqlite():
    if connection.vendor != "sqlite":
        pytest.skip("speaks of SQLite")
    pytest.importorskip("pysqlite3", reason="no wheel for this machine")


def test_the_packaged_sqlite_is_used_and_sound():
    assert connection.Database.sqlite_version_info >= checks.FIRST_SOUND
    assert found() == []


def test_it_counts_no_memory():
    """The count is one lock for all threads."""
    from pysqlite3 import _sqlite3

    used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
    used.restype = ctypes.c_int64
    connection.ensure_connection()
    assert used() == 0


def test_an_older_sqlite_is_named(monkeypatch):
    monkeypatch.setattr(connection.Database, "sqlite_version_info", (3, 40, 1))
    assert [one.id for one in checks.sqlite_is_sound(databases=["default"])] == ["ledger.W001"]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_would_not_wait_for_the_disk_is_an_error():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        try:
            assert [one.id for one in checks.sqlite_is_sound(databases=["default"])] == ["ledger.E001"]
        finally:
            cursor.execute("PRAGMA synchronous=FULL")


def test_the_systems_sqlite_is_never_opened_beside_it():
    """Two SQLite libraries on one file drop each other's locks: after the settings are read there is only one."""
    program = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tungnha.config.test_settings"
import django
django.setup()
import sqlite3, sqlite3.dbapi2, pysqlite3
from django.db import connection
print(sqlite3 is pysqlite3, connection.Database.__name__, sqlite3.dbapi2.__name__)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "pysqlite3.dbapi2", "pysqlite3.dbapi2"]
