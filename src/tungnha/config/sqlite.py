"""A newer SQLite than the system's, in place of Python's own module, before Django loads its backend.

Debian 12 has 3.40.1, which can lose committed rows when two processes write (`ledger/checks.py`). Where the package
has no wheel (64-bit ARM), the system's SQLite stays, and the check at start says so.
"""

import sqlite3
import sys


def use_newer() -> None:
    """Have `import sqlite3` give the packaged SQLite from now on, unless the system's is as new.

    Two SQLite libraries in one process must never open the same file: closing it in one drops the other's locks.
    Hence the whole process gets the one.
    """
    try:
        import pysqlite3  # noqa: PLC0415 - it may not be there
        from pysqlite3 import dbapi2  # noqa: PLC0415
    except ImportError:
        return
    if dbapi2.sqlite_version_info > sqlite3.sqlite_version_info:
        sys.modules["sqlite3"] = pysqlite3
        sys.modules["sqlite3.dbapi2"] = dbapi2
