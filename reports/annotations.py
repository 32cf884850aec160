"""Where the numbers of a map go: in its margin, with straight leaders that never cross.

All lengths are millimetres on the page, y down. The numbers stand in slots along the inner edge
of the map's frame; a leader ends at the slot's side that faces the map. The points lie in the
convex area between the slots, so a leader cannot meet a label; the assignment of points to slots
with the least total length has no two leaders that cross (two crossing leaders could be swapped
for two shorter ones).
"""

from __future__ import annotations

import dataclasses
from typing import Sequence

import numpy as np

from .assignment import assign

MOST_NUMBERS = 40
BESIDE = 0.9  # mm: a leader that passes a foreign point more closely may be mistaken for its own


@dataclasses.dataclass(frozen=True)
class Frame:
    """The map's frame: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


@dataclasses.dataclass
class Placement:
    """Labels that found a place.

    ``boxes`` (n, 4) left, top, right, bottom; ``ends`` (n, 2) where the leader meets the label;
    ``placed`` (n,) booleans.
    """

    boxes: np.ndarray
    ends: np.ndarray
    placed: np.ndarray


@dataclasses.dataclass
class Slots:
    """Places for labels: ``ends`` (m, 2), ``side`` (m,) 0 left, 1 right, 2 top, 3 bottom."""

    ends: np.ndarray
    side: np.ndarray


def inner(frame: Frame, width: float, height: float, inset: float = 1.5, gap: float = 3.0) -> Frame:
    """The area in which points may lie: the frame less the band of labels and a gap."""
    across, down = inset + width + gap, inset + height + gap
    return Frame(frame.left + across, frame.top + down, frame.right - across, frame.bottom - down)


def slots(
    frame: Frame, width: float, height: float, inset: float = 1.5, apart: float = 1.4
) -> Slots:
    """Slots for labels of one size along the four sides, clear of each other at the corners."""
    left, right = frame.left + inset + width, frame.right - inset - width
    top, bottom = frame.top + inset + height, frame.bottom - inset - height
    ys = _spread(top + height / 2 + apart, bottom - height / 2 - apart, height + apart)
    xs = _spread(left + width / 2 + apart, right - width / 2 - apart, width + apart)
    ends = [(left, y) for y in ys] + [(right, y) for y in ys]
    ends += [(x, top) for x in xs] + [(x, bottom) for x in xs]
    side = [0] * len(ys) + [1] * len(ys) + [2] * len(xs) + [3] * len(xs)
    return Slots(np.array(ends, dtype=float).reshape(-1, 2), np.array(side, dtype=int))


def _spread(first: float, last: float, step: float) -> list[float]:
    if last < first:
        return []
    count = int((last - first) // step)
    return list(np.linspace(first, last, count + 1)) if count else [(first + last) / 2]


def box_at(end: np.ndarray, side: int, width: float, height: float) -> tuple:
    """The label's box whose side that faces the map has its middle at ``end``."""
    x, y = end
    if side == 0:
        return x - width, y - height / 2, x, y + height / 2
    if side == 1:
        return x, y - height / 2, x + width, y + height / 2
    if side == 2:
        return x - width / 2, y - height, x + width / 2, y
    return x - width / 2, y, x + width / 2, y + height


def place(
    points: np.ndarray,
    widths: Sequence[float],
    height: float,
    frame: Frame,
    obstacles: Sequence[np.ndarray] = (),
) -> Placement:
    """Place one label a point; ``points`` (n, 2) inside ``inner(frame, max width, height)``.

    ``obstacles`` are polylines (k, 2) that no label may cover. Where there are more points than
    slots, the last points are not placed.
    """
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    count = len(points)
    boxes, ends = np.full((count, 4), np.nan), np.full((count, 2), np.nan)
    placed = np.zeros(count, dtype=bool)
    if count == 0:
        return Placement(boxes, ends, placed)
    width = max(widths)
    free = _uncovered(slots(frame, width, height), width, height, obstacles)
    taken = min(count, len(free.ends))
    if taken == 0:
        return Placement(boxes, ends, placed)
    cost = np.hypot(*(points[:taken, None, :] - free.ends[None, :, :]).transpose(2, 0, 1))
    chosen = _clear_of_points(points, free.ends, assign(cost), taken)
    for row, slot in enumerate(chosen):
        ends[row] = free.ends[slot]
        boxes[row] = box_at(free.ends[slot], free.side[slot], widths[row], height)
        placed[row] = True
    return Placement(boxes, ends, placed)


def _uncovered(every: Slots, width: float, height: float, obstacles) -> Slots:
    clear = [
        not any(
            _meets(box_at(end, side, width, height), np.asarray(line, dtype=float))
            for line in obstacles
        )
        for end, side in zip(every.ends, every.side)
    ]
    keep = np.array(clear, dtype=bool)
    return Slots(every.ends[keep], every.side[keep])


def _meets(box: tuple, line: np.ndarray, margin: float = 0.8) -> bool:
    """Whether a polyline comes within ``margin`` of a box (Liang and Barsky's clipping)."""
    if len(line) < 2:
        return False
    low = np.array([box[0] - margin, box[1] - margin])
    high = np.array([box[2] + margin, box[3] + margin])
    start, step = line[:-1], np.diff(line, axis=0)
    safe = np.where(step == 0, 1.0, step)
    first, second = (low - start) / safe, (high - start) / safe
    inside = (start >= low) & (start <= high)
    enter = np.where(step == 0, np.where(inside, 0.0, np.inf), np.minimum(first, second))
    leave = np.where(step == 0, np.where(inside, 1.0, -np.inf), np.maximum(first, second))
    return bool(np.any(np.maximum(enter.max(axis=1), 0) <= np.minimum(leave.min(axis=1), 1)))


def _clear_of_points(points, ends, chosen, taken) -> np.ndarray:
    """Move leaders that pass close by a foreign point, where that costs no crossing."""
    chosen = chosen.copy()
    beside = [_beside(points, row, ends[chosen[row]]) for row in range(taken)]
    for row in np.argsort(beside)[::-1]:
        if not beside[row]:
            break
        lengths = np.hypot(*(ends - points[row]).T)
        for slot in np.argsort(lengths)[:16]:
            trial = _moved(chosen, row, slot)
            changed = [other for other in range(taken) if trial[other] != chosen[other]]
            better = sum(_beside(points, item, ends[trial[item]]) for item in changed)
            if changed and better < sum(beside[item] for item in changed):
                if any(_crosses_any(points, ends, trial, item, taken) for item in changed):
                    continue
                chosen = trial
                for item in changed:
                    beside[item] = _beside(points, item, ends[chosen[item]])
                break
    return chosen


def _moved(chosen: np.ndarray, row: int, slot: int) -> np.ndarray:
    trial = chosen.copy()
    holder = np.flatnonzero(chosen == slot)
    if len(holder):
        trial[holder[0]] = chosen[row]
    trial[row] = slot
    return trial


def _beside(points: np.ndarray, row: int, end: np.ndarray) -> int:
    """How many other points the leader of ``row`` passes closely."""
    start, step = points[row], end - points[row]
    length = float(step @ step) or 1.0
    along = np.clip(((points - start) @ step) / length, 0, 1)
    away = np.hypot(*(points - (start + along[:, None] * step)).T)
    own = np.hypot(*(points - start).T) < BESIDE
    return int(np.sum((away < BESIDE) & ~own))


def _crosses_any(points, ends, chosen, row, taken) -> bool:
    others = [item for item in range(taken) if item != row]
    return any(
        crosses(points[row], ends[chosen[row]], points[item], ends[chosen[item]]) for item in others
    )


def crosses(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> bool:
    """Whether the segments a-b and c-d have a point in common."""

    def turn(p, q, r):
        return np.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    def within(p, q, r):
        return bool(np.all(np.minimum(p, q) <= r) and np.all(r <= np.maximum(p, q)))

    one, two, three, four = turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
    if one != two and three != four:
        return True
    return (
        (one == 0 and within(a, b, c))
        or (two == 0 and within(a, b, d))
        or (three == 0 and within(c, d, a))
        or (four == 0 and within(c, d, b))
    )
