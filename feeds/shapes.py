"""Geometries as services write them, as one point in degrees and the radius that holds them."""

from __future__ import annotations

import json
import math
from typing import Any, Mapping, Optional

from ..model.errors import CeasefireError
from .table import GEOMETRY_LATITUDE, GEOMETRY_LONGITUDE, GEOMETRY_RADIUS
from .vector import point_and_radius

COLUMNS = [GEOMETRY_LONGITUDE, GEOMETRY_LATITUDE, GEOMETRY_RADIUS]
NOWHERE = (None, None, None)


class Shapes:
    """Brings geometries to the three cells of ``COLUMNS``; ``lost`` counts those that cannot be.

    ``transform`` is an osr transformation to EPSG:4326, longitude first, or None for degrees.
    Lines and areas are told as ``feeds.vector`` tells them: centroid, and radius in metres.
    """

    def __init__(self, transform=None, name: str = "the feed"):
        self.transform = transform
        self.name = name
        self.lost = 0

    def geojson(
        self, geometry: Optional[Mapping[str, Any]], latitude_is_first: bool = False
    ) -> list:
        """A GeoJSON geometry, longitude (or x) first unless it is said to be otherwise."""
        if not geometry:
            return list(NOWHERE)
        if geometry.get("type") == "Point":
            pair = list(geometry.get("coordinates") or ())[:2]
            return self.point(pair[::-1] if latitude_is_first else pair)
        return self._parsed("CreateGeometryFromJson", json.dumps(geometry), latitude_is_first)

    def esri(self, geometry: Optional[Mapping[str, Any]]) -> list:
        """A geometry of Esri's JSON: point, multipoint, polyline or polygon, curves included."""
        if not geometry:
            return list(NOWHERE)
        if "x" in geometry:
            return self.point([geometry["x"], geometry.get("y")])
        flat = {name: straightened(parts) for name, parts in curves_named(geometry)}
        if not any(flat.values()):
            return list(NOWHERE)
        return self._parsed("CreateGeometryFromEsriJson", json.dumps(flat))

    def gml(self, text: str, latitude_is_first: bool = False) -> list:
        """A GML geometry element as text, its coordinates in the order that is said."""
        return self._parsed("CreateGeometryFromGML", text, swap=latitude_is_first)

    def wkt(self, text: str) -> list:
        """A well-known text, longitude (or x) first."""
        return self._parsed("CreateGeometryFromWkt", text)

    def point(self, pair: Any) -> list:
        """One position [x, y, …]; nowhere where it holds no two numbers."""
        numbers = [number_of(value) for value in (pair or ())[:2]]
        if len(numbers) < 2 or None in numbers:
            return list(NOWHERE)
        if self.transform is None:
            return [*numbers, None]
        try:
            x, y, _ = self.transform.TransformPoint(*numbers)
        except RuntimeError:
            x = y = math.inf
        if not (math.isfinite(x) and math.isfinite(y)):
            self.lost += 1
            return list(NOWHERE)
        return [x, y, None]

    def _parsed(self, maker: str, text: str, swap: bool = False) -> list:
        from osgeo import gdal, ogr

        gdal.PushErrorHandler("CPLQuietErrorHandler")
        try:
            geometry = getattr(ogr, maker)(text)
            if geometry is None:
                raise CeasefireError("The geometry cannot be read.")
            if geometry.IsEmpty():
                return list(NOWHERE)
            if swap:
                geometry.SwapXY()
            found = point_and_radius(geometry, self.transform, self.name)
        except (RuntimeError, CeasefireError):
            self.lost += 1
            return list(NOWHERE)
        finally:
            gdal.PopErrorHandler()
        if not all(value is None or math.isfinite(value) for value in found):
            self.lost += 1
            return list(NOWHERE)
        return found

    def sentence(self) -> tuple[str, ...]:
        """What to say of the geometries that could not be brought to degrees, in one sentence."""
        if not self.lost:
            return ()
        return (
            f"{self.lost:,} geometries could not be brought to degrees; these incidents have no "
            "place.",
        )


def number_of(value: Any) -> Optional[float]:
    """A finite number, also from a text ("NaN" is none)."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def curves_named(geometry: Mapping[str, Any]):
    """(name without curves, parts) of an Esri geometry's lists."""
    names = {"curvePaths": "paths", "curveRings": "rings"}
    for name in ("points", "paths", "rings", "curvePaths", "curveRings"):
        if isinstance(geometry.get(name), list):
            yield names.get(name, name), geometry[name]


def straightened(parts: list) -> list:
    """Esri's lists of positions with two coordinates each; a curve is its through and end points.

    A circular arc ``{"c": [end, through]}`` keeps the point that it goes through; of elliptic arcs
    and Bézier curves (``a``, ``b``) the end point is kept.
    """
    if parts and not isinstance(parts[0], (list, tuple, dict)):
        return list(parts[:2])
    flat: list = []
    for part in parts:
        if isinstance(part, Mapping):
            steps = next(iter(part.values()), [])
            through = steps[1:2] if "c" in part else []
            flat.extend(step[:2] for step in [*through, *steps[:1]])
        else:
            flat.append(straightened(part))
    return flat
