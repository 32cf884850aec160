"""Which incidents lie in an area or around a point: by their place, or only perhaps."""

from __future__ import annotations

from typing import Any

from .material import Entry


def in_area(record: Any, entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The incidents whose place lies in a dated area, and those whose uncertainty reaches in.

    Each is held against the area of its own moment. Distances are geodesic.
    """
    import shapely

    area = record.geometry
    located = [entry for entry in entries if entry.located and _then(record, entry)]
    if area is None or area.is_empty or not located:
        return [], []
    places = [(entry.incident.longitude, entry.incident.latitude) for entry in located]
    held = shapely.intersects_xy(area, *zip(*places))
    inside = [entry for entry, is_in in zip(located, held) if is_in]
    outside = [
        entry
        for entry, is_in in zip(located, held)
        if not is_in and entry.incident.uncertainty_m is not None
    ]
    if not outside:
        return inside, []
    reaches = zip(outside, _metres_to_the_edge(area, outside))
    return inside, [entry for entry, metres in reaches if metres <= entry.incident.uncertainty_m]


def around(point: Any, metres: float, entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The incidents that are within reach of a point with their whole uncertainty, and perhaps."""
    from ..analysis.geodesy import inverse

    near: list[Entry] = []
    possible: list[Entry] = []
    if point is None or point.is_empty:
        return near, possible
    centre = point.centroid
    for entry in entries:
        if not entry.located:
            continue
        row = entry.incident
        _, apart = inverse(row.longitude, row.latitude, centre.x, centre.y)
        if row.uncertainty_m is None:
            if apart <= metres:
                possible.append(entry)
        elif apart + row.uncertainty_m <= metres:
            near.append(entry)
        elif apart - row.uncertainty_m <= metres:
            possible.append(entry)
    return near, possible


def _then(record: Any, entry: Entry) -> bool:
    """Whether a dated area was in force when the incident happened."""
    begun = record.valid_from is None or record.valid_from <= entry.when
    return begun and (record.valid_to is None or entry.when < record.valid_to)


def _metres_to_the_edge(area: Any, entries: list[Entry]) -> list[float]:
    import numpy as np

    from ..analysis.contact_line import LineColumns, prepare_lines
    from ..analysis.nearest import nearest

    edges = np.empty(1, dtype=object)
    edges[0] = area.boundary
    longitudes = np.array([entry.incident.longitude for entry in entries], dtype=float)
    latitudes = np.array([entry.incident.latitude for entry in entries], dtype=float)
    return list(nearest(prepare_lines(LineColumns(edges)), longitudes, latitudes).distance_m)
