"""The spatial index of a GeoPackage of points, packed in one go after all rows are written.

GDAL before 3.7 inserts every row into the index by itself, which takes longer than writing the
rows. Packed by sort-tile-recursive (Leutenegger, Lopez and Edgington 1997,
doi:10.1109/ICDE.1997.582015), as GDAL 3.7 and later do it, the same index takes a tenth of that.
The index's tables, triggers and registration are those that GDAL makes for an empty layer; only
the nodes are ours, in the form that SQLite documents for its R*Tree module.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from pathlib import Path
from typing import Iterator, Optional

from osgeo import gdal, ogr

from ..ledger.packed_rtree import pack, run

AT_A_TIME = 50_000
POINT_BYTES = (29, 37, 45)
EMPTY_FLAG = 0x10


def index_points(path: Path, layer: str) -> bool:
    """Give the layer of points in a closed GeoPackage its spatial index.

    False where something in it is not as expected: then nothing was changed, and
    ``index_by_gdal`` does it. Raises OSError where the disk does not take it.
    """
    try:
        objects = _as_gdal_makes_them(path, layer)
        if objects is None:
            return False
        with contextlib.closing(sqlite3.connect(str(path), isolation_level=None)) as connection:
            points = _points(connection, layer, objects.column, objects.key)
            if points is None:
                return False
            connection.execute("BEGIN")
            try:
                _fill(connection, objects, layer, points)
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        return False
    except sqlite3.DatabaseError:
        return False
    return True


def index_by_gdal(path: Path, layer: str) -> bool:
    """Let GDAL make the spatial index of a layer; whether it could."""
    with _quietly():
        data = _opened(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
        if data is None:
            return False
        written = data.GetLayerByName(layer)
        if written is None:
            return False
        names = (name.replace("'", "''") for name in (layer, written.GetGeometryColumn()))
        try:
            found = _rows(data, "SELECT CreateSpatialIndex('{}', '{}')".format(*names))
        except RuntimeError:
            return False
    return bool(found) and found[0][0] == 1


class _Objects:
    """What belongs to a spatial index: its table, triggers and registration."""

    def __init__(self, key: str, column: str, table: str, statements: list, extension: tuple):
        self.key, self.column, self.table = key, column, table
        self.statements, self.extension = statements, extension


def _as_gdal_makes_them(path: Path, layer: str) -> Optional[_Objects]:
    """The objects of the index that GDAL makes for an empty layer of that name."""
    with _quietly():
        data = _opened(str(path), gdal.OF_VECTOR)
        written = None if data is None else data.GetLayerByName(layer)
        if written is None:
            return None
        key, column = written.GetFIDColumn(), written.GetGeometryColumn()
        pattern = f"/vsimem/{path.stem}-index.gpkg"
        driver = ogr.GetDriverByName("GPKG")
        empty = driver.CreateDataSource(pattern)
        options = [f"FID={key}", f"GEOMETRY_NAME={column}", "SPATIAL_INDEX=YES"]
        empty.CreateLayer(layer, written.GetSpatialRef(), written.GetGeomType(), options)
        empty = data = written = None
        try:
            made = _opened(pattern, gdal.OF_VECTOR)
            statements = _rows(
                made,
                "SELECT name, type, sql FROM sqlite_master WHERE name LIKE 'rtree\\_%' ESCAPE '\\' "
                "AND sql NOT NULL AND (type = 'trigger' OR sql LIKE 'CREATE VIRTUAL%') "
                "ORDER BY type",
            )
            extension = _rows(
                made,
                "SELECT table_name, column_name, extension_name, definition, scope "
                "FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'",
            )
            made = None
        finally:
            gdal.Unlink(pattern)
    tables = [name for name, kind, _ in statements if kind == "table"]
    if len(tables) != 1 or len(extension) != 1:
        return None
    return _Objects(
        key, column, tables[0], [(kind, sql) for _, kind, sql in statements], extension[0]
    )


def _rows(data, sql: str) -> list[tuple]:
    found = data.ExecuteSQL(sql)
    if found is None:
        return []
    count = found.GetLayerDefn().GetFieldCount()
    rows = [tuple(row.GetField(index) for index in range(count)) for row in found]
    data.ReleaseResultSet(found)
    return rows


def _points(connection, layer: str, column: str, key: str):
    """``(ids, x, y)`` of all points that are not empty; None where one is no plain point."""
    import numpy as np

    cursor = run(connection, 'SELECT "%w", "%w" FROM "%w"', (key, column, layer))
    parts = []
    while True:
        rows = cursor.fetchmany(AT_A_TIME)
        if not rows:
            break
        kept = [row for row in rows if row[1] is not None and not row[1][3] & EMPTY_FLAG]
        lengths = {len(blob) for _, blob in kept}
        if not lengths:
            continue
        if len(lengths) > 1 or not lengths.issubset(POINT_BYTES):
            return None
        length = lengths.pop()
        blobs = np.frombuffer(b"".join([blob for _, blob in kept]), np.uint8).reshape(-1, length)
        plain = (blobs[:, 3] & 0x0F) == 1
        if not (plain.all() and (blobs[:, 8] == 1).all() and (blobs[:, 9] == 1).all()):
            return None
        place = np.ascontiguousarray(blobs[:, 13:29]).view("<f8")
        parts.append((np.array([row[0] for row in kept], dtype=np.int64), place[:, 0], place[:, 1]))
    if not parts:
        return np.empty(0, np.int64), np.empty(0), np.empty(0)
    return tuple(np.concatenate(columns) for columns in zip(*parts))


def _fill(connection, objects: _Objects, layer: str, points) -> None:
    for kind, sql in objects.statements:
        if kind == "table":
            connection.execute(sql)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, "
        "extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, "
        "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    connection.execute("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", objects.extension)
    if len(points[0]):
        pack(connection, objects.table, *points)
    for kind, sql in objects.statements:
        if kind == "trigger":
            connection.execute(sql)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """GDAL keeps what it has to say to itself; it may raise RuntimeError or not, as QGIS chose."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    finally:
        gdal.PopErrorHandler()


def _opened(path: str, flags: int):
    """A data source; None where it cannot be opened, whether GDAL raises then or not."""
    try:
        return gdal.OpenEx(path, flags)
    except RuntimeError:
        return None
