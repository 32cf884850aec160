"""Giving users of the database a role in a ledger, and taking it from them."""

from __future__ import annotations

from typing import Any

from ...model.errors import CeasefireError
from ..connection import Session
from .making import MAY_MAKE_ROLES
from .roles import ROLES, make_roles, role_name
from .styles import settle_sessions_of

NO_PATH = (
    "The role was given, but you may not set how the sessions of “%1” begin: without the plugin, "
    "QGIS shows that user plain forms. docs/team.md says what an administrator can do."
)


def grant(ledger: Any, role: str, user: str, take: bool = False) -> list[str]:
    """Give ``user`` one of the ledger's roles, or ``take`` it; the roles that the user then has.

    A user has one of them: a lower one goes with a higher, and another is taken. Makes the roles
    where the ledger has none yet. CeasefireError where there is no such user or role, or where
    you may not give it.
    """
    from psycopg2 import sql

    connection, schema = ledger._connection, ledger.path.schema
    if role not in ROLES:
        raise CeasefireError(f"“{role}” is no role of a ledger: choose one of {', '.join(ROLES)}.")
    if not connection.fetch("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s", [user]):
        raise CeasefireError(
            f"The database has no user “{user}”: let its administrator make one "
            "(CREATE ROLE … LOGIN), then run it again."
        )
    if user in [role_name(schema, name) for name in ROLES]:
        raise CeasefireError(f"“{user}” is itself a role of the ledger: name a user.")
    with connection.transaction(Session()):
        _make_what_is_lacking(connection)
        for name in ROLES:
            group = sql.Identifier(role_name(schema, name))
            person = sql.Identifier(user)
            if name == role and not take:
                connection.execute(sql.SQL("GRANT {} TO {}").format(group, person))
            elif (not take or name == role) and _is_member(connection, schema, name, user):
                connection.execute(sql.SQL("REVOKE {} FROM {}").format(group, person))
        if not take:
            _settle_sessions(connection, user)
    return roles_of(ledger, user)


def _settle_sessions(connection: Any, user: str) -> None:
    """Let plain QGIS find the styles; where that is not allowed, the role is still given."""
    connection.execute("SAVEPOINT styles")
    try:
        settle_sessions_of(connection, user)
    except CeasefireError:
        connection.execute("ROLLBACK TO SAVEPOINT styles")
        connection.notes.append(NO_PATH.replace("%1", user))


def roles_of(ledger: Any, user: str) -> list[str]:
    """The roles of the ledger that were given to a user, the lowest first."""
    return [
        name for name in ROLES if _is_member(ledger._connection, ledger.path.schema, name, user)
    ]


def _make_what_is_lacking(connection: Any) -> None:
    names = [role_name(connection.path.schema, name) for name in ROLES]
    ((there,),) = connection.fetch(
        "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = ANY(%s)", [names]
    )
    ((ruled,),) = connection.fetch(
        "SELECT count(*) FROM pg_catalog.pg_policies WHERE schemaname = %s",
        [connection.path.schema],
    )
    if there == len(ROLES) and ruled:
        return
    ((may,),) = connection.fetch(MAY_MAKE_ROLES)
    if not may or ruled:
        raise CeasefireError(
            f"The roles of “{connection.path}” are not there, and you may not make them: let the "
            "database's administrator run this."
        )
    make_roles(connection)


def _is_member(connection: Any, schema: str, name: str, user: str) -> bool:
    return bool(
        connection.fetch(
            "SELECT 1 FROM pg_catalog.pg_auth_members m "
            "JOIN pg_catalog.pg_roles g ON g.oid = m.roleid "
            "JOIN pg_catalog.pg_roles u ON u.oid = m.member "
            "WHERE g.rolname = %s AND u.rolname = %s",
            [role_name(schema, name), user],
        )
    )
