"""The island: its coast, the areas that the parties hold on three dates, its zones.

The contact line runs from the north coast to a point where three areas meet, and from there to
two more places on the coast. A change of the line is a shear (east by an amount that depends on
the northing alone), which never makes a line cross itself.
"""

from __future__ import annotations

import dataclasses
import math

from .chance import Chance
from .shapes import Point, blob, bump, degrees, ring, roughen, smooth

DATES = ("2025-09-01", "2025-10-06", "2025-11-03")
UNTIL = ("2025-10-05", "2025-11-02", None)
NORTH_END, EAST_END, SOUTH_END = (-2.0, 45.0), (36.0, -8.0), (-8.0, -34.5)
MEETING = (6.0, -14.0)
COAST = [
    NORTH_END, (4, 52), (17, 48), (26, 51), (31, 40), (27, 33), (38, 30), (41, 19), (33, 14),
    (39, 5), (46, 1), EAST_END, (43, -15), (40, -27), (29, -29), (26, -38), (15, -40), (12, -51),
    (3, -46), SOUTH_END, (-15, -45), (-27, -43), (-29, -31), (-40, -27), (-42, -16), (-34, -8),
    (-37, 4), (-48, 9), (-44, 20), (-33, 23), (-36, 34), (-24, 37), (-20, 46), (-10, 50),
]  # fmt: skip
WEST_EAST = [NORTH_END, (-0.5, 39), (-4, 33), (-1, 26), (5.5, 20), (3, 12), (-5, 6), (-1.5, -2),
             (6, -7), MEETING]  # fmt: skip
EAST_SOUTH = [MEETING, (13, -11.5), (19, -16.5), (26, -11), (31, -13), EAST_END]
SOUTH_WEST = [MEETING, (2.5, -20), (-4, -24), (-3.5, -30), SOUTH_END]
GAP = (30.5, 42.5)
GAP_HALFWIDTH_KM = 1.4
POCKET = (-16.0, 15.0)


@dataclasses.dataclass
class Snapshot:
    """The line and the areas on one date; rings are lists of points in kilometres."""

    date: str
    until: str | None
    front: list[Point]
    areas: dict[str, list[list[list[Point]]]]


@dataclasses.dataclass
class Land:
    """Everything of the island that has a shape."""

    coast: list[Point]
    islets: dict[str, list[list[Point]]]
    snapshots: list[Snapshot]
    east_south: list[Point]
    south_west: list[Point]
    first_front: list[Point]


def shift(north: float, date: int) -> float:
    """How far east of the first line that of a date runs, at a northing (both km)."""
    moved = 0.0
    if date >= 1:
        moved += 4.2 * bump(north, 11.0, 29.5)
    if date >= 2:
        moved -= 3.4 * bump(north, -5.5, 10.5)
    return moved


def gap(north: float) -> float:
    """Half the width (km) of the strip between the forward lines, at a northing."""
    return GAP_HALFWIDTH_KM * bump(north, *GAP)


def make_land() -> Land:
    """The island, always the same."""
    chance = Chance("strand")
    coarse = roughen([*COAST, COAST[0]], 2, 0.14, chance)[:-1]
    coast = ring(coarse, 2, 2, 0.14, chance)
    step = 4 * 2 * 4
    north, east, south = (COAST.index(end) * step for end in (NORTH_END, EAST_END, SOUTH_END))
    chance = Chance("line")
    front = roughen(smooth(WEST_EAST, 4), 3, 0.13, chance)
    east_south = roughen(smooth(EAST_SOUTH, 4), 3, 0.13, chance)
    south_west = roughen(smooth(SOUTH_WEST, 4), 3, 0.13, chance)
    chance = Chance("islets")
    islets = {
        "Aster": [blob((-27.5, 48.5), 2.1, chance), blob((-45.5, -24.0), 1.4, chance)],
        "Borea": [blob((48.5, 18.0), 1.7, chance)],
        "Calder": [blob((43.5, -36.0), 2.4, chance)],
    }
    eastern_coast = coast[north : east + 1]
    southern_coast = coast[east : south + 1]
    western_coast = [*coast[south:], coast[0]]
    snapshots = []
    for number, date in enumerate(DATES):
        moved = [(x + shift(y, number), y) for x, y in front]
        pocket = _pocket(number)
        western = [(x - gap(y), y) for x, y in moved]
        eastern = [(x + gap(y), y) for x, y in moved]
        # Clockwise along the coast, then back along the lines.
        aster = [*western_coast, *western[1:], *south_west[1:-1]]
        borea = [*eastern_coast, *east_south[::-1][1:], *eastern[::-1][1:-1]]
        calder = [*southern_coast, *south_west[::-1][1:], *east_south[1:-1]]
        areas = {
            "Aster": [[aster, pocket], *([islet] for islet in islets["Aster"])],
            "Borea": [[borea], [pocket], *([islet] for islet in islets["Borea"])],
            "Calder": [[calder], *([islet] for islet in islets["Calder"])],
        }
        snapshots.append(Snapshot(date, UNTIL[number], moved, areas))
    return Land(coast, islets, snapshots, east_south, south_west, front)


def _pocket(date: int) -> list[Point]:
    """The area that Borea holds inside Aster's; on the last date it is smaller."""
    shape = blob(POCKET, 4.3, Chance("pocket"))
    scale = 0.62 if date == 2 else 1.0
    return [
        (POCKET[0] + (x - POCKET[0]) * scale, POCKET[1] + (y - POCKET[1]) * scale) for x, y in shape
    ]


def ribbon(line: list[Point], low: float, high: float, halfwidth: float) -> list[Point]:
    """The strip ``halfwidth`` km east and west of the part of a line between two northings."""
    part = [point for point in line if low <= point[1] <= high]
    every_third = [*part[:-1:3], part[-1]]
    west = [(x - halfwidth, y) for x, y in every_third]
    east = [(x + halfwidth, y) for x, y in every_third]
    return [*west, *east[::-1]]


def circle(centre: Point, radius: float, corners: int = 48) -> list[Point]:
    """A circle as a ring of corners."""
    angles = (2 * math.pi * index / corners for index in range(corners))
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]


def rectangle(centre: Point, along: float, across: float, turned_deg: float) -> list[Point]:
    """A rectangle (km) about a centre, turned clockwise."""
    angle = math.radians(turned_deg)
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    offsets = [(a * across / 2, b * along / 2) for a, b in corners]
    return [
        (
            centre[0] + x * math.cos(angle) + y * math.sin(angle),
            centre[1] - x * math.sin(angle) + y * math.cos(angle),
        )
        for x, y in offsets
    ]


def polygon(rings: list[list[Point]], decimals: int = 4) -> list:
    """GeoJSON coordinates of a polygon: closed rings, the outer one counter-clockwise."""
    result = []
    for number, points in enumerate(rings):
        turned = points if (_area(points) > 0) == (number == 0) else points[::-1]
        closed = [degrees(point, decimals) for point in turned]
        result.append([*closed, closed[0]])
    return result


def _area(points: list[Point]) -> float:
    following = [*points[1:], points[0]]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, following)) / 2
