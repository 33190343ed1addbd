"""A disk on which only what was synced is sure to be there after a power cut, under SQLite by its own file interface.

Of what was written but not synced, any part may have reached the disk, in any order and torn at any sector: after a cut each
such 512-byte sector is kept or lost by lot.
"""

import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


class PowerCutError(Exception):
    """From here on nothing reaches the disk."""


@dataclass
class Disk:
    """What each file holds for sure, and what was written to it since."""

    cut_at: int
    writes: int = 0
    sure: dict[str, bytearray] = field(default_factory=dict)
    unsure: dict[str, list[tuple[int, bytes | None]]] = field(default_factory=dict)

    def write(self, name: str, offset: int, data: bytes | None) -> None:
        """Data at an offset; None: the file was cut off there."""
        self.writes += 1
        if self.writes >= self.cut_at:
            raise PowerCutError
        self.unsure.setdefault(name, []).append((offset, data))

    def sync(self, name: str) -> None:
        if self.writes >= self.cut_at:
            raise PowerCutError
        for offset, data in self.unsure.pop(name, []):
            _apply(self.sure.setdefault(name, bytearray()), offset, data)

    def after_the_cut(self, folder: Path, chance: random.Random) -> None:
        """Lay down the files as the machine finds them when it starts again."""
        for name in self.sure.keys() | self.unsure.keys():
            content = bytearray(self.sure.get(name, b""))
            for offset, data in self.unsure.get(name, []):
                for start in range(0, len(data or b""), SECTOR):
                    if chance.random() < 0.5:
                        _apply(content, offset + start, data[start : start + SECTOR])
                if data is None and chance.random() < 0.5:
                    _apply(content, offset, None)
            (folder / Path(name).name).write_bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    content.extend(bytes(max(0, offset + len(data) - len(content))))
    content[offset : offset + len(data)] = data


class _Files(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__("powercut", "")

    def xOpen(self, name, flags):  # noqa: N802 - SQLite's names
        return _File(self.disk, name, flags)

    def xDelete(self, name, sync):  # noqa: N802
        self.disk.sure.pop(str(name), None)
        self.disk.unsure.pop(str(name), None)
        return super().xDelete(name, sync)


class _File(apsw.VFSFile):
    def __init__(self, disk, name, flags) -> None:
        self.disk = disk
        self.name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802
        self.disk.write(self.name, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802
        self.disk.write(self.name, size, None)
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: N802
        self.disk.sync(self.name)
        super().xSync(flags)


@dataclass
class Said:
    """How the cuts came out."""

    acknowledged: int = 0
    lost: int = 0
    """Transactions that were acknowledged and are not there."""
    corrupt: int = 0


def cut_power(
    folder: Path,
    schema: Sequence[str],
    transactions: Sequence[Sequence[tuple[str, Sequence[Sequence[object]]]]],
    *,
    times: int,
    synchronous: str,
    seed: int = 6,
) -> Said:
    """Run the transactions again and again, cut the power at some write, start again, and look what is there.

    Each transaction must add to `ledger_entry`; the pragmas are those of the settings, but for `synchronous`. A small
    checkpoint interval makes cuts fall into checkpoints too.
    """
    said, chance = Said(), random.Random(seed)
    whole = _run(folder / "whole", schema, transactions, synchronous, cut_at=10**9)[0].writes
    for number in range(times):
        place = folder / f"{synchronous}{number}"
        disk, sizes = _run(
            place, schema, transactions, synchronous, cut_at=chance.randrange(whole // 8, whole)
        )
        after = place / "after"
        after.mkdir()
        disk.after_the_cut(after, chance)
        there, sound = _look(after / "ledger.db")
        said.acknowledged += len(sizes)
        said.lost += sum(1 for size in sizes if size > there)
        said.corrupt += not sound
    return said


def _run(folder, schema, transactions, synchronous, *, cut_at):
    """The disk at the cut, and for each acknowledged transaction how many entries there were then."""
    folder.mkdir()
    disk = Disk(10**9)
    files = _Files(disk)
    sizes: list[int] = []
    connection = apsw.Connection(str(folder / "ledger.db"), vfs="powercut")
    try:
        for pragma in (
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "wal_autocheckpoint=30",
        ):
            connection.execute(f"PRAGMA {pragma}")
        for statement in schema:
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        disk.cut_at, disk.writes = cut_at, 0
        for statements in transactions:
            connection.execute("BEGIN IMMEDIATE")
            for sql, rows in statements:
                connection.executemany(sql, rows)
            connection.execute("COMMIT")
            sizes.append(connection.execute("SELECT count(*) FROM ledger_entry").fetchall()[0][0])
    except (PowerCutError, apsw.Error):
        if disk.writes < disk.cut_at:
            raise
    finally:
        disk.cut_at = 0
        with contextlib.suppress(PowerCutError, apsw.Error):
            connection.close()
        files.unregister()
    return disk, sizes


def _look(path: Path) -> tuple[int, bool]:
    connection = apsw.Connection(str(path))
    try:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT count(*) FROM ledger_entry").fetchall()[0][0], sound
    except apsw.CorruptError:
        return 0, False
    finally:
        connection.close()
