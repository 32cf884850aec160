"""How likely it is that an incident truly was inside an area.

The places where an incident may have been are those of ``spread``; they are put about its point
by the mid-latitude formulas on WGS 84 (a metre off at 25 km), so that thousands of incidents are
worked out at once.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from .contact_line import LineColumns, prepare_lines
from .geodesy import WGS84, inverse
from .incident_columns import IncidentColumns
from .nearest import nearest
from .probability_area import area_bounds, area_places
from .spread import HOLDS_95, SHARES, disc_offsets, gauss_offsets, sector_places

AT_A_TIME = 256
FAR_TAIL = 4.2
AXIS_M = 6378137.0
ECCENTRICITY_2 = 0.0066943799901413165
LONG_EDGE_M = 5_000.0


def reach_m(incidents: IncidentColumns, rows: np.ndarray) -> np.ndarray:
    """How far from its bare point each of ``rows`` may have been at most (metres); 0 if unknown."""
    radius = np.nan_to_num(incidents.uncertainty_m[rows], nan=0.0)
    even = np.isin(incidents.uncertainty_kind[rows], ("disc", "area"))
    reach = np.where(even, radius, radius * FAR_TAIL / HOLDS_95)
    sector = np.flatnonzero(sectors_of(incidents, rows))
    if len(sector):
        chosen = rows[sector]
        names = ("lon", "lat", "observer_lon", "observer_lat")
        _, away = inverse(*(getattr(incidents, name)[chosen] for name in names))
        farthest = np.maximum(incidents.range_max_m[chosen], incidents.range_min_m[chosen])
        reach[sector] = away + farthest
    for index in areas_of(incidents, rows):
        lon, lat, circle = area_bounds(incidents.area[rows[index]])
        _, away = inverse(incidents.lon[rows[index]], incidents.lat[rows[index]], lon, lat)
        reach[index] = away + circle
    return reach


def sectors_of(incidents: IncidentColumns, rows: np.ndarray) -> np.ndarray:
    """Which of ``rows`` have a sector in full; the whole is asked only where some may have."""
    mask = incidents.uncertainty_kind[rows] == "sector"
    return incidents.has_sector()[rows] if mask.any() else mask


def areas_of(incidents: IncidentColumns, rows: np.ndarray) -> np.ndarray:
    """The places in ``rows`` of those that have an area in full."""
    mask = incidents.uncertainty_kind[rows] == "area"
    return np.flatnonzero(incidents.has_area()[rows] if mask.any() else mask)


def places_of(incidents: IncidentColumns, rows: np.ndarray):
    """Equally likely places of the incidents ``rows``: ``(lon, lat)``, each (n, SHARES), degrees.

    An incident whose uncertainty is not known is its bare point throughout.
    """
    lon, lat = incidents.lon[rows], incidents.lat[rows]
    offsets = offsets_of(incidents, rows)
    there_lon, there_lat = moved(lon[:, None], lat[:, None], offsets[:, :, 0], offsets[:, :, 1])
    sector = np.flatnonzero(sectors_of(incidents, rows))
    if len(sector):
        chosen = rows[sector]
        names = ("observer_lon", "observer_lat", "bearing_deg", "bearing_halfwidth_deg")
        names += ("range_min_m", "range_max_m")
        columns = (getattr(incidents, name)[chosen] for name in names)
        there_lon[sector], there_lat[sector] = sector_places(*columns)
    for index in areas_of(incidents, rows):
        inside = area_places(incidents.area[rows[index]])
        evenly = np.linspace(0, len(inside[0]) - 1, SHARES).astype(int)
        there_lon[index], there_lat[index] = inside[0][evenly], inside[1][evenly]
    return there_lon, there_lat


def offsets_of(incidents: IncidentColumns, rows: np.ndarray) -> np.ndarray:
    """(n, SHARES, 2) metres east and north, as the kind of uncertainty says."""
    radius = np.nan_to_num(incidents.uncertainty_m[rows], nan=0.0)
    even = np.isin(incidents.uncertainty_kind[rows], ("disc", "area"))[:, None, None]
    return np.where(even, disc_offsets(), gauss_offsets()) * radius[:, None, None]


def moved(lon, lat, east_m, north_m):
    """Points moved by metres east and north: ``(lon, lat)``, arrays that broadcast together.

    Mid-latitude formulas (Gauss): the radii of curvature are those half-way north.
    """
    middle = np.radians(lat)
    for _ in range(2):
        squared = 1.0 - ECCENTRICITY_2 * np.sin(middle) ** 2
        meridian = AXIS_M * (1.0 - ECCENTRICITY_2) / squared**1.5
        middle = np.radians(lat) + 0.5 * north_m / meridian
    across = AXIS_M / np.sqrt(1.0 - ECCENTRICITY_2 * np.sin(middle) ** 2)
    there_lat = lat + np.degrees(north_m / meridian)
    there_lon = lon + np.degrees(east_m / (across * np.maximum(np.cos(middle), 1e-6)))
    return there_lon, np.clip(there_lat, -90.0, 90.0)


@dataclasses.dataclass
class PreparedArea:
    """An area ready to be asked: its geometry (EPSG:4326) and its edge as lines to measure from."""

    geometry: object
    edge: object

    @classmethod
    def of(cls, geometry) -> PreparedArea:
        """Of a shapely polygon or multipolygon; long edges are drawn as geodesics."""
        whole = shapely.make_valid(shapely.force_2d(geometry))
        whole = _with_geodesic_edges(whole)
        shapely.prepare(whole)
        return cls(whole, prepare_lines(LineColumns(geometry=_objects([_edge_of(whole)]))))

    def inside(self, lon, lat) -> np.ndarray:
        """Which points lie in the area or on its edge (mask, shaped as the input)."""
        return shapely.intersects_xy(self.geometry, lon, lat)

    def depth_m(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Metres from the edge, positive inside, negative outside (geodesic)."""
        distance = nearest(self.edge, lon, lat).distance_m
        return np.where(self.inside(lon, lat), distance, -distance)


def probability_inside(
    area: PreparedArea, incidents: IncidentColumns, rows: np.ndarray, depth_m: np.ndarray
) -> np.ndarray:
    """P(the incident truly was in the area), for ``rows`` whose bare points lie ``depth_m`` deep.

    Exactly 0 or 1 where the edge is out of reach; else over 1,024 equally likely places.
    """
    reach = reach_m(incidents, rows)
    result = (depth_m >= 0.0).astype(float)
    open_question = np.flatnonzero(np.abs(depth_m) < reach)
    for start in range(0, len(open_question), AT_A_TIME):
        part = open_question[start : start + AT_A_TIME]
        lon, lat = places_of(incidents, rows[part])
        result[part] = area.inside(lon, lat).mean(axis=1)
    return result


def _with_geodesic_edges(geometry):
    """The geometry with points along edges that are so long that the geodesic leaves the chord."""

    def drawn(points: np.ndarray) -> np.ndarray:
        _, _, length = WGS84.inv(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
        length = np.atleast_1d(length)
        if len(length) == 0 or length.max() <= LONG_EDGE_M:
            return points
        parts = []
        for start, end, metres in zip(points[:-1], points[1:], length):
            parts.append([start])
            count = int(metres // LONG_EDGE_M)
            if count:
                parts.append(np.array(WGS84.npts(*start, *end, count)))
        return np.concatenate([*parts, [points[-1]]])

    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    made = [
        shapely.Polygon(
            drawn(shapely.get_coordinates(polygon.exterior)),
            [drawn(shapely.get_coordinates(ring)) for ring in polygon.interiors],
        )
        for polygon in polygons
    ]
    return shapely.MultiPolygon(made)


def _edge_of(geometry):
    rings = [
        shapely.LineString(ring)
        for polygon in geometry.geoms
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return shapely.MultiLineString(rings)


def _objects(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
