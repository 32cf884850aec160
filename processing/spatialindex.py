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
from typing import Any, Iterator, Optional

from osgeo import gdal, ogr

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

    cursor = _run(connection, 'SELECT "%w", "%w" FROM "%w"', (key, column, layer))
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
        _pack(connection, objects.table, *points)
    for kind, sql in objects.statements:
        if kind == "trigger":
            connection.execute(sql)


def _pack(connection, table: str, ids, x, y) -> None:
    """Write the nodes of the tree: leaves in tiles of near places, and the levels above them."""
    import numpy as np

    cursor = _run(connection, 'SELECT length(data) FROM "%w_node" WHERE nodeno = 1', (table,))
    size = int(cursor.fetchone()[0])
    cell = np.dtype([("id", ">i8"), ("x0", ">f4"), ("x1", ">f4"), ("y0", ">f4"), ("y1", ">f4")])
    most = (size - 4) // cell.itemsize
    order = _tiled(x, y, most)
    entries = np.empty(len(ids), dtype=cell)
    entries["id"] = ids[order]
    entries["x0"], entries["x1"] = _rounded(x[order])
    entries["y0"], entries["y1"] = _rounded(y[order])
    levels = [entries]
    numbers: list[Any] = []
    following = 2
    while len(levels[-1]) > most:
        level = levels[-1]
        count = -(-len(level) // most)
        starts = np.linspace(0, len(level), count + 1).astype(np.int64)[:-1]
        above = np.empty(count, dtype=cell)
        above["id"] = np.arange(following, following + count)
        for name, gather in (("x0", np.minimum), ("x1", np.maximum)):
            above[name] = gather.reduceat(level[name].astype("f4"), starts)
        for name, gather in (("y0", np.minimum), ("y1", np.maximum)):
            above[name] = gather.reduceat(level[name].astype("f4"), starts)
        numbers.append((above["id"].astype(np.int64), starts))
        following += count
        levels.append(above)
    numbers.append((np.array([1], dtype=np.int64), np.array([0], dtype=np.int64)))
    _write_nodes(connection, table, size, most, levels, numbers)


def _write_nodes(connection, table: str, size: int, most: int, levels, numbers) -> None:
    """Write every level: its nodes, and in which node each entry lies."""
    import numpy as np

    cell = levels[0].dtype
    node = np.dtype(
        {
            "names": ["depth", "count", "cells"],
            "formats": [">u2", ">u2", (cell, (most,))],
            "offsets": [0, 2, 4],
            "itemsize": size,
        }
    )
    insert = 'INSERT OR REPLACE INTO "%w_node" (nodeno, data) VALUES (?, ?)'
    for depth, (level, (nodes, starts)) in enumerate(zip(levels, numbers)):
        counts = np.diff(np.append(starts, len(level)))
        which = np.repeat(np.arange(len(nodes)), counts)
        within = np.arange(len(level)) - starts[which]
        data = np.zeros(len(nodes), dtype=node)
        if len(nodes) == 1 and nodes[0] == 1:
            data["depth"] = depth
        data["count"] = counts
        data["cells"][which, within] = level
        raw = data.tobytes()
        blobs = (raw[start : start + size] for start in range(0, len(raw), size))
        _run_many(connection, insert, (table,), zip(nodes.tolist(), blobs))
        order = np.argsort(level["id"].astype(np.int64), kind="stable")
        kept = "rowid" if depth == 0 else "parent"
        sql = {
            "rowid": 'INSERT INTO "%w_rowid" (rowid, nodeno) VALUES (?, ?)',
            "parent": 'INSERT INTO "%w_parent" (nodeno, parentnode) VALUES (?, ?)',
        }[kept]
        inside = level["id"][order].tolist(), nodes[which[order]].tolist()
        _run_many(connection, sql, (table,), zip(*inside))


def _tiled(x, y, most: int):
    """The order that puts near points side by side: slices by x, each sorted by y."""
    import numpy as np

    slices = max(int(np.ceil(np.sqrt(len(x) / most))), 1)
    by_x = np.argsort(x, kind="stable")
    strip = np.empty(len(x), dtype=np.int64)
    strip[by_x] = np.arange(len(x)) * slices // len(x)
    return np.lexsort((y, strip))


def _rounded(values):
    """The single-precision numbers that enclose each value."""
    import numpy as np

    near = values.astype(np.float32)
    low = np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near)
    high = np.where(near < values, np.nextafter(near, np.float32(np.inf)), near)
    return low, high


def _named(connection, sql: str, names: tuple) -> str:
    """The statement with three names at most in the place of %w, which SQLite itself quotes."""
    given = (sql, *names, "", "")[:4]
    return connection.execute("SELECT printf(?, ?, ?, ?)", given).fetchone()[0]


def _run(connection, sql: str, names: tuple):
    return connection.execute(_named(connection, sql, names))


def _run_many(connection, sql: str, names: tuple, rows: Iterator) -> None:
    connection.executemany(_named(connection, sql, names), rows)


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
