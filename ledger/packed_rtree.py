"""An R*Tree of points, packed in one go, in the form that SQLite documents for its module.

Packed by sort-tile-recursive (Leutenegger, Lopez and Edgington 1997,
doi:10.1109/ICDE.1997.582015): a tenth of the time of inserting point by point.
"""

from __future__ import annotations

from typing import Any, Iterator


def pack(connection, table: str, ids, x, y) -> None:
    """Fill the empty R*Tree ``table`` with points (degrees, of one length with their ``ids``).

    ``connection`` is one of sqlite3, inside a transaction of the caller. Leaves are tiles of near
    places, with the levels above them.
    """
    import numpy as np

    cursor = run(connection, 'SELECT length(data) FROM "%w_node" WHERE nodeno = 1', (table,))
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
        run_many(connection, insert, (table,), zip(nodes.tolist(), blobs))
        order = np.argsort(level["id"].astype(np.int64), kind="stable")
        kept = "rowid" if depth == 0 else "parent"
        sql = {
            "rowid": 'INSERT INTO "%w_rowid" (rowid, nodeno) VALUES (?, ?)',
            "parent": 'INSERT INTO "%w_parent" (nodeno, parentnode) VALUES (?, ?)',
        }[kept]
        inside = level["id"][order].tolist(), nodes[which[order]].tolist()
        run_many(connection, sql, (table,), zip(*inside))


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


def named(connection, sql: str, names: tuple) -> str:
    """The statement with three names at most in the place of %w, which SQLite itself quotes."""
    given = (sql, *names, "", "")[:4]
    return connection.execute("SELECT printf(?, ?, ?, ?)", given).fetchone()[0]


def run(connection, sql: str, names: tuple):
    return connection.execute(named(connection, sql, names))


def run_many(connection, sql: str, names: tuple, rows: Iterator) -> None:
    connection.executemany(named(connection, sql, names), rows)
