"""Making a ledger's schema: all of it in one transaction, or nothing."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, Optional

from ...model.errors import CeasefireError
from ...model.tables import LEDGER_TABLES
from ..connection import Session
from ..record_triggers import HISTORIED
from ..schema import DEFAULTS
from .dialect import dialect_statements
from .partitions import partition_statements
from .payload import payload_statement
from .review import who_wrote_statement
from .roles import LONGEST, make_roles
from .sealing import SETTINGS, sealing_statements
from .styles import write_styles
from .tables import table_statements
from .triggers import shared_statements, trigger_statements

MAY_MAKE_ROLES = (
    "SELECT rolsuper OR rolcreaterole FROM pg_catalog.pg_roles WHERE rolname = current_user"
)
NO_ROLES = (
    "The roles of the team were not made, because you may not make roles in this database: the "
    "ledger is yours alone until its administrator runs “Grant ledger”."
)
# The end of the chain is what a brief prints; it tells nothing of any record.
CHAIN_END = f"""CREATE FUNCTION {{s}}.chain_end(OUT "position" bigint, OUT hash text)
LANGUAGE sql STABLE {SETTINGS} AS $body$
SELECT "position", hash FROM {{s}}.chain ORDER BY position DESC LIMIT 1 $body$"""  # nosec B608 - names of ours


def make_schema(
    connection: Any,
    settings: Mapping[str, Optional[str]],
    fill: Optional[Callable[[], None]] = None,
) -> None:
    """Make the schema of a new ledger; CeasefireError where the schema has something in it.

    ``fill`` may put rows into the tables before there is any trigger: a ledger that is moved.
    """
    _refuse_what_is_taken(connection)
    with connection.transaction(Session()):
        connection.execute(connection.composed("CREATE SCHEMA IF NOT EXISTS {s}"))
        for statement in table_statements(DEFAULTS):
            connection.execute(connection.composed(statement))
        for key, value in settings.items():
            connection.execute("INSERT INTO settings(key, value) VALUES (%s, %s)", [key, value])
        for statement in function_statements():
            connection.execute(connection.composed(statement))
        if fill is not None:
            fill()
        for statement in trigger_statements():
            connection.execute(connection.composed(statement))
        connection.execute(connection.composed("SELECT {s}.make_partitions()"))
        write_styles(connection)
        ((may,),) = connection.fetch(MAY_MAKE_ROLES)
        if may:
            make_roles(connection)
        else:
            connection.notes.append(NO_ROLES)


def function_statements() -> Iterator[str]:
    """All functions of a new ledger, but those that one trigger alone calls."""
    for table in LEDGER_TABLES:
        if table in HISTORIED:
            yield payload_statement(table)
    yield from sealing_statements()
    yield who_wrote_statement()
    yield CHAIN_END
    yield from dialect_statements()
    yield from shared_statements()
    yield from partition_statements()


def _refuse_what_is_taken(connection: Any) -> None:
    schema = connection.path.schema
    if not schema or len(schema.encode("utf-8")) > LONGEST or schema.startswith("pg_"):
        raise CeasefireError(
            f"“{schema}” cannot be the name of a ledger's schema: give one of 1 to {LONGEST} "
            "letters that does not begin with pg_."
        )
    ((encoding,),) = connection.fetch("SELECT pg_catalog.current_setting('server_encoding')")
    if encoding != "UTF8":
        raise CeasefireError(
            f"The database of “{connection.path}” keeps its texts as {encoding}: a ledger needs a "
            "database with the encoding UTF8."
        )
    ((taken,),) = connection.fetch(
        "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = %s",
        [schema],
    )
    if taken:
        raise CeasefireError(
            f"The schema “{connection.path}” exists already and a ledger is never written over: "
            "open it, or choose another name."
        )
