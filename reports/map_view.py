"""A map's projection, scale and extent on its frame, and where a place lies on the page."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from pyproj import CRS, Transformer

STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
GRID_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 2700)
SMALL_THEATRE_DEGREES = 8.0
LEAST_SCALE = 10_000.0
Bounds = tuple[float, float, float, float]


@dataclasses.dataclass
class MapView:
    """What a frame of ``width`` by ``height`` mm shows: ``proj`` and its extent in metres."""

    proj: str
    west: float
    south: float
    scale: float
    width: float
    height: float
    is_conformal: bool

    @property
    def extent(self) -> Bounds:
        """West, south, east, north in metres of the projection."""
        across, up = (side * self.scale / 1000 for side in (self.width, self.height))
        return self.west, self.south, self.west + across, self.south + up

    def on_page(self, longitudes, latitudes) -> np.ndarray:
        """Millimetres right of and below the frame's corner, (n, 2), for degrees."""
        x, y = _transformer(self.proj).transform(
            np.asarray(longitudes, dtype=float), np.asarray(latitudes, dtype=float)
        )
        east = (np.asarray(x) - self.west) * 1000 / self.scale
        down = self.height - (np.asarray(y) - self.south) * 1000 / self.scale
        return np.column_stack([east, down])

    def holds(self, longitudes, latitudes) -> np.ndarray:
        """Which places lie within the frame."""
        page = self.on_page(longitudes, latitudes)
        return (page >= 0).all(axis=1) & (page <= [self.width, self.height]).all(axis=1)

    def degrees(self) -> Bounds:
        """West, south, east, north in degrees of what the frame shows."""
        west, south, east, north = self.extent
        rim = np.linspace(0, 1, 21)
        x = np.concatenate(
            [west + (east - west) * rim] * 2 + [np.full(21, west), np.full(21, east)]
        )
        y = np.concatenate(
            [np.full(21, south), np.full(21, north)] + [south + (north - south) * rim] * 2
        )
        lon, lat = _transformer(self.proj).transform(x, y, direction="INVERSE")
        lon, lat = lon[np.isfinite(lon)], lat[np.isfinite(lat)]
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def grid_minutes(self) -> int:
        """The step of a grid in minutes of arc that draws some five lines."""
        west, south, east, north = self.degrees()
        span = max(east - west, north - south) * 60
        return next((step for step in GRID_MINUTES if span / step <= 6), GRID_MINUTES[-1])

    def bar_metres(self, millimetres: float = 17.0) -> float:
        """A round length in metres that draws at most so long."""
        return round_down(millimetres * self.scale / 1000)


def view_of(bounds: Bounds, width: float, height: float, margins: tuple[float, float]) -> MapView:
    """The view that fits ``bounds`` (degrees) into a frame less ``margins`` (mm, each side).

    Transverse Mercator centred on the bounds, or Lambert's equal-area projection where they are
    wide. The scale is rounded to a number that people use.
    """
    west, south, east, north = bounds
    middle = ((west + east) / 2, (south + north) / 2)
    small = max((east - west) * math.cos(math.radians(middle[1])), north - south)
    kind = "tmerc" if small <= SMALL_THEATRE_DEGREES else "laea"
    proj = (
        f"+proj={kind} +lat_0={middle[1]:.6f} +lon_0={middle[0]:.6f} +x_0=0 +y_0=0 "
        "+datum=WGS84 +units=m +no_defs"
    )
    rim = np.linspace(0, 1, 11)
    lon = np.concatenate([west + (east - west) * rim] * 2 + [np.full(11, west), np.full(11, east)])
    lat = np.concatenate(
        [np.full(11, south), np.full(11, north)] + [south + (north - south) * rim] * 2
    )
    x, y = _transformer(proj).transform(lon, lat)
    across, up = x.max() - x.min(), y.max() - y.min()
    needed = 1000 * max(across / (width - 2 * margins[0]), up / (height - 2 * margins[1]))
    scale = round_up(max(needed, LEAST_SCALE))
    centre = ((x.max() + x.min()) / 2, (y.max() + y.min()) / 2)
    return MapView(
        proj=proj,
        west=centre[0] - width * scale / 2000,
        south=centre[1] - height * scale / 2000,
        scale=scale,
        width=width,
        height=height,
        is_conformal=kind == "tmerc",
    )


def round_up(value: float) -> float:
    """The next round number that is not less."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in STEPS if step * power >= value * (1 - 1e-9))


def round_down(value: float) -> float:
    """The next of 1, 2, 5, 10 … that is not more."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1 + 1e-9))


def _transformer(proj: str) -> Transformer:
    return Transformer.from_crs(CRS.from_epsg(4326), CRS.from_proj4(proj), always_xy=True)
