"""Partitions of the history of incidents, one a year of recording.

No insert ever waits for a partition: what belongs to none lies in the one for others, and moves
into its own when that is made.
"""

from __future__ import annotations

from typing import Iterator

from .sealing import SETTINGS

AHEAD = 1
"""How many years after the present one have their partition made."""


def partition_statements() -> Iterator[str]:
    """The functions ``make_partition(year)``, for the owner, and ``make_partitions()``."""
    yield f"""CREATE FUNCTION {{s}}.make_partition(year integer) RETURNS boolean
    LANGUAGE plpgsql {SETTINGS} SET lock_timeout = '3s' AS $body$
    DECLARE
        own text := {{t}};
        part text := 'incident_history_' || to_char(year, 'FM0000');
        first text := to_char(year, 'FM0000');
        until text := to_char(year + 1, 'FM0000');
    BEGIN
        IF year NOT BETWEEN 1 AND 9998 OR to_regclass(format('%I.%I', own, part)) IS NOT NULL THEN
            RETURN false;
        END IF;
        EXECUTE format('CREATE TABLE %I.%I (LIKE %I.incident_history '
            'INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', own, part, own);
        EXECUTE format('REVOKE ALL ON %I.%I FROM PUBLIC', own, part);
        -- Append-only holds for everybody: it is lifted for this one move, and by its owner alone.
        EXECUTE format('ALTER TABLE %I.incident_history_others DISABLE TRIGGER USER', own);
        EXECUTE format('INSERT INTO %I.%I SELECT * FROM %I.incident_history_others '
            'WHERE recorded_at >= %L AND recorded_at < %L', own, part, own, first, until);
        EXECUTE format('DELETE FROM %I.incident_history_others '
            'WHERE recorded_at >= %L AND recorded_at < %L', own, first, until);
        EXECUTE format('ALTER TABLE %I.incident_history_others ENABLE TRIGGER USER', own);
        EXECUTE format('ALTER TABLE %I.incident_history ATTACH PARTITION %I.%I '
            'FOR VALUES FROM (%L) TO (%L)', own, own, part, first, until);
        EXECUTE format('CREATE TRIGGER aa_no_truncate BEFORE TRUNCATE ON %I.%I FOR EACH STATEMENT '
            'EXECUTE FUNCTION %I.refuse(%L)', own, part, own,
            'a ledger''s table is never emptied.');
        RETURN true;
    END $body$"""  # nosec B608 - names of ours
    yield f"""CREATE FUNCTION {{s}}.make_partitions() RETURNS integer
    LANGUAGE plpgsql {SETTINGS} AS $body$
    DECLARE
        this integer := extract(year FROM clock_timestamp() AT TIME ZONE 'UTC');
        made integer := 0;
    BEGIN
        FOR year IN this..this + {AHEAD} LOOP
            IF {{s}}.make_partition(year) THEN
                made := made + 1;
            END IF;
        END LOOP;
        RETURN made;
    END $body$"""
