"""A made-up theatre for measuring: a long line in dated versions, and incidents about it.

Everything falls the same on every machine: each block of incidents has a generator of its own, so
that the first million is the same whether a million or ten are asked for.
"""

from __future__ import annotations

import dataclasses
from typing import Iterator

import numpy as np
import shapely

from ...analysis.contact_line import LineColumns
from ...analysis.incident_columns import IncidentColumns

BLOCK = 250_000
SEED = 20250901
VERSION = 1
"""Raised whenever other numbers come out; files made by an earlier one are not used again."""
FIRST_DAY = np.datetime64("2023-01-01", "D")
DAYS_A_VERSION = 90
VILLAGES = 4_000
LINE_UNCERTAINTY_M = 200.0
METRES_A_DEGREE = 111_200.0
WEST, WIDTH, MIDDLE = 30.0, 9.0, 48.0


def course(along: np.ndarray, version: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the line at the shares ``along`` (0 to 1) of its way.

    Waves from hundreds of kilometres down to some hundred metres; each version has moved by up to
    some kilometres in a few stretches.
    """
    lon = WEST + WIDTH * (along + 0.0016 * np.sin(460.0 * along))
    lat = MIDDLE + 0.9 * np.sin(8.0 * along) + 0.06 * np.sin(47.0 * along + 1.0)
    lat = lat + 0.006 * np.sin(611.0 * along) + 0.0009 * np.sin(5077.0 * along + 2.0)
    for earlier in range(1, version + 1):
        chance = np.random.default_rng([SEED, 1, earlier])
        for centre, width, move in chance.uniform([0.05, 0.01, -0.03], [0.95, 0.03, 0.03], (3, 3)):
            lat = lat + move * np.exp(-(((along - centre) / width) ** 2))
    return lon, lat


def contact_lines(segments: int = 20_000, versions: int = 10) -> LineColumns:
    """The line, about 1,000 km long, in versions that follow each other without a gap."""
    along = np.linspace(0.0, 1.0, segments + 1)
    shapes = [np.column_stack(course(along, version)) for version in range(versions)]
    starts = FIRST_DAY + np.arange(versions + 1) * np.timedelta64(DAYS_A_VERSION, "D")
    return LineColumns(
        geometry=np.array([shapely.linestrings(shape) for shape in shapes], dtype=object),
        line_name=np.full(versions, "Line of the hills", dtype=object),
        kind=np.full(versions, "de_facto", dtype=object),
        left_party=np.full(versions, "Northern command", dtype=object),
        right_party=np.full(versions, "Southern command", dtype=object),
        valid_from=starts[:-1].astype("datetime64[us]"),
        valid_to=starts[1:].astype("datetime64[us]"),
        uncertainty_m=np.full(versions, LINE_UNCERTAINTY_M),
    )


def blocks(count: int, versions: int = 10) -> Iterator[IncidentColumns]:
    """``count`` incidents, at most BLOCK at a time."""
    for number, start in enumerate(range(0, count, BLOCK)):
        chance = np.random.default_rng([SEED, 2, number])
        made = _block(chance, BLOCK, versions)
        left = count - start
        yield made if left >= BLOCK else made.part(0, left)


def chunks(count: int, versions: int = 10, size: int = 4 * BLOCK) -> Iterator[IncidentColumns]:
    """``count`` incidents, ``size`` (whole blocks) at a time."""
    parts: list[IncidentColumns] = []
    for block in blocks(count, versions):
        parts.append(block)
        if len(parts) * BLOCK >= size:
            yield _joined(parts)
            parts = []
    if parts:
        yield _joined(parts)


def incidents(count: int, versions: int = 10) -> IncidentColumns:
    """``count`` incidents at once."""
    return _joined(list(blocks(count, versions)))


def _joined(parts: list[IncidentColumns]) -> IncidentColumns:
    columns = {}
    for field in dataclasses.fields(IncidentColumns):
        values = [getattr(part, field.name) for part in parts]
        columns[field.name] = None if values[0] is None else np.concatenate(values)
    return IncidentColumns(**columns)


def _block(chance: np.random.Generator, count: int, versions: int) -> IncidentColumns:
    lon, lat = _places(chance, count)
    villages = _places(np.random.default_rng([SEED, 3]), VILLAGES)
    repeated = np.flatnonzero(chance.random(count) < 0.3)
    # Few villages have most of the reports.
    village = (VILLAGES * chance.random(len(repeated)) ** 3).astype(np.int64)
    lon[repeated], lat[repeated] = villages[0][village], villages[1][village]
    begin = FIRST_DAY.astype("datetime64[us]")
    whole = versions * DAYS_A_VERSION * 86_400
    start = begin + (chance.random(count) * whole).astype(np.int64) * np.timedelta64(1_000_000)
    lasting = chance.random(count) < 0.3
    seconds = (chance.exponential(7200.0, count).astype(np.int64) + 60) * np.timedelta64(1_000_000)
    span = np.full(count, None, dtype=object)
    span[lasting] = np.where(chance.random(count) < 0.5, "duration", "uncertainty")[lasting]
    return IncidentColumns(
        lon=lon,
        lat=lat,
        occurred_from=start,
        occurred_to=np.where(lasting, start + seconds, np.datetime64("NaT", "us")),
        span_is=span,
        **_uncertainty(chance, lon, lat),
    )


def _places(chance: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Most along the line, many of them in hot spots; some far behind it."""
    spots = np.random.default_rng([SEED, 4]).uniform(0.04, 0.96, 14)
    along = spots[chance.integers(0, len(spots), count)] + chance.normal(0.0, 0.012, count)
    along = np.where(chance.random(count) < 0.55, along, chance.random(count))
    lon, lat = course(np.clip(along, 0.0, 1.0), 4)
    near = chance.exponential(7_000.0, count)
    away = np.where(chance.random(count) < 0.85, near, chance.uniform(0.0, 100_000.0, count))
    direction = chance.uniform(0.0, 2.0 * np.pi, count)
    return _moved(lon, lat, direction, away)


def _uncertainty(chance: np.random.Generator, lon, lat) -> dict[str, np.ndarray]:
    """How well the places are known: 1 km at the median, one in ten not told, three kinds."""
    count = len(lon)
    radius = np.clip(1_000.0 * np.exp(chance.normal(0.0, 1.1, count)), 10.0, 50_000.0)
    draw = chance.random(count)
    kind = np.full(count, "gauss", dtype=object)
    kind[draw < 0.40] = "disc"
    kind[draw < 0.25] = "sector"
    kind[draw < 0.10] = None
    radius[draw < 0.10] = np.nan
    seen = (draw >= 0.10) & (draw < 0.25)
    away = chance.uniform(1_000.0, 8_000.0, count)
    back = chance.uniform(0.0, 2.0 * np.pi, count)
    observer_lon, observer_lat = _moved(lon, lat, back, away)
    bearing = np.mod(np.degrees(back) + 180.0 + chance.normal(0.0, 2.0, count), 360.0)
    columns = {
        "observer_lon": observer_lon,
        "observer_lat": observer_lat,
        "bearing_deg": bearing,
        "bearing_halfwidth_deg": chance.uniform(3.0, 12.0, count),
        "range_min_m": 0.7 * away,
        "range_max_m": 1.3 * away,
    }
    columns = {name: np.where(seen, column, np.nan) for name, column in columns.items()}
    return {"uncertainty_m": radius, "uncertainty_kind": kind, **columns}


def _moved(lon, lat, direction, metres) -> tuple[np.ndarray, np.ndarray]:
    """Moved over a round earth: near enough for places that nobody checks."""
    north = metres * np.cos(direction) / METRES_A_DEGREE
    east = metres * np.sin(direction) / (METRES_A_DEGREE * np.cos(np.radians(lat)))
    return lon + east, lat + north
