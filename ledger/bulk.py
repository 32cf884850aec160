"""Many new incidents at once: staged in a file of our own, then taken over by the database.

Row by row, the ledger's triggers and indices take longer than everything else of an import. Here
the rows and their first revisions are written as the triggers would write them, the triggers
concerned being away within the one transaction: nobody sees the ledger without them, and what is
undone brings them back.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import struct
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Iterator, Optional, Sequence

from ..feeds.workfolders import clear_abandoned, work_folder_prefix
from ..model.errors import CeasefireError
from .bulk_columns import COLUMNS, Columns
from .connection import Connection, bound
from .payload import GEOMETRY, NOW
from .rows import Row

AT_LEAST = 2_000
AT_A_TIME = 10_000
HEADER = b"GP\x00\x01" + struct.pack("<i", 4326)
TREE = "rtree_incidents_geom"
# SQLite attaches ten databases at most; one is the index's.
PARTS = 8
# What the statements here do themselves, or cannot offend against: their numbers are new ones.
SET_ASIDE = (
    "incidents_inserted",
    "incidents_never_replaced",
    "incident_history_no_replace",
    "chain_no_replace",
    "trigger_insert_feature_count_incidents",
)
# The four-eyes rule is for people: it asks nothing of a fetch.
OF_PEOPLE = "incidents_four_eyes_new"
_POINT = struct.Struct("<dd").unpack_from
# The parts' files are made of large pages: fewer of them to fill, and to read again.
PAGE = 65_536
STAGED = Template(
    "CREATE TABLE rows(fid INTEGER PRIMARY KEY, $geometry BLOB, $fields, payload TEXT, "
    "history_id INTEGER, hash TEXT, fetch_id TEXT)"
)
STAGE = Template("INSERT INTO rows VALUES ($marks)")
# A column that is left out would get its default.
INSERT = Template(
    "INSERT INTO incidents(fid, $geometry, $fields, revision, recorded_at) "
    "SELECT fid, $geometry, $values, 1, $now FROM $part.rows ORDER BY fid"
).safe_substitute(geometry=GEOMETRY, fields=", ".join(f'"{name}"' for name in COLUMNS))
RECORD = (
    "INSERT INTO incident_history(history_id, incident_id, revision, operation, recorded_at, "
    "payload, who, why, with_what, fetch_id) SELECT history_id, incident_id, 1, 'insert', $now, "
    "payload, $who, $why, $with_what, fetch_id FROM $part.rows ORDER BY fid"
)
SEAL = (
    "INSERT INTO chain(history, history_id, hash) "
    "SELECT 'incident_history', history_id, hash FROM $part.rows ORDER BY fid"
)
LAST = (
    "SELECT max(coalesce((SELECT max($key) FROM $table), 0), coalesce((SELECT seq FROM "
    "sqlite_sequence WHERE name = '$table'), 0)) AS last"
)
SIGNED = "SELECT who, why, with_what, fetch_id FROM ledger_session WHERE id = 1"
NODES_AWAY = Template('DELETE FROM "${tree}_$name"')
NODES = Template('INSERT INTO "${tree}_$name" SELECT * FROM staged_tree."${tree}_$name"')
KNOWN = (
    "SELECT 1 FROM $part.rows AS state WHERE EXISTS (SELECT 1 FROM incident_history AS past "
    "WHERE past.incident_id = state.incident_id) LIMIT 1"
)
OBJECTS = (
    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND "
    "((type = 'trigger' AND name IN ($triggers)) OR (type = 'index' AND tbl_name IN ($tables)))"
)
COUNTED = Template(
    "UPDATE gpkg_ogr_contents SET feature_count = feature_count + $more "
    "WHERE lower(table_name) = 'incidents'"
)
EXTENT = Template(
    "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, $west), $west), "
    "min_y = min(coalesce(min_y, $south), $south), max_x = max(coalesce(max_x, $east), $east), "
    "max_y = max(coalesce(max_y, $north), $north), last_change = $now "
    "WHERE table_name = 'incidents'"
)


def write_many(connection: Connection, rows: Sequence[Row]) -> Iterator[None]:
    """Add new incidents and their first revisions, inside a transaction of the caller.

    Yields after each row that is staged, so that the caller can report progress and stop. While
    one part of the rows is staged, the database takes over the part before: close the generator
    where you stop, before the transaction is undone. CeasefireError where an incident of one of
    the ids was there before, or a disk is full.
    """
    # The connection lets go of the files before their folder is removed.
    clear_abandoned()
    folder = tempfile.TemporaryDirectory(
        prefix=work_folder_prefix("import"), ignore_cleanup_errors=True
    )
    connection.afterwards.append(folder.cleanup)
    connection.afterwards.append(connection.reopen)
    import_of = _Import(connection, Path(folder.name))
    size = max(AT_LEAST, -(-len(rows) // PARTS))
    try:
        with ThreadPoolExecutor(1) as worker:
            before = None
            for start in range(0, len(rows), size):
                part = yield from import_of.stage(rows[start : start + size])
                if before is not None:
                    before.result()
                before = worker.submit(import_of.take_over, part)
            before.result()
        import_of.finish()
    except sqlite3.Error as error:
        raise CeasefireError(
            f"The import could not be prepared in “{folder.name}” ({error}): free some room on "
            "that disk and run it again; nothing was written."
        ) from None


@dataclass(frozen=True)
class _Part:
    """Some staged rows: the name and file of their database, their columns and numbers."""

    name: str
    place: Path
    columns: Columns
    first: int
    last: int


class _Import:
    """One import of many rows into one ledger."""

    def __init__(self, connection: Connection, folder: Path):
        from .chain import end_of_chain, seal  # which stands on what stands on this

        self.connection = connection
        self.folder = folder
        # What others left unsealed comes before.
        seal(connection)
        _, self.link = end_of_chain(connection)
        self.first = self.last = self._last_of("incidents", "fid")
        self.history = self._last_of("incident_history", "history_id")
        ((self.page,),) = connection.rows("SELECT page_size + 0 AS size FROM pragma_page_size")
        ((now,),) = connection.rows(f"SELECT {NOW} || '' AS moment")
        (signed,) = connection.rows(SIGNED) or [(None,) * 4]
        self.signature = dict(zip(("who", "why", "with_what", "fetch_id"), signed), now=now)
        self.before = _netstrings("1", "insert", now)
        self.after: dict[Optional[str], bytes] = {}
        self.empty = not connection.rows("SELECT fid + 0 AS row_number FROM incidents LIMIT 1")
        self.parts = 0
        self.places: list[tuple] = []
        self.objects: list[tuple] = []

    def stage(self, rows: Sequence[Row]) -> Iterator[None]:
        """Write rows into a database of their own; yields after each, returns the part."""
        self.parts += 1
        name = f"staged_{self.parts}"
        last, columns = self.last + len(rows), Columns.of(rows)
        part = _Part(name, self.folder / f"{name}.sqlite", columns, self.last, last)
        self.last = part.last
        row = STAGE.substitute(marks=", ".join("?" * (len(columns.names) + 6)))
        with self._open(part.place, PAGE) as stage:
            stage.execute(STAGED.substitute(geometry=GEOMETRY, fields=columns.listed()))
            stage.execute("BEGIN")
            for start in range(0, len(rows), AT_A_TIME):
                some = rows[start : start + AT_A_TIME]
                values = self._staged_rows(some, part.first + start, columns)
                stage.executemany(row, values)
                for _ in some:
                    yield
            stage.execute("COMMIT")
        return part

    def take_over(self, part: _Part) -> None:
        """Move staged rows into the ledger, without what is done here in one go."""
        if not self.objects:
            self._set_aside()
        self._attach(part.name, part.place)
        if not self.empty and self.connection.rows(KNOWN.replace("$part", part.name)):
            raise CeasefireError(
                f"“{self.connection.path}” has a history of incidents that it has lost: check "
                "it with “Verify ledger”, and restore it from a copy; nothing was written."
            )
        insert = Template(INSERT).safe_substitute(values=part.columns.values())
        for statement in (insert, RECORD, SEAL):
            sql = statement.replace("$part", part.name)
            self.connection.run(bound(sql, **self.signature))

    def finish(self) -> None:
        """Fill the spatial index, and bring back what was set aside."""
        import numpy as np

        found = np.array(self.places, dtype=float).reshape(-1, 3)
        if self.empty and len(found):
            self._pack(found)
        for _, _, sql in self.objects:
            self.connection.run(sql)
        self.connection.run(COUNTED.substitute(more=str(self.last - self.first)))
        if len(found):
            low, high = found[:, 1:].min(axis=0).tolist(), found[:, 1:].max(axis=0).tolist()
            names = ("west", "south", "east", "north")
            bounds = {name: repr(value) for name, value in zip(names, low + high)}
            self.connection.run(EXTENT.substitute(now=NOW, **bounds))

    def _staged_rows(self, rows: Sequence[Row], before: int, columns: Columns) -> Iterator[tuple]:
        """The values to stage of each row: its own, its first revision's, and the link of the
        chain that seals it; notes the places of those that are located."""
        for fid, row in enumerate(rows, start=before + 1):
            values = columns.take(row.values)
            geometry = row.geometry
            payload = columns.canonical_text(values, geometry)
            if geometry is not None:
                self.places.append((fid, *_POINT(geometry, 5)))
                geometry = HEADER + geometry
            self.history += 1
            number, name = b"%d" % self.history, values[0].encode("utf-8")
            state = payload.encode("utf-8")
            fetch_id = row.fetch_id or self.signature["fetch_id"]
            form = b"%s%d:%s%d:%s%s%d:%s%s" % (
                *(HISTORY, len(number), number, len(name), name),
                *(self.before, len(state), state, self._signed(fetch_id)),
            )
            self.link = hashlib.sha256(self.link + form).digest()
            yield (fid, geometry, *values, payload, self.history, self.link.hex(), fetch_id)

    def _signed(self, fetch_id: Optional[str]) -> bytes:
        """The end of a revision's canonical form: who signed it, and the fetch it stems from."""
        end = self.after.get(fetch_id)
        if end is None:
            signed = [self.signature[name] for name in ("who", "why", "with_what")]
            end = self.after[fetch_id] = _netstrings(*signed, fetch_id, None, None)
        return end

    def _last_of(self, table: str, key: str) -> int:
        """The last number that a row of a table has had."""
        sql = LAST.replace("$table", table).replace("$key", key)
        return self.connection.rows(sql)[0][0]

    def _set_aside(self) -> None:
        """An empty ledger gets its indices when the rows are there, all at once."""
        aside = list(SET_ASIDE)
        if self.empty:
            aside.append(f"{TREE}_insert")
        if self.signature["fetch_id"] is not None:
            aside.append(OF_PEOPLE)
        tables = ["incidents", "incident_history", "chain"] if self.empty else [""]
        self.objects = self.connection.rows(bound(OBJECTS, triggers=aside, tables=tables))
        for kind, name, _ in self.objects:
            self.connection.run(f'DROP {kind} "{name}"')

    def _pack(self, found: Any) -> None:
        import numpy as np

        from .packed_rtree import pack

        place = self.folder / "tree.sqlite"
        with self._open(place, int(self.page)) as stage:
            stage.execute(f"CREATE VIRTUAL TABLE {TREE} USING rtree(id, minx, maxx, miny, maxy)")
            stage.execute("BEGIN")
            pack(stage, TREE, found[:, 0].astype(np.int64), found[:, 1], found[:, 2])
            stage.execute("COMMIT")
        self._attach("staged_tree", place)
        for name in ("node", "rowid", "parent"):
            for sql in (NODES_AWAY, NODES):
                self.connection.run(sql.substitute(tree=TREE, name=name))

    @contextlib.contextmanager
    def _open(self, place: Path, page: int) -> Iterator[sqlite3.Connection]:
        """A database of our own that need not survive anything."""
        with contextlib.closing(sqlite3.connect(str(place), isolation_level=None)) as stage:
            for setting in (f"page_size = {page}", "journal_mode = OFF", "synchronous = OFF"):
                stage.execute(f"PRAGMA {setting}")
            yield stage

    def _attach(self, name: str, place: Path) -> None:
        self.connection.run(bound(f"ATTACH DATABASE $path AS {name}", path=str(place)))


def _netstrings(*values: Optional[str]) -> bytes:
    """Values in the chain's canonical form, which ``verify`` defines for SQL."""
    texts = (None if value is None else value.encode("utf-8") for value in values)
    return b"".join(b"-" if text is None else b"%d:%s" % (len(text), text) for text in texts)


HISTORY = _netstrings("incident_history")
