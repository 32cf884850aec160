"""The tables that the ledger keeps beside the model's: histories, chain, heads, copies, settings.

`docs/ledger.md` says what each column means. Another program may read them all.
"""

from __future__ import annotations

INCIDENT_HISTORY = "incident_history"
RECORD_HISTORY = "record_history"
CHAIN = "chain"
HEADS = "heads"
COPIES = "copies"
PROTECTED_VALUES = "protected_values"
CURRENT_FINDINGS = "current_findings"
SETTINGS = "settings"
FEED_ITEMS = "feed_items"
FEED_STATUS = "feed_status"
ALERT_STATUS = "alert_status"

# What each table is made with, in the order of making; an upgrade makes those that are lacking.
DEFINITIONS: dict[str, tuple[str, ...]] = {
    INCIDENT_HISTORY: (
        """CREATE TABLE incident_history (
        history_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        incident_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        operation TEXT NOT NULL CHECK (operation IN ('insert', 'update')),
        recorded_at DATETIME NOT NULL,
        payload TEXT NOT NULL,
        who TEXT, why TEXT, with_what TEXT, fetch_id TEXT, based_on INTEGER, conflict INTEGER,
        UNIQUE (incident_id, revision))""",
        "CREATE INDEX incident_history_recorded_at ON incident_history(recorded_at)",
        # The few incidents that somebody touched after the import are found without a scan.
        """CREATE INDEX incident_history_by_hand ON incident_history(incident_id)
        WHERE fetch_id IS NULL AND operation = 'update'""",
    ),
    RECORD_HISTORY: (
        """CREATE TABLE record_history (
        history_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        table_name TEXT NOT NULL,
        record_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        operation TEXT NOT NULL CHECK (operation IN ('insert', 'update', 'delete')),
        recorded_at DATETIME NOT NULL,
        payload TEXT NOT NULL,
        who TEXT, why TEXT, with_what TEXT, fetch_id TEXT, based_on INTEGER, conflict INTEGER,
        UNIQUE (table_name, record_id, revision))""",
        "CREATE INDEX record_history_recorded_at ON record_history(recorded_at)",
    ),
    CHAIN: (
        """CREATE TABLE chain (
        position INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        history TEXT NOT NULL,
        history_id INTEGER NOT NULL,
        hash TEXT NOT NULL)""",
        # Whether a revision is sealed is asked at each signature; none is sealed twice.
        """CREATE UNIQUE INDEX chain_of_incidents ON chain(history_id)
        WHERE history = 'incident_history'""",
        """CREATE UNIQUE INDEX chain_of_records ON chain(history_id)
        WHERE history = 'record_history'""",
    ),
    HEADS: (
        """CREATE TABLE heads (
        head_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        position INTEGER NOT NULL,
        hash TEXT NOT NULL,
        made_at DATETIME NOT NULL,
        why TEXT, request TEXT, token TEXT, token_time DATETIME, token_authority TEXT)""",
    ),
    COPIES: (
        """CREATE TABLE copies (
        copy_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        path TEXT NOT NULL, made_at DATETIME NOT NULL, why TEXT)""",
    ),
    # The row number is there so that forms and GIS programs can add rows.
    PROTECTED_VALUES: (
        """CREATE TABLE protected_values (
        fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        protected_id TEXT UNIQUE, value TEXT, salt TEXT,
        record_table TEXT, record_id TEXT, field TEXT)""",
    ),
    SETTINGS: (
        """CREATE TABLE settings (
        setting_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        key TEXT NOT NULL UNIQUE, value TEXT)""",
    ),
    # Up to which state of the incidents alerts were raised, by those who see all of them or a part.
    ALERT_STATUS: (
        """CREATE TABLE alert_status (
        status_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        sight TEXT NOT NULL UNIQUE,
        history_id INTEGER NOT NULL,
        evaluated_at TEXT NOT NULL, run TEXT NOT NULL)""",
    ),
    # Which feed brought which incident, and what it last said of it; ``gone`` is the run in which
    # the feed was found to have it no longer, 0 while it has it.
    FEED_ITEMS: (
        """CREATE TABLE feed_items (
        feed_id TEXT NOT NULL, incident_id TEXT NOT NULL,
        run INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, word TEXT,
        PRIMARY KEY (feed_id, incident_id)) WITHOUT ROWID""",
        "CREATE INDEX feed_items_incident ON feed_items(incident_id)",
    ),
    FEED_STATUS: (
        """CREATE TABLE feed_status (
        feed_id TEXT PRIMARY KEY NOT NULL, run INTEGER NOT NULL DEFAULT 0,
        last_run_at TEXT, last_success_at TEXT, last_complete_at TEXT,
        failures INTEGER NOT NULL DEFAULT 0, message TEXT, next_allowed_at TEXT,
        mark TEXT, quota TEXT) WITHOUT ROWID""",
    ),
    "ledger_session": (
        """CREATE TABLE ledger_session (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        who TEXT, why TEXT, with_what TEXT, fetch_id TEXT)""",
    ),
}
GEOPACKAGE_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS gpkg_data_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
        description TEXT, mime_type TEXT, constraint_name TEXT,
        CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
        CONSTRAINT gdc_tn UNIQUE (table_name, name))""",
    """CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
        constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
        min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN,
        description TEXT,
        CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))""",
    """INSERT OR IGNORE INTO gpkg_extensions
        (table_name, column_name, extension_name, definition, scope) VALUES
        ('gpkg_data_columns', NULL, 'gpkg_schema',
         'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
        ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
         'http://www.geopackage.org/spec121/#extension_schema', 'read-write')""",
)
# Those that a GIS lists, with their names for people.
LISTED = {
    INCIDENT_HISTORY: "History of incidents",
    RECORD_HISTORY: "History of records",
    CHAIN: "Custody chain",
    HEADS: "Heads of the chain",
    COPIES: "Copies of the ledger",
    PROTECTED_VALUES: "Values that can be erased",
    CURRENT_FINDINGS: "Current findings",
    SETTINGS: "Settings",
}
_REVISION_TITLES = {
    "revision": "Revision",
    "operation": "Operation",
    "recorded_at": "Recorded at (UTC)",
    "payload": "State after",
    "who": "Who",
    "why": "Why",
    "with_what": "With what",
    "fetch_id": "Fetch",
    "based_on": "Based on revision",
    "conflict": "Conflict",
}
TITLES = {
    INCIDENT_HISTORY: {
        "history_id": "Row of the history",
        "incident_id": "Incident",
        **_REVISION_TITLES,
    },
    RECORD_HISTORY: {
        "history_id": "Row of the history",
        "table_name": "Table",
        "record_id": "Record",
        **_REVISION_TITLES,
    },
    HEADS: {
        "position": "Position in the chain",
        "hash": "Hash",
        "made_at": "Made at (UTC)",
        "why": "Why",
        "request": "Time-stamp request",
        "token": "Time-stamp token",
        "token_time": "Time-stamped at (UTC)",
        "token_authority": "Time-stamped by",
    },
    COPIES: {"path": "Place", "made_at": "Made at (UTC)", "why": "Why"},
    PROTECTED_VALUES: {
        "protected_id": "Protected value",
        "value": "Value",
        "salt": "Salt",
        "record_table": "Of the table",
        "record_id": "Of the record",
        "field": "What it is",
    },
    SETTINGS: {"key": "Setting", "value": "Value"},
}
