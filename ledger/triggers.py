"""The triggers that make the ledger keep everything, whoever writes to it and with what.

SQLite fires them for our code, QGIS's attribute table, QField, ogr2ogr and SQL alike. The ones
here refuse; those of ``record_triggers`` write the histories.
"""

from __future__ import annotations

from string import Template
from typing import Iterator

from ..model.field import Table
from ..model.tables import EVIDENCE, INCIDENTS, LEDGER_TABLES, PROTECTED
from .own_tables import (
    CHAIN,
    COPIES,
    DEFINITIONS,
    HEADS,
    INCIDENT_HISTORY,
    LISTED,
    PROTECTED_VALUES,
    RECORD_HISTORY,
)
from .record_triggers import (
    ADDED_ONLY,
    RECORDED,
    RECORDED_ONCE,
    STAMPS,
    deletion_statement,
    recording_once_statement,
    recording_statements,
)
from .review_triggers import review_trigger_statements

__all__ = ["HISTORY", "OURS", "STAMPS", "trigger_names", "trigger_statements"]

HISTORY = INCIDENT_HISTORY
LAYERS_STAY = ("ledger_layers_stay", "ledger_layers_keep_names")
OURS = tuple(dict.fromkeys([*(table.name for table in LEDGER_TABLES), *DEFINITIONS, *LISTED]))
# What says which bytes a record of evidence speaks of.
BYTES_KEPT = ("sha256", "size_bytes")
KEEPS_ITS_BYTES = "evidence keeps its SHA-256 and size; add another piece of evidence instead."
NEVER_DELETED = {
    INCIDENTS: "an incident is never deleted; set workflow to withdrawn instead.",
    EVIDENCE: "evidence is never deleted; add to its custody what became of it.",
    PROTECTED: "that a value was kept is never deleted; erase the value itself instead.",
}
# What makes a row of a table of ours another one: INSERT OR REPLACE must not take its place.
_TAKEN = {
    INCIDENT_HISTORY: "history_id = NEW.history_id OR "
    "(incident_id = NEW.incident_id AND revision = NEW.revision)",
    RECORD_HISTORY: "history_id = NEW.history_id OR (table_name = NEW.table_name AND "
    "record_id = NEW.record_id AND revision = NEW.revision)",
    CHAIN: "position = NEW.position",
    HEADS: "head_id = NEW.head_id",
    COPIES: "copy_id = NEW.copy_id",
    **{table.name: f'fid = NEW.fid OR "{table.key}" = NEW."{table.key}"' for table in ADDED_ONLY},
}
# A row that came without an id gets one as its revision is written, and nothing else.
_CHANGED = {
    table.name: f""" WHEN coalesce(OLD."{table.key}", '') <> '' OR """
    + " OR ".join(
        f'OLD."{name}" IS NOT NEW."{name}"' for name in ("fid", *table.names()) if name != table.key
    )
    for table in RECORDED_ONCE
}
_TOKEN = ("token", "token_time", "token_authority")
_HEAD = ("head_id", "position", "hash", "made_at", "why", "request")
_REVISION = ("history_id", "revision", "operation", "recorded_at", "payload", "with_what")
_SEALED = Template(
    "OLD.history_id <= coalesce((SELECT max(history_id) FROM chain WHERE history = '$history'), 0)"
)
# The stamps stand in a record only while its own trigger runs: nobody else can sign.
_STAMPED = Template(
    'EXISTS (SELECT 1 FROM "$table" AS state WHERE state."$key" = OLD.$identity '
    "AND state.edited_by IS NEW.who AND state.edit_reason IS NEW.why)"
)
_MOVED = Template(
    """ WHEN OLD.fid IS NOT NEW.fid OR (coalesce(OLD."$key", '') <> ''
        AND OLD."$key" IS NOT NEW."$key")"""
)
_THERE = Template(' WHEN EXISTS (SELECT 1 FROM "$table" WHERE $where)')
_REFUSE = Template(
    'CREATE TRIGGER "$name" BEFORE $event ON "$table"$when '
    "BEGIN SELECT RAISE(ABORT, 'Ledger: $sentence'); END"
)


def trigger_statements() -> Iterator[str]:
    """All triggers of a new ledger, one SQL statement each."""
    for table in RECORDED:
        yield from recording_statements(table)
        yield from _keep(table)
    for table in RECORDED_ONCE:
        yield recording_once_statement(table)
    yield from _append_only()
    yield from _signed_once(INCIDENT_HISTORY, "incident_id", {INCIDENTS: ""})
    others = {table: table.name for table in RECORDED if table is not INCIDENTS}
    yield from _signed_once(RECORD_HISTORY, "record_id", others)
    yield from _heads_and_values()
    yield from _layers_stay()
    yield from review_trigger_statements()


def trigger_names() -> set[str]:
    """The names of all triggers that any version of the ledger has had."""
    former = {f"{table.name}_named" for table in LEDGER_TABLES}
    return former | {name_of(statement) for statement in trigger_statements()}


def statement_named(name: str) -> str:
    """The statement that makes one trigger; KeyError where there is none of that name."""
    return {name_of(statement): statement for statement in trigger_statements()}[name]


def name_of(statement: str) -> str:
    """The name of the trigger that a statement makes."""
    return statement.split(None, 3)[2].strip('"')


def _keep(table: Table) -> Iterator[str]:
    """Let no record be lost without a trace, change its key, or take another's row."""
    name, key = table.name, table.key
    if table in NEVER_DELETED:
        yield _refusal(f"{name}_never_deleted", "DELETE", name, "", NEVER_DELETED[table])
    else:
        yield deletion_statement(table)
    yield _refusal(
        f"{name}_keep_their_id",
        f'UPDATE OF "{key}", fid',
        name,
        _MOVED.substitute(key=key),
        _KEEPS_ITS_ID[table is INCIDENTS],
    )
    yield _refusal(
        f"{name}_never_replaced",
        "INSERT",
        name,
        _THERE.substitute(table=name, where=f'fid = NEW.fid AND "{key}" IS NOT NEW."{key}"'),
        _ROW_IS_TAKEN[table is INCIDENTS],
    )
    if table is EVIDENCE:
        changed = " OR ".join(
            f"(OLD.{column} IS NOT NULL AND OLD.{column} IS NOT NEW.{column})"
            for column in BYTES_KEPT
        )
        event = f"UPDATE OF {', '.join(BYTES_KEPT)}"
        yield _refusal(f"{name}_keep_their_bytes", event, name, f" WHEN {changed}", KEEPS_ITS_BYTES)


_KEEPS_ITS_ID = {
    True: "an incident keeps its id; add a new incident and set this one to withdrawn instead.",
    False: "a record keeps its id; add a new one instead.",
}
_ROW_IS_TAKEN = {
    True: "this row is taken by another incident; add the new one without a row number.",
    False: "this row is taken by another record; add the new one without a row number.",
}


def _append_only() -> Iterator[str]:
    for name, taken in _TAKEN.items():
        sentence = _never_changed(name)
        events = ["DELETE"]
        if name not in (INCIDENT_HISTORY, RECORD_HISTORY, HEADS):
            events.append("UPDATE")
        for event in events:
            when = _CHANGED.get(name, "") if event == "UPDATE" else ""
            yield _refusal(f"{name}_no_{event.lower()}", event, name, when, sentence)
        there = _THERE.substitute(table=name, where=taken)
        yield _refusal(f"{name}_no_replace", "INSERT", name, there, sentence)


def _signed_once(history: str, identity: str, tables: dict[Table, str]) -> Iterator[str]:
    """Let nothing of a history change but that stamps sign what nobody signed and none sealed."""
    same = " AND ".join(f"OLD.{column} IS NEW.{column}" for column in (*_REVISION, identity))
    stamped = {
        name: _STAMPED.substitute(table=table.name, key=table.key, identity=identity)
        for table, name in tables.items()
    }
    if history == INCIDENT_HISTORY:
        (by_stamps,) = stamped.values()
    else:
        same += " AND OLD.table_name IS NEW.table_name"
        cases = " ".join(f"WHEN '{name}' THEN {test}" for name, test in stamped.items())
        by_stamps = f"CASE OLD.table_name {cases} ELSE 0 END"
    allowed = (
        f"{same} AND OLD.fetch_id IS NEW.fetch_id AND OLD.who IS NULL AND OLD.why IS NULL "
        f"AND OLD.with_what IS NULL AND OLD.based_on IS NULL AND OLD.fetch_id IS NULL "
        f"AND NOT ({_SEALED.substitute(history=history)}) "
        f"AND (NEW.who IS NOT NULL OR NEW.why IS NOT NULL) AND {by_stamps}"
    )
    sentence = _never_changed(history)
    yield _refusal(f"{history}_no_update", "UPDATE", history, f" WHEN NOT ({allowed})", sentence)


def _heads_and_values() -> Iterator[str]:
    """A head's time-stamp token is set once; a protected value is added and erased."""
    same = " AND ".join(f"OLD.{column} IS NEW.{column}" for column in _HEAD)
    kept = " AND ".join(f"(OLD.{c} IS NULL OR OLD.{c} IS NEW.{c})" for c in _TOKEN)
    yield _refusal(
        f"{HEADS}_no_update",
        "UPDATE",
        HEADS,
        f" WHEN NOT ({same} AND {kept})",
        "a head of the chain is never changed; only its time-stamp token is added, once.",
    )
    yield _refusal(
        f"{PROTECTED_VALUES}_no_update",
        "UPDATE",
        PROTECTED_VALUES,
        "",
        "a protected value is never changed; erase it and add another instead.",
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


def _never_changed(name: str) -> str:
    return f"rows of {name} are never changed or removed; add a new one instead."


def _refusal(name: str, event: str, table: str, when: str, sentence: str) -> str:
    return _REFUSE.substitute(name=name, event=event, table=table, when=when, sentence=sentence)
