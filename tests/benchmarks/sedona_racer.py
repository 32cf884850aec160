"""Racer: SedonaDB's nearest neighbour, planar distance to one version of the line.

Runs in the peers' own environment, as a script: arguments are a file of points (n, 2) and one of
the line's vertices (m, 2), both as numpy saves them.
"""

from __future__ import annotations

import sys
import time

import geopandas
import numpy as np
import sedona.db
import shapely
from serve import serve  # beside this script

QUERY = (
    "select p.i, l.j, ST_Distance(p.geometry, l.geometry) as d "
    "from p join l on ST_KNN(p.geometry, l.geometry, 1, false)"
)


def connected(points: np.ndarray, vertices: np.ndarray):
    """A connection that holds the points as ``p`` and the segments as ``l``."""
    segments = shapely.linestrings(np.stack([vertices[:-1], vertices[1:]], axis=1))
    connection = sedona.db.connect()
    for name, key, shapes in (("p", "i", shapely.points(points)), ("l", "j", segments)):
        frame = geopandas.GeoDataFrame({key: np.arange(len(shapes))}, geometry=shapes)
        connection.create_data_frame(frame).to_view(name)
    return connection


def run(connection) -> dict:
    """All points, once."""
    begun = time.perf_counter()
    rows = connection.sql(QUERY).to_arrow_table().num_rows
    return {"seconds": time.perf_counter() - begun, "measured": rows}


if __name__ == "__main__":
    CONNECTION = connected(np.load(sys.argv[1]), np.load(sys.argv[2]))
    serve({"run": lambda: run(CONNECTION)})
