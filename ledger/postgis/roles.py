"""Who may do what: four roles of the database, and which rows each of them sees.

A row counts by its sensitivity: readers see what is public, analysts what is restricted too,
reviewers everything, keepers also the values that can be erased. A record that hangs on another is
seen where both are. A revision is seen where the record is seen as it stands now, and where the
revision itself was no more sensitive.
"""

from __future__ import annotations

from typing import Any, Iterator

from ...model.errors import CeasefireError
from ...model.tables import LEDGER_TABLES
from ..record_triggers import ADDED_ONLY, HISTORIED, RECORDED
from .styles import style_rights

ROLES = ("reader", "analyst", "reviewer", "keeper")
LONGEST = 63 - len("_reviewer")
# What an empty sensitivity means, by table; the model's own beginnings.
UNSET = {
    "incidents": "restricted",
    "sites": "confidential",
    "weapon_sightings": "restricted",
    "storage_sites": "confidential",
    "harm": "confidential",
    "claims": "restricted",
    "restrictions": "restricted",
    "evidence": "confidential",
    "alerts": "restricted",
}
LEVELS = {"reader": "'public'", "analyst": "'public', 'restricted'"}
# Tables without a sensitivity of their own that everybody on the ledger may read.
OPEN = ("contact_lines", "control_areas", "zones", "agreements", "feeds")
# What the users of a role are told when they open the ledger.
PARTLY = {
    "reader": "You read this ledger as reader: what is restricted or confidential is not in this.",
    "analyst": "You read this ledger as analyst: what is confidential is not in this.",
}
NOT_REMOVED = ("incidents", "evidence", "protected")
_OF_INCIDENT = "(incident_id IN (SELECT incident_id FROM {s}.incidents))"
_OF_INCIDENT_IF_ANY = f"(incident_id IS NULL OR {_OF_INCIDENT})"
# What a row without a sensitivity hangs on, and for whom.
HANGS_ON = {
    "observations": _OF_INCIDENT,
    "links": _OF_INCIDENT + " AND (other_id IN (SELECT incident_id FROM {s}.incidents))",  # nosec B608 - names of ours
    "inventories": "(site_id IN (SELECT site_id FROM {s}.storage_sites))",
    "custody": "(evidence_id IN (SELECT evidence_id FROM {s}.evidence))",
    "findings": _OF_INCIDENT_IF_ANY
    + " AND (sighting_id IS NULL OR sighting_id IN (SELECT sighting_id FROM {s}.weapon_sightings))"  # nosec B608 - names of ours
    + " AND (site_id IS NULL OR site_id IN (SELECT site_id FROM {s}.storage_sites)"  # nosec B608 - names of ours
    + " OR site_id IN (SELECT site_id FROM {s}.sites))",  # nosec B608 - names of ours
}
ALSO_HANGS_ON = {
    "harm": _OF_INCIDENT_IF_ANY,
    "claims": _OF_INCIDENT_IF_ANY,
    "alerts": _OF_INCIDENT_IF_ANY,
    "evidence": "(record_table IS DISTINCT FROM 'incidents' OR record_id IN "
    "(SELECT incident_id FROM {s}.incidents))",
}
# What readers do not see at all, and analysts do.
FOR_ANALYSTS = ("alert_rules", "posts", "effort", "fetches")


def role_name(schema: str, role: str) -> str:
    """The database's name of one of a ledger's roles."""
    return f"{schema}_{role}"


def role_that_limits(connection: Any) -> Any:
    """The role by which the user sees a part of the rows alone; None where they see all."""
    schema = connection.path.schema
    ((limited,),) = connection.fetch(
        "SELECT pg_catalog.row_security_active(pg_catalog.format('%%I.incidents', %s))", [schema]
    )
    if not limited:
        return None
    held = {
        name
        for (name,) in connection.fetch(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY(%s) "
            "AND pg_catalog.pg_has_role(oid, 'USAGE')",
            [[role_name(schema, role) for role in ROLES]],
        )
    }
    if role_name(schema, "reviewer") in held:
        return None
    return "analyst" if role_name(schema, "analyst") in held else "reader"


def make_roles(connection: Any) -> None:
    """Make the four roles where they are lacking, inside a transaction of the caller.

    CeasefireError where the user may not make roles, or where a role of such a name can log in.
    """
    from psycopg2 import sql

    schema = connection.path.schema
    names = [role_name(schema, role) for role in ROLES]
    known = dict(
        connection.fetch(
            "SELECT rolname, rolcanlogin OR rolsuper FROM pg_catalog.pg_roles "
            "WHERE rolname = ANY(%s)",
            [names],
        )
    )
    for name in names:
        if known.get(name):
            raise CeasefireError(
                f"The database has a user “{name}”, but a role of that name is needed: choose "
                "another schema."
            )
        if name not in known:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
    for lower, higher in zip(names[:-1], names[1:]):
        connection.execute(
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(lower), sql.Identifier(higher))
        )
    for statement in rights_statements():
        connection.execute(composed_with_roles(connection, statement))


def composed_with_roles(connection: Any, text: str) -> Any:
    """A statement with the schema and the four roles (``{reader}`` …), quoted by psycopg2."""
    from psycopg2 import sql

    schema = connection.path.schema
    roles = {role: sql.Identifier(role_name(schema, role)) for role in ROLES}
    return sql.SQL(text).format(
        s=sql.Identifier(schema), g=sql.Identifier(connection.postgis), **roles
    )


def rights_statements() -> Iterator[str]:
    """What each role may do; nobody else may do anything."""
    yield "REVOKE ALL ON SCHEMA {s} FROM PUBLIC"
    yield "REVOKE ALL ON ALL TABLES IN SCHEMA {s} FROM PUBLIC"
    yield "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {s} FROM PUBLIC"
    yield "GRANT USAGE ON SCHEMA {s} TO {reader}"
    for name in ("json_quote(text)", "json_quote(bigint)", "json_quote(double precision)"):
        yield f"GRANT EXECUTE ON FUNCTION {{s}}.{name} TO {{reader}}"
    for name in ("comma_joined(anyarray)", "array_as_json(anycompatiblearray)", "netstring(text)"):
        yield f"GRANT EXECUTE ON FUNCTION {{s}}.{name} TO {{reader}}"
    for name in ("group_concat(text)", "group_concat(bigint)", "instr(text, text)"):
        yield f"GRANT EXECUTE ON FUNCTION {{s}}.{name} TO {{reader}}"
    yield "GRANT EXECUTE ON FUNCTION {s}.json_group_array(anycompatible) TO {reader}"
    yield "GRANT EXECUTE ON FUNCTION {s}.chain_end() TO {reader}"
    yield "GRANT EXECUTE ON FUNCTION {s}.make_partitions() TO {analyst}"
    yield from _table_rights()
    yield from _row_rights()
    yield from style_rights()


def _table_rights() -> Iterator[str]:
    readable = [table.name for table in LEDGER_TABLES if table.name != "protected"]
    for name in (*readable, "current_findings", "incident_history", "record_history", "heads"):
        yield f'GRANT SELECT ON {{s}}."{name}" TO {{reader}}'
    yield "GRANT SELECT ON {s}.settings TO {reader}"
    yield "GRANT SELECT, INSERT, UPDATE ON {s}.alert_status TO {analyst}"
    for name in ("protected", "chain", "copies"):
        yield f"GRANT SELECT ON {{s}}.{name} TO {{analyst}}"
    for table in RECORDED:
        yield f'GRANT INSERT, UPDATE ON {{s}}."{table.name}" TO {{analyst}}'
        if table.name not in NOT_REMOVED:
            yield f'GRANT DELETE ON {{s}}."{table.name}" TO {{analyst}}'
    for name in (*(table.name for table in ADDED_ONLY), "protected_values", "heads", "copies"):
        yield f'GRANT INSERT ON {{s}}."{name}" TO {{analyst}}'
    yield "GRANT UPDATE (token, token_time, token_authority) ON {s}.heads TO {analyst}"
    # Who fetches keeps account of it.
    yield "GRANT SELECT ON {s}.feed_status TO {reader}"
    yield "GRANT INSERT, UPDATE ON {s}.feed_status TO {analyst}"
    yield "GRANT SELECT, INSERT, UPDATE ON {s}.feed_items TO {analyst}"
    yield "GRANT SELECT, INSERT, DELETE ON {s}.protected_values TO {keeper}"
    yield "GRANT INSERT, UPDATE ON {s}.settings TO {keeper}"


def _row_rights() -> Iterator[str]:
    for table in LEDGER_TABLES:
        if table.name not in ("protected",):
            yield from _policies(table.name, table in ADDED_ONLY)
    yield from _of_feed_items()
    yield from _enabled("protected")
    yield "CREATE POLICY reviewer_reads ON {s}.protected FOR SELECT TO {reviewer} USING (true)"
    yield "CREATE POLICY analyst_adds ON {s}.protected FOR INSERT TO {analyst} WITH CHECK (true)"
    yield "CREATE POLICY keeper_all ON {s}.protected TO {keeper} USING (true) WITH CHECK (true)"
    yield from _of_histories()


def _of_feed_items() -> Iterator[str]:
    """The ids of incidents that analysts may not see are not told by what feeds brought."""
    yield from _enabled("feed_items")
    yield (
        "CREATE POLICY analyst_reads ON {s}.feed_items FOR SELECT TO {analyst} "
        f"USING {_OF_INCIDENT}"
    )
    yield "CREATE POLICY analyst_adds ON {s}.feed_items FOR INSERT TO {analyst} WITH CHECK (true)"
    yield (
        "CREATE POLICY analyst_changes ON {s}.feed_items FOR UPDATE TO {analyst} "
        f"USING {_OF_INCIDENT} WITH CHECK {_OF_INCIDENT}"
    )
    yield (
        "CREATE POLICY reviewer_all ON {s}.feed_items TO {reviewer} USING (true) WITH CHECK (true)"
    )


def _policies(name: str, added_only: bool) -> Iterator[str]:
    yield from _enabled(name)
    for role in LEVELS:
        seen = visible(name, role)
        if seen is not None:
            yield (
                f'CREATE POLICY {role}_reads ON {{s}}."{name}" FOR SELECT TO {{{role}}} '
                f"USING ({seen})"
            )
    seen = visible(name, "analyst")
    yield (
        f'CREATE POLICY analyst_adds ON {{s}}."{name}" FOR INSERT TO {{analyst}} WITH CHECK (true)'
    )
    if not added_only:
        yield (
            f'CREATE POLICY analyst_changes ON {{s}}."{name}" FOR UPDATE TO {{analyst}} '
            f"USING ({seen}) WITH CHECK ({seen})"
        )
        yield (
            f'CREATE POLICY analyst_removes ON {{s}}."{name}" FOR DELETE TO {{analyst}} '
            f"USING ({seen})"
        )
    yield (
        f'CREATE POLICY reviewer_all ON {{s}}."{name}" TO {{reviewer}} '
        "USING (true) WITH CHECK (true)"
    )


def visible(name: str, role: str) -> Any:
    """The condition by which readers or analysts see a row; None where they see none."""
    if name in OPEN:
        return "true"
    if name in FOR_ANALYSTS:
        return "true" if role == "analyst" else None
    if name in UNSET:
        own = f"coalesce(sensitivity, '{UNSET[name]}') IN ({LEVELS[role]})"
        return own + (f" AND {ALSO_HANGS_ON[name]}" if name in ALSO_HANGS_ON else "")
    return HANGS_ON[name]


def _enabled(name: str) -> Iterator[str]:
    yield f'ALTER TABLE {{s}}."{name}" ENABLE ROW LEVEL SECURITY'


def _of_histories() -> Iterator[str]:
    for history in ("incident_history", "record_history"):
        yield from _enabled(history)
        yield (
            f"CREATE POLICY reviewer_reads ON {{s}}.{history} FOR SELECT TO {{reviewer}} "
            "USING (true)"
        )
    for role, levels in LEVELS.items():
        own = f"coalesce(payload::json->>'sensitivity', 'restricted') IN ({levels})"
        yield (
            f"CREATE POLICY {role}_reads ON {{s}}.incident_history FOR SELECT TO {{{role}}} "
            f"USING ({_OF_INCIDENT} AND {own})"
        )
        cases = " ".join(
            f"WHEN '{table.name}' THEN {_revision_seen(table, levels)}"
            for table in HISTORIED
            if table.name not in ("incidents", "protected")
        )
        yield (
            f"CREATE POLICY {role}_reads ON {{s}}.record_history FOR SELECT TO {{{role}}} "
            f"USING (CASE table_name {cases} ELSE false END)"
        )


def _revision_seen(table: Any, levels: str) -> str:
    """Where the record is seen as it stands, and the revision was no more sensitive."""
    seen = f'record_id IN (SELECT "{table.key}" FROM {{s}}."{table.name}")'  # nosec B608 - names of ours
    if table.name in UNSET:
        unset = UNSET[table.name]
        seen += f" AND coalesce(payload::json->>'sensitivity', '{unset}') IN ({levels})"
    if "incident_id" in table.names():
        incident = "payload::json->>'incident_id'"
        seen += (
            f" AND ({incident} IS NULL OR {incident} IN (SELECT incident_id FROM {{s}}.incidents))"  # nosec B608 - names of ours
        )
    return f"({seen})"
