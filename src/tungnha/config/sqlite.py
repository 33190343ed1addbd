"""A newer SQLite than the system's, in place of Python's own module, before Django loads its backend.

Debian 12 has 3.40.1, which can lose committed rows when two processes write (`ledger/checks.py`). Where the package
has no wheel (64-bit ARM), the system's SQLite stays, and the check at start says so.
"""

import ctypes
import sqlite3
import sys
from types import ModuleType, NoneType


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
        _say_what_is_storable(dbapi2)
        _without_statistics()


_MEMSTATUS = 9
"""SQLite's number of the setting (https://sqlite.org/c3ref/c_config_covering_index_scan.html)."""


def _without_statistics() -> None:
    """Have SQLite not count the memory it uses: it locks a counter shared by all threads each time it takes or gives some.

    Nobody asks for the count, and threads that write and judge at once would spend their time waiting for each other.
    """
    from pysqlite3 import _sqlite3  # noqa: PLC0415 - it may not be there

    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_shutdown()
    library.sqlite3_config(_MEMSTATUS, 0)
    library.sqlite3_initialize()


def _say_what_is_storable(module: ModuleType) -> None:
    """Have bytes, truth values and NULL bound at once.

    Without an adapter the package asks each such value in vain for two methods, which takes 0.7 microseconds: as long
    as storing ten texts, and a resident has six such values.
    """
    module.register_adapter(bytes, bytearray)
    module.register_adapter(bool, int)
    module.register_adapter(NoneType, {}.get)  # None for None
