"""Curves that look grown: a smooth path through a few points, then roughened.

Coordinates are kilometres east and north of the theatre's centre.
"""

from __future__ import annotations

import math

from .chance import Chance

Point = tuple
CENTRE_LONGITUDE, CENTRE_LATITUDE = -40.0, 41.0
KM_PER_DEGREE_EAST, KM_PER_DEGREE_NORTH = 84.13, 111.05


def degrees(point: Point, decimals: int = 5) -> list[float]:
    """``[longitude, latitude]`` of a point in kilometres, rounded."""
    east, north = point
    return [
        round(CENTRE_LONGITUDE + east / KM_PER_DEGREE_EAST, decimals),
        round(CENTRE_LATITUDE + north / KM_PER_DEGREE_NORTH, decimals),
    ]


def smooth(points: list[Point], steps: int, closed: bool = False) -> list[Point]:
    """A Catmull-Rom spline through the points, ``steps`` pieces between each two."""
    count = len(points)
    spans = count if closed else count - 1
    result = []
    for index in range(spans):
        four = [_neighbour(points, index + offset, closed) for offset in (-1, 0, 1, 2)]
        result.extend(_spline(four, step / steps) for step in range(steps))
    if not closed:
        result.append(points[-1])
    return result


def _neighbour(points: list[Point], index: int, closed: bool) -> Point:
    if closed:
        return points[index % len(points)]
    return points[min(max(index, 0), len(points) - 1)]


def _spline(four: list[Point], t: float) -> Point:
    before, start, end, after = four
    return tuple(
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t * t
            + (3 * b - a - 3 * c + d) * t * t * t
        )
        for a, b, c, d in zip(before, start, end, after)
    )


def roughen(points: list[Point], levels: int, roughness: float, chance: Chance) -> list[Point]:
    """Each segment halved ``levels`` times, each midpoint pushed aside by chance."""
    for _ in range(levels):
        finer = [points[0]]
        for start, end in zip(points, points[1:]):
            east, north = end[0] - start[0], end[1] - start[1]
            push = chance.bell(roughness)
            middle = (
                (start[0] + end[0]) / 2 - north * push,
                (start[1] + end[1]) / 2 + east * push,
            )
            finer.extend((middle, end))
        points = finer
    return points


def ring(points: list[Point], steps: int, levels: int, roughness: float, chance: Chance):
    """A closed curve through the points, grown; the last point is not repeated."""
    curve = smooth(points, steps, closed=True)
    return roughen([*curve, curve[0]], levels, roughness, chance)[:-1]


def blob(centre: Point, radius: float, chance: Chance, corners: int = 9) -> list[Point]:
    """An uneven rounded shape about a centre, as a ring."""
    corner_points = []
    for index in range(corners):
        angle = 2 * math.pi * index / corners
        reach = radius * chance.between(0.6, 1.3)
        corner_points.append(
            (centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle))
        )
    return ring(corner_points, 3, 2, 0.16, chance)


def bump(value: float, low: float, high: float) -> float:
    """0 outside ``low`` … ``high``, rising smoothly to 1 in their middle."""
    if not low < value < high:
        return 0.0
    return math.sin(math.pi * (value - low) / (high - low)) ** 2


def distance(one: Point, other: Point) -> float:
    """Kilometres between two points."""
    return math.hypot(one[0] - other[0], one[1] - other[1])


def bearing(start: Point, end: Point) -> float:
    """Degrees clockwise from north."""
    return math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360.0
