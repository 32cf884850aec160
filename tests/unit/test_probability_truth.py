"""Probabilities and sides against Monte Carlo: another sampling, distances by brute force.

The truth knows nothing of the kernel. Places are drawn with numpy and laid out by PROJ's geodesics;
the line is cut into pieces of about 2 km; distances are those of points and pieces in space
(earth-centred), lengthened from chord to arc: right to a decimetre at 50 km.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.nearest import Side, nearest
from ceasefire_monitor.analysis.probability import probability_near
from ceasefire_monitor.analysis.side_probability import side_probability

GEOD = Geod(ellps="WGS84")
SPACE = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
PROVE = bool(os.environ.get("CEASEFIRE_PROVE"))
CASES = 30 if PROVE else 2
DRAWS = 120_000 if PROVE else 30_000
KINDS = ("gauss", "disc", "sector", "area")
RADIUS_M = 6_371_000.0


def in_space(lon, lat) -> np.ndarray:
    return np.column_stack(SPACE.transform(lon, lat, np.zeros(len(lon))))


def walked(start, steps) -> np.ndarray:
    """Vertices (n, 2), degrees, reached from ``start`` by (azimuth, metres) one after another."""
    points = [start]
    for azimuth, metres in steps:
        lon, lat, _ = GEOD.fwd(*points[-1], azimuth, metres)
        points.append((lon, lat))
    return np.array(points)


def zigzag(rng, start, size):
    turn, sharp = rng.uniform(0, 360), rng.uniform(30, 85)
    return [
        walked(start, [(turn + sharp * (-1) ** i, size * rng.uniform(0.3, 1)) for i in range(12)])
    ]


def hairpin(rng, start, size):
    turn, gap = rng.uniform(0, 360), size * rng.uniform(0.05, 0.5)
    return [walked(start, [(turn, 3 * size), (turn + 90, gap), (turn + 180, 3 * size)])]


def gapped(rng, start, size):
    turn = rng.uniform(0, 360)
    first = walked(start, [(turn, size), (turn + 20, size)])
    begin = walked(first[-1], [(turn + rng.uniform(-60, 60), size * rng.uniform(0.1, 2))])[-1]
    return [first, walked(begin, [(turn - 15, size), (turn + 30, size)])]


def pocket(rng, start, size):
    turn = rng.uniform(0, 360)
    centre = walked(start, [(turn + 90, size * rng.uniform(0.3, 2))])[-1]
    angles = np.linspace(0, 360, 13)
    reach = size * rng.uniform(0.2, 0.6, 12)
    ring = [GEOD.fwd(*centre, a, r)[:2] for a, r in zip(angles, np.append(reach, reach[0]))]
    return [walked(start, [(turn, size), (turn, 2 * size)]), np.array(ring)]


def wiggles(rng, start, size):
    turn, step = rng.uniform(0, 360), size * rng.uniform(0.02, 0.15)
    return [walked(start, [(turn + rng.normal(0, 60), step) for _ in range(120)])]


def straight(rng, start, size):
    return [walked(start, [(rng.uniform(0, 360), 4 * size)])]


SHAPES = (zigzag, hairpin, gapped, pocket, wiggles, straight)


def cut(parts) -> np.ndarray:
    """All parts as pieces (n, 2, 3) in space, along geodesics."""
    pieces = []
    for part in parts:
        for one, other in zip(part[:-1], part[1:]):
            count = int(min(max(GEOD.inv(*one, *other)[2] / 2000.0, 1), 400))
            between = GEOD.npts(*one, *other, count - 1) if count > 1 else []
            ends = np.array([tuple(one), *between, tuple(other)])
            drawn = in_space(ends[:, 0], ends[:, 1])
            pieces.append(np.stack([drawn[:-1], drawn[1:]], axis=1))
    return np.concatenate(pieces)


def brute_distance(pieces, lon, lat) -> np.ndarray:
    """Metres from points (degrees) to the nearest of the pieces."""
    points = in_space(lon, lat)
    best = np.full(len(points), np.inf)
    start, step = pieces[:, 0], pieces[:, 1] - pieces[:, 0]
    squared = np.maximum((step**2).sum(axis=1), 1e-12)
    centre = start.mean(axis=0)
    for low in range(0, len(points), 4000):
        part = slice(low, low + 4000)
        place = points[part] - centre
        begin = start - centre
        along = (place @ step.T - (begin * step).sum(axis=1)) / squared
        along = np.clip(along, 0.0, 1.0)
        # |p - s - a t|² written out, so that no (points, pieces, 3) array is made.
        away = (
            (place**2).sum(axis=1)[:, None]
            + (begin**2).sum(axis=1)
            - 2.0 * place @ begin.T
            - 2.0 * along * (place @ step.T - (begin * step).sum(axis=1))
            + along**2 * squared
        )
        best[part] = np.sqrt(np.maximum(away.min(axis=1), 0.0))
    return 2.0 * RADIUS_M * np.arcsin(np.minimum(best / (2.0 * RADIUS_M), 1.0))


def drawn(case, rng, count):
    """Places (degrees) drawn at random for a case."""
    kind, radius = case["kind"], case["radius"]
    if kind == "area":
        low_x, low_y, high_x, high_y = case["area"].bounds
        lon, lat = np.empty(0), np.empty(0)
        while len(lon) < count:
            # Even on the ellipsoid to a thousandth: by the sine of the latitude.
            x = rng.uniform(low_x, high_x, 2 * count)
            sine = rng.uniform(np.sin(np.radians(low_y)), np.sin(np.radians(high_y)), 2 * count)
            y = np.degrees(np.arcsin(sine))
            inside = shapely.contains_xy(case["area"], x, y)
            lon, lat = np.append(lon, x[inside]), np.append(lat, y[inside])
        return lon[:count], lat[:count]
    start = case["place"]
    azimuth = rng.uniform(0, 360, count)
    if kind == "gauss":
        away = rng.rayleigh(radius / np.sqrt(-2 * np.log(0.05)), count)
    elif kind == "disc":
        away = radius * np.sqrt(rng.random(count))
    else:
        sector = case["sector"]
        start = (sector["observer_lon"], sector["observer_lat"])
        halfwidth = sector["bearing_halfwidth_deg"]
        azimuth = sector["bearing_deg"] + rng.uniform(-halfwidth, halfwidth, count)
        near, far = sector["range_min_m"], sector["range_max_m"]
        away = np.sqrt(rng.uniform(near**2, far**2, count))
    return GEOD.fwd(np.full(count, start[0]), np.full(count, start[1]), azimuth, away)[:2]


def made_case(kind, scale, rng):
    """A random line, incident and limit, about as large as ``scale`` (metres)."""
    size = scale * 10 ** rng.uniform(-0.7, 0.8)
    start = (rng.uniform(-180, 180), rng.uniform(-70, 70))
    lines = [SHAPES[rng.integers(len(SHAPES))](rng, start, size)]
    if rng.random() < 0.3:
        lines.append(SHAPES[rng.integers(len(SHAPES))](rng, lines[0][0][-1], size))
    unsure = [np.nan if rng.random() < 0.5 else scale * 10 ** rng.uniform(-1.5, 0.7) for _ in lines]
    part = lines[0][rng.integers(len(lines[0]))]
    limit = scale * 10 ** rng.uniform(-1.0, 1.0)
    away = max(limit + scale * rng.uniform(-1.0, 1.0), 0.0)
    place = GEOD.fwd(*part[rng.integers(len(part))], rng.uniform(0, 360), away)[:2]
    case = {"kind": kind, "radius": scale, "place": place, "limit": limit, "lines": lines}
    case["unsure"] = np.minimum(unsure, 90_000.0)
    if kind == "sector":
        near = scale * rng.uniform(0.1, 1.0)
        bearing = rng.uniform(0, 360)
        post = GEOD.fwd(*place, bearing + 180.0, near + scale / 2)
        case["sector"] = {
            "observer_lon": post[0],
            "observer_lat": post[1],
            "bearing_deg": post[2] % 360.0,
            "bearing_halfwidth_deg": rng.choice([2.0, 11.25, 45.0, 180.0]),
            "range_min_m": near,
            "range_max_m": near + scale,
        }
    if kind == "area":
        case["area"] = made_area(place, scale, rng)
    return case


def made_area(place, scale, rng):
    """A star, a sliver, one with a hole, or two apart; drawn at the place, in degrees."""
    turns = np.sort(rng.uniform(0, 360, 14))
    form = rng.integers(4)

    def star(centre, size):
        reach = size * rng.uniform(0.4, 1.0, len(turns))
        lon, lat, _ = GEOD.fwd(*(np.full(len(turns), c) for c in centre), turns, reach)
        # Across the antimeridian longitudes run on, as shapely's planes need.
        return shapely.Polygon(
            np.column_stack([centre[0] + (lon - centre[0] + 180) % 360 - 180, lat])
        )

    if form == 0:
        along = rng.uniform(0, 360)
        corners = [(along, scale), (along + 90, scale / 40), (along + 180, 2 * scale)]
        corners += [(along + 270, scale / 40)]
        points = walked(place, corners)
        points[:, 0] = place[0] + (points[:, 0] - place[0] + 180) % 360 - 180
        return shapely.make_valid(shapely.Polygon(points)).buffer(0)
    area = star(place, scale).buffer(0)
    if form == 1:
        return area.difference(star(place, scale / 3).buffer(0))
    if form == 2:
        other = star(GEOD.fwd(*place, rng.uniform(0, 360), 2 * scale)[:2], scale / 2).buffer(0)
        return area.union(other)
    return area


def measured_by_product(case):
    lines = prepare_lines(
        LineColumns(
            np.array([shapely.MultiLineString(list(line)) for line in case["lines"]], dtype=object),
            uncertainty_m=case["unsure"],
        )
    )
    incident = IncidentColumns(
        [case["place"][0]],
        [case["place"][1]],
        uncertainty_m=[case["radius"]],
        uncertainty_kind=[case["kind"]],
        **{name: [value] for name, value in case.get("sector", {}).items()},
    )
    if case["kind"] == "area":
        incident.area[0] = case["area"]
    return lines, incident


def truth_near(case, rng, count) -> float:
    lon, lat = drawn(case, rng, count)
    near = np.zeros(count, dtype=bool)
    for parts, unsure in zip(case["lines"], case["unsure"]):
        away = brute_distance(cut(parts), lon, lat)
        sigma = np.nan_to_num(unsure) / 1.959963984540054
        near |= np.abs(away - rng.normal(0, 1, count) * sigma) <= case["limit"]
    return near.mean()


def error_of(case, rng, count):
    lines, incident = measured_by_product(case)
    bare = nearest(lines, incident.lon, incident.lat).distance_m
    among = tuple(range(len(lines)))
    told = probability_near(lines, among, incident, np.array([0]), bare, case["limit"])[0]
    return told, truth_near(case, rng, count)


@pytest.mark.parametrize("kind", KINDS)
def test_the_chance_of_near_is_within_two_hundredths_of_the_truth(kind):
    undecided = 0
    for scale in (10.0, 100.0, 1000.0, 8000.0, 50_000.0):
        rng = np.random.default_rng([7, KINDS.index(kind), int(scale)])
        for _ in range(CASES):
            case = made_case(kind, scale, rng)
            told, truth = error_of(case, rng, DRAWS)
            # Four standard errors of the simulation are its own.
            noise = 4.0 * np.sqrt(max(truth * (1.0 - truth), 1e-3) / DRAWS)
            assert told == pytest.approx(truth, abs=0.018 + noise), case
            undecided += 0.02 < truth < 0.98
    assert undecided >= 3 * CASES


def brute_side(part, lon, lat):
    """Signed metres from one open part (> 0: left), and where its ends are what is nearest.

    At a bend the sign is that of the sum of both pieces' normals (Bærentzen and Aanæs 2005).
    """
    pieces = cut([part])
    points = in_space(lon, lat)
    start, step = pieces[:, 0], pieces[:, 1] - pieces[:, 0]
    up = start / np.linalg.norm(start, axis=1)[:, None]
    left = np.cross(up, step)
    left /= np.linalg.norm(left, axis=1)[:, None]
    signed, beyond = np.empty(len(points)), np.zeros(len(points), dtype=bool)
    for low in range(0, len(points), 2000):
        place = points[low : low + 2000, None, :] - start[None]
        along = np.clip((place * step).sum(axis=2) / (step**2).sum(axis=1), 0.0, 1.0)
        away = np.linalg.norm(place - along[:, :, None] * step, axis=2)
        which = away.argmin(axis=1)
        row = np.arange(len(which))
        share, way = along[row, which], place[row, which] - along[row, which][:, None] * step[which]
        normal = left[which].copy()
        for at, other in ((share == 0.0, which - 1), (share == 1.0, which + 1)):
            inside = at & (other >= 0) & (other < len(start))
            normal[inside] += left[other[inside]]
            beyond[low : low + 2000] |= at & ~inside
        sign = np.sign((way * normal).sum(axis=1))
        signed[low : low + 2000] = sign * away[row, which]
    return signed, beyond


@pytest.mark.parametrize("kind", KINDS)
def test_the_chance_of_the_stated_side_is_within_two_hundredths_of_the_truth(kind):
    undecided, count = 0, DRAWS // 3
    for scale in (30.0, 1000.0, 20_000.0):
        rng = np.random.default_rng([8, KINDS.index(kind), int(scale)])
        for _ in range(CASES):
            told, truth, case = side_error(kind, scale, rng, count)
            if truth is None:
                continue
            noise = 4.0 * np.sqrt(max(truth * (1.0 - truth), 1e-3) / count)
            assert told == pytest.approx(truth, abs=0.018 + noise), case
            undecided += 0.02 < truth < 0.98
    assert undecided >= CASES


def side_error(kind, scale, rng, count):
    case = made_case(kind, scale, rng)
    shape = (zigzag, hairpin, straight)[rng.integers(3)]
    part = shape(rng, case["place"], scale * 10 ** rng.uniform(-0.3, 0.8))[0]
    moved = GEOD.fwd(*part[len(part) // 2], rng.uniform(0, 360), scale * rng.uniform(0, 2))
    case["lines"] = [[part]]
    case["unsure"] = case["unsure"][:1]
    move = np.array(moved[:2]) - case["place"]
    case["lines"] = [[part - move]]
    lines, incident = measured_by_product(case)
    found = nearest(lines, incident.lon, incident.lat)
    told = side_probability(lines, (0,), incident, np.array([0]), found)[0]
    if found.side[0] not in (Side.LEFT, Side.RIGHT):
        assert np.isnan(told)
        return told, None, case
    lon, lat = drawn(case, rng, count)
    signed, beyond = brute_side(case["lines"][0][0], lon, lat)
    sigma = np.nan_to_num(case["unsure"][0]) / 1.959963984540054
    left = signed > rng.normal(0, 1, count) * sigma
    stated = left if found.side[0] == Side.LEFT else ~left
    return told, (stated & ~beyond).mean(), case
