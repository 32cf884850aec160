"""The custody chain in PostgreSQL: each transaction writes and seals its history as it commits.

The triggers of the tables put the revisions of a transaction into ``pending``. A deferred trigger
moves them into the histories and seals them when the transaction commits. It first takes the turn:
a row that one transaction at a time can hold, until its commit is visible to all.

Why it is right. Rows of ``pending`` never outlive their transaction: it either moves them or is
undone, so what a transaction sees there is its own, with savepoints too. Numbers and chain are
given while the turn is held, and each holder sees all that the one before it committed; so both
rise together without a gap, in the order of the commits, however the edits were interleaved. Who
reads an older snapshot (REPEATABLE READ, SERIALIZABLE) fails to take the turn once another has
used it, with PostgreSQL's own serialization error, and never writes a second branch. Nobody holds
the turn while working: an import of an hour delays others only while it is sealed. Between the
turn and the commit no lock is taken that another could hold while it waits for the turn, so there
is no deadlock. ``pending`` needs no log: after a crash it is empty, as is right.
"""

from __future__ import annotations

from typing import Iterator

_COLUMNS = "revision operation recorded_at payload who why with_what fetch_id based_on conflict"
IDENTITIES = {
    "incident_history": ("incident_id",),
    "record_history": ("table_name", "record_id"),
}
SETTINGS = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
BEGINNING = "ceasefire-ledger-chain-1"
PENDING = """CREATE UNLOGGED TABLE {s}.pending (
    pending_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    history text NOT NULL, table_name text, record_id text NOT NULL, revision bigint NOT NULL,
    operation text NOT NULL, recorded_at text COLLATE "C" NOT NULL, payload text NOT NULL,
    who text, why text, with_what text, fetch_id text, based_on bigint, conflict integer);
    CREATE INDEX pending_record ON {s}.pending(record_id)"""


def canonical(history: str, row: str, number: str) -> str:
    """The SQL expression of the canonical form, as text, of a revision.

    ``row`` has the history's columns; ``number`` is its ``history_id``.
    """
    parts = [f"{{s}}.netstring('{history}')", f"{{s}}.netstring(({number})::text)"]
    columns = [*IDENTITIES[history], *_COLUMNS.split()]
    parts += [f"{{s}}.netstring({row}.{column}::text)" for column in columns]
    return " || ".join(parts)


def sealing_statements() -> Iterator[str]:
    """The functions that seal and the deferred trigger that calls them."""
    yield PENDING
    yield """CREATE FUNCTION {s}.netstring(value text) RETURNS text LANGUAGE sql IMMUTABLE
    PARALLEL SAFE AS $body$
    SELECT coalesce(octet_length(value) || ':' || value, '-') $body$"""
    for history in IDENTITIES:
        yield _sealing(history)
    yield f"""CREATE FUNCTION {{s}}.seal() RETURNS trigger LANGUAGE plpgsql {SETTINGS}
    AS $body$
    BEGIN
        IF EXISTS (SELECT 1 FROM {{s}}.pending WHERE pending_id = NEW.pending_id) THEN
            UPDATE {{s}}.chain_turn SET taken = taken + 1 WHERE id = 1;
            PERFORM {{s}}.seal_incident_history();
            PERFORM {{s}}.seal_record_history();
            DELETE FROM {{s}}.pending;
        END IF;
        RETURN NULL;
    END $body$"""  # nosec B608 - names of ours
    yield """CREATE CONSTRAINT TRIGGER zz_seal AFTER INSERT ON {s}.pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {s}.seal()"""


def _sealing(history: str) -> str:
    identity = ", ".join(IDENTITIES[history])
    columns = ", ".join(_COLUMNS.split())
    known_as = "record_id AS incident_id" if history == "incident_history" else "record_id"
    return f"""CREATE FUNCTION {{s}}.seal_{history}() RETURNS void LANGUAGE plpgsql {SETTINGS}
    AS $body$
    DECLARE
        place bigint;
        last bytea;
        former bigint;
        form text;
        hashes text[] := '{{{{}}}}';
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM {{s}}.pending WHERE history = '{history}') THEN
            RETURN;
        END IF;
        SELECT coalesce(max(history_id), 0) INTO former FROM {{s}}.{history};
        SELECT position, decode(hash, 'hex') INTO place, last
            FROM {{s}}.chain ORDER BY position DESC LIMIT 1;
        IF place IS NULL THEN
            SELECT 0, sha256(convert_to('{BEGINNING}' || chr(10) || value, 'UTF8'))
                INTO place, last FROM {{s}}.settings WHERE key = 'ledger_id';
        END IF;
        FOR form IN SELECT {canonical(history, "own", "former + own.number")}
            FROM (SELECT row_number() OVER (ORDER BY pending_id) AS number, table_name,
                    {known_as}, {columns}
                FROM {{s}}.pending WHERE history = '{history}' ORDER BY pending_id) AS own
            ORDER BY own.number
        LOOP
            last := sha256(last || convert_to(form, 'UTF8'));
            hashes := array_append(hashes, encode(last, 'hex'));
        END LOOP;
        INSERT INTO {{s}}.{history}(history_id, {identity}, {columns})
            SELECT former + row_number() OVER (ORDER BY pending_id), {identity}, {columns}
            FROM (SELECT pending_id, table_name, {known_as}, {columns}
                FROM {{s}}.pending WHERE history = '{history}') AS own ORDER BY pending_id;
        INSERT INTO {{s}}.chain(position, history, history_id, hash)
            SELECT place + number, '{history}', former + number, hash
            FROM unnest(hashes) WITH ORDINALITY AS sealed(hash, number);
    END $body$"""  # nosec B608 - names of ours
