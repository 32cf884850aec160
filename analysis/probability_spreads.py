"""How the ways of being uncertain spread a place over the nodes of a grid."""

from __future__ import annotations

import dataclasses
from enum import IntEnum

import numpy as np

from .incident_columns import IncidentColumns
from .probability_blocks import SMOOTH_NODES
from .probability_field import FINEST_M, Field
from .probability_grid import Patches
from .probability_plane import into_plane, region_of
from .spread import HOLDS_95, SECTOR_SHARES, sector_across, sector_box

TAIL = 3.4
DISC_NODES = 5.0
SECTOR_NODES = 7.0
NORMAL_NODES = 1.5
COARSE = 0.8
SECTOR_COLUMNS = ("observer_lon", "observer_lat", "bearing_deg", "bearing_halfwidth_deg")
SECTOR_COLUMNS += ("range_min_m", "range_max_m")
SQRT3 = np.sqrt(3.0)


class Form(IntEnum):
    """How a place is spread."""

    NORMAL = 0
    EVEN = 1
    SECTOR = 2
    AREA = 3


@dataclasses.dataclass
class Unsure:
    """Places that are not quite known, one array a field: what is needed of some incidents.

    ``lon``, ``lat`` (degrees) of the bare points; ``radius_m``; ``form`` (see ``Form``);
    ``rows``: which of the ``incidents`` they are.
    """

    incidents: IncidentColumns
    rows: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    radius_m: np.ndarray
    form: np.ndarray

    @classmethod
    def of(cls, incidents: IncidentColumns, rows: np.ndarray) -> Unsure:
        """The uncertainty of the incidents ``rows``; a sector without its observation is normal."""
        kinds = incidents.uncertainty_kind[rows]
        form = np.full(len(rows), int(Form.NORMAL), dtype=np.int8)
        # Words are compared slowly, and most places are of the first kind.
        others = np.flatnonzero(kinds != "gauss")
        kinds = kinds[others]
        area, sector = others[kinds == "area"], others[kinds == "sector"]
        form[others[kinds == "disc"]] = form[area] = Form.EVEN
        seen = [getattr(incidents, name)[rows[sector]] for name in SECTOR_COLUMNS]
        known = np.isfinite(np.sum(seen, axis=0)) & (seen[-1] > 0.0) & (seen[-2] >= 0.0)
        form[sector[known]] = Form.SECTOR
        form[area[np.not_equal(incidents.area[rows[area]], None).astype(bool)]] = Form.AREA
        radius = np.nan_to_num(incidents.uncertainty_m[rows], nan=0.0)
        return cls(incidents, rows, incidents.lon[rows], incidents.lat[rows], radius, form)

    def take(self, chosen) -> Unsure:
        """Those that an index array chooses."""
        columns = (self.rows, self.lon, self.lat, self.radius_m, self.form)
        return Unsure(self.incidents, *(column[chosen] for column in columns))

    def sector(self, chosen) -> list[np.ndarray]:
        """The columns of the sectors ``chosen``: post, bearing and half-width, least and most."""
        return [getattr(self.incidents, name)[self.rows[chosen]] for name in SECTOR_COLUMNS]

    def area(self, chosen) -> np.ndarray:
        """The polygons of the areas ``chosen``."""
        return self.incidents.area[self.rows[chosen]]


def patches_of(field: Field, unsure: Unsure) -> list[Patches]:
    """The patches whose means are the means of the field over the places; areas have none."""
    radius, line = unsure.radius_m, field.worth.smooth_m
    even = unsure.form == Form.EVEN
    # A disc much narrower than the line's own uncertainty counts by its variance alone.
    narrow = even & (radius < 0.8 * line)
    sigma = np.maximum(np.where(narrow, radius / 2.0, radius / HOLDS_95), FINEST_M)
    normal = np.flatnonzero(narrow | (unsure.form == Form.NORMAL))
    disc, sector = np.flatnonzero(even & ~narrow), np.flatnonzero(unsure.form == Form.SECTOR)
    region = region_of(unsure.lon, unsure.lat)
    x, y = _in_planes(region, unsure.lon, unsure.lat)
    place = (region, x, y)
    return [
        *_normal(field, normal, *(column[normal] for column in place), sigma[normal]),
        *_discs(field, disc, *(column[disc] for column in place), radius[disc]),
        *_sectors(field, sector, region[sector], unsure.sector(sector)),
    ]


def _normal(field: Field, rows, region, x, y, sigma):
    """Round normal distributions, ``sigma`` metres on each axis.

    A sum over nodes weighted by the density is exact but for terms of exp(-2π²σ²/h²) where the
    field is the mean over cells; those means have spread it by h²/12 already. Where the line's
    uncertainty is so wide that its nodes stand further apart than σ, the three-point rule of Gauss
    and Hermite on the field interpolated by cubics (Keys 1981) is used.
    """
    level = field.level_of(sigma / NORMAL_NODES)
    step = field.spacing(level)
    sigma, u, v = sigma / step, x / step, y / step
    fine = sigma >= COARSE
    sigma = np.sqrt(sigma**2 - np.where(field.smooth(level) | ~fine, 0.0, 1.0 / 12.0))
    half = np.ceil(np.where(fine, TAIL * sigma, SQRT3 * sigma + 2.0)).astype(np.int64)
    for wide in np.unique(half):
        for weigh, kind in ((_bell, fine), (_cubic, ~fine)):
            chosen = np.flatnonzero((half == wide) & kind)
            columns = (column[chosen] for column in (rows, region, level, u, v, sigma))
            yield _weighted(*columns, int(wide), weigh)


def _weighted(rows, region, level, u, v, sigma, half: int, weigh) -> Patches:
    column, row = (np.round(at).astype(np.int64) - half for at in (u, v))
    width = 2 * half + 1

    def mean(part, patch):
        steps = np.arange(width)
        across = weigh((column[part] - u[part])[:, None] + steps, sigma[part, None])
        along = weigh((row[part] - v[part])[:, None] + steps, sigma[part, None])
        inner = (patch * along[:, None, :]).sum(axis=2)
        return (inner * across).sum(axis=1)

    return Patches(rows, region, level, column, row, width, mean)


def _bell(away, sigma):
    weight = np.exp(-0.5 * (away / sigma) ** 2)
    return weight / weight.sum(axis=1, keepdims=True)


def _cubic(away, sigma):
    weight = _keys(away) * (2.0 / 3.0)
    return weight + (_keys(away - SQRT3 * sigma) + _keys(away + SQRT3 * sigma)) / 6.0


def _keys(away):
    away = np.abs(away)
    near = (1.5 * away - 2.5) * away**2 + 1.0
    far = ((-0.5 * away + 2.5) * away - 4.0) * away + 2.0
    return np.where(away <= 1.0, near, np.where(away < 2.0, far, 0.0))


def _discs(field: Field, rows, region, x, y, radius):
    """Evenly over discs: a node counts by how far within the radius it lies."""
    level = field.level_of(radius / DISC_NODES)
    step = field.spacing(level)
    radius, u, v = np.maximum(radius / step, 1.0), x / step, y / step
    half = np.ceil(radius + 0.5).astype(np.int64)
    # Few widths, so that many discs are worked out together.
    half = np.minimum(half + half % 2, 14)
    for wide in np.unique(half):
        chosen = np.flatnonzero(half == wide)
        columns = (column[chosen] for column in (rows, region, level, u, v, radius))
        yield _even(*columns, int(wide))


def _even(rows, region, level, u, v, radius, half: int) -> Patches:
    column, row = (np.round(at).astype(np.int64) - half for at in (u, v))
    width = 2 * half + 1

    def mean(part, patch):
        steps = np.arange(width)
        across = ((column[part] - u[part])[:, None] + steps).astype(np.float32) ** 2
        along = ((row[part] - v[part])[:, None] + steps).astype(np.float32) ** 2
        edge = radius[part, None, None].astype(np.float32)
        weight = np.sqrt(across[:, :, None] + along[:, None, :])
        np.subtract(edge + np.float32(0.5), weight, out=weight)
        np.clip(weight, 0.0, 1.0, out=weight)
        total = weight.sum(axis=(1, 2))
        weight *= patch
        return weight.sum(axis=(1, 2)) / total

    return Patches(rows, region, level, column, row, width, mean)


def _sectors(field: Field, rows, region, seen):
    """Evenly over sectors: places in equal shares, the field between the nodes by its corners."""
    if len(rows) == 0:
        return
    lon, lat, *shape = seen
    x, y = _in_planes(region, lon, lat)
    shape[0] = shape[0] + _turned(region, lon, lat, x, y)
    (low_x, high_x), (low_y, high_y) = sector_box(*shape)
    extent = np.maximum(high_x - low_x, high_y - low_y)
    across = np.radians(np.minimum(np.abs(shape[1]), 90.0)) * (shape[2] + shape[3])
    # A narrow sector may lie along the line: its width has to be seen too.
    widest = np.minimum(extent / (2.0 * SECTOR_NODES), np.maximum(across / 2.0, extent / 60.0))
    level = field.level_of(widest, 2.0 * SMOOTH_NODES)
    step = field.spacing(level)
    column = np.floor((x + low_x) / step).astype(np.int64)
    row = np.floor((y + low_y) / step).astype(np.int64)
    u, v = x / step - column, y / step - row
    # Lengths in nodes from here on; few widths, so that many sectors are worked out together.
    shape[2:] = [metres / step for metres in shape[2:]]
    width = 4 * (np.ceil(extent / step).astype(np.int64) // 4) + 6
    for wide in np.unique(width):
        part = np.flatnonzero(width == wide)
        columns = (value[part] for value in (region, level, column, row))
        places = [value[part] for value in (u, v, *shape)]
        yield Patches(rows[part], *columns, int(wide), _between_nodes(places))


def _between_nodes(places):
    def mean(part, patch):
        width = patch.shape[1]
        u, v, *shape = (column[part].astype(np.float32) for column in places)
        azimuth, away = sector_across(*shape, SECTOR_SHARES)
        angle = np.radians(azimuth)
        u, v = u[:, None] + away * np.sin(angle), v[:, None] + away * np.cos(angle)
        # Rounding may put a place a hair outside.
        i = np.clip(u.astype(np.int32), 0, width - 2)
        j = np.clip(v.astype(np.int32), 0, width - 2)
        u -= i
        v -= j
        flat = patch.reshape(-1)
        at = i * width + j + (np.arange(len(patch)) * width * width)[:, None]
        near, far = flat[at], flat[at + width]
        near += v * (flat[at + 1] - near)
        far += v * (flat[at + width + 1] - far)
        return (near + u * (far - near)).mean(axis=1)

    return mean


def _turned(region, lon, lat, x, y) -> np.ndarray:
    """By how many degrees north is turned clockwise in the regions' planes."""
    step = np.where(lat > 89.9, -0.001, 0.001)
    north_x, north_y = _in_planes(region, lon, lat + step)
    return np.degrees(np.arctan2((north_x - x) / step, (north_y - y) / step))


def _in_planes(region, lon, lat):
    x, y = np.empty(len(lon)), np.empty(len(lon))
    for number in np.unique(region):
        part = np.flatnonzero(region == number)
        x[part], y[part] = into_plane(number, lon[part], lat[part])
    return x, y
