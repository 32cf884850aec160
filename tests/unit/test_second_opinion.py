"""PostGIS geography and GeographicLib as second opinion on the kernel's distances.

PostGIS looks for the nearest place on a sphere and measures to it on the spheroid. For a whole line
that place may be another than the nearest (above 100 m farther, 80 km away), and long edges run as
great circles. So it gets the edges in pieces of some tens of metres, drawn by GeographicLib, takes
all those that its sphere allows to be the nearest, and measures to each of them on the spheroid.
"""

from __future__ import annotations

import csv
import json
import zlib

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.geodesy import direct
from ceasefire_monitor.analysis.nearest import nearest

WGS84 = Geodesic.WGS84
PIECE_M = 30.0
FARTHEST_M = 100_000.0
AGREES_M = 0.05
ROUND_OFF = 1.012
"""Twice the most by which a distance on PostGIS's sphere is off, 0.6 %, as a factor."""
SEARCHED = 12
DISPUTED = "ne_10m_admin_0_disputed_areas.geojson"
SOUTH, NORTH = "Korean Demilitarized Zone (south)", "Korean Demilitarized Zone (north)"
EAST, WEST = "Jammu and Kashmir", ("Azad Kashmir", "Northern Areas")

HARD = {
    "edges of hundreds of kilometres": [[(30.0, 48.0), (36.0, 50.0), (35.0, 46.0), (41.0, 44.0)]],
    "at 70 degrees north": [[(20.0, 70.0), (30.0, 70.0), (31.0, 71.5), (24.0, 70.6)]],
    "across the antimeridian": [[(178.0, 52.0), (-179.0, 53.0), (-176.0, 51.0)]],
    "acute bends": [[(30.0 + 0.2 * i, 47.0 + 0.6 * (i % 2)) for i in range(8)]],
    "a near loop": [
        [(35.0 + 0.4 * np.sin(a), -30.0 + 0.4 * np.cos(a)) for a in np.linspace(0.05, 6.2, 24)]
    ],
    "two parts and a ring": [
        [(10.0, 60.0), (14.0, 61.0)],
        [(14.5, 61.0), (18.0, 60.2)],
        [(12.0, 59.5), (12.5, 59.5), (12.5, 59.8), (12.0, 59.5)],
    ],
}
REAL = ["Korea", "Cyprus", "UNDOF", "Line of Control"]


@pytest.fixture(scope="module")
def postgis(server):
    return server


@pytest.fixture(scope="module")
def disputed(real_data):
    """Natural Earth's disputed areas by name."""
    text = (real_data / "natural_earth" / DISPUTED).read_text(encoding="utf-8")
    areas = {}
    for feature in json.loads(text)["features"]:
        names = {key.lower(): value for key, value in feature["properties"].items()}
        areas[names["brk_name"]] = shapely.from_geojson(json.dumps(feature["geometry"]))
    return areas


@pytest.fixture(scope="module")
def line_of_contact(real_data):
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    feature = json.loads(path.read_text(encoding="utf-8"))["features"][0]
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def real_line(disputed, name: str):
    if name == "Korea":
        return common_border(disputed[SOUTH], disputed[NORTH])
    if name == "Line of Control":
        return common_border(disputed[EAST], shapely.union_all([disputed[area] for area in WEST]))
    area = {"Cyprus": "Cyprus U.N. Buffer Zone", "UNDOF": "UNDOF Zone"}[name]
    return shapely.boundary(disputed[area])


def common_border(one, other):
    shared = shapely.intersection(shapely.boundary(one), shapely.boundary(other))
    edges = [part for part in shapely.get_parts(shared) if part.geom_type == "LineString"]
    return shapely.line_merge(shapely.multilinestrings(edges))


def parts_of(line) -> list:
    return [shapely.get_coordinates(part).tolist() for part in shapely.get_parts(line)]


def synthetic(parts, name: str, count: int):
    """Incidents 0 to 100 km from places of the line; the same ones each time."""
    chance = np.random.default_rng(zlib.crc32(name.encode()))
    lon, lat = [], []
    for _ in range(count):
        part = parts[chance.integers(len(parts))]
        edge = chance.integers(len(part) - 1)
        (lon0, lat0), (lon1, lat1) = part[edge], part[edge + 1]
        way = WGS84.InverseLine(lat0, lon0, lat1, lon1)
        place = way.Position(chance.random() * way.s13)
        lon.append(place["lon2"])
        lat.append(place["lat2"])
    away = FARTHEST_M * chance.random(count) ** 2
    return direct(np.array(lon), np.array(lat), chance.uniform(0.0, 360.0, count), away)


def kernel_distances(parts, lon, lat):
    line = shapely.multilinestrings([shapely.linestrings(part) for part in parts])
    return nearest(prepare_lines(LineColumns(np.array([line], dtype=object))), lon, lat)


def pieces(parts):
    """The edges, cut by GeographicLib into pieces that are short and of nearly equal length."""
    for part in parts:
        for (lon0, lat0), (lon1, lat1) in zip(part[:-1], part[1:]):
            way = WGS84.InverseLine(lat0, lon0, lat1, lon1)
            steps = np.linspace(0.0, way.s13, int(np.ceil(way.s13 / PIECE_M)) + 1)
            places = [way.Position(step) for step in steps]
            yield from zip(places[:-1], places[1:])


def by_postgis(postgis, parts, lon, lat):
    """PostGIS's distance to the nearest piece, for each point (metres)."""
    postgis.run("drop table if exists piece, point;")
    postgis.run(
        "create table piece (lon0 float8, lat0 float8, lon1 float8, lat1 float8);"
        "create table point (number int, lon float8, lat float8);"
    )
    rows = [
        f"{one['lon2']:.17g},{one['lat2']:.17g},{other['lon2']:.17g},{other['lat2']:.17g}"
        for one, other in pieces(parts)
    ]
    postgis.run("copy piece from stdin with (format csv)", rows)
    rows = [
        f"{number},{x:.17g},{y:.17g}"
        for number, (x, y) in enumerate(zip(lon.tolist(), lat.tolist()))
    ]
    postgis.run("copy point from stdin with (format csv)", rows)
    told = postgis.run(
        "create temporary table line as select geography(st_setsrid(st_makeline("
        "st_makepoint(lon0, lat0), st_makepoint(lon1, lat1)), 4326)) as shape from piece;"
        "create index on line using gist (shape); analyze line;"
        "with place as (select number, "
        "geography(st_setsrid(st_makepoint(lon, lat), 4326)) as place from point)"
        "select exact.away from place cross join lateral "
        "(select line.shape <-> place as away from line order by away limit 1) round "
        "cross join lateral (select min(st_distance(line.shape, place)) as away from line "
        f"where st_dwithin(line.shape, place, round.away * {ROUND_OFF} + 1.0, false)) exact "
        "order by number;"
    )
    return np.array([float(row[0]) for row in told])


def by_postgis_whole(postgis, parts, lon, lat):
    """PostGIS's ``ST_Distance`` to the line as one geography (metres); after ``by_postgis``."""
    shape = shapely.to_wkb(shapely.multilinestrings([shapely.linestrings(p) for p in parts]), True)
    told = postgis.run(
        "select st_distance(geography(st_setsrid(st_makepoint(lon, lat), 4326)), "
        f"geography(st_setsrid('{shape}'::geometry, 4326))) from point order by number"
    )
    return np.array([float(row[0]) for row in told])


def by_search(parts, lon, lat) -> float:
    """The least distance by golden-section search along every edge that may be the nearest."""
    edges = []
    for part in parts:
        away = [WGS84.Inverse(lat, lon, y, x)["s12"] for x, y in part]
        ways = [WGS84.InverseLine(*p[::-1], *q[::-1]) for p, q in zip(part[:-1], part[1:])]
        edges += list(zip(ways, away[:-1], away[1:]))
    best = min(min(before, after) for _, before, after in edges)
    for way, before, after in edges:
        if (before + after - way.s13) / 2.0 <= best:
            best = min(best, _least_along(way, lon, lat))
    return best


def _least_along(way, lon, lat) -> float:
    def away(along):
        place = way.Position(along)
        return WGS84.Inverse(lat, lon, place["lat2"], place["lon2"])["s12"]

    low, high = 0.0, way.s13
    ratio = (np.sqrt(5.0) - 1.0) / 2.0
    while high - low > 0.5:
        one, two = high - ratio * (high - low), low + ratio * (high - low)
        if away(one) < away(two):
            high = two
        else:
            low = one
    return min(away((low + high) / 2.0), away(0.0), away(way.s13))


def apart_from_both(postgis, parts, lon, lat) -> tuple[float, float]:
    """How far the kernel is from PostGIS, and (for some places) from GeographicLib, at most (m).

    Only places up to 100 km from the line count.
    """
    found = kernel_distances(parts, lon, lat)
    second = by_postgis(postgis, parts, lon, lat)
    near = second <= FARTHEST_M
    apart = np.abs(found.distance_m - second)
    assert np.count_nonzero(near) > 20
    # The rows on which PostGIS's answer for the whole line differs most are where a search that
    # stops at the wrong edge would show.
    whole = by_postgis_whole(postgis, parts, lon, lat)
    odd = np.argsort(np.where(near, np.abs(whole - found.distance_m), 0.0))[::-1]
    rows = [*odd[: SEARCHED // 2].tolist(), *np.flatnonzero(near)[: SEARCHED // 2].tolist()]
    off = [0.0]
    for row in rows:
        truth = by_search(parts, lon[row], lat[row])
        foot = WGS84.Inverse(lat[row], lon[row], found.foot_lat[row], found.foot_lon[row])["s12"]
        off += [abs(found.distance_m[row] - truth), abs(foot - truth)]
    return float(apart[near].max()), max(off)


@pytest.mark.parametrize("name", HARD)
def test_hard_lines_are_measured_as_postgis_and_geographiclib_measure_them(postgis, name):
    lon, lat = synthetic(HARD[name], name, 200)
    from_postgis, from_search = apart_from_both(postgis, HARD[name], lon, lat)
    assert from_postgis <= AGREES_M
    assert from_search <= 0.01


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_real_lines_are_measured_as_postgis_and_geographiclib_measure_them(postgis, disputed, name):
    parts = parts_of(real_line(disputed, name))
    lon, lat = synthetic(parts, name, 300)
    from_postgis, from_search = apart_from_both(postgis, parts, lon, lat)
    assert from_postgis <= AGREES_M
    assert from_search <= 0.01


def table(path, lon_name: str, lat_name: str, keep=None):
    """The different places of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if keep is None or keep(row)]
    places = sorted({(float(row[lon_name]), float(row[lat_name])) for row in rows})
    return np.array(places).T


def in_ceasefire(row) -> bool:
    return "2015-02-18" <= row["date_start"][:10] <= "2022-02-23"


@pytest.mark.real_data
def test_real_events_against_the_line_of_contact(postgis, real_data, line_of_contact):
    path = real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    lon, lat = table(path, "longitude", "latitude", in_ceasefire)
    from_postgis, from_search = apart_from_both(postgis, parts_of(line_of_contact), lon, lat)
    assert from_postgis <= AGREES_M
    assert from_search <= 0.01


@pytest.mark.real_data
@pytest.mark.parametrize("feed", ["firms_ukraine", "viina"])
def test_feeds_in_volume_against_the_line_of_contact(postgis, real_data, line_of_contact, feed):
    names = ("longitude", "latitude") if feed == "firms_ukraine" else ("lon", "lat")
    paths = sorted((real_data / feed).glob("*.csv"))
    lon, lat = np.concatenate([table(path, *names) for path in paths], axis=1)
    lon0, lat0, lon1, lat1 = shapely.bounds(line_of_contact)
    about = (lon > lon0 - 1.2) & (lon < lon1 + 1.2) & (lat > lat0 - 0.8) & (lat < lat1 + 0.8)
    from_postgis, from_search = apart_from_both(
        postgis, parts_of(line_of_contact), lon[about], lat[about]
    )
    assert from_postgis <= AGREES_M
    assert from_search <= 0.01
