"""The parts of a line, put in order: which follows which, and in what direction."""

from __future__ import annotations

import dataclasses

import numpy as np

EARTH_M = 6_371_008.8
TOUCH_M = 0.1
MANY_PARTS = 400


@dataclasses.dataclass
class OrderedParts:
    """The parts of one line in the order and direction in which chainage runs along them.

    ``parts`` are (n, 2) arrays of degrees (longitude, latitude); ``closed`` says which are rings;
    ``turned`` counts the parts that were digitised the other way round.
    """

    parts: list[np.ndarray]
    closed: list[bool]
    turned: int


def unit_vectors(lonlat: np.ndarray) -> np.ndarray:
    """Degrees (n, 2) as vectors (n, 3) of length 1: near means near, also across ±180°."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def gap_m(one: np.ndarray, other: np.ndarray) -> float:
    """The chord between two points (degrees), in metres; exact enough to compare gaps."""
    ends = unit_vectors(np.array([one, other], dtype=float))
    return float(np.linalg.norm(ends[0] - ends[1]) * EARTH_M)


def order_parts(parts: list[np.ndarray], may_turn: bool = True) -> OrderedParts:
    """Join parts that touch, turn those digitised backwards, and put the rest in order.

    Parts that touch end to end become one. Where parts stay apart, the one with the nearest end
    follows, turned only if that clearly shortens the gap. The whole keeps the direction in which
    most of its length was digitised. Rings come after open parts, in the order given. With
    ``may_turn`` false every part keeps its direction.
    """
    chains = _join(parts, may_turn)
    rings = [chain for chain in chains if _is_closed(chain.points)]
    line = _sequence([chain for chain in chains if not _is_closed(chain.points)], may_turn)
    if sum(chain.backward for chain in line) > sum(chain.forward for chain in line):
        line = [chain.reversed() for chain in reversed(line)]
    rings = [ring.reversed() if ring.backward > ring.forward else ring for ring in rings]
    ordered = line + rings
    return OrderedParts(
        [chain.points for chain in ordered],
        [False] * len(line) + [True] * len(rings),
        sum(chain.turned for chain in ordered),
    )


@dataclasses.dataclass
class _Chain:
    """Parts joined into one: how much of its length runs as digitised, and how much against."""

    points: np.ndarray
    forward: float
    backward: float
    kept: int
    turned: int

    def reversed(self) -> _Chain:
        return _Chain(self.points[::-1], self.backward, self.forward, self.turned, self.kept)

    def joined_to(self, after: _Chain) -> _Chain:
        touching = gap_m(self.points[-1], after.points[0]) < 1e-3
        return _Chain(
            np.vstack([self.points, after.points[1 if touching else 0 :]]),
            self.forward + after.forward,
            self.backward + after.backward,
            self.kept + after.kept,
            self.turned + after.turned,
        )


def _chain_of(points: np.ndarray) -> _Chain:
    steps = np.diff(unit_vectors(points), axis=0)
    return _Chain(points, float(np.linalg.norm(steps, axis=1).sum() * EARTH_M), 0.0, 1, 0)


def _is_closed(points: np.ndarray) -> bool:
    return len(points) > 3 and gap_m(points[0], points[-1]) <= TOUCH_M


def _join(parts: list[np.ndarray], may_turn: bool) -> list[_Chain]:
    """Chains of the parts that touch where exactly two ends meet."""
    meeting: dict[tuple, list[tuple[int, int]]] = {}
    keys = []
    for index, points in enumerate(parts):
        ends = np.rint(unit_vectors(points[[0, -1]]) * (EARTH_M / TOUCH_M)).astype(np.int64)
        keys.append((tuple(ends[0]), tuple(ends[1])))
        for end in (0, 1):
            meeting.setdefault(keys[index][end], []).append((index, end))
    used = set()
    chains = []
    for index, points in enumerate(parts):
        if index in used:
            continue
        used.add(index)
        after = _follow(index, 1, keys, meeting, used, parts, may_turn)
        before = _follow(index, 0, keys, meeting, used, parts, may_turn)
        chain = _chain_of(points)
        for step in after:
            chain = chain.joined_to(step)
        for step in before:
            chain = step.reversed().joined_to(chain)
        chains.append(chain)
    return chains


def _follow(index, end, keys, meeting, used, parts, may_turn) -> list[_Chain]:
    """The parts that continue part ``index`` beyond its ``end`` (0 start, 1 end), walking away."""
    steps = []
    while True:
        there = [item for item in meeting[keys[index][end]] if item != (index, end)]
        if len(there) != 1 or there[0][0] in used:
            return steps
        if there[0][1] == end and not may_turn:
            return steps
        index, met = there[0]
        used.add(index)
        step = _chain_of(parts[index])
        steps.append(step if met == 0 else step.reversed())
        end = 1 - met


def _sequence(chains: list[_Chain], may_turn: bool) -> list[_Chain]:
    """Open chains one after the other, each time the one whose end is nearest."""
    if len(chains) < 2 or len(chains) > MANY_PARTS:
        return chains
    sequence = [chains[0]]
    rest = chains[1:]
    while rest:
        _, place, at_tail, turn = min(_fits(sequence, rest, may_turn), key=lambda fit: fit[0])
        chain = rest.pop(place)
        chain = chain.reversed() if turn else chain
        sequence = [*sequence, chain] if at_tail else [chain, *sequence]
    return sequence


def _fits(sequence: list[_Chain], rest: list[_Chain], may_turn: bool):
    """Each way to go on: (cost, which chain, at the tail, turned); turning counts double."""
    ends = np.array([[chain.points[0], chain.points[-1]] for chain in rest]).reshape(-1, 2)
    vectors = unit_vectors(ends).reshape(-1, 2, 3)
    tail = unit_vectors(sequence[-1].points[-1:])[0]
    head = unit_vectors(sequence[0].points[:1])[0]
    for at_tail, place in ((True, tail), (False, head)):
        gaps = np.linalg.norm(vectors - place, axis=2)
        straight, turned = (gaps[:, 0], gaps[:, 1]) if at_tail else (gaps[:, 1], gaps[:, 0])
        for turn, costs in ((False, straight), (True, turned * 2.0))[: 1 + may_turn]:
            best = int(np.argmin(costs))
            yield float(costs[best]), best, at_tail, turn
