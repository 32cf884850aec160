"""The QGIS project that is kept in the ledger's file; QGIS's browser lists it below the file.

QGIS reads the paths of such a project from the file's folder on. A project has to name its own
file, so ours is written anew when the ledger is opened under another name, or when what it holds
has grown out of its map. One that somebody saved in its place is never touched, nor is one that
was deleted brought back.
"""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from datetime import datetime, timezone
from typing import Optional

from ..model.errors import CeasefireError
from .connection import Connection, Session, bound
from .project_text import project_text
from .settings import read_settings, with_what

# Raised when what we write is another: ours are then written anew.
VERSION = 1
AUTHOR = "Ceasefire Monitor"
SOON_MS = 100
# A zip file remembers a moment; it is the same for all, so that equal projects are equal bytes.
_SOME_DAY = (2024, 1, 1, 0, 0, 0)
# As QGIS makes the table; it is in no list of layers.
_TABLE = "CREATE TABLE qgis_projects(name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"
_THERE = "SELECT count(*) + 0 AS found FROM sqlite_master WHERE name = 'qgis_projects'"
_STORED = "SELECT metadata || '' AS metadata FROM qgis_projects WHERE name = 'ledger'"
_EXTENT = """SELECT json_array(min(min_x), min(min_y), max(max_x), max(max_y)) AS sides
    FROM gpkg_contents WHERE table_name IN
    ('incidents', 'sites', 'posts', 'contact_lines', 'zones', 'control_areas')"""
_TOLD = ("file", "theatre", "timezone", "version")
EVERYWHERE = [-180.0, -90.0, 180.0, 90.0]
NOWHERE = [0.0, 0.0, 0.0, 0.0]
# Of the width and height, and in degrees, so that a little growth needs no other project.
MARGIN, LEAST_MARGIN = 0.1, 0.05
_ADD = (
    "INSERT OR REPLACE INTO qgis_projects(name, metadata, content) "
    "VALUES ('ledger', $metadata, $content)"
)


def settle_project(connection: Connection, file_name: Optional[str] = None) -> None:
    """Store the project where there never was one, and ours anew where it no longer fits.

    ``file_name`` is the file's, where it will soon have another one. Where the file cannot be
    written to just now, the next who opens it does it.
    """
    if connection.keeps_rows_itself or connection.dataset is None:
        return
    if not connection.update or connection.absent:
        return
    name = file_name or connection.path.name
    with contextlib.suppress(CeasefireError):
        if not _is_wanting(connection, name):
            return
        connection.run(f"PRAGMA busy_timeout = {SOON_MS}")
        try:
            with connection.transaction(Session(with_what=with_what())):
                if _is_wanting(connection, name):
                    _write(connection, name)
        finally:
            connection.run(f"PRAGMA busy_timeout = {int(connection.wait_ms)}")


def replace_project(connection: Connection, file_name: str) -> None:
    """Have no project in the file but ours, for a file of that name; inside a transaction."""
    if _has_table(connection):
        connection.run("DELETE FROM qgis_projects")
    _write(connection, file_name)


def _is_wanting(connection: Connection, file_name: str) -> bool:
    if not _has_table(connection):
        return True
    stored = connection.rows(_STORED)
    made_for = _read(stored[0][0]) if stored else None
    if made_for is None:
        return False
    wanted = _made_for(connection, file_name)
    shown, needed = made_for.get("extent") or NOWHERE, wanted["extent"]
    inside = needed == EVERYWHERE or (
        all(there <= here for there, here in zip(shown[:2], needed[:2]))
        and all(there >= here for there, here in zip(shown[2:], needed[2:]))
    )
    # The whole earth was shown because nothing was in the ledger yet.
    fits = inside and (shown != EVERYWHERE or needed == EVERYWHERE)
    return not fits or any(made_for.get(key) != wanted[key] for key in _TOLD)


def _has_table(connection: Connection) -> bool:
    return connection.rows(_THERE) == [(1,)]


def _read(metadata: Optional[str]) -> Optional[dict]:
    """What a stored project was made for; None where somebody else saved it."""
    try:
        told = json.loads(metadata or "")
    except ValueError:
        return None
    return told.get("made_for") if isinstance(told, dict) else None


def _made_for(connection: Connection, file_name: str) -> dict:
    settings = read_settings(connection)
    return {
        "file": file_name,
        "theatre": settings.get("theatre") or "",
        "timezone": settings.get("timezone") or "UTC",
        "version": VERSION,
        "extent": _extent(connection),
    }


def _extent(connection: Connection) -> list[float]:
    """West, south, east and north of what the map draws; the whole earth where that is nothing."""
    ((text,),) = connection.rows(_EXTENT)
    sides = json.loads(text)
    return EVERYWHERE if None in sides else [float(side) for side in sides]


def _write(connection: Connection, file_name: str) -> None:
    if not _has_table(connection):
        connection.run(_TABLE)
    wanted = _made_for(connection, file_name)
    wanted["extent"] = extent = _with_margin(wanted["extent"])
    now = datetime.now(timezone.utc)
    metadata = {
        "last_modified_time": f"{now:%Y-%m-%dT%H:%M:%S}",
        "last_modified_user": AUTHOR,
        "made_for": wanted,
    }
    text = project_text(file_name, wanted["timezone"], wanted["theatre"] or AUTHOR, extent)
    told = json.dumps(metadata, ensure_ascii=False)
    connection.run(bound(_ADD, metadata=told, content=_packed(text).hex()))


def _with_margin(extent: list[float]) -> list[float]:
    if extent == EVERYWHERE:
        return extent
    west, south, east, north = extent
    across, up = (max(MARGIN * size, LEAST_MARGIN) for size in (east - west, north - south))
    return [west - across, south - up, east + across, north + up]


def _packed(text: str) -> bytes:
    """The project as QGIS keeps it: a zip archive with the XML in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("ledger.qgs", _SOME_DAY), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
