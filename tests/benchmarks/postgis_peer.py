"""The peer PostGIS: nearest neighbour by the index over geographies."""

from __future__ import annotations

import time

import numpy as np

from ..postgis import PostgisCluster

# The distance is the operator's own, on the sphere: what the index gives for nothing.
QUERY = (
    "select count(*), sum(found.away) from p cross join lateral "
    "(select l.geog <-> p.geog as away from l order by l.geog <-> p.geog limit 1) found"
)


def fill(server: PostgisCluster, points: np.ndarray, vertices: np.ndarray) -> None:
    """The points as ``p`` and the segments as ``l``, indexed."""
    server.run("create table place (lon float8, lat float8);")
    server.run("copy place from stdin with (format csv)", _rows(points))
    server.run("create table edge (lon0 float8, lat0 float8, lon1 float8, lat1 float8);")
    edges = np.column_stack([vertices[:-1], vertices[1:]])
    server.run("copy edge from stdin with (format csv)", _rows(edges))
    server.run(
        "create table p as select geography(st_setsrid(st_makepoint(lon, lat), 4326)) as geog "
        "from place;"
        "create table l as select geography(st_setsrid(st_makeline(st_makepoint(lon0, lat0), "
        "st_makepoint(lon1, lat1)), 4326)) as geog from edge;"
        "create index on l using gist (geog); vacuum analyze l; vacuum analyze p;"
    )


def run(server: PostgisCluster) -> dict:
    """All points, once; the answer is summed up there, so that nothing is carried over."""
    begun = time.perf_counter()
    count = server.run(QUERY)[0][0]
    return {"seconds": time.perf_counter() - begun, "measured": int(count)}


def _rows(table: np.ndarray) -> list[str]:
    return [",".join(repr(value) for value in row) for row in table.tolist()]
