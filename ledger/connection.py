"""The door to the ledger's file: GDAL only, errors as sentences, transactions that hold.

Inside QGIS nobody may ``open()`` the file by other means: closing any handle of the process
drops the locks that SQLite holds. So reading, writing and copying all go through GDAL here.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import Callable, Iterator, Optional, Sequence, Union

from osgeo import gdal, ogr

from ..model.errors import CeasefireError
from .refusals import refusal

WAIT_MS = 5000
CACHE_KIB = 65536
SIGN = (
    "INSERT INTO ledger_session(id, who, why, with_what, fetch_id) "
    "VALUES (1, $who, $why, $with_what, $fetch_id)"
)


@dataclass(frozen=True)
class Session:
    """Who writes, why, and with what; ``fetch_id`` where the revisions come from a feed."""

    who: Optional[str] = None
    why: Optional[str] = None
    with_what: Optional[str] = None
    fetch_id: Optional[str] = None


def bound(sql: str, **values: Union[None, str, Sequence[str]]) -> str:
    """``sql`` with texts, or lists of texts, in the place of ``$name``.

    OGR's ``ExecuteSQL`` has no bound parameters. A text goes in as the hexadecimal digits of its
    UTF-8 bytes, which no text can break out of.
    """
    return Template(sql).substitute({name: _literal(value) for name, value in values.items()})


def _literal(value: Union[None, str, Sequence[str]]) -> str:
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return ", ".join(_literal(item) for item in value)
    return "CAST(x'" + value.encode("utf-8", "replace").hex() + "' AS TEXT)"


@contextlib.contextmanager
def driver_errors(path: Path) -> Iterator[None]:
    """Turn what GDAL reports, as an exception or in silence, into one sentence.

    GDAL's error state of the process is left as it was, whatever QGIS or another plugin chose.
    """
    message = ""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        yield
        if gdal.GetLastErrorType() >= gdal.CE_Failure:
            message = gdal.GetLastErrorMsg() or "unknown error"
    except RuntimeError as error:
        message = str(error) or "unknown error"
    finally:
        gdal.ErrorReset()
        gdal.PopErrorHandler()
    if message:
        raise CeasefireError(refusal(path, message))


class Connection:
    """One GDAL connection to a GeoPackage; closed by ``close`` or at the end of ``with``.

    ``wait_ms`` is how long to wait for another writer before giving up.
    """

    # A connection to a server reads and writes rows by its own methods; see ``postgis``.
    keeps_rows_itself = False
    hidden_rows = 0

    def __init__(self, path: Path, update: bool, wait_ms: int = WAIT_MS):
        self.path = path
        self.update = update
        self.wait_ms = wait_ms
        self.dataset: Optional[gdal.Dataset] = None
        # Columns by table that an older ledger, open for reading, does not have.
        self.absent: dict[str, list[str]] = {}
        # What the user should be told: sentences.
        self.notes: list[str] = []
        # What is to be done once the transaction is over, the latest first.
        self.afterwards: list[Callable[[], None]] = []
        self._open()

    def close(self) -> None:
        """Close the file; doing so twice does no harm."""
        with driver_errors(self.path):
            self.dataset = None

    def reopen(self) -> None:
        """Close the file and open it again, so that OGR sees tables as they are now."""
        self.close()
        self._open()

    def rows(self, sql: str) -> list[tuple]:
        """The rows of a query, as tuples of Python values in the order of its columns."""
        with driver_errors(self.path):
            result = self.dataset.ExecuteSQL(sql)
            if result is None:
                return []
            try:
                columns = range(result.GetLayerDefn().GetFieldCount())
                return [tuple(row.GetField(i) for i in columns) for row in result]
            finally:
                self.dataset.ReleaseResultSet(result)

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows."""
        with driver_errors(self.path):
            result = self.dataset.ExecuteSQL(sql)
            if result is not None:
                self.dataset.ReleaseResultSet(result)

    def layer(self, name: str) -> ogr.Layer:
        """The OGR layer of a table."""
        with driver_errors(self.path):
            layer = self.dataset.GetLayerByName(name)
        if layer is None:
            raise CeasefireError(
                f"“{self.path}” has lost its table “{name}”; restore the ledger from a copy."
            )
        return layer

    @contextlib.contextmanager
    def transaction(self, session: Session) -> Iterator[None]:
        """All or nothing: what is written inside appears at once, signed by ``session``.

        The first statement takes the write lock, so that what is read inside cannot change
        before it is written. The session is cleared before the commit: no later edit of
        somebody else can bear its name. What was written is sealed into the custody chain.
        """
        from .chain import seal  # which itself stands on connections

        self.refuse_if_read_only()
        with driver_errors(self.path):
            self.dataset.StartTransaction()
        try:
            self.sign(session)
            yield
            self.run("DELETE FROM ledger_session")
            seal(self)
            with driver_errors(self.path):
                self.dataset.CommitTransaction()
        except BaseException:
            self._roll_back()
            raise
        finally:
            while self.afterwards:
                self.afterwards.pop()()

    def sign(self, session: Session) -> None:
        """Let what is written from here on be signed by ``session``, inside a transaction."""
        self.run("DELETE FROM ledger_session")
        self.run(bound(SIGN, **asdict(session)))

    def _open(self) -> None:
        flags = gdal.OF_VECTOR | (gdal.OF_UPDATE if self.update else gdal.OF_READONLY)
        with driver_errors(self.path):
            self.dataset = gdal.OpenEx(str(self.path), flags, allowed_drivers=["GPKG"])
        if self.dataset is None:
            raise CeasefireError(refusal(self.path, "not recognized"))
        self.run(f"PRAGMA busy_timeout = {int(self.wait_ms)}")
        self.run(f"PRAGMA cache_size = -{CACHE_KIB}")

    def refuse_if_read_only(self) -> None:
        """CeasefireError where the file was opened for reading."""
        if not self.update:
            raise CeasefireError(refusal(self.path, "read-only"))

    def _roll_back(self) -> None:
        """Undo, and open afresh: OGR's layers remember what was undone."""
        with contextlib.suppress(CeasefireError), driver_errors(self.path):
            self.dataset.RollbackTransaction()
        with contextlib.suppress(CeasefireError):
            self.close()
        self._open()


def undo_interrupted(path: Path) -> None:
    """Let the database undo what a process that was ended had half written.

    Who opens the file for reading alone cannot, and would be refused. A write that is going on is
    none of these: the database tells them apart by its locks.
    """
    journal = path.with_name(path.name + "-journal")
    with contextlib.suppress(OSError, CeasefireError):
        if journal.stat().st_size:
            Connection(path, update=True).close()
