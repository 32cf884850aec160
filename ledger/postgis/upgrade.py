"""Ledgers in PostgreSQL that an earlier version made, and what is done each time one is opened."""

from __future__ import annotations

import contextlib
from typing import Any, Callable

from ...model.errors import CeasefireError
from ..connection import Session
from ..schema import SCHEMA_VERSION
from ..settings import with_what, write_setting
from .roles import ROLES, composed_with_roles, role_name
from .styles import LACKING as LACKING_STYLES
from .styles import style_rights, write_styles

FIRST = 3
"""The first version that there was in PostgreSQL."""
# By the version that they lead to: what brings a ledger there, inside a transaction.
STEPS: dict[int, Callable[[Any], None]] = {}
IS_OWNER = (
    "SELECT pg_catalog.pg_has_role(c.relowner, 'USAGE') FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = %s AND c.relname = 'settings'"
)
LACKING = (
    "SELECT to_regclass(pg_catalog.format('%%I.%%I', %s, 'incident_history_' || y)) IS NULL "
    "AND pg_catalog.has_function_privilege("
    "pg_catalog.format('%%I.make_partitions()', %s), 'EXECUTE') "
    "FROM pg_catalog.to_char(pg_catalog.timezone('UTC', now()), 'YYYY') AS y"
)


def settle(connection: Any, version: int) -> None:
    """Bring an older ledger to this version, and have the partitions of this year and the next.

    CeasefireError where it is older and the user does not own it: its administrator upgrades it,
    after a backup.
    """
    if version < SCHEMA_VERSION:
        _upgrade(connection, version)
    if not connection.update:
        return
    schema = connection.path.schema
    if connection.fetch(LACKING_STYLES, [schema]) == [(1,)]:
        _add_styles(connection)
    # Somebody may be writing the history just now; the next who opens the ledger does it then.
    with contextlib.suppress(CeasefireError):
        if connection.fetch(LACKING, [schema, schema]) == [(1,)]:
            connection.execute(connection.composed("SELECT {s}.make_partitions()"))


def _add_styles(connection: Any) -> None:
    """Give a ledger that was made without styles its own, with the roles' rights."""
    schema = connection.path.schema
    if connection.fetch(IS_OWNER, [schema]) != [(1,)]:
        return
    with connection.transaction(Session(with_what=with_what())):
        write_styles(connection)
        names = [role_name(schema, role) for role in ROLES]
        roles = "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = ANY(%s)"
        if connection.fetch(roles, [names]) == [(len(ROLES),)]:
            for statement in style_rights():
                connection.execute(composed_with_roles(connection, statement))


def _upgrade(connection: Any, version: int) -> None:
    place = connection.path
    if connection.fetch(IS_OWNER, [place.schema]) != [(1,)] or not connection.update:
        raise CeasefireError(
            f"“{place}” is a ledger of version {version}, and this plugin writes version "
            f"{SCHEMA_VERSION}: let its administrator make a backup (pg_dump) and open it once "
            "with this plugin."
        )
    with connection.transaction(Session(with_what=with_what())):
        for number in range(max(version, FIRST) + 1, SCHEMA_VERSION + 1):
            STEPS[number](connection)
        write_styles(connection)
        write_setting(connection, "schema_version", str(SCHEMA_VERSION))
    connection.notes.append(
        f"The ledger “{place}” was brought from version {version} to {SCHEMA_VERSION}. Keep the "
        "backup that was made before."
    )
