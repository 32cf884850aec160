"""The foot of one point on one piece of a line: the kernel's formulas, in plain numbers."""

from __future__ import annotations

import dataclasses
import math

from .contact_line import PreparedLine
from .earth_centred import Horizon
from .geodesy import WGS84
from .nearest import END_M, FAR_M, MEAN_RADIUS_M, ON_M, Side


@dataclasses.dataclass(frozen=True)
class OneFoot:
    """What one line gives one point: metres, and the side seen along the line."""

    distance_m: float
    chainage_m: float
    side: Side


def foot_on(line: PreparedLine, piece: int, lon: float, lat: float, place) -> OneFoot:
    """The foot of a point (degrees, and ``place``: the same earth-centred) on a line's piece."""
    search = line.search
    start = tuple(column.item(piece) for column in search.starts)
    pieces = search.tree.levels[0]
    chord = pieces.dx.item(piece), pieces.dy.item(piece), pieces.dz.item(piece)
    free = sum((p - s) * d for p, s, d in zip(place, start, chord)) * pieces.per_square.item(piece)
    below = _on(min(max(free, 0.0), 1.0), start, chord)
    # As in the kernel: seen from far away, the chord runs closer to its middle than the arc.
    angle = min(math.dist(place, below) / MEAN_RADIUS_M, 1.5)
    free = 0.5 + (free - 0.5) / math.cos(angle)
    along = min(max(free, 0.0), 1.0)
    length = search.lengths.item(piece)
    sag = along * (1.0 - along) * length * length / (2.0 * MEAN_RADIUS_M)
    horizon = Horizon(*_on(along, start, chord), -sag)
    away = tuple(float(p - foot) for p, foot in zip(place, horizon.surface()))
    east, north = horizon.east_north(*away)
    distance = float(horizon.arc(math.hypot(*away), north))
    if distance > FAR_M:
        distance = float(WGS84.inv(lon, lat, *horizon.degrees())[2])
    step_east, step_north = horizon.east_north(*chord)
    turn = step_east * north - step_north * east
    past = (free - along) * length
    side = _side(line, piece, distance, along, past, turn, math.degrees(math.atan2(east, north)))
    return OneFoot(distance, line.pieces.chainage.item(piece) + along * length, side)


def _on(along: float, start, chord) -> tuple[float, float, float]:
    return tuple(s + along * d for s, d in zip(start, chord))


def _side(line: PreparedLine, piece: int, distance, along, past, turn, towards) -> Side:
    """Left or right of the line as a whole: by the edge, or by the wedge at a vertex."""
    if distance < ON_M:
        return Side.ON
    pieces = line.pieces
    if along == 0.0:
        arriving, leaving = pieces.az_before.item(piece), pieces.az_start.item(piece)
    elif along == 1.0:
        arriving, leaving = pieces.az_end.item(piece), pieces.az_after.item(piece)
    else:
        return Side.LEFT if turn > 0.0 else Side.RIGHT
    if math.isnan(arriving) or math.isnan(leaving):
        if abs(past) > END_M:
            return Side.BEYOND
        return Side.LEFT if turn > 0.0 else Side.RIGHT
    wedge = (leaving - (arriving + 180.0)) % 360.0
    return Side.LEFT if (leaving - towards) % 360.0 < wedge else Side.RIGHT
