"""The copies of a ledger that are known or lie beside it, and which protected values they hold."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from enum import Enum
from pathlib import Path
from typing import Iterator, Optional, Sequence

from ..model.errors import CeasefireError
from .connection import Connection
from .protected import Value, place_of, protected_records, values_of
from .settings import read_settings
from .staging import ENDING, is_stage

NOT_COPIES = ("-wal", "-shm", "-journal", ".evidence")
MAGIC = b"SQLite format 3\x00"


class Holding(Enum):
    """Whether a copy holds a value that is to be erased."""

    HOLDS = "holds"
    HOLDS_NOT = "holds_not"
    ERASED = "erased"
    FAILED = "failed"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclasses.dataclass
class Copy:
    """One copy, how it stands to the values, and why where that is not known."""

    path: Path
    holding: Holding
    note: str = ""


def find_copies(connection: Connection, erased: Sequence[Value]) -> list[Copy]:
    """The copies that the ledger made, and the files beside it that are copies or look like it.

    A file is a copy where it has the ledger's id, whatever it is called; it is looked into
    through GDAL. ``erased`` are the values looked for: see ``rows_held``.
    """
    identifier = read_settings(connection).get("ledger_id")
    ledger = known_of(connection)
    copies, seen = [], [] if connection.keeps_rows_itself else [connection.path]
    for path, known in _candidates(connection):
        if any(_same(path, other) for other in seen):
            continue
        seen.append(path)
        if not path.exists():
            # What was being made and is gone was never there for anybody.
            if not is_stage(path):
                copies.append(Copy(path, Holding.GONE, "It is no longer there."))
            continue
        found = _look(path, identifier, erased, ledger)
        if found is not None:
            copies.append(found)
        elif known:
            copies.append(Copy(path, Holding.UNKNOWN, "It now holds something else."))
    return copies


@dataclasses.dataclass(frozen=True)
class Known:
    """What a ledger knows of its values: the ids it gave, and what it still keeps and where."""

    ids: frozenset
    kept: frozenset


def known_of(connection: Connection) -> Known:
    """What a ledger knows of its values."""
    ids = {record.protected_id for record in protected_records(connection)}
    kept = {(*place_of(value), value.value) for value in values_of(connection)}
    return Known(frozenset(ids), frozenset(kept))


def rows_held(connection: Connection, erased: Sequence[Value], ledger: Known) -> list[Value]:
    """The rows of a copy that hold one of the values, or may.

    They are known by their ids. A value that a form added has none before the ledger is next
    opened, and in a copy made until then it never gets the same: there it is known by its record
    and field, unless the ledger still keeps that very text there.
    """
    ids = {value.protected_id for value in erased}
    places = {place_of(value) for value in erased}
    return [
        row
        for row in values_of(connection)
        if row.protected_id in ids
        or (
            row.protected_id not in ledger.ids
            and place_of(row) in places
            and (*place_of(row), row.value) not in ledger.kept
        )
    ]


@contextlib.contextmanager
def opened(path: Path, update: bool) -> Iterator[Connection]:
    """A copy as it is: opened as a ledger it would be upgraded."""
    connection = Connection(path, update)
    try:
        yield connection
    finally:
        connection.close()


def _candidates(connection: Connection) -> Iterator[tuple[Path, bool]]:
    """Where copies may lie, and whether the ledger itself says so."""
    on_a_server = connection.keeps_rows_itself
    for (path,) in connection.rows("SELECT path FROM copies ORDER BY copy_id"):
        place = Path(path)
        if not place.is_absolute() and not on_a_server:
            place = connection.path.parent / place
        yield place, True
    if on_a_server:
        return
    with contextlib.suppress(OSError):
        for path in sorted(connection.path.parent.iterdir()):
            if path.name.endswith(NOT_COPIES) or not path.is_file():
                continue
            if _looks_like(path, connection.path) or _is_database(path):
                yield path, False
        for folder in connection.path.parent.glob("*" + ENDING):
            for path in sorted(folder.glob("*.gpkg")):
                yield path, False


def _looks_like(path: Path, ledger: Path) -> bool:
    return path.suffix.lower() == ".gpkg" or ledger.stem.lower() in path.name.lower()


def _is_database(path: Path) -> bool:
    """Whether a file begins as one of SQLite; GDAL too reads that much of what it opens."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _look(
    path: Path, identifier: Optional[str], erased: Sequence[Value], ledger: Known
) -> Optional[Copy]:
    """What a file holds; None where it is no copy of this ledger."""
    try:
        with opened(path, update=False) as copy:
            tables = {name for (name,) in copy.rows("SELECT name FROM sqlite_master")}
            if "settings" not in tables or read_settings(copy).get("ledger_id") != identifier:
                return None
            held = rows_held(copy, erased, ledger)
    except CeasefireError:
        return Copy(path, Holding.UNKNOWN, "It could not be looked into.")
    return Copy(path, Holding.HOLDS if held else Holding.HOLDS_NOT)


def _same(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samefile(path, other)
    return path == other
