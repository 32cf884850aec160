"""What the check of a ledger (`ledger/verify.py`) asks, answered by PostgreSQL."""

from __future__ import annotations

import re
from typing import Any, Iterator

from ...model.errors import CeasefireError
from ...model.tables import LEDGER_TABLES
from ...model.tables import table as table_named
from ..own_tables import INCIDENT_HISTORY, RECORD_HISTORY
from ..record_triggers import HISTORIED, RECORDED, RECORDED_ONCE, STAMPS
from ..verify import (
    ALL_KEYS,
    GEOMETRIES,
    KEYS,
    LISTED,
    NEEDED,
    PAGE,
    CannotCheck,
    Source,
    Unreadable,
    is_wgs84,
)
from .sealing import canonical

# The triggers that keep the histories, each with its table.
_KEEPING = {
    *((table.name, "yy_record_insert_after") for table in HISTORIED),
    *((table.name, "yy_record_update_before") for table in RECORDED),
    *((table.name, "aa_append_only") for table in RECORDED_ONCE),
    *((name, "aa_append_only") for name in (INCIDENT_HISTORY, RECORD_HISTORY)),
}
_FUNCTION = re.compile(
    r'CREATE (?:OR REPLACE )?FUNCTION \{s\}\."?(\w+)"?\(.*?\$body\$.*?\$body\$', re.DOTALL
)
_TRIGGER = re.compile(
    r'CREATE (?:CONSTRAINT )?TRIGGER (\w+) .*? ON \{s\}\."?(\w+)"?.*?'
    r'EXECUTE FUNCTION \{s\}\."?(\w+)"?\(',
    re.DOTALL,
)
# Triggers that hold for every ledger, by table, name and function; a partition's are its own.
_TRIGGERS = """SELECT c.relname, t.tgname, p.proname FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid AND p.pronamespace = n.oid
    WHERE n.nspname = %s AND NOT t.tgisinternal"""
_OTHERS = """SELECT c.relname, t.tgname FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND NOT c.relispartition
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND NOT t.tgisinternal"""
_BODIES = """SELECT p.proname, p.prosrc FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = %s"""
_UNIQUE = """SELECT c.relname, a.attname FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE n.nspname = %s AND i.indisunique AND i.indisvalid AND i.indnatts = 1
    AND i.indpred IS NULL"""
_COLUMNS = """SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'"""
_LATEST = "(SELECT max(revision) FROM {{s}}.{history} AS l WHERE {of})"


class PostgisSource(Source):
    """A ledger in PostgreSQL as the check sees it: all of it, in one snapshot of the database.

    Raises CannotCheck where the user may not see everything.
    """

    def __init__(self, connection: Any):
        super().__init__(connection.rows)
        self.connection = connection

    def settings(self) -> dict[str, str]:
        """See ``Source``."""
        schema = self.connection.path.schema
        found = self.connection.fetch(
            "SELECT c.relname, pg_catalog.has_table_privilege(c.oid, 'SELECT') "
            "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'p')",
            [schema],
        )
        tables = {name for name, _ in found}
        if not {"settings", "incidents"} <= tables:
            raise CannotCheck(f"“{self.connection.path}” is not a ledger.")
        lost = sorted(NEEDED - tables)
        if lost:
            raise Unreadable(f"the ledger has lost its table {lost[0]}")
        hidden = [name for name, seen in found if name in NEEDED and not seen]
        if hidden or not self._sees_all():
            raise CannotCheck(
                f"You do not see all of “{self.connection.path}”: only a keeper, or its owner, can "
                "check the whole ledger."
            )
        return dict(self.connection.rows('SELECT "key", "value" FROM settings'))

    def _sees_all(self) -> bool:
        """Whether no row is hidden from the user by its sensitivity."""
        ((hidden,),) = self.connection.fetch(
            "SELECT pg_catalog.row_security_active('incidents') AND NOT pg_catalog.pg_has_role("
            "pg_catalog.format('%%s_keeper', %s::text), 'USAGE')",
            [self.connection.path.schema],
        )
        return not hidden

    def faulty_structure(self) -> Iterator[str]:
        """The triggers that keep the histories must all be there, and on."""
        rows = self.connection.fetch(
            "SELECT c.relname || '.' || t.tgname FROM pg_catalog.pg_trigger t "
            "JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND NOT t.tgisinternal AND t.tgenabled = 'D' ORDER BY 1",
            [self.connection.path.schema],
        )
        for (name,) in rows:
            yield f"the trigger {name} is turned off"
        there = self.connection.fetch(
            "SELECT c.relname, t.tgname FROM pg_catalog.pg_trigger t "
            "JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s",
            [self.connection.path.schema],
        )
        for name in sorted({table for table, _ in _KEEPING - set(there)}):
            yield f"the triggers of {name} are gone"

    def structure(self) -> Iterator[tuple[bool, str]]:
        """See ``Source``: functions and triggers as the code makes them, the keys' indices, and
        where places lie."""
        yield from self._functions()
        yield from self._triggers()
        schema = [self.connection.path.schema]
        unique = set(self.connection.fetch(_UNIQUE, schema))
        for table, key in ALL_KEYS.items():
            if (table, key) not in unique:
                yield True, f"the index that keeps each record of {table} from being twice is gone"
        columns: dict[str, dict[str, str]] = {}
        for table, name, kind in self.connection.fetch(_COLUMNS, schema):
            columns.setdefault(table, {})[name] = kind.lower()
        for table, shape in GEOMETRIES.items():
            kind = columns.get(table, {}).get("geom", "")
            if not kind.endswith(f"geometry({shape.lower()},4326)"):
                yield True, f"the places of {table} are not kept as {shape} in WGS 84 but as {kind}"
        yield from self._columns(columns)
        yield from self._reference()

    def _functions(self) -> Iterator[tuple[bool, str]]:
        bodies: dict[str, list[str]] = {}
        for name, body in self.connection.fetch(_BODIES, [self.connection.path.schema]):
            bodies.setdefault(name, []).append(body)
        for statement in _statements():
            due = _text_of(self.connection, statement).split("$body$")[1::2]
            for name, body in zip(_FUNCTION.findall(statement), due):
                if body not in bodies.get(name, []):
                    words = "was replaced" if name in bodies else "is gone"
                    yield True, f"the function {name}, which the ledger rests on, {words}"

    def _triggers(self) -> Iterator[tuple[bool, str]]:
        schema = [self.connection.path.schema]
        due = {
            (table, name, function)
            for name, table, function in (
                part for statement in _statements() for part in _TRIGGER.findall(statement)
            )
        }
        there = set(self.connection.fetch(_TRIGGERS, schema))
        for table, name, _ in sorted(due - there):
            yield True, f"the trigger {name} of {table} is gone, or calls another function"
        ours = {(table, name) for table, name, _ in due}
        for table, name in sorted(set(self.connection.fetch(_OTHERS, schema)) - ours):
            yield False, f"the trigger {name} on {table} is not the ledger's"

    def _columns(self, columns: dict[str, dict[str, str]]) -> Iterator[tuple[bool, str]]:
        known = {"fid", "geom", *STAMPS}
        for table in LEDGER_TABLES:
            there = columns.get(table.name, {})
            others = [name for name in there if name not in known and name not in table.names()]
            if others:
                listed = "”, “".join(sorted(others))
                yield False, f"of {table.name}, the columns “{listed}” are not the ledger's"

    def _reference(self) -> Iterator[tuple[bool, str]]:
        rows = self._asked(
            "SELECT auth_name, auth_srid, srtext FROM {g}.spatial_ref_sys WHERE srid = 4326"
        )
        if not rows or rows[0][:2] != ("EPSG", 4326) or not is_wgs84(rows[0][2] or ""):
            yield True, "the definition of the reference system 4326 is not that of WGS 84"

    def doubled(self, table: str) -> list[tuple[str, int]]:
        """See ``Source``."""
        key = ALL_KEYS[table]
        return self._asked(
            f'SELECT "{key}", count(*) FROM {{s}}."{table}" '  # nosec B608 - names of ours
            f'GROUP BY "{key}" HAVING count(*) > 1 LIMIT {LISTED}'
        )

    def misplaced(self, table: str) -> Iterator[tuple[str, str]]:
        """The database itself keeps the index and the reference system of a column of places."""
        return iter(())

    def numbers(self, table: str, key: str) -> tuple[int, int]:
        """Numbers of writes that failed are left out here: gaps tell nothing."""
        count = self.count(table)
        return count, count

    def forms(self, history: str, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """See ``Source``."""
        form = canonical(history, "state", "state.history_id")
        query = (
            f"SELECT state.history_id, convert_to({form}, 'UTF8') FROM {{s}}.{history} AS state "
            "WHERE state.history_id > "  # nosec B608 - names of ours
        )
        return self._pages(query, after, " ORDER BY state.history_id LIMIT ")

    def links(self) -> Iterator[tuple[int, bytes]]:
        """See ``Source``."""
        query = (
            "SELECT position, convert_to(history || ' ' || history_id || ' ' || hash "
            "|| ' textintegertext', 'UTF8') FROM {s}.chain WHERE position > "
        )
        return self._pages(query, 0, " ORDER BY position LIMIT ")

    def beyond(self, history: str, last: int) -> int:
        """How many revisions come after ``last``: none is ever left unsealed."""
        sql = f"SELECT count(*) FROM {history} WHERE history_id > %s"  # nosec B608 - of ours
        return self.connection.fetch(sql, [last])[0][0]

    def lost_at_the_end(self, table: str, key: str, last: int) -> int:
        """Numbers are given without gaps here: what is gone leaves none behind at the end."""
        return 0

    def differing(self, table: str) -> Iterator[tuple[str, Any, Any, Any]]:
        """See ``Source``."""
        key, history = KEYS[table], _history_of(table)
        sql = (
            f'SELECT t."{key}", {{s}}.payload_of(t), h.payload, h.operation '
            f'FROM {{s}}."{table}" AS t LEFT JOIN {{s}}.{history} AS h '
            f"ON {_of(table, 'h', f't.{key}')} AND h.revision = "  # nosec B608 - names of ours
            + _LATEST.format(history=history, of=_of(table, "l", f"t.{key}"))
            + " WHERE h.operation IS NULL OR h.operation = 'delete' "
            "OR h.payload IS DISTINCT FROM {s}.payload_of(t)"
        )
        yield from self._asked(sql)

    def gone(self, table: str) -> list[str]:
        """See ``Source``."""
        key, history = KEYS[table], _history_of(table)
        record = "incident_id" if table == "incidents" else "record_id"
        of = "true" if table == "incidents" else f"h.table_name = '{table}'"
        latest = _LATEST.format(history=history, of=_of(table, "l", f"h.{record}"))
        sql = (
            f"SELECT h.{record} FROM {{s}}.{history} AS h WHERE {of} AND h.operation <> 'delete' "
            f"AND h.revision = {latest} "
            f'AND NOT EXISTS (SELECT 1 FROM {{s}}."{table}" AS t WHERE t."{key}" = h.{record}) '
            f"LIMIT {LISTED}"  # nosec B608 - names of ours
        )
        return [identifier for (identifier,) in self._asked(sql)]

    def protected(self) -> list[tuple]:
        """See ``Source``."""
        return self._asked(
            "SELECT p.protected_id, p.commitment, p.erased_at::text, v.fid IS NOT NULL, "
            "upper(encode(convert_to(v.value, 'UTF8'), 'hex')), v.salt, "
            "v.fid IS NOT NULL AND (v.record_table, v.record_id, v.field) IS DISTINCT FROM "
            "(p.record_table, p.record_id, p.field) FROM {s}.protected AS p "
            "LEFT JOIN {s}.protected_values AS v ON v.protected_id = p.protected_id"
        )

    def heads(self) -> list[tuple]:
        """See ``Source``."""
        return self._asked(
            "SELECT head_id, position, hash, made_at, upper(request), upper(token), token_time, "
            "token_authority FROM {s}.heads ORDER BY head_id"
        )

    def _pages(self, query: str, after: int, end: str) -> Iterator[tuple[int, bytes]]:
        while True:
            rows = self._asked(f"{query}{int(after)}{end}{PAGE}")
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def _asked(self, sql: str) -> list[tuple]:
        try:
            return self.connection.fetch(self.connection.composed(sql))
        except CeasefireError as error:
            raise Unreadable(str(error)) from None


def _statements() -> Iterator[str]:
    """All that makes the functions and triggers of a ledger."""
    from .making import function_statements
    from .triggers import trigger_statements

    yield from function_statements()
    yield from trigger_statements()


def _text_of(connection: Any, statement: str) -> str:
    """The text that was sent to the database for a statement of ours."""
    with connection.cursor() as cursor:
        return connection.composed(statement).as_string(cursor)


def _history_of(table: str) -> str:
    table_named(table)
    return "incident_history" if table == "incidents" else "record_history"


def _of(table: str, alias: str, key: str) -> str:
    if table == "incidents":
        return f"{alias}.incident_id = {key}"
    return f"{alias}.table_name = '{table}' AND {alias}.record_id = {key}"
