"""Check a ledger: that nothing in it was altered, removed, inserted or reordered.

Run it where there is neither QGIS nor the plugin; any Python from 3.9 on will do::

    python verify.py LEDGER.gpkg [--head HEAD.json]

It ends with 0 where everything holds, 1 where something does not, 2 where it could not be
checked. The ledger is only read. What is checked, and the form of the chain, `docs/custody.md`
defines. This file uses the standard library alone, and imports nothing of the plugin.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import re
import sqlite3
import struct
import sys
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple
from urllib.parse import quote

# What runs one SQL statement and gives all its rows; texts may be str or UTF-8 bytes.
Run = Callable[[str], List[tuple]]
START = "ceasefire-ledger-chain-1\n"
_ALIKE = ("revision", "operation", "recorded_at", "payload", "who", "why", "with_what")
_ALIKE += ("fetch_id", "based_on", "conflict")
# The columns of a revision in the order of the canonical form.
HISTORIES = {
    "incident_history": ("history_id", "incident_id", *_ALIKE),
    "record_history": ("history_id", "table_name", "record_id", *_ALIKE),
}
# The tables whose states have revisions, each with its key.
KEYS = {
    "incidents": "incident_id",
    "observations": "observation_id",
    "posts": "post_id",
    "effort": "effort_id",
    "contact_lines": "line_id",
    "control_areas": "area_id",
    "zones": "zone_id",
    "sites": "site_id",
    "weapon_sightings": "sighting_id",
    "storage_sites": "site_id",
    "inventories": "inventory_id",
    "links": "link_id",
    "harm": "harm_id",
    "claims": "claim_id",
    "restrictions": "restriction_id",
    "evidence": "evidence_id",
    "protected": "protected_id",
    "feeds": "feed_id",
    "alert_rules": "rule_id",
    "alerts": "alert_id",
    "agreements": "version_id",
    "custody": "event_id",
    "fetches": "fetch_id",
}
# Columns that revisions written by an earlier version do not speak of: empty until they do.
LATER = {"incidents": ("reliability", "credibility")}
# The findings have no revisions; what else is asked of a table holds of them, too.
ALL_KEYS = {**KEYS, "findings": "finding_id"}
# The tables with places on the map, each with its kind of geometry, in WGS 84.
GEOMETRIES = {
    "incidents": "POINT",
    "observations": "POINT",
    "posts": "POINT",
    "contact_lines": "MULTILINESTRING",
    "control_areas": "MULTIPOLYGON",
    "zones": "MULTIPOLYGON",
    "sites": "POINT",
    "weapon_sightings": "POINT",
    "storage_sites": "POINT",
    "claims": "POINT",
    "restrictions": "POINT",
    "alerts": "POINT",
}
WGS84 = 4326
NEEDED = {"settings", "chain", "heads", "protected_values", "alert_status"}
NEEDED |= {"feed_items", "feed_status", *HISTORIES, *ALL_KEYS}
# The ledger's triggers by their table, in version 3: their names ("_" stands for the table's own
# name before it), and the SHA-256 over name and statement of each in the names' order. So also
# of the view. `tests/unit/test_verify_structure.py` holds this against the code that makes them.
SCHEMA_VERSION = "3"
# PINNED: tests/pin_structure.py writes what follows.
TRIGGERS: Dict[str, Tuple[str, str]] = {
    "incidents": (
        "_four_eyes _four_eyes_new _inserted _keep_their_id _never_deleted _never_replaced "
        "_reinstated_with_reason _signed _stamped _updated _verification_steps "
        "_withdrawn_with_reason _workflow_steps",
        "398ecba0 56bbcf0a d09fa8e5 ef3623dc 8bb942a8 dcba05c1 e2651e74 fbcc7009",
    ),
    "observations": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "07dfd852 74cc69fb 6ad87105 69fbb2ce 12216eaa a121ab4b 1a8f5af4 9cedd255",
    ),
    "posts": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "02db5841 df4b4053 4427c2a8 fdf472b0 88cbdee5 6b68582a 8b7d7313 f1dd25dc",
    ),
    "effort": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "5a6b6736 01a1cff9 f24f365c c913e32f 7a8602e2 857b96e3 bd4b70e0 d95c4ffc",
    ),
    "contact_lines": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "e890c5a5 ec313182 f1c39166 0e90ea42 6e21f304 08fce4f2 60eacf37 b7594f6b",
    ),
    "control_areas": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "82aecd5e c5e28cc8 80d82455 50ff0eb3 56bb8dc6 5306da19 ee83c9b2 d30f6f74",
    ),
    "zones": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "8db6e19d 3aeb5c79 e982e047 97501e34 cd7a5e9a aa487801 5f0a6b66 6da81934",
    ),
    "sites": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "f91fddc9 f1ce210b c85659cd 11878538 2fd7f433 e7e37f68 24834453 e1bb93a8",
    ),
    "weapon_sightings": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated _verification_steps",
        "56b648ed 9ef503f0 238ecaf4 eb46389e 1929ab4c 784398d7 5abb1d50 ea4893ec",
    ),
    "storage_sites": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "89b93f4f a814625f bee37685 167d585a 9048a5b4 552ea083 ae06a1b5 ad9efb07",
    ),
    "inventories": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "ff5cb3c2 12c9a1e2 83d1082e b3a91a05 bae749d5 1c9ef63e 0e94d8bf dfcb09c7",
    ),
    "links": (
        "_deleted _inserted _keep_their_id _never_replaced _not_itself_INSERT "
        "_not_itself_UPDATE _signed _updated",
        "94b08e69 cb698fda 2faa0ede 09402ad0 da362bd8 2ca3759a dde6c7e8 60b60b8d",
    ),
    "harm": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated _verification_steps",
        "d04acf20 b8bafc3a 746698ca 1398d6cd e25f5a61 ac74ef3e ef638f29 35341264",
    ),
    "claims": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "b31c27ec a0794faa d9ab0ed9 d71a859e 0323183c 44241f6c 54e57619 3727109c",
    ),
    "restrictions": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "74b85122 2051c176 ef591e72 781f527f 96132e35 c6605826 0501c9a5 120c10aa",
    ),
    "evidence": (
        "_inserted _keep_their_bytes _keep_their_id _never_deleted _never_replaced _signed "
        "_updated",
        "1630efcc 29c2cbf7 a95e0732 f086e6fa b617d3d6 4d6d7217 2911273e 116acec3",
    ),
    "protected": (
        "_inserted _keep_their_id _never_deleted _never_replaced _signed _updated",
        "1a62057f a36eb3a6 07fbd24c 8c40958e 851454b6 407a448f 83affbf1 3e8d441e",
    ),
    "feeds": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "988ccbe6 3643c68b c2a5efca e7424d03 0e37d9b6 bd1e78a8 9aae4ae0 2b0e0c37",
    ),
    "alert_rules": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "bd4373b1 1a1304ae b36da50f 40e30c7e e38b87dc 6c5986dd d97b0fb3 80f6599c",
    ),
    "alerts": (
        "_deleted _inserted _keep_their_id _never_replaced _signed _updated",
        "5c384be1 fba30a2a 2cb6eadc 977b9afa 42bee2dc aa3f4a65 3604edf6 0b87219e",
    ),
    "agreements": (
        "_inserted _no_delete _no_replace _no_update",
        "012ed5b7 046de23d a4072634 e3dba94e 3fc786e0 e72659e0 ef0e9bc6 ee7a0d56",
    ),
    "custody": (
        "_inserted _no_delete _no_replace _no_update",
        "2c48ed42 05ba772c ad776f5e adb918db 518c43af c7ff71b1 2c8ea782 f559274c",
    ),
    "fetches": (
        "_inserted _no_delete _no_replace _no_update",
        "25b16b72 0f2aec66 1bdb3236 2b113740 b4d18801 64071844 958bb056 388bf916",
    ),
    "incident_history": (
        "_no_delete _no_replace _no_update",
        "a9b5108f 3f2f123d 8bdc4a09 10813657 a2ac15c1 00a8cb87 6d2fa04d b3686387",
    ),
    "record_history": (
        "_no_delete _no_replace _no_update",
        "a3732395 3c6269f3 ca765eb6 e1931b7e 9fc9a3cc b0de727f 913528c3 312a1a57",
    ),
    "chain": (
        "_no_delete _no_replace _no_update",
        "6eb2fd82 a1d68594 778054b4 ace2e564 029062a8 c35d09e2 96784155 ceb4e1bf",
    ),
    "heads": (
        "_no_delete _no_replace _no_update",
        "3ce48790 03af649d 4d7bd355 80f4cdc0 2de9383b 291813f2 9fe4c1a6 cf89010b",
    ),
    "copies": (
        "_no_delete _no_replace _no_update",
        "31374d5c 64bf0bb1 73747dc5 d4a30ebf f7b3f838 92725f26 c6f8f8b7 e012f345",
    ),
    "findings": (
        "_no_delete _no_replace _no_update",
        "29b6f54c d1c23848 c293c76b 57ce7711 752efbf6 7ee97d40 8b493d1a 3cf608c5",
    ),
    "protected_values": (
        "_no_update",
        "beac485d 4fc96533 ed64f45c 59ebe16b 353a47df 0d250cfc d889024f 7ba0b600",
    ),
    "gpkg_contents": (
        "ledger_layers_keep_names ledger_layers_stay",
        "a35facba 5062b397 4187533d 26c38fd3 904a1186 d20e3154 fd031831 8ba823bb",
    ),
}
CURRENT_FINDINGS = "85ce149e 52ffb941 a0f87720 6c1f12d4 efe2abe6 fdafa446 22e9fe19 d2e106cb"
# END OF PINNED.
PAGE = 1_000
STATES = 20_000
LISTED = 1_000
LOWEST = -(1 << 63)
HEX64 = re.compile(r"[0-9a-f]{64}")

_VALUE = Template(
    "CASE typeof($c) WHEN 'null' THEN '-' "
    "WHEN 'blob' THEN 'x' || length(hex($c)) || ':' || hex($c) "
    "ELSE length(CAST($c AS BLOB)) || ':' || $c END"
)
_LINK = (
    "coalesce(history || ' ' || history_id || ' ' || hash || ' ' || typeof(history) || "
    "typeof(history_id) || typeof(hash), '')"
)
# A page is one text, each row as "key size:bytes": a database's wrapper is asked once a page.
_PAGE = Template(
    "SELECT max(n) + 0 AS last, ${wrap}(group_concat(n || ' ' || size || ':' || c, '')) AS page "
    "FROM (SELECT n, c, length(CAST(c AS BLOB)) AS size FROM (SELECT $key AS n, $form AS c "
    "FROM $table WHERE $key > $after ORDER BY $key LIMIT $limit))"
)
_JSON = Template(
    "CASE typeof($c) WHEN 'null' THEN 'null' WHEN 'integer' THEN $c WHEN 'real' THEN "
    "CASE WHEN $c > 1.7976931348623157e308 THEN '9e999' WHEN $c < -1.7976931348623157e308 "
    "THEN '-9e999' ELSE printf('%!.17g', $c) END WHEN 'text' THEN json_quote($text) "
    "ELSE '\"' || hex($c) || '\"' END"
)
_INSTANT = Template(
    "CASE WHEN $c GLOB '????-??-??T??:??:??.???Z' THEN $c "
    "ELSE coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', $c), $c) END"
)
# Behind a GeoPackage's header of 8 bytes and an envelope, whose size byte 4 tells, lies the WKB.
_WKB = (
    "CASE WHEN t.geom IS NULL THEN 'null' ELSE '\"' || hex(substr(t.geom, 9 + "
    "CASE substr(hex(substr(t.geom, 4, 1)), 2, 1) WHEN '0' THEN 0 WHEN '1' THEN 0 WHEN '2' "
    "THEN 32 WHEN '3' THEN 32 WHEN '8' THEN 64 WHEN '9' THEN 64 ELSE 48 END)) || '\"' END"
)
_STATES = Template(
    "SELECT t.\"$key\" || '' AS key, $state AS state, h.payload, h.operation "
    'FROM "$table" AS t LEFT JOIN $history AS h ON $of_h AND h.revision = '
    "(SELECT max(revision) FROM $history AS l WHERE $of_l) WHERE t.rowid >= $first "
    "AND t.rowid <= $last AND (h.operation IS NULL OR h.operation = 'delete' OR "
    "h.payload IS NOT $text$later)"
)
_GONE = Template(
    "SELECT h.$record || '' AS key FROM $history AS h WHERE $of AND h.operation <> 'delete' "
    "AND h.revision = (SELECT max(revision) FROM $history AS l WHERE $of_l) "
    'AND NOT EXISTS (SELECT 1 FROM "$table" AS t WHERE t."$key" = h.$record) LIMIT $limit'
)
_SPAN = Template(
    "SELECT min(n) + 0 AS first, max(n) + 0 AS last FROM "
    '(SELECT rowid AS n FROM "$table" WHERE rowid >= $first ORDER BY rowid LIMIT $limit)'
)
_DOUBLED = Template(
    "SELECT coalesce(\"$key\", '') || '' AS key, count(*) AS n FROM \"$table\" "
    'GROUP BY "$key" HAVING count(*) > 1 LIMIT $limit'
)
# The places of some rows as text: number, box in the map's index, and the geometry.
_PLACES = Template(
    "SELECT group_concat(n || ' ' || box || ' ' || place, ';') AS page FROM (SELECT t.rowid AS n, "
    '$box AS box, hex(t.geom) AS place FROM "$table" AS t$join WHERE t.rowid >= $first '
    "AND t.rowid <= $last AND t.geom IS NOT NULL ORDER BY t.rowid)"
)
# In whole millionths of a degree, which are written faster than fractions.
_BOX = (
    "CASE WHEN r.id IS NULL THEN '-' ELSE CAST(r.minx * 1e6 AS INTEGER) || ',' || "
    "CAST(r.maxx * 1e6 AS INTEGER) || ',' || CAST(r.miny * 1e6 AS INTEGER) || ',' || "
    "CAST(r.maxy * 1e6 AS INTEGER) END"
)
_INDEXED = Template(' LEFT JOIN "rtree_${table}_geom" AS r ON r.id = t.rowid')
_NEWEST = Template("SELECT payload FROM $history WHERE $of ORDER BY history_id DESC LIMIT 1")
_DESCRIBE = Template(
    "SELECT $table AS kind, $record || '' AS record, revision + 0 AS revision "
    "FROM $history WHERE history_id = $id"
)
_PROTECTED = """SELECT p.protected_id || '' AS id, p.commitment || '' AS commitment,
    p.erased_at || '' AS erased_at, v.fid IS NOT NULL AS kept,
    hex(CAST(v.value AS BLOB)) AS value, v.salt || '' AS salt,
    v.fid IS NOT NULL AND (v.record_table IS NOT p.record_table
        OR v.record_id IS NOT p.record_id OR v.field IS NOT p.field) AS of_another
    FROM protected AS p LEFT JOIN protected_values AS v ON v.protected_id = p.protected_id"""
_STRAY = """SELECT count(*) AS n FROM protected_values AS v WHERE v.salt IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM protected AS p WHERE p.protected_id = v.protected_id)"""
_HEADS = """SELECT head_id + 0 AS id, position + 0 AS position, hash || '' AS hash,
    made_at || '' AS made_at, upper(request) AS request, upper(token) AS token,
    token_time || '' AS token_time, token_authority || '' AS token_authority FROM heads
    ORDER BY head_id"""


class Unreadable(Exception):
    """A part of the ledger cannot be read: the file is damaged."""


class CannotCheck(Exception):
    """The file cannot be checked: it is no ledger, is locked, or cannot be opened."""


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold. ``kind`` is altered, removed, inserted, reordered, chain,
    state, place, protected, head, findings, structure or file; the row is named as far as known."""

    kind: str
    sentence: str
    history: Optional[str] = None
    history_id: Optional[int] = None
    record: Optional[str] = None


@dataclass
class Verification:
    """What a check found. ``faults`` holds the first of them, in the order of the chain, and
    ``fault_count`` counts all; ``position`` and ``hash`` are the chain's end."""

    ledger_id: str = ""
    position: int = 0
    hash: str = ""
    checked: int = 0
    unsealed: int = 0
    states: int = 0
    protected: int = 0
    erased: int = 0
    heads: int = 0
    tokens: int = 0
    fault_count: int = 0
    faults: List[Fault] = field(default_factory=list)
    # What is no fault, but what whoever relies on the ledger should know.
    remarks: List[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found that does not hold."""
        return self.fault_count == 0

    def add(self, fault: Fault) -> None:
        """Count a fault, and keep it while there are few."""
        self.fault_count += 1
        if len(self.faults) < LISTED:
            self.faults.append(fault)

    def sentences(self) -> List[str]:
        """What was found, for people; the verdict first, then the first fault."""
        told = [
            f"Checked {self.checked} sealed revisions up to position {self.position}; "
            f"{self.unsealed} not yet sealed.",
            f"Compared {self.states} current states with their last revisions; {self.heads} heads "
            f"with the chain, {self.tokens} of them time-stamped.",
        ]
        if self.protected or self.erased:
            told.append(f"Protected values: {self.protected} kept, {self.erased} erased.")
        told.append(f"Head of the chain: {self.hash}")
        told += [f"Note: {remark}" for remark in self.remarks]
        if self.holds:
            return ["The ledger holds: nothing was altered, removed, inserted or reordered."] + told
        first = [f"The ledger does not hold: {self.faults[0].sentence}"]
        more = [fault.sentence for fault in self.faults[1:20]]
        if self.fault_count > len(more) + 1:
            more.append(f"And {self.fault_count - len(more) - 1} more.")
        return first + more + told


def hash_0(ledger_id: str) -> bytes:
    """The chain's beginning, as 32 bytes."""
    return hashlib.sha256((START + ledger_id).encode("utf-8")).digest()


def canonical_sql(history: str) -> str:
    """The SQLite expression of the canonical form of a row of ``history``."""
    names = HISTORIES[history]
    values = [_VALUE.substitute(c=name) for name in names]
    state = names.index("payload")
    before = " || ".join([f"'{len(history)}:{history}'", *values[:state]])
    # In three parts, so that the long one in the middle is copied seldom.
    return f"({before}) || ({values[state]}) || ({' || '.join(values[state + 1 :])})"


class Source:
    """What is asked of a ledger's database; this one speaks SQLite's SQL, through ``run``.

    Another database gives the same answers with statements of its own.
    """

    def __init__(self, run: Run):
        self.run = run

    def settings(self) -> Dict[str, str]:
        """The settings; CannotCheck where this is no ledger, or one without a chain."""
        sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = {_text(name) for (name,) in self.run(sql)}
        if not {"settings", "incidents"} <= tables:
            raise CannotCheck("The file is not a ledger.")
        rows = self.run('SELECT "key", "value" FROM settings')
        settings = {_text(key): _text(value) for key, value in rows}
        version = settings.get("schema_version") or ""
        if version in ("1", "2"):
            raise CannotCheck(
                "The ledger is of an earlier version and has no chain yet: open it for writing "
                "with Ceasefire Monitor, which adds one."
            )
        if version != SCHEMA_VERSION:
            raise CannotCheck(
                f"The ledger says that it is of version “{version}”, and this checks version "
                f"{SCHEMA_VERSION}: use the checker of the Ceasefire Monitor that made it."
            )
        lost = sorted(NEEDED - tables)
        if lost:
            raise Unreadable(f"the ledger has lost its table {lost[0]}")
        return settings

    def faulty_structure(self) -> Iterator[str]:
        """What the database itself finds wrong with the tables that the check relies on."""
        for table in (*HISTORIES, "chain", "heads", "protected_values", *ALL_KEYS):
            rows = self.run(f"PRAGMA integrity_check('{table}')")
            yield from (_text(row[0]) for row in rows if _text(row[0]) != "ok")

    def forms(self, history: str, after: int = 0) -> Iterator[Tuple[int, bytes]]:
        """The rows of a history in order: their numbers and canonical forms."""
        return self._paged(history, "history_id", canonical_sql(history), after)

    def links(self) -> Iterator[Tuple[int, bytes]]:
        """The rows of the chain in order: position, and history, number, hash and types."""
        return self._paged("chain", "position", _LINK, 0)

    def described(self, history: str, number: int) -> Optional[Tuple[str, str, Any]]:
        """Table, record and revision of a row of a history; None where it is gone."""
        incidents = history == "incident_history"
        sql = _DESCRIBE.substitute(
            table="'incident'" if incidents else "table_name || ''",
            record="incident_id" if incidents else "record_id",
            history=history,
            id=int(number),
        )
        rows = self.run(sql)
        return tuple(_text(value) for value in rows[0]) if rows else None

    def count(self, table: str) -> int:
        """How many rows a table has."""
        sql = Template('SELECT count(*) AS n FROM "$table"')
        return int(self.run(sql.substitute(table=table))[0][0])

    def beyond(self, history: str, last: int) -> int:
        """How many rows of a history come after ``last``."""
        key = HISTORIES[history][0]
        sql = Template("SELECT count(*) AS n FROM $history WHERE $key > $last")
        return int(self.run(sql.substitute(history=history, key=key, last=int(last)))[0][0])

    def lost_at_the_end(self, table: str, key: str, last: int) -> int:
        """How many rows after ``last`` were numbered once and are there no more."""
        sql = Template(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '$table'), 0) - $last "
            "- (SELECT count(*) FROM $table WHERE $key > $last) AS n"
        )
        return int(self.run(sql.substitute(table=table, key=key, last=int(last)))[0][0])

    def differing(self, table: str) -> Iterator[Tuple[str, Any, Any, Any]]:
        """Key, state as text, last payload and its operation of the records whose state is not
        written exactly as their last revision says; the operation is None where there is none."""
        sql = self._states_sql(table)
        for first, last in self._spans(table, STATES):
            yield from self.run(sql.safe_substitute(first=first, last=last))

    def doubled(self, table: str) -> List[Tuple[str, int]]:
        """The keys that several rows of a table bear, and how many."""
        sql = _DOUBLED.substitute(table=table, key=ALL_KEYS[table], limit=LISTED)
        return [(_text(key), int(rows)) for key, rows in self.run(sql)]

    def numbers(self, table: str, key: str) -> Tuple[int, int]:
        """The greatest number that a row of a table bears, and how many bear one from 1 on."""
        sql = Template(
            'SELECT coalesce(max($key), 0) + 0 AS last, count(*) AS n FROM "$table" WHERE $key > 0'
        )
        ((last, rows),) = self.run(sql.substitute(table=table, key=key))
        return int(last), int(rows)

    def structure(self) -> Iterator[Tuple[bool, str]]:
        """What of tables, triggers, views and reference systems is not as the ledger made it:
        True and a sentence where that hides or fakes something, else False and one."""
        return _Structure(self).told()

    def misplaced(self, table: str) -> Iterator[Tuple[str, str]]:
        """The records whose place a map would not show, or elsewhere: key, and what is wrong."""
        indexed = self.has_table(f"rtree_{table}_geom") and self.reads_rtrees(table)
        box = _BOX if indexed else "'*'"
        join = _INDEXED.substitute(table=table) if indexed else ""
        sql = Template(_PLACES.safe_substitute(table=table, box=box, join=join))
        size = 2 * PAGE if GEOMETRIES[table] == "POINT" else PAGE // 10
        for first, last in self._spans(table, size):
            ((page,),) = self.run(sql.substitute(first=first, last=last))
            rows = _text(page).split(";") if page else []
            if _all_in_place(rows):
                continue
            for row in rows:
                number, entry, place = row.split(" ")
                told = _misplaced(entry, place)
                if told:
                    yield self._key_at(table, int(number)), told

    def has_table(self, name: str) -> bool:
        """Whether there is a table of that name."""
        return bool(self.run(f"SELECT 1 AS n FROM sqlite_master WHERE name = {_quoted(name)}"))  # nosec B608 - quoted

    def reads_rtrees(self, table: str) -> bool:
        """Whether the database at hand can read the index of a map."""
        try:
            self.run(f'SELECT id + 0 AS n FROM "rtree_{table}_geom" LIMIT 1')  # nosec B608 - of ours
        except Unreadable as error:
            if "no such module" in str(error):
                return False
            raise
        return True

    def _key_at(self, table: str, number: int) -> str:
        sql = Template("SELECT coalesce($key, '') || '' AS key FROM \"$table\" WHERE rowid = $n")
        return _text(self.run(sql.substitute(key=ALL_KEYS[table], table=table, n=number))[0][0])

    def _spans(self, table: str, limit: int) -> Iterator[Tuple[int, int]]:
        """First and last number of the rows of a table, some at a time; they may be negative."""
        first = LOWEST
        while True:
            ((low, high),) = self.run(_SPAN.substitute(table=table, first=first, limit=limit))
            if high is None:
                return
            yield int(low), int(high)
            if int(high) == -LOWEST - 1:
                return
            first = int(high) + 1

    def gone(self, table: str) -> List[str]:
        """The records that have revisions, were not deleted, and are not in the table."""
        incidents = table == "incidents"
        sql = _GONE.substitute(
            table=table,
            key=KEYS[table],
            history=_history_of(table),
            record="incident_id" if incidents else "record_id",
            of="1" if incidents else f"h.table_name = '{table}'",
            of_l=_of(table, "l", "h.incident_id" if incidents else "h.record_id"),
            limit=LISTED,
        )
        return [_text(key) for (key,) in self.run(sql)]

    def protected(self) -> List[tuple]:
        """Id, commitment, when erased, whether the value is there, it in hex, and its salt."""
        return [tuple(_text(value) for value in row) for row in self.run(_PROTECTED)]

    def stray_values(self) -> int:
        """How many settled values no row of ``protected`` speaks of."""
        return int(self.run(_STRAY)[0][0])

    def heads(self) -> List[tuple]:
        """Id, position, hash, moment, request and token (hex) of the heads that were kept."""
        return [tuple(_text(value) for value in row) for row in self.run(_HEADS)]

    def _states_sql(self, table: str) -> Template:
        """The statement of ``differing``; the keys are those of the table's newest revision."""
        history = _history_of(table)
        of = "1" if table == "incidents" else f"table_name = '{table}'"
        newest = self.run(_NEWEST.substitute(history=history, of=of))
        columns = {_text(row[1]): _text(row[2]) for row in self.run(f"PRAGMA table_info({table})")}
        names = list(_object(newest[0][0])) if newest else []
        later = [name for name in LATER.get(table, ()) if name in columns and name not in names]
        return Template(
            _STATES.safe_substitute(
                table=table,
                key=KEYS[table],
                text=_object_sql(names, columns),
                state=_object_sql(names + later, columns),
                later="".join(f' OR t."{name}" IS NOT NULL' for name in later),
                history=history,
                of_h=_of(table, "h", f't."{KEYS[table]}"'),
                of_l=_of(table, "l", f't."{KEYS[table]}"'),
            )
        )

    def _paged(self, table: str, key: str, form: str, after: int) -> Iterator[Tuple[int, bytes]]:
        values = {"table": table, "key": key, "form": form}
        while True:
            try:
                last, rows = self._page({**values, "after": int(after)}, PAGE)
            except Unreadable as error:
                raise Unreadable(f"{table} after its row {after} ({error})") from None
            if last is None:
                return
            yield from rows
            after = last

    def _page(self, values: Dict[str, Any], limit: int) -> Tuple[Optional[int], list]:
        """One page; a smaller one where the database refuses, so that only what is damaged
        stops the check."""
        sql = Template(_PAGE.safe_substitute(values, limit=limit))
        try:
            ((last, page),) = self.run(sql.substitute(wrap=""))
            with contextlib.suppress(ValueError):
                return last, _rows_of(page, last)
            # A text with a NUL or with bytes that are no UTF-8 did not come through whole.
            ((last, page),) = self.run(sql.substitute(wrap="hex"))
            return last, _rows_of(bytes.fromhex(_text(page)), last)
        except Unreadable:
            if limit == 1:
                raise
            return self._page(values, max(1, limit // 16))


def verify(source: Source, head: Optional[Mapping[str, Any]] = None) -> Verification:
    """Check a ledger; ``head`` is one that was exported earlier.

    Raises CannotCheck where there is nothing to check.
    """
    result = Verification()
    with _reading(result):
        result.ledger_id = source.settings().get("ledger_id") or ""
        for words in source.faulty_structure():
            result.add(Fault("file", f"the file is damaged: {words}."))
    with _reading(result):
        heads = _heads_of(source, result, head)
        sealed = _walk(source, result, heads)
        _look_beyond(source, result, sealed)
        _look_for_lost_heads(source, result)
    for table in KEYS:
        with _reading(result):
            _compare_states(source, result, table)
    for table in ALL_KEYS:
        with _reading(result):
            _check_rows(source, result, table)
    with _reading(result):
        _check_protected(source, result)
    with _reading(result):
        _look_at_findings(source, result)
    with _reading(result):
        for hides, words in source.structure():
            if hides:
                result.add(Fault("structure", f"{words}."))
            else:
                result.remarks.append(f"{words}.")
    # What the chain tells comes first: a damaged structure is often only its other side.
    result.faults.sort(key=lambda fault: fault.kind in ("structure", "file"))
    return result


@contextlib.contextmanager
def _reading(result: Verification) -> Iterator[None]:
    """What cannot be read is a fault, once; the check goes on with what else there is."""
    try:
        yield
    except Unreadable as error:
        told = f"the file is damaged and cannot be read whole: {error}."
        if all(fault.sentence != told for fault in result.faults):
            result.add(Fault("file", told))


class _Walk:
    """The walk along the chain: where it stands, and what is not yet decided about a fault."""

    def __init__(self, source: Source, result: Verification):
        self.source = source
        self.result = result
        self.rows = {history: source.forms(history) for history in HISTORIES}
        self.next = {history: next(rows, None) for history, rows in self.rows.items()}
        self.last = dict.fromkeys(HISTORIES, 0)
        self.previous = hash_0(result.ledger_id)
        # A row whose hash does not fit: its history, number, and what its hash should be.
        self.open: Optional[Tuple[str, int, bytes]] = None

    def step(self, position: int, link: bytes) -> None:
        """Check one row of the chain and the revision that it seals."""
        if self._as_it_must_be(position, link):
            return
        expected = self.result.position + 1
        if position != expected:
            self._tell("removed", f"rows {expected} to {position - 1} of the chain are gone")
        self.result.position = position
        history, number, stored = _parsed(link)
        if stored is None:
            self.close(None)
            self._tell("chain", f"row {position} of the chain was altered")
            return
        self.result.hash = stored.hex()
        if number <= self.last[history]:
            self.close(None)
            self._tell(
                "reordered",
                f"row {position} of the chain seals row {number} of {history} after row "
                f"{self.last[history]}: the chain was reordered",
            )
        else:
            self._fit(history, number, stored)
        self.previous = stored

    def _as_it_must_be(self, position: int, link: bytes) -> bool:
        """Go on where the row is exactly what the next revision's must be: nearly always."""
        history = "incident_history" if link[:1] == b"i" else "record_history"
        ahead = self.next[history]
        if ahead is None or self.open is not None or position != self.result.position + 1:
            return False
        number, form = ahead
        due = hashlib.sha256(self.previous + form).digest()
        told = due.hex()
        if link != f"{history} {number} {told} textintegertext".encode():
            return False
        self.next[history] = next(self.rows[history], None)
        self.last[history] = number
        self.previous = due
        self.result.position = position
        self.result.hash = told
        self.result.checked += 1
        return True

    def close(self, form: Optional[bytes], stored: bytes = b"") -> bool:
        """Decide an open fault by what follows; whether the next row fits the hash that should
        have stood there, so that only the hash was altered."""
        if self.open is None:
            return False
        history, number, due = self.open
        self.open = None
        if form is not None and hashlib.sha256(due + form).digest() == stored:
            row = _named(self.source, history, number)
            self._tell("chain", f"the hash of {row} was altered in the chain", history, number)
            return True
        row = _named(self.source, history, number)
        self._tell("altered", f"{row} was altered after it was sealed", history, number)
        return False

    def _fit(self, history: str, number: int, stored: bytes) -> None:
        form = self._form(history, number)
        self.last[history] = number
        if form is None:
            self.close(None)
            self._tell(
                "removed", f"row {number} of {history}, which was sealed, is gone", history, number
            )
            return
        self.result.checked += 1
        due = hashlib.sha256(self.previous + form).digest()
        if due == stored:
            self.close(None)
        elif not self.close(form, stored):
            self.open = (history, number, due)

    def _form(self, history: str, number: int) -> Optional[bytes]:
        """The canonical form of a sealed row; None where it is gone. Rows before it that
        nothing sealed were put in."""
        while self.next[history] is not None and self.next[history][0] < number:
            between = self.next[history][0]
            row = _named(self.source, history, between)
            self._tell("inserted", f"{row} was inserted among sealed ones", history, between)
            self.next[history] = next(self.rows[history], None)
        found = self.next[history]
        if found is None or found[0] > number:
            return None
        self.next[history] = next(self.rows[history], None)
        return found[1]

    def _tell(self, kind: str, words: str, history: Optional[str] = None, number: int = 0) -> None:
        about = _about(self.source, history, number) if history else None
        record = about[1] if about else None
        self.result.add(Fault(kind, f"{words}.", history, number or None, record))


def _find_before(source: Source, result: Verification) -> None:
    """Rows are numbered from 1: what has a smaller number was put in."""
    for history in HISTORIES:
        before = source.count(history) - source.beyond(history, 0)
        if before <= 0:
            continue
        number = next(source.forms(history, LOWEST), (0, b""))[0]
        row = _named(source, history, number)
        told = f"{row} was inserted before the first; rows there: {before}."
        result.add(Fault("inserted", told, history, number))


def _walk(source: Source, result: Verification, heads: List[tuple]) -> Dict[str, int]:
    """Go along the chain; returns the last sealed row of each history."""
    _find_before(source, result)
    rows = source.count("chain")
    walk = _Walk(source, result)
    result.hash = walk.previous.hex()
    wanted = {position: None for position, *_ in heads}
    wanted[0] = walk.previous.hex()
    for position, link in source.links():
        walk.step(position, link)
        if position in wanted:
            wanted[position] = result.hash
        rows -= 1
    walk.close(None)
    if rows > 0:
        told = f"{rows} rows of the chain stand before its first position: they were inserted."
        result.add(Fault("chain", told))
    for position, digest, words in heads:
        if position > result.position:
            gone = position - result.position
            told = f"the last {gone} revisions were removed: {words} stands at {position}."
            result.add(Fault("removed", told))
        elif wanted.get(position) != digest:
            told = f"the chain up to position {position} is another one than {words} says."
            result.add(Fault("head", told))
    return walk.last


def _heads_of(
    source: Source, result: Verification, head: Optional[Mapping[str, Any]]
) -> List[tuple]:
    """Position, hash and words of each head that the chain must agree with."""
    heads = []
    for number, position, digest, made_at, request, token, moment, authority in source.heads():
        result.heads += 1
        if not isinstance(position, int) or position < 0:
            result.add(Fault("head", f"head {number} was altered: its position is no number."))
            continue
        result.tokens += token is not None
        heads.append((position, digest, f"head {number} of {made_at}"))
        for name, text in (("request", request), ("token", token)):
            if text is not None and str(digest).upper() not in text:
                told = f"the time-stamp {name} of head {number} is for another hash."
                result.add(Fault("head", told))
        told = _misdated(token, moment, authority)
        if told:
            result.add(Fault("head", f"the time-stamp of head {number} {told}."))
    if head is None:
        return heads
    if head.get("ledger_id") != result.ledger_id:
        raise CannotCheck("The head is of another ledger.")
    return [(head["position"], head["hash"], "the head that was given"), *heads]


def _look_beyond(source: Source, result: Verification, sealed: Dict[str, int]) -> None:
    """Count what is not yet sealed, and find what is missing at the ends."""
    for history, last in sealed.items():
        result.unsealed += source.beyond(history, last)
        lost = source.lost_at_the_end(history, "history_id", last)
        if lost > 0:
            told = f"{lost} revisions after row {last} of {history} are gone; they were not sealed."
            result.add(Fault("removed", told, history))
    lost = source.lost_at_the_end("chain", "position", result.position)
    if lost > 0:
        result.add(Fault("removed", f"the last {lost} rows of the chain are gone."))


def _look_for_lost_heads(source: Source, result: Verification) -> None:
    """Heads are numbered on, and never removed."""
    last, rows = source.numbers("heads", "head_id")
    lost = source.lost_at_the_end("heads", "head_id", last)
    if lost > 0:
        result.add(Fault("head", f"the last {lost} heads that were kept are gone."))
    if last > rows:
        result.remarks.append(
            f"{last - rows} numbers before head {last} have no head: removed, or the numbers of "
            "writes that failed in a database that the ledger once was in."
        )


def _look_at_findings(source: Source, result: Verification) -> None:
    """Findings are numbered on, and never removed; they have no revisions."""
    last, rows = source.numbers("findings", "fid")
    lost = source.lost_at_the_end("findings", "fid", last)
    if lost > 0:
        result.add(Fault("findings", f"the last {lost} findings are gone."))
    if source.count("findings") > rows:
        result.add(Fault("findings", "findings were put in before the first."))
    if last > rows:
        result.remarks.append(
            f"{last - rows} numbers before finding {last} have no finding: removed, or the "
            "numbers of writes that failed in a database that the ledger once was in."
        )


def _check_rows(source: Source, result: Verification, table: str) -> None:
    """Each record stands in its table once, and on the map where it is."""
    what = "incident" if table == "incidents" else f"record of {table}"
    for key, rows in source.doubled(table):
        told = f"{what} {key} is there {rows} times."
        result.add(Fault("state", told, _history_of(table), None, key))
    if table not in GEOMETRIES:
        return
    for key, words in source.misplaced(table):
        told = f"{what} {key} {words}."
        result.add(Fault("place", told, _history_of(table), None, key))


def _compare_states(source: Source, result: Verification, table: str) -> None:
    """Compare each record of a table with its last revision."""
    what = "incident" if table == "incidents" else f"record of {table}"
    result.states += source.count(table)
    for row in source.differing(table):
        key, state, payload, operation = (_text(value) for value in row)
        told = None
        if operation is None:
            told = f"{what} {key} has no revision: it was put in around the history."
        elif operation == "delete":
            told = f"{what} {key} is there, but its last revision says that it was deleted."
        else:
            names = _differences(_object(state), _object(payload))
            if names:
                listed = ", ".join(names)
                told = f"{what} {key} is not as its last revision says: {listed} differs."
        if told:
            result.add(Fault("state", told, _history_of(table), None, key))
    for key in source.gone(table):
        told = f"{what} {key} has revisions but is gone, and none says that it was deleted."
        result.add(Fault("state", told, _history_of(table), None, key))


def _differences(state: Dict[str, Any], payload: Dict[str, Any]) -> List[str]:
    names = [*payload, *(name for name in state if name not in payload)]
    return [name for name in names if not _same(state.get(name), payload.get(name))]


def _same(one: Any, other: Any) -> bool:
    """Whether two values are equal; reals may be written with another last digit."""
    if isinstance(one, float) and isinstance(other, (int, float)):
        return one == other or math.isclose(one, other, rel_tol=1e-15)
    return one == other and isinstance(one, str) == isinstance(other, str)


def _check_protected(source: Source, result: Verification) -> None:
    """Check each protected value against its commitment."""
    for identifier, commitment, erased_at, kept, value, salt, of_another in source.protected():
        told = None
        if not kept and erased_at:
            result.erased += 1
        elif not kept and commitment:
            told = "is gone, and nothing says that it was erased."
        elif kept and erased_at:
            told = "is said to be erased, but is there."
        elif kept and (salt or commitment):
            result.protected += 1
            if not _commits(commitment, salt, value):
                told = "does not match its commitment."
            elif of_another:
                told = "is said to be of another record or field than its revisions say."
        if told:
            fault = Fault("protected", f"protected value {identifier} {told}", record=identifier)
            result.add(fault)
    stray = source.stray_values()
    if stray:
        result.add(Fault("protected", f"{stray} protected values have no commitment."))


def _commits(commitment: Optional[str], salt: Optional[str], value: Optional[str]) -> bool:
    try:
        digest = hashlib.sha256(bytes.fromhex(salt or "") + bytes.fromhex(value or ""))
    except ValueError:
        return False
    return bool(salt) and digest.hexdigest() == commitment


def _named(source: Source, history: str, number: int) -> str:
    """A revision in words, as far as it can be read."""
    about = _about(source, history, number)
    if about is None:
        return f"row {number} of {history}"
    table, record, revision = about
    what = "incident" if table == "incident" else f"record of {table}"
    return f"revision {revision} of {what} {record} (row {number} of {history})"


def _about(source: Source, history: str, number: int) -> Optional[Tuple[str, str, Any]]:
    try:
        return source.described(history, number)
    except Unreadable:
        return None


def _parsed(link: bytes) -> Tuple[str, int, Optional[bytes]]:
    """History, number and hash of a row of the chain; no hash where it is not as it must be."""
    parts = link.decode("utf-8", "replace").split(" ")
    if len(parts) != 4 or parts[3] != "textintegertext" or parts[0] not in HISTORIES:
        return "", 0, None
    if not HEX64.fullmatch(parts[2]):
        return "", 0, None
    return parts[0], int(parts[1]), bytes.fromhex(parts[2])


def _rows_of(page: Any, last: Optional[int]) -> List[Tuple[int, bytes]]:
    """The rows of a page; ValueError where the text did not come whole."""
    if last is None:
        return []
    text = page.encode("utf-8") if isinstance(page, str) else page or b""
    rows, at = [], 0
    while at < len(text):
        colon = text.index(b":", at)
        number, size = text[at:colon].split(b" ")
        at = colon + 1 + int(size)
        rows.append((int(number), text[colon + 1 : at]))
    if at != len(text) or not rows or rows[-1][0] != last:
        raise ValueError("the page is cut")
    return rows


def _history_of(table: str) -> str:
    return "incident_history" if table == "incidents" else "record_history"


def _member(name: str, columns: Dict[str, str]) -> Optional[str]:
    """The SQL expression of one value of a state's JSON text, by its column's declared type."""
    if name == "geometry" and "geom" in columns:
        return _WKB
    if name not in columns or not name.isidentifier():
        return None
    column = f't."{name}"'
    instant = columns[name].upper() == "DATETIME"
    text = _INSTANT.substitute(c=column) if instant else column
    return _JSON.substitute(c=column, text=text)


def _object_sql(names: List[str], columns: Dict[str, str]) -> str:
    """The SQL expression of a state as JSON text with these members."""
    values = {name: _member(name, columns) for name in names}
    known = {name: value for name, value in values.items() if value}
    pattern = ",".join(f'"{name}":%s' for name in known)
    return f"printf({', '.join([_quoted('{' + pattern + '}'), *known.values()])})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _of(table: str, alias: str, key: str) -> str:
    if table == "incidents":
        return f"{alias}.incident_id = {key}"
    return f"{alias}.table_name = '{table}' AND {alias}.record_id = {key}"


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _plain(value: Any) -> str:
    """A text that can be encoded, also where the file is damaged and GDAL hands on its bytes."""
    return _text(value).encode("utf-8", "replace").decode("utf-8")


def _object(text: Any) -> Dict[str, Any]:
    try:
        found = json.loads(_text(text))
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


# The parts of a WKT definition that may be there or not.
_A = r'(?:,AUTHORITY\["EPSG","\d+"\])?'
_WGS84 = re.compile(
    rf'GEOGCS\["WGS 84",DATUM\["WGS_1984",SPHEROID\["WGS 84",6378137(?:\.0)?,298\.257223563{_A}\]'
    rf'(?:,TOWGS84\[0(?:,0){{6}}\])?{_A}\],PRIMEM\["Greenwich",0{_A}\],'
    rf'UNIT\["degree",0\.01745329251994\d*{_A}\]'
    rf'(?:,AXIS\["(?:Geodetic )?[Ll]atitude",NORTH\],AXIS\["(?:Geodetic )?[Ll]ongitude",EAST\])?'
    rf"{_A}\]"
)
_KNOWN_COLUMNS = {"fid", "geom", "revision", "recorded_at", "edited_by", "edit_reason", "edit_base"}
_KNOWN_TABLES = {"copies", "ledger_session", "layer_styles", "qgis_projects", "sqlite_sequence"}
_UNIQUE = {
    "incident_history": {"incident_id", "revision"},
    "record_history": {"table_name", "record_id", "revision"},
}
_NUMBERS = dict.fromkeys(HISTORIES, "history_id")
_NUMBERS.update(chain="position", heads="head_id", protected_values="fid")
# An index keeps degrees in 32 bits: half of the last of them, near 180.
ROUNDED = 2e-5
# A point as GDAL writes it: little-endian, no envelope, 4326.
_POINT = struct.Struct("<13sdd")
_POINT_HEAD = bytes.fromhex("47500001E61000000101000000")
# What GDAL's triggers on a table with a map's index are called, in one version or another.
_RTREE_EVENTS = ("insert", "delete", *(f"update{number}" for number in range(1, 8)))


def is_wgs84(definition: str) -> bool:
    """Whether a definition as well-known text is that of WGS 84, longitude and latitude."""
    return bool(_WGS84.fullmatch(re.sub(r",\s+", ",", definition.strip())))


def digest_of_triggers(statements: Mapping[str, str]) -> str:
    """The SHA-256 over the names and statements of some triggers, in groups of eight digits: in
    one piece, those who look for secrets in code would take it for a key."""
    text = "".join(f"{name} {statements[name]}\n" for name in sorted(statements))
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


class _Structure:
    """What a GeoPackage says of itself, held against what the ledger made."""

    def __init__(self, source: Source):
        self.source = source
        rows = source.run(
            "SELECT type || '' AS kind, name || '' AS named, tbl_name || '' AS of_table, "
            "coalesce(sql, '') || '' AS statement FROM sqlite_master"
        )
        self.parts: Dict[str, Dict[str, Tuple[str, str]]] = {"table": {}, "trigger": {}, "view": {}}
        for kind, name, table, statement in ([_plain(value) for value in row] for row in rows):
            self.parts.setdefault(kind, {})[name] = (table, statement)

    def told(self) -> Iterator[Tuple[bool, str]]:
        """All that is not as it was made; see ``Source.structure``."""
        yield from self._triggers()
        yield from self._view()
        for table in ALL_KEYS:
            yield from self._table(table)
        for table, number in _NUMBERS.items():
            yield from self._numbered(table, number)
        for history, columns in _UNIQUE.items():
            if columns not in self._unique(history):
                yield True, f"nothing keeps the revisions in {history} from being there twice"
        yield from self._layers()
        yield from self._reference()
        for table in GEOMETRIES:
            yield from self._index_of_map(table)
        yield from self._not_ours()

    def _triggers(self) -> Iterator[Tuple[bool, str]]:
        there = self.parts["trigger"]
        ours = set()
        for table, (text, digest) in TRIGGERS.items():
            names = _names_of(table, text)
            ours.update(names)
            lost = [name for name in names if there.get(name, ("",))[0] != table]
            if lost:
                more = f" and {len(lost) - 1} more of {table} are" if len(lost) > 1 else " is"
                yield True, f"the trigger {lost[0]}{more} gone: what it refuses can be done"
            elif digest_of_triggers({name: there[name][1] for name in names}) != digest:
                yield True, f"a trigger of {table} is not as the ledger makes it: it was replaced"
        for table in GEOMETRIES:
            ours.update(f"rtree_{table}_geom_{event}" for event in _RTREE_EVENTS)
        for name in sorted(set(there) - ours):
            table = there[name][0]
            counts = name.startswith("trigger_") and name.endswith(f"_feature_count_{table}")
            if not counts and not (name.startswith("gpkg_") and table.startswith("gpkg_")):
                yield False, f"the trigger {name} on {table} is not the ledger's"

    def _view(self) -> Iterator[Tuple[bool, str]]:
        _, statement = self.parts["view"].get("current_findings", ("", ""))
        if not statement:
            yield True, "the view current_findings is gone"
        elif digest_of_triggers({"current_findings": statement}) != CURRENT_FINDINGS:
            yield True, "the view current_findings is not as the ledger makes it: it was replaced"

    def _table(self, table: str) -> Iterator[Tuple[bool, str]]:
        yield from self._numbered(table, "fid")
        if {ALL_KEYS[table]} not in self._unique(table):
            yield True, f"the index that keeps each record of {table} from being twice is gone"
        trusted = self._statements_about(table)
        names = [name for name in self._columns(table) if f'"{name}"' not in trusted]
        others = "”, “".join(name for name in names if name not in _KNOWN_COLUMNS)
        if trusted and others:
            yield False, f"of {table}, the columns “{others}” are not the ledger's"

    def _numbered(self, table: str, number: str) -> Iterator[Tuple[bool, str]]:
        _, statement = self.parts["table"].get(table, ("", ""))
        columns = self._columns(table)
        keys = [name for name, (_, place) in columns.items() if place]
        plain = statement.upper().startswith("CREATE TABLE")
        if not plain or keys != [number] or columns[number][0] != "INTEGER":
            yield True, f"the rows of {table} are not numbered by {number}: it was made anew"

    def _columns(self, table: str) -> Dict[str, Tuple[str, int]]:
        """The columns of a table: their declared types, and their places in its key."""
        rows = self.source.run(f"PRAGMA table_info({table})")
        return {_text(row[1]): (_text(row[2]).upper(), int(row[5])) for row in rows}

    def _statements_about(self, table: str) -> str:
        """What names every column of a table and is itself held against the ledger's own."""
        names = _names_of(table, TRIGGERS[table][0]) if table in TRIGGERS else []
        there = self.parts["trigger"]
        if any(name not in there for name in names):
            return ""
        texts = [there[name][1] for name in names]
        if table == "findings":
            texts.append(self.parts["view"].get("current_findings", ("", ""))[1])
        return "".join(texts)

    def _unique(self, table: str) -> List[set]:
        """The columns of each whole unique index of a table."""
        rows = self.source.run(
            "SELECT l.name || '' AS named, i.name || '' AS of_column "
            f"FROM pragma_index_list('{table}') AS l, pragma_index_info(l.name) AS i "  # nosec B608 - names of ours
            'WHERE l."unique" AND NOT l.partial'
        )
        found: Dict[str, set] = {}
        for name, column in rows:
            found.setdefault(_text(name), set()).add(_text(column))
        return list(found.values())

    def _layers(self) -> Iterator[Tuple[bool, str]]:
        """What a GIS is told: which tables there are, and where their places lie."""
        rows = self.source.run(
            "SELECT c.table_name || '' AS named, c.data_type || '' AS kind, "
            "c.srs_id + 0 AS content_srs, g.column_name || '' AS of_column, "
            "g.geometry_type_name || '' AS shape, g.srs_id + 0 AS place_srs FROM gpkg_contents AS "
            "c LEFT JOIN gpkg_geometry_columns AS g ON g.table_name = c.table_name"
        )
        told = {_text(row[0]): tuple(_text(value) for value in row[1:]) for row in rows}
        for table in (*ALL_KEYS, "current_findings"):
            kind, of_layer, column, shape, of_places = told.pop(table, (None,) * 5)
            if kind is None:
                yield True, f"{table} is not listed in gpkg_contents: a GIS does not show it"
            elif table not in GEOMETRIES:
                if kind != "attributes" or column is not None:
                    yield True, f"{table} is listed as {kind}, and has no places"
            elif (kind, column, shape) != ("features", "geom", GEOMETRIES[table]):
                yield True, f"{table} is listed as {kind} with {shape} in {column}"
            elif (of_layer, of_places) != (WGS84, WGS84):
                told_of = f"srs_id {of_places}, in gpkg_contents {of_layer}"
                yield True, f"the places of {table} are said to be not in WGS 84 ({told_of})"

    def _reference(self) -> Iterator[Tuple[bool, str]]:
        """The reference system must be what its number stands for."""
        rows = self.source.run(
            "SELECT upper(organization) || '' AS issuer, organization_coordsys_id + 0 AS number, "
            f"definition || '' AS wkt FROM gpkg_spatial_ref_sys WHERE srs_id = {WGS84}"  # nosec B608 - a number
        )
        issuer, number, definition = (_text(value) for value in rows[0]) if rows else ("", 0, "")
        if (issuer, number) != ("EPSG", WGS84) or not is_wgs84(definition or ""):
            yield True, f"the definition of the reference system {WGS84} is not that of WGS 84"

    def _index_of_map(self, table: str) -> Iterator[Tuple[bool, str]]:
        name = f"rtree_{table}_geom"
        rows = self.source.run(
            f"SELECT count(*) AS n FROM gpkg_extensions WHERE table_name = '{table}' "  # nosec B608 - names of ours
            "AND extension_name = 'gpkg_rtree_index'"
        )
        if name not in self.parts["table"]:
            yield bool(rows[0][0]), f"the index of the map of {table} is gone"
            return
        events = [event for event in _RTREE_EVENTS if f"{name}_{event}" in self.parts["trigger"]]
        if not {"insert", "delete"} <= set(events) or len(events) < 4:
            yield True, f"the triggers that keep the index of the map of {table} are gone"
        if not self.source.reads_rtrees(table):
            yield (
                False,
                (
                    f"the index of the map of {table} was not checked: this Python's SQLite cannot "
                    "read one"
                ),
            )
            return
        try:
            words = _text(self.source.run(f"SELECT rtreecheck('{name}') AS told")[0][0])
        except Unreadable as error:
            words = f"it cannot be checked, {error}"
        if words != "ok":
            yield True, f"the index of the map of {table} is not in order: {words}"

    def _not_ours(self) -> Iterator[Tuple[bool, str]]:
        """What somebody added: no fault, but no history keeps it, and it may look like ours."""
        rtrees = tuple(f"rtree_{table}_geom" for table in GEOMETRIES)
        for kind in ("table", "view"):
            for name in sorted(self.parts[kind]):
                known = name in NEEDED or name in _KNOWN_TABLES or name == "current_findings"
                if not known and not name.startswith(("gpkg_", "sqlite_", *rtrees)):
                    yield False, f"the {kind} “{name}” is not the ledger's"
        rows = self.source.run(
            "SELECT table_name || '' AS named, feature_count + 0 AS n FROM gpkg_ogr_contents"
            if "gpkg_ogr_contents" in self.parts["table"]
            else "SELECT '' AS named, 0 AS n WHERE 0"
        )
        for table, count in rows:
            name = _text(table)
            rows_there = self.source.count(name) if name in ALL_KEYS else count
            if count is not None and rows_there != count:
                told = f"gpkg_ogr_contents says, and there are {rows_there}"
                yield False, f"a GIS may count {count} rows in {name}, as {told}"


def _names_of(table: str, text: str) -> List[str]:
    """The full names of a table's triggers."""
    return [table + name if name.startswith("_") else name for name in text.split()]


def _all_in_place(rows: List[str]) -> bool:
    """Whether a page holds nothing but points that lie where the index of their map says; a
    quick look that leaves every other page to ``_misplaced``."""
    parts = " ".join(rows).split(" ")
    entries, places = parts[1::3], "".join(parts[2::3])
    if len(places) != len(rows) * 58:
        return False
    data = bytes.fromhex(places)
    try:
        sides = list(map(int, ",".join(entries).split(",")))
    except ValueError:
        return False
    if len(sides) != 4 * len(rows):
        return False
    boxes = zip(sides[0::4], sides[1::4], sides[2::4], sides[3::4])
    near = ROUNDED * 1e6
    for (head, x, y), (least_x, most_x, least_y, most_y) in zip(_POINT.iter_unpack(data), boxes):
        x *= 1e6
        y *= 1e6
        if head != _POINT_HEAD or not (
            least_x <= x + near
            and most_x >= x - near
            and least_y <= y + near
            and most_y >= y - near
        ):
            return False
    return True


def _misplaced(entry: str, place: str) -> Optional[str]:
    """What is wrong with how a GIS finds a geometry, as stored and in hexadecimal digits;
    ``entry`` is its box in the map's index, - where there is none, * where that is not known."""
    if len(place) == 58 and bytes.fromhex(place[:26]) == _POINT_HEAD:
        x, y = struct.unpack("<dd", bytes.fromhex(place[26:]))
        box = (x, x, y, y) if x == x and y == y else None
    else:
        try:
            told, box = _box_of(bytes.fromhex(place))
        except (struct.error, ValueError, IndexError, RecursionError):
            told, box = "has a geometry that cannot be read", None
        if told:
            return told
    if box is None or entry == "*":
        return None
    if entry == "-":
        return "is not in the index of its map, so that a map does not show it"
    if not _holds(tuple(int(side) / 1e6 for side in entry.split(",")), box):
        return "lies elsewhere in the index of its map, so that a map may not show it"
    return None


def _holds(outer: Tuple[float, ...], inner: Tuple[float, ...]) -> bool:
    """Whether a box lies in another, but for how an index rounds degrees."""
    return (
        outer[0] <= inner[0] + ROUNDED
        and outer[1] >= inner[1] - ROUNDED
        and outer[2] <= inner[2] + ROUNDED
        and outer[3] >= inner[3] - ROUNDED
    )


def _box_of(geometry: bytes) -> Tuple[Optional[str], Optional[Tuple[float, ...]]]:
    """What is wrong with a geometry's header, and its box (min x, max x, min y, max y) by its
    coordinates; None where it is empty."""
    flags = geometry[3]
    order = "<" if flags & 1 else ">"
    size = (0, 32, 48, 48, 64)[flags >> 1 & 7]
    if geometry[:3] != b"GP\x00" or flags & 0xE0:
        return "has a geometry with another header than GeoPackage's", None
    if struct.unpack_from(order + "i", geometry, 4)[0] != WGS84:
        return "has a geometry whose header names another reference system than WGS 84", None
    box = _bounds(geometry[8 + size :])
    if bool(flags & 0x10) != (box is None):
        return "has a geometry whose header does not say whether it is empty", None
    if size and box:
        told = struct.unpack_from(order + "4d", geometry, 8)
        if not _holds(told, box) or not _holds(box, told):
            return "has a geometry whose header gives another extent than its places", None
    return None, box


def _bounds(wkb: bytes) -> Optional[Tuple[float, ...]]:
    """The box of a geometry as WKB; None where it has no coordinates."""
    boxes: List[Tuple[float, ...]] = []
    end = _gather(wkb, 0, boxes)
    if end != len(wkb):
        raise ValueError("there is more than a geometry")
    if not boxes:
        return None
    least, most, low, high = zip(*boxes)
    return min(least), max(most), min(low), max(high)


def _gather(wkb: bytes, at: int, boxes: List[Tuple[float, ...]]) -> int:
    """Add the boxes of the parts of the geometry at ``at``; returns where it ends."""
    order = "<" if wkb[at] == 1 else ">"
    (code,) = struct.unpack_from(order + "I", wkb, at + 1)
    kind, more = (code & 0xFFFF) % 1000, (code & 0xFFFF) // 1000
    # Heights and measures, as ISO says them or as others do.
    dimensions = 2 + (0, 1, 1, 2)[more] + (code >> 31) + (code >> 30 & 1)
    at += 5
    if kind == 1:
        return _span_of(wkb, at, 1, dimensions, order, boxes)
    (count,) = struct.unpack_from(order + "I", wkb, at)
    at += 4
    if kind == 2:
        return _span_of(wkb, at, count, dimensions, order, boxes)
    for _ in range(count):
        if kind == 3:
            (points,) = struct.unpack_from(order + "I", wkb, at)
            at = _span_of(wkb, at + 4, points, dimensions, order, boxes)
        else:
            at = _gather(wkb, at, boxes)
    return at


def _span_of(
    wkb: bytes, at: int, count: int, dimensions: int, order: str, boxes: List[Tuple[float, ...]]
) -> int:
    end = at + 8 * count * dimensions
    values = array("d")
    values.frombytes(wkb[at:end])
    if len(values) != count * dimensions:
        raise ValueError("the coordinates are cut short")
    if order != ("<" if sys.byteorder == "little" else ">"):
        values.byteswap()
    x, y = values[0::dimensions], values[1::dimensions]
    if count and x[0] == x[0] and y[0] == y[0]:
        boxes.append((min(x), max(x), min(y), max(y)))
    return end


def _misdated(
    token: Optional[str], moment: Optional[str], authority: Optional[str]
) -> Optional[str]:
    """What a kept head says of its time-stamp, in hexadecimal digits, that the stamp does not."""
    if token is None:
        return "is gone, though the head says when it was made" if moment or authority else None
    try:
        reply = bytes.fromhex(token)
        stamped = _time_of(reply)
    except (ValueError, IndexError):
        return "cannot be read"
    if stamped != (moment or "")[:19]:
        return f"was made at {stamped} UTC, and not when the head says"
    for part in re.split(r"(?<!\\)[,+]", authority or ""):
        name = re.sub(r"\\(.)", r"\1", part.partition("=")[2]).strip()
        forms = (name.encode("utf-8"), name.encode("utf-16-be"), name.encode("latin-1", "replace"))
        if not any(form in reply for form in forms):
            return f"names no “{name}”, who made it as the head says"
    return None


def _time_of(reply: bytes) -> str:
    """The moment in a time-stamp reply (RFC 3161), as 2031-05-01T12:00:00, UTC."""
    token = _elements(reply, *_elements(reply, 0, len(reply))[0][1:])[1]
    signed = _elements(reply, *_elements(reply, *token[1:])[1][1:])[0]
    content = _elements(reply, *_elements(reply, *signed[1:])[2][1:])[1]
    text = _elements(reply, *content[1:])[0]
    told = _elements(reply, *_elements(reply, *text[1:])[0][1:])
    tag, start, end = told[4]
    digits = reply[start:end].decode("ascii")
    if tag != 0x18 or not re.fullmatch(r"\d{14}(\.\d+)?Z", digits):
        raise ValueError("no moment")
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    return f"{day}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}"


def _elements(data: bytes, start: int, end: int) -> List[Tuple[int, int, int]]:
    """Tag, and start and end of the content, of the DER elements that lie one after another."""
    found = []
    while start < end:
        tag, size, at = data[start], data[start + 1], start + 2
        if size > 0x80:
            at += size - 0x80
            size = int.from_bytes(data[start + 2 : at], "big")
        if at + size > end:
            raise ValueError("cut short")
        found.append((tag, at, at + size))
        start = at + size
    return found


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open the file without any right to write; QGIS may have it open."""
    place = path.resolve().as_posix()
    address = "file://" + ("" if place.startswith("/") else "/") + quote(place)
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=30)
    connection.text_factory = bytes
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if _is_filled(path, "-journal"):
            connection.close()
            raise CannotCheck(
                f"An interrupted write of “{path}” waits to be undone: open the ledger once with "
                "Ceasefire Monitor or QGIS, and check it again. Nothing is lost."
            ) from None
        if "locked" in str(error) or _is_filled(path, "-wal"):
            raise
        # A folder where nothing may be written: without a journal the file is all there is.
        connection.close()
        connection = sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True)
        connection.text_factory = bytes
    return connection


def _is_filled(path: Path, ending: str) -> bool:
    """Whether a file of the database's own, beside it, holds something."""
    beside = path.with_name(path.name + ending)
    return beside.exists() and beside.stat().st_size > 0


def runner(connection: sqlite3.Connection) -> Run:
    """What runs SQL on a connection; errors of the database become the two of this module."""

    def run(sql: str) -> List[tuple]:
        try:
            return connection.execute(sql).fetchall()
        except (sqlite3.Error, ValueError, OverflowError) as error:
            words = str(error)
            if "locked" in words or "busy" in words:
                raise CannotCheck(
                    "Another program is writing to the ledger: run it again when it is done."
                ) from None
            if "not a database" in words:
                raise CannotCheck("The file is not a ledger.") from None
            raise Unreadable(words) from None

    return run


def read_head(path: Path) -> Dict[str, Any]:
    """A head that was exported; CannotCheck where the file is none."""
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        head = None
    digest = head.get("hash") if isinstance(head, dict) else None
    if not isinstance(digest, str) or not HEX64.fullmatch(digest):
        raise CannotCheck(f"“{path}” is not a head of a ledger.")
    if type(head.get("position")) is not int or not isinstance(head.get("ledger_id"), str):
        raise CannotCheck(f"“{path}” is not a head of a ledger.")
    return head


def verify_file(path: Path, head: Optional[Mapping[str, Any]] = None) -> Verification:
    """Check a ledger in a file; CannotCheck where that is not possible."""
    if not path.is_file():
        raise CannotCheck(f"There is no file “{path}”.")
    try:
        connection = open_read_only(path)
    except (sqlite3.Error, OSError, ValueError) as error:
        if "not a database" in str(error):
            raise CannotCheck(f"“{path}” is not a ledger.") from None
        raise CannotCheck(f"“{path}” cannot be opened: {error}.") from None
    with contextlib.closing(connection):
        return verify(Source(runner(connection)), head)


def main(arguments: Optional[List[str]] = None) -> int:
    """Check the file that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(description="Check that a ledger was not tampered with.")
    parser.add_argument("ledger", type=Path, help="the ledger, a GeoPackage file")
    parser.add_argument("--head", type=Path, help="a head that was exported earlier")
    given = parser.parse_args(arguments)
    with contextlib.suppress(AttributeError):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        head = read_head(given.head) if given.head else None
        found = verify_file(given.ledger, head)
    except CannotCheck as error:
        sys.stdout.write(f"{error}\n")
        return 2
    sys.stdout.write("\n".join(found.sentences()) + "\n")
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main())
