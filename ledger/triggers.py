"""The triggers that make the ledger keep everything, whoever writes to it and with what.

SQLite fires them for our code, QGIS's attribute table, QField, ogr2ogr and SQL alike.
"""

from __future__ import annotations

from string import Template
from typing import Iterator

from ..model.field import Table
from ..model.tables import AGREEMENTS, FETCHES, FINDINGS, INCIDENTS, LEDGER_TABLES
from .payload import NOW, difference_sql, payload_sql

HISTORY = "incident_history"
APPEND_ONLY = (HISTORY, FINDINGS.name, FETCHES.name, AGREEMENTS.name)
LAYERS_STAY = ("ledger_layers_stay", "ledger_layers_keep_names")
OURS = tuple(table.name for table in LEDGER_TABLES) + (HISTORY, "settings")

_RECORD = Template(
    """INSERT INTO incident_history
    (incident_id, revision, operation, recorded_at, payload, who, why, with_what, fetch_id)
    SELECT state.incident_id,
        coalesce((SELECT max(revision) FROM incident_history AS before
                  WHERE before.incident_id = state.incident_id), 0) + 1,
        '$operation', $now, $payload, signed.who, signed.why, signed.with_what, signed.fetch_id
    FROM incidents AS state LEFT JOIN ledger_session AS signed ON signed.id = 1
    WHERE state.fid = NEW.fid;
    $stamp"""
)
_STAMP = """UPDATE incidents SET (revision, recorded_at) = (
        SELECT revision, recorded_at FROM incident_history AS latest
        WHERE latest.incident_id = incidents.incident_id ORDER BY latest.revision DESC LIMIT 1)
    WHERE fid = NEW.fid;"""
_NAME_IT = Template(
    """UPDATE "$table" SET "$key" = 'own:' || lower(hex(randomblob(10)))
    WHERE fid = NEW.fid AND coalesce("$key", '') = '';"""
)
_INSERTED = Template(
    "CREATE TRIGGER incidents_inserted AFTER INSERT ON incidents BEGIN $name_it $record END"
)
_UPDATED = Template(
    "CREATE TRIGGER incidents_updated AFTER UPDATE ON incidents WHEN $differs BEGIN $record END"
)
# An edit form sends the revision that it once read: what the triggers keep is put back.
_KEPT = Template(
    """CREATE TRIGGER incidents_stamped AFTER UPDATE OF revision, recorded_at ON incidents
    WHEN (NEW.revision IS NOT OLD.revision OR NEW.recorded_at IS NOT OLD.recorded_at)
        AND EXISTS (SELECT 1 FROM incident_history AS latest
        WHERE latest.incident_id = NEW.incident_id AND latest.revision = (
            SELECT max(revision) FROM incident_history AS any_one
            WHERE any_one.incident_id = NEW.incident_id)
        AND (latest.revision IS NOT NEW.revision OR latest.recorded_at IS NOT NEW.recorded_at))
    BEGIN $stamp END"""
)
_NAMED = Template(
    """CREATE TRIGGER "${table}_named" AFTER INSERT ON "$table"
    WHEN coalesce(NEW."$key", '') = '' BEGIN $name_it END"""
)
_REFUSE = Template(
    'CREATE TRIGGER "$name" BEFORE $event ON "$table"$when '
    "BEGIN SELECT RAISE(ABORT, 'Ledger: $sentence'); END"
)
_REFUSALS = (
    (
        "incidents_never_deleted",
        "DELETE",
        "incidents",
        "",
        "an incident is never deleted; set workflow to withdrawn instead.",
    ),
    (
        "incidents_keep_their_id",
        "UPDATE OF incident_id, fid",
        "incidents",
        " WHEN OLD.fid IS NOT NEW.fid OR (coalesce(OLD.incident_id, '') <> '' "
        "AND OLD.incident_id IS NOT NEW.incident_id)",
        "an incident keeps its id; add a new incident and set this one to withdrawn instead.",
    ),
    # INSERT OR REPLACE would delete another incident without firing any DELETE trigger.
    (
        "incidents_never_replaced",
        "INSERT",
        "incidents",
        " WHEN EXISTS (SELECT 1 FROM incidents WHERE fid = NEW.fid "
        "AND incident_id IS NOT NEW.incident_id)",
        "this row is taken by another incident; add the new one without a row number.",
    ),
)


def trigger_statements() -> Iterator[str]:
    """All triggers of a new ledger, one SQL statement each."""
    yield from _history_of(INCIDENTS)
    for name, event, table, when, sentence in _REFUSALS:
        yield _refusal(name, event, table, when, sentence)
    yield from _append_only()
    yield from _layers_stay()
    for table in LEDGER_TABLES:
        if table is not INCIDENTS and table.name not in APPEND_ONLY:
            yield _NAMED.substitute(table=table.name, key=table.key, name_it=_name_it(table))


def _history_of(table: Table) -> Iterator[str]:
    payload = payload_sql(table, "state.")
    inserted = _RECORD.substitute(operation="insert", now=NOW, payload=payload, stamp=_STAMP)
    updated = _RECORD.substitute(operation="update", now=NOW, payload=payload, stamp=_STAMP)
    yield _INSERTED.substitute(name_it=_name_it(table), record=inserted)
    yield _UPDATED.substitute(differs=difference_sql(table), record=updated)
    yield _KEPT.substitute(stamp=_STAMP)


def _append_only() -> Iterator[str]:
    for table in APPEND_ONLY:
        sentence = f"rows of {table} are never changed or removed; add a new one instead."
        for event in ("UPDATE", "DELETE"):
            yield _refusal(f"{table}_no_{event.lower()}", event, table, "", sentence)
    yield _refusal(
        f"{HISTORY}_no_replace",
        "INSERT",
        HISTORY,
        " WHEN EXISTS (SELECT 1 FROM incident_history WHERE history_id = NEW.history_id OR "
        "(incident_id = NEW.incident_id AND revision = NEW.revision))",
        f"rows of {HISTORY} are never changed or removed; add a new one instead.",
    )


def _layers_stay() -> Iterator[str]:
    """Guard the ledger's layers against ``ogr2ogr -overwrite``, removal and renaming."""
    names = ", ".join(f"'{name}'" for name in OURS)
    listed = f"lower(OLD.table_name) IN ({names})"
    sentence = "this table belongs to a ledger and is not removed, renamed or overwritten."
    yield _refusal(LAYERS_STAY[0], "DELETE", "gpkg_contents", f" WHEN {listed}", sentence)
    yield _refusal(
        LAYERS_STAY[1],
        "UPDATE OF table_name",
        "gpkg_contents",
        f" WHEN {listed} AND OLD.table_name IS NOT NEW.table_name",
        sentence,
    )


def _name_it(table: Table) -> str:
    return _NAME_IT.substitute(table=table.name, key=table.key)


def _refusal(name: str, event: str, table: str, when: str, sentence: str) -> str:
    return _REFUSE.substitute(name=name, event=event, table=table, when=when, sentence=sentence)
