"""The triggers that keep everything in PostgreSQL, whoever writes and with what program.

They run with the rights of the ledger's owner, so that nobody else needs any right to write a
history, and name every object by its schema, so that nobody can put another in its place.
"""

from __future__ import annotations

from typing import Iterator

from ...model.field import Table
from ...model.tables import EVIDENCE, INCIDENTS, PROTECTED
from ..record_triggers import ADDED_ONLY, RECORDED, RECORDED_ONCE
from ..triggers import BYTES_KEPT, KEEPS_ITS_BYTES
from .payload import NOW
from .refusals import STALE
from .review import review_checks, review_checks_of_new
from .sealing import BEGINNING, SETTINGS

NEVER_DELETED = {
    INCIDENTS: "an incident is never deleted; set workflow to withdrawn instead.",
    EVIDENCE: "evidence is never deleted; add to its custody what became of it.",
    PROTECTED: "that a value was kept is never deleted; erase the value itself instead.",
}
APPEND_ONLY = (
    "incident_history",
    "record_history",
    "chain",
    "copies",
    *(table.name for table in ADDED_ONLY),
)
# A client may ask for fewer digits than read back exactly; a payload has them all.
EXACT = f"{SETTINGS} SET extra_float_digits = 1"
FIXED = "'ledger_id', 'created_at', 'created_by'"
_NEW_ID = "'own:' || left(replace(gen_random_uuid()::text, '-', ''), 20)"
_EMPTY = "NEW.edited_by := NULL; NEW.edit_reason := NULL; NEW.edit_base := NULL;"
_STAMPED = "NEW.edited_by IS NOT NULL OR NEW.edit_reason IS NOT NULL OR NEW.edit_base IS NOT NULL"
_WHO = """coalesce(nullif(current_setting('ceasefire.who', true), ''), nullif(trim($by), ''),
            session_user::text)"""
# The name that a form or program gives is its own word; the role that logged in is not.
_WITH_WHAT = """coalesce(nullif(current_setting('ceasefire.with_what', true), ''),
            nullif(current_setting('application_name', true), ''), 'a program') || ' as '
            || session_user"""
_SIGNED = (
    _WHO
    + """,
        coalesce(nullif(current_setting('ceasefire.why', true), ''), $reason),
        """
    + _WITH_WHAT
    + """,
        nullif(current_setting('ceasefire.fetch_id', true), '')"""
)


def trigger_statements() -> Iterator[str]:
    """All functions and triggers of a new ledger, but for sealing and partitions."""
    for table in RECORDED:
        yield from recording_statements(table)
    for table in RECORDED_ONCE:
        yield from _insert_statements(table)
    yield from _append_only()
    yield from _of_heads_and_settings()
    for name in (*(table.name for table in RECORDED), *APPEND_ONLY, "heads", "settings"):
        yield _trigger(
            "aa_no_truncate", name, "BEFORE TRUNCATE", "a ledger's table is never emptied."
        )
    for name in (*(table.name for table in RECORDED), *(table.name for table in ADDED_ONLY)):
        yield f"""CREATE TRIGGER zz_tell AFTER INSERT OR UPDATE OR DELETE ON {{s}}."{name}"
        FOR EACH STATEMENT EXECUTE FUNCTION {{s}}.tell()"""


def shared_statements() -> Iterator[str]:
    """The functions that triggers of many tables call."""
    yield f"""CREATE FUNCTION {{s}}.refuse() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $body$
    BEGIN RAISE EXCEPTION 'Ledger: %', TG_ARGV[0]; END $body$"""
    # No id and no value goes out: whoever may connect may listen.
    yield f"""CREATE FUNCTION {{s}}.tell() RETURNS trigger LANGUAGE plpgsql {SETTINGS} AS $body$
    BEGIN
        PERFORM pg_notify('qgis', TG_TABLE_NAME);
        PERFORM pg_notify('ceasefire', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME);
        RETURN NULL;
    END $body$"""
    yield f"""CREATE FUNCTION {{s}}.refuse_stale(now_is text, base_was text, by text, at text)
    RETURNS void LANGUAGE plpgsql {SETTINGS} AS $body$
    DECLARE
        states json := json_build_array(now_is::json, coalesce(base_was, '{{{{}}}}')::json);
        fields text;
    BEGIN
        -- What stood there is not told where it was more sensitive than what stands there now.
        SELECT string_agg(CASE
            WHEN mine.key = 'geometry' THEN 'the place'
            WHEN states->0->>'sensitivity' IS DISTINCT FROM states->1->>'sensitivity' THEN mine.key
            ELSE format('%s from %s to %s', mine.key, coalesce(left(old.value, 80), 'nothing'),
                        coalesce(left(mine.value, 80), 'nothing')) END, '; ')
        INTO fields FROM json_each_text(states->0) AS mine
            JOIN json_each_text(states->1) AS old USING (key)
        WHERE mine.value IS DISTINCT FROM old.value;
        RAISE EXCEPTION 'Ledger: changed meanwhile by % at %: %. Look at the record as it is now and edit it again; your edit was not written.',
            by, at, coalesce(fields, 'nothing that differs from what you read') USING ERRCODE = '{STALE}';
    END $body$"""  # noqa: E501 - a sentence within SQL stays in one piece  # nosec B608


def recording_statements(table: Table) -> Iterator[str]:
    """The functions and triggers that write the history of one table."""
    name = table.name
    yield from _insert_statements(table)
    yield from _recording(table, "BEFORE", "UPDATE", _before_update(table))
    if table in NEVER_DELETED:
        yield _trigger("aa_never_deleted", name, "BEFORE DELETE", NEVER_DELETED[table])
        return
    yield f"""CREATE FUNCTION {{s}}."{name}_after_delete"() RETURNS trigger LANGUAGE plpgsql
    {EXACT} AS $body$ {_after_delete(table)} $body$"""
    yield f"""CREATE TRIGGER yy_record_delete AFTER DELETE ON {{s}}."{name}"
    FOR EACH ROW EXECUTE FUNCTION {{s}}."{name}_after_delete"()"""


def _insert_statements(table: Table) -> Iterator[str]:
    yield from _recording(table, "BEFORE", "INSERT", _before_insert(table))
    yield from _recording(table, "AFTER", "INSERT", _after_insert(table))


def _recording(table: Table, when: str, event: str, body: str) -> Iterator[str]:
    function = f"{table.name}_{when}_{event}".lower()
    yield f"""CREATE FUNCTION {{s}}."{function}"() RETURNS trigger LANGUAGE plpgsql {EXACT}
    AS $body$ {body} $body$"""
    yield f"""CREATE TRIGGER yy_record_{event.lower()}_{when.lower()} {when} {event}
    ON {{s}}."{table.name}" FOR EACH ROW EXECUTE FUNCTION {{s}}."{function}"()"""


def _before_insert(table: Table) -> str:
    text = f"""BEGIN
        IF coalesce(NEW."{table.key}", '') = '' THEN NEW."{table.key}" := {_NEW_ID}; END IF;"""
    if table is INCIDENTS:
        text += f" NEW.revision := 1; NEW.recorded_at := ({NOW})::timestamptz;"
    return text + f" {review_checks_of_new(table)} RETURN NEW; END"


def _after_insert(table: Table) -> str:
    if table in RECORDED_ONCE:
        return f"BEGIN {_record(table, 'insert', 'NEW', '1', NOW, 'NULL')} RETURN NULL; END"
    revision = _next(table, "NEW")
    moment = NOW
    if table is INCIDENTS:
        revision, moment = "NEW.revision", _moment("NEW.recorded_at")
    written = _record(table, "insert", "NEW", revision, moment, "NULL")
    return f"""BEGIN {written}
        IF {_STAMPED} THEN
            UPDATE {{s}}."{table.name}" SET edited_by = NULL, edit_reason = NULL, edit_base = NULL
                WHERE fid = NEW.fid;
        END IF;
        RETURN NULL; END"""  # nosec B608 - names of ours


def _before_update(table: Table) -> str:
    history = "incident_history" if table is INCIDENTS else "record_history"
    of_it, bytes_kept = _of(table), ""
    keeps = (
        "an incident keeps its id; add a new incident and set this one to withdrawn instead."
        if table is INCIDENTS
        else "a record keeps its id; add a new one instead."
    )
    kept = "NEW.revision := OLD.revision; NEW.recorded_at := OLD.recorded_at;"
    shown = "NEW.revision := latest + 1; NEW.recorded_at := moment::timestamptz;"
    if table is EVIDENCE:
        changed = " OR ".join(
            f"(OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
            for column in BYTES_KEPT
        )
        bytes_kept = f"IF {changed} THEN RAISE EXCEPTION 'Ledger: {KEEPS_ITS_BYTES}'; END IF;"
    known = "latest := OLD.revision;"
    if table is not INCIDENTS:
        kept = shown = ""
        known = f"latest := {_next(table, 'OLD')} - 1;"
    mine = _WHO.replace("$by", "NEW.edited_by")
    record = _record(table, "update", "NEW", "coalesce(latest, 0) + 1", "moment", "NEW.edit_base")
    return f"""DECLARE
        latest bigint;
        moment text := {NOW};
        former record;
        base_was text;
    BEGIN
        IF NEW.fid <> OLD.fid OR (coalesce(OLD."{table.key}", '') <> ''
                AND NEW."{table.key}" IS DISTINCT FROM OLD."{table.key}") THEN
            RAISE EXCEPTION 'Ledger: {keeps}';
        END IF;
        {bytes_kept}
        {kept}
        IF {{s}}.payload_of(NEW) = {{s}}.payload_of(OLD) THEN
            {_EMPTY}
            RETURN NEW;
        END IF;
        {known}
        IF NEW.edit_base < latest THEN
            -- Revisions of this transaction are not in the history yet, and those of the same
            -- person are no surprise: QGIS may send one edit in two steps.
            SELECT who, recorded_at INTO former FROM {{s}}.{history} AS past WHERE {of_it}
                AND revision > NEW.edit_base AND (who IS DISTINCT FROM {mine}
                    OR right(with_what, length(session_user) + 4)
                        IS DISTINCT FROM ' as ' || session_user)
                ORDER BY revision DESC LIMIT 1;
            IF FOUND THEN
                SELECT payload INTO base_was FROM {{s}}.{history} AS past
                    WHERE {of_it} AND revision = NEW.edit_base;
                PERFORM {{s}}.refuse_stale(
                    {{s}}.payload_of(OLD), base_was, former.who, former.recorded_at);
            END IF;
        END IF;
        {review_checks(table)}
        {shown}
        {record}
        {_EMPTY}
        RETURN NEW;
    END"""  # nosec B608 - names of ours


def _after_delete(table: Table) -> str:
    record = _record(table, "delete", "OLD", _next(table, "OLD"), NOW, "NULL")
    return f"BEGIN {record} RETURN NULL; END"


def _next(table: Table, row: str) -> str:
    """The next revision of a record: after those committed, and those of this transaction."""
    of_it = f"""table_name = '{table.name}' AND record_id = {row}."{table.key}\""""
    return f"""1 + coalesce(greatest(
        (SELECT max(revision) FROM {{s}}.record_history WHERE {of_it}),
        (SELECT max(revision) FROM {{s}}.pending WHERE {of_it})), 0)"""  # nosec B608 - names of ours


def _record(table: Table, operation: str, row: str, revision: str, moment: str, base: str) -> str:
    history = "incident_history" if table is INCIDENTS else "record_history"
    stamped = row == "NEW" and table not in RECORDED_ONCE
    by, reason = ("NEW.edited_by", "NEW.edit_reason") if stamped else ("NULL", "NULL")
    signed = _SIGNED.replace("$by", by).replace("$reason", reason)
    return f"""INSERT INTO {{s}}.pending(history, table_name, record_id, revision, operation,
            recorded_at, payload, who, why, with_what, fetch_id, based_on, conflict)
        VALUES ('{history}', '{table.name}', {row}."{table.key}", {revision}, '{operation}',
            {moment}, {{s}}.payload_of({row}), {signed}, {base},
            CASE WHEN {base} IS NULL THEN NULL ELSE 0 END);"""  # nosec B608 - names of ours


def _of(table: Table) -> str:
    if table is INCIDENTS:
        return "past.incident_id = OLD.incident_id"
    return f"""past.table_name = '{table.name}' AND past.record_id = OLD."{table.key}\""""


def _moment(value: str) -> str:
    return NOW.replace("clock_timestamp()", value)


def _append_only() -> Iterator[str]:
    for name in APPEND_ONLY:
        sentence = f"rows of {name} are never changed or removed; add a new one instead."
        yield f"""CREATE TRIGGER aa_append_only BEFORE UPDATE OR DELETE ON {{s}}."{name}"
        FOR EACH ROW EXECUTE FUNCTION {{s}}.refuse({_quoted(sentence)})"""
    # A partitioned table has no unique key over its incidents and revisions: this holds it. A
    # revision is only ever written while its incident's row is locked.
    yield f"""CREATE FUNCTION {{s}}.one_revision() RETURNS trigger LANGUAGE plpgsql {SETTINGS}
    AS $body$ BEGIN
        IF EXISTS (SELECT 1 FROM {{s}}.incident_history AS past
                WHERE past.incident_id = NEW.incident_id AND past.revision = NEW.revision) THEN
            RAISE EXCEPTION 'Ledger: the history of this incident has that revision already; restore the ledger from a backup.';
        END IF;
        RETURN NEW;
    END $body$"""  # noqa: E501 - a sentence within SQL stays in one piece  # nosec B608
    yield """CREATE TRIGGER aa_one_revision BEFORE INSERT ON {s}.incident_history
    FOR EACH ROW EXECUTE FUNCTION {s}.one_revision()"""


def _of_heads_and_settings() -> Iterator[str]:
    yield _trigger(
        "aa_no_update",
        "protected_values",
        "BEFORE UPDATE",
        "a protected value is never changed; erase it and add another instead.",
    )
    yield _trigger(
        "aa_never_deleted",
        "heads",
        "BEFORE DELETE",
        "rows of heads are never changed or removed; add a new one instead.",
    )
    # A head that the chain never had would make a ledger that holds look altered.
    yield f"""CREATE FUNCTION {{s}}.check_head() RETURNS trigger LANGUAGE plpgsql {SETTINGS}
    AS $body$ BEGIN
        IF NEW.token IS NOT NULL OR NEW.token_time IS NOT NULL OR NEW.token_authority IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM {{s}}.chain AS link
                WHERE link.position = NEW.position AND link.hash = NEW.hash
                UNION ALL SELECT 1 FROM {{s}}.settings AS own WHERE NEW.position = 0
                AND own.key = 'ledger_id' AND NEW.hash = encode(sha256(convert_to(
                    '{BEGINNING}' || chr(10) || own.value, 'UTF8')), 'hex')) THEN
            RAISE EXCEPTION 'Ledger: this head is none of the ledger''s chain; make it with “Export head”.';
        END IF;
        RETURN NEW;
    END $body$"""  # noqa: E501 - a sentence within SQL stays in one piece  # nosec B608 - names of ours
    yield """CREATE TRIGGER aa_check_head BEFORE INSERT ON {s}.heads
    FOR EACH ROW EXECUTE FUNCTION {s}.check_head()"""
    yield f"""CREATE FUNCTION {{s}}.keep_heads() RETURNS trigger LANGUAGE plpgsql {SETTINGS}
    AS $body$ BEGIN
        IF (OLD.head_id, OLD.position, OLD.hash, OLD.made_at, OLD.why, OLD.request)
            IS DISTINCT FROM (NEW.head_id, NEW.position, NEW.hash, NEW.made_at, NEW.why, NEW.request)
            OR coalesce(OLD.token, NEW.token, '') <> coalesce(NEW.token, '')
            OR coalesce(OLD.token_time, NEW.token_time, '') <> coalesce(NEW.token_time, '')
            OR coalesce(OLD.token_authority, NEW.token_authority, '')
                <> coalesce(NEW.token_authority, '') THEN
            RAISE EXCEPTION 'Ledger: a head of the chain is never changed; only its time-stamp token is added, once.';
        END IF;
        RETURN NEW;
    END $body$"""  # noqa: E501 - a sentence within SQL stays in one piece
    yield """CREATE TRIGGER aa_keep_heads BEFORE UPDATE ON {s}.heads
    FOR EACH ROW EXECUTE FUNCTION {s}.keep_heads()"""
    yield f"""CREATE FUNCTION {{s}}.keep_settings() RETURNS trigger LANGUAGE plpgsql {SETTINGS}
    AS $body$ BEGIN
        IF OLD.key IN ({FIXED}) AND (TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD) THEN
            RAISE EXCEPTION 'Ledger: the setting % of a ledger is fixed when it is made.', OLD.key;
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $body$"""
    yield """CREATE TRIGGER aa_keep_settings BEFORE UPDATE OR DELETE ON {s}.settings
    FOR EACH ROW EXECUTE FUNCTION {s}.keep_settings()"""


def _trigger(name: str, table: str, event: str, sentence: str) -> str:
    each = "STATEMENT" if event.endswith("TRUNCATE") else "ROW"
    return f"""CREATE TRIGGER {name} {event} ON {{s}}."{table}" FOR EACH {each}
    EXECUTE FUNCTION {{s}}.refuse({_quoted(sentence)})"""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
