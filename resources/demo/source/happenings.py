"""What happened on the island: the true events, which the feeds then tell in part.

More fire near the line, more by night, more for some days after each move of the line; two
stretches of days are quiet. Times are naive local times, places are kilometres.
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta

from .chance import Chance
from .land import Land
from .shapes import Point
from .watch import at, days

QUIET = ((date(2025, 9, 19), date(2025, 9, 28)), (date(2025, 10, 18), date(2025, 10, 24)))
MOVES = (date(2025, 10, 6), date(2025, 11, 3))
HOURS = {
    0: 5, 1: 5, 2: 4, 3: 3, 4: 2, 5: 2, 6: 2, 7: 2, 8: 2, 9: 3, 10: 3, 11: 3, 12: 2, 13: 2,
    14: 3, 15: 3, 16: 4, 17: 5, 18: 7, 19: 8, 20: 9, 21: 9, 22: 8, 23: 6,
}  # fmt: skip
KINDS = {
    "Burst": 36,
    "Explosion": 31,
    "Shot": 13,
    "Projectile": 6,
    "Muzzle flash": 5,
    "Illumination flare": 5,
    "Tracer": 4,
}
# An explosion in the fields of view of two cameras: its day, hour and minute.
TWO_CAMERAS = (date(2025, 11, 12), 21, 37)
# Reaches of sight and sound, kilometres.
AUDIBLE = {"Explosion": 9.0, "Burst": 6.5, "Shot": 5.0}
VISIBLE = {
    "Explosion": 5.5,
    "Projectile": 6.5,
    "Muzzle flash": 5.5,
    "Illumination flare": 9.0,
    "Tracer": 6.0,
    "Burst": 3.0,
}


@dataclasses.dataclass
class Happening:
    """One true event."""

    number: int
    when: datetime
    point: Point
    kind: str
    count: int
    weapon: str
    near: str


def happenings(land: Land) -> list[Happening]:
    """All true events, in order of time."""
    chance = Chance("happenings")
    made: list[Happening] = []
    for day in days():
        for _ in range(chance.poisson(_mean(day))):
            made.append(_one(land, day, chance))
    made.append(Happening(0, at(*TWO_CAMERAS), (2.4, 16.9), "Explosion", 1, "N/K", "Varne"))
    made.sort(key=lambda one: one.when)
    for number, one in enumerate(made, 1):
        one.number = number
    return made


def date_number(day: date) -> int:
    """Which of the three states of the line holds on a day."""
    return sum(day >= move for move in MOVES)


def _mean(day: date) -> float:
    """Expected events on a day."""
    for start, end in QUIET:
        if start <= day <= end:
            return 0.7
    for move in MOVES:
        since = (day - move).days
        if 0 <= since < 9:
            return 18.0 - 1.5 * since
    return 5.0


def _front_at(land: Land, north: float, day: date) -> Point:
    front = land.snapshots[date_number(day)].front
    return min(front, key=lambda point: abs(point[1] - north))


def _one(land: Land, day: date, chance: Chance) -> Happening:
    hot = {"Varne": 5, "Cobrin": 5, "Lowmere": 5, "Estwick": 4, "Ardesk": 2, "Wexlow": 2,
           "Rodmere": 2, "Umber Ford": 1, "Quellin": 2, "Kelmar": 3}  # fmt: skip
    for move, name in zip(MOVES, ("Varne", "Lowmere")):
        if 0 <= (day - move).days < 12:
            hot[name] *= 5
    near = chance.pick_weighted(hot)
    middle, spread = {
        "Varne": (_front_at(land, 20.5, day), (1.5, 2.6)),
        "Cobrin": (_front_at(land, 12.0, day), (1.6, 1.6)),
        "Lowmere": (_front_at(land, 4.0, day), (1.4, 2.2)),
        "Estwick": (_front_at(land, -4.5, day), (1.5, 1.4)),
        "Ardesk": (_front_at(land, 33.5, day), (1.4, 1.8)),
        "Wexlow": ((-13.2, 13.8), (1.4, 1.4)),
        "Rodmere": ((21.0, -14.5), (2.6, 1.2)),
        "Umber Ford": ((-4.4, -23.6), (1.2, 1.4)),
        # Well behind the line on either side.
        "Quellin": ((-13.5, 23.5), (2.4, 2.4)),
        "Kelmar": ((15.5, 8.0), (2.2, 3.0)),
    }[near]
    point = (middle[0] + chance.bell(spread[0]), middle[1] + chance.bell(spread[1]))
    hour = chance.pick_weighted(HOURS)
    when = at(day, hour, chance.whole(0, 59))
    kind = chance.pick_weighted(KINDS)
    return Happening(0, when, point, kind, _count(kind, chance), _weapon(kind, chance), near)


def _count(kind: str, chance: Chance) -> int:
    high = {"Burst": 9, "Explosion": 5, "Shot": 12, "Projectile": 4}.get(kind, 2)
    return 1 + min(chance.whole(0, high - 1), chance.whole(0, high - 1))


def _weapon(kind: str, chance: Chance) -> str:
    weights = {
        "Explosion": {"N/K": 8, "Mortar (82mm)": 3, "Mortar (120mm)": 3, "AGL": 2,
                      "Artillery (122mm)": 1},
        "Burst": {"HMG": 7, "Small arms": 9, "IFV cannon (30mm)": 2, "AA cannon (23mm)": 1},
        "Shot": {"Small arms": 9, "N/K": 2},
        "Projectile": {"N/K": 5, "AGL": 2, "RPG": 1},
        "Tracer": {"HMG": 3, "N/K": 3},
    }.get(kind)  # fmt: skip
    return chance.pick_weighted(weights) if weights else "N/K"


def minutes(amount: int) -> timedelta:
    """A span of minutes."""
    return timedelta(minutes=amount)
