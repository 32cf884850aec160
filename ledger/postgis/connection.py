"""The door to a ledger in PostgreSQL: bound parameters, errors as sentences, whole transactions.

It has the methods that the rest of the ledger asks of a connection, so that what decides about
records is written once for both kinds of ledger.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import asdict
from typing import Any, Callable, Iterator, Optional, Sequence

from ...model.errors import CeasefireError
from ...model.field import Table
from ..connection import Session
from ..rows import Row
from .place import PostgisPlace
from .refusals import ChangedMeanwhile, driver_errors
from .rowio import read_rows, write_rows

WAIT_MS = 30_000
LEAST_SERVER = 150_000
_LITERAL = re.compile(r"CAST\(x'([0-9a-f]*)' AS TEXT\)")
# What PostgreSQL has under another name; what it has not, ``dialect`` adds.
_RENAMED = (("json_array(", "json_build_array("),)
_TIMESTAMPTZ, _BOOLEAN, _BYTES = 1184, 16, 17
NO_DRIVER = (
    "PostgreSQL cannot be reached because the Python library psycopg2 is missing: install it with "
    "QGIS's installer (Debian and Ubuntu: the package python3-psycopg2)."
)


def parameters(sql: str) -> tuple[str, list[str]]:
    """The statement with ``%s`` for each text that ``connection.bound`` put into it, and the texts.

    ``bound`` writes a text as the hexadecimal digits of its bytes, which is for SQLite; here they
    are taken out again and bound.
    """
    values = [bytes.fromhex(digits).decode("utf-8") for digits in _LITERAL.findall(sql)]
    for name, here in _RENAMED:
        sql = sql.replace(name, here)
    return _LITERAL.sub("%s", sql.replace("%", "%%")), values


class PostgisConnection:
    """One connection to a ledger's schema; closed by ``close``.

    ``wait_ms`` is how long to wait for another writer's records before giving up.
    """

    keeps_rows_itself = True
    hidden_rows = 0
    """How many rows were not added because they are there, out of the user's sight."""

    def __init__(self, place: PostgisPlace, update: bool, wait_ms: int = WAIT_MS):
        self.path = place
        self.update = update
        self.wait_ms = max(wait_ms, WAIT_MS)
        self.absent: dict[str, list[str]] = {}
        self.afterwards: list[Callable[[], None]] = []
        self.notes: list[str] = []
        self.within = False
        self._connect()

    def close(self) -> None:
        """Close the connection; doing so twice does no harm."""
        if self.driver is not None:
            self.driver.close()
            self.driver = None

    def reopen(self) -> None:
        """Close the connection and make it again."""
        self.close()
        self._connect()

    def rows(self, sql: str) -> list[tuple]:
        """The rows of a query; what ``bound`` put into ``sql`` is bound."""
        return self.fetch(*parameters(sql))

    def run(self, sql: str) -> None:
        """Run a statement that gives no rows; what ``bound`` put into ``sql`` is bound."""
        self.execute(*parameters(sql))

    def fetch(self, sql: Any, values: Sequence = ()) -> list[tuple]:
        """The rows of a query with ``%s`` for ``values``, or composed by psycopg2.sql."""
        with self.cursor() as cursor:
            cursor.execute(sql, _given(sql, values))
            return cursor.fetchall() if cursor.description else []

    def execute(self, sql: Any, values: Sequence = ()) -> int:
        """Run a statement with bound ``values``; the number of rows that it touched."""
        with self.cursor() as cursor:
            cursor.execute(sql, _given(sql, values))
            return cursor.rowcount

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor of psycopg2, whose errors become sentences."""
        if self.driver is None:
            raise CeasefireError(f"“{self.path}” is closed: open it again.")
        with driver_errors(self.path), self.driver.cursor() as cursor:
            yield cursor

    def read_rows(self, table: Table, where: str = "") -> list[Row]:
        """See ``store.read_rows``."""
        return read_rows(self, table, where)

    def write_rows(self, table: Table, rows: Sequence[Row], new: bool) -> Iterator[None]:
        """See ``store.write_new`` and ``store.write_changed``."""
        return write_rows(self, table, rows, new)

    def add_rows(self, name: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
        """Add rows to one of the ledger's own tables; every value is bound."""
        from psycopg2 import sql

        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(self.path.schema, name),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
        )
        for row in rows:
            self.execute(statement, row)

    def may_read(self, name: str) -> bool:
        """Whether the user may read one of the ledger's tables."""
        sql = (
            "SELECT pg_catalog.has_table_privilege(pg_catalog.format('%%I.%%I', %s, %s), 'SELECT')"
        )
        return self.fetch(sql, [self.path.schema, name]) == [(1,)]

    @contextlib.contextmanager
    def transaction(self, session: Session) -> Iterator[None]:
        """All or nothing, signed by ``session``; the signature ends with the transaction."""
        if not self.update:
            raise CeasefireError(f"“{self.path}” is open for reading only; nothing was written.")
        self.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        self.within = True
        try:
            self.sign(session)
            yield
            self.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self.within = False
            while self.afterwards:
                self.afterwards.pop()()

    def sign(self, session: Session) -> None:
        """Let what is written from here on be signed by ``session``, inside a transaction."""
        for name, value in asdict(session).items():
            self.execute(
                "SELECT pg_catalog.set_config(%s, %s, true)", [f"ceasefire.{name}", value or ""]
            )

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is the database as it is at the first reading."""
        self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self._roll_back()

    def _roll_back(self) -> None:
        if self.driver is not None and not self.driver.closed:
            with contextlib.suppress(CeasefireError):
                self.execute("ROLLBACK")

    def _connect(self) -> None:
        self.driver = None
        psycopg2 = _psycopg2()
        with driver_errors(self.path):
            self.driver = psycopg2.connect(self.path.conninfo)
        self.driver.autocommit = True
        _as_the_ledger_keeps(self.driver)
        # One statement a setting: what is set here holds for this connection alone.
        settings = {
            "TimeZone": "UTC",
            "DateStyle": "ISO, MDY",
            "extra_float_digits": "1",
            "client_encoding": "UTF8",
            "lock_timeout": f"{int(self.wait_ms)}ms",
            "application_name": "Ceasefire Monitor",
            "default_transaction_read_only": "off" if self.update else "on",
        }
        for name, value in settings.items():
            self.fetch("SELECT pg_catalog.set_config(%s, %s, false)", [name, value])
        if self.driver.server_version < LEAST_SERVER:
            self.close()
            raise CeasefireError(
                f"“{self.path}” lies in a PostgreSQL older than 15: a ledger needs PostgreSQL 15 "
                "or later with PostGIS 3."
            )
        self._look_into_the_schema()

    def _look_into_the_schema(self) -> None:
        found = self.fetch(
            "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n "
            "ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
        )
        if not found:
            self.close()
            raise CeasefireError(
                f"The database of “{self.path}” has no PostGIS: let its administrator run "
                "CREATE EXTENSION postgis there."
            )
        self.postgis = found[0][0]
        self.fetch(
            "SELECT pg_catalog.set_config('search_path', "
            "pg_catalog.format('pg_catalog, %%I, %%I, pg_temp', %s, %s), false)",
            [self.path.schema, self.postgis],
        )

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction or snapshot is open."""
        return self.driver is not None and self.driver.info.transaction_status != 0

    def composed(self, text: str) -> Any:
        """A statement with the schema for ``{s}`` (``{t}``: as text) and PostGIS's for ``{g}``,
        quoted by psycopg2."""
        from psycopg2 import sql

        return sql.SQL(text).format(
            s=sql.Identifier(self.path.schema),
            t=sql.Literal(self.path.schema),
            g=sql.Identifier(self.postgis),
        )


def _given(sql: Any, values: Sequence) -> Optional[list]:
    """The values to bind; None for a composed statement without any, whose % stand for %."""
    return list(values) if values or isinstance(sql, str) else None


def _psycopg2() -> Any:
    try:
        import psycopg2
        import psycopg2.extensions
        import psycopg2.extras
        import psycopg2.sql
    except ImportError:
        raise CeasefireError(NO_DRIVER) from None
    return psycopg2


def _as_the_ledger_keeps(driver: Any) -> None:
    """Moments as text in UTC, yes and no as 1 and 0, binary values as bytes."""
    from psycopg2 import extensions

    for name, oid, reader in (
        ("LEDGER_INSTANT", _TIMESTAMPTZ, _instant),
        ("LEDGER_BOOLEAN", _BOOLEAN, lambda value, _: None if value is None else int(value == "t")),
        ("LEDGER_BYTES", _BYTES, _bytes),
    ):
        extensions.register_type(extensions.new_type((oid,), name, reader), driver)


def _instant(value: Optional[str], _: Any) -> Optional[str]:
    """``2024-05-01 18:30:00.5+00`` as ``2024-05-01T18:30:00.500Z``; others as they are."""
    if value is None or not value.endswith("+00") or len(value) > 26:
        return value
    day, moment = value[:10], value[11:-3]
    whole, _, fraction = moment.partition(".")
    return f"{day}T{whole}.{fraction.ljust(3, '0')}Z"


def _bytes(value: Optional[str], _: Any) -> Optional[bytes]:
    return None if value is None else bytes.fromhex(value[2:])


__all__ = ["ChangedMeanwhile", "PostgisConnection", "parameters"]
