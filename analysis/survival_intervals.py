"""How long things last where their ends lie between two days: Turnbull's estimate.

A duration is an interval: known (both ends alike), between two days, or longer than a day
(``high`` infinite). The estimate is the one of greatest likelihood; its bounds come from drawing
the cases again with a fixed seed, so that the same data give the same bounds.

A case holds a run of innermost intervals, so that sums over them are differences of running
totals: a step costs as many operations as there are different cases, not their product.
"""

from __future__ import annotations

import functools
from typing import Optional, Sequence

import numpy as np

from .survival import CONFIDENCE, Curve

SEED = 20_260_101
DRAWS = 200
STEPS, NEAR = 20_000, 1e-7
# A drawn curve is wanted to a few thousandths, not to the last digit.
DRAWN_STEPS, DRAWN_NEAR = 400, 1e-5


class Intervals:
    """Durations as intervals, and the innermost intervals on which the estimate can lie.

    ``open_low`` says for each whether its lower end is left out: by default where the upper end
    is infinite (it lasted beyond that day). Cases alike are one, with their number.
    """

    def __init__(
        self,
        low: Sequence[float],
        high: Sequence[float],
        open_low: Optional[Sequence[bool]] = None,
    ):
        lows, highs = np.asarray(low, float), np.asarray(high, float)
        if not len(lows) or (lows < 0).any() or (highs < lows).any():
            raise ValueError("an interval begins at 0 or later and does not end before it begins")
        opened = np.isinf(highs) if open_low is None else np.asarray(open_low, bool)
        values = np.unique(np.concatenate([lows, highs]))
        first = 2 * np.searchsorted(values, lows) + opened
        last = 2 * np.searchsorted(values, highs)
        starts, stops = _innermost(first, last)
        self.since, self.until = values[starts // 2], values[stops // 2]
        runs = np.stack([np.searchsorted(starts, first), np.searchsorted(stops, last, "right")])
        alike, self.number = np.unique(runs, axis=1, return_counts=True)
        self._begin, self._end = alike

    @property
    def steps(self) -> int:
        """How many innermost intervals there are."""
        return len(self.since)

    @functools.cached_property
    def masses(self) -> np.ndarray:
        """The estimate's mass on each innermost interval."""
        even = np.full((1, self.steps), 1.0 / self.steps)
        return self._likeliest(self.number[None, :].astype(float), even, STEPS, NEAR)[0]

    @functools.cached_property
    def drawn(self) -> np.ndarray:
        """The shares after each innermost interval, one row for each time the cases are drawn."""
        random = np.random.default_rng(SEED)
        cases = int(self.number.sum())
        weights = random.multinomial(cases, self.number / cases, size=DRAWS).astype(float)
        # Begun near the estimate, with something everywhere: what is 0 once stays 0.
        begin = 0.9 * self.masses + 0.1 / self.steps
        masses = self._likeliest(weights, np.tile(begin, (DRAWS, 1)), DRAWN_STEPS, DRAWN_NEAR)
        return shares(masses)

    def drawn_at(self, moment: float) -> np.ndarray:
        """The share that lasts beyond a moment, each time the cases are drawn."""
        index = int(np.searchsorted(self.until, moment, side="right")) - 1
        return self.drawn[:, index] if index >= 0 else np.ones(DRAWS)

    def _likeliest(self, weights, masses, steps: int, near: float) -> np.ndarray:
        """Masses made likelier step by step until they change no more (self-consistency)."""
        totals = weights.sum(axis=1, keepdims=True)
        adds = _Adder(self._begin, self._end, self.steps)
        for _ in range(steps):
            running = np.concatenate(
                [np.zeros((len(masses), 1)), np.cumsum(masses, axis=1)], axis=1
            )
            held = running[:, self._end] - running[:, self._begin]
            new = masses * adds.over_runs(weights / np.maximum(held, 1e-300)) / totals
            # Rounding in the running totals leaves their sum a little off 1.
            new /= new.sum(axis=1, keepdims=True)
            change = float(np.abs(new - masses).max())
            masses = new
            if change < near:
                break
        return masses


class _Adder:
    """Adds a value to every innermost interval of a case's run, for all cases at once."""

    def __init__(self, begin: np.ndarray, end: np.ndarray, steps: int):
        self._steps = steps
        self._orders = [_grouped(begin), _grouped(end)]

    def over_runs(self, values: np.ndarray) -> np.ndarray:
        """For each row of values, the sums over the runs that hold each innermost interval."""
        changes = np.zeros((len(values), self._steps + 1))
        for sign, (order, starts, places) in zip((1.0, -1.0), self._orders):
            changes[:, places] += sign * np.add.reduceat(values[:, order], starts, axis=1)
        return np.maximum(np.cumsum(changes, axis=1)[:, :-1], 0.0)


def turnbull(intervals: Intervals, confidence: float = CONFIDENCE) -> Curve:
    """Turnbull's estimate with its bounds; each step may fall from ``since`` on."""
    survival = shares(intervals.masses[None, :])[0]
    finite = np.isfinite(intervals.until)
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(intervals.drawn, [tail, 100.0 - tail], axis=0)
    return Curve(
        *(intervals.since[finite], intervals.until[finite], survival[finite]),
        *(low[finite], high[finite]),
    )


def shares(masses: np.ndarray) -> np.ndarray:
    """What is left after each innermost interval."""
    return np.clip(1.0 - np.cumsum(masses, axis=1), 0.0, 1.0)


def _grouped(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(places, kind="stable")
    found, starts = np.unique(places[order], return_index=True)
    return order, starts, found


def _innermost(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a beginning is followed at once by an end, in the order of all of them."""
    keys = np.concatenate([first, last])
    is_end = np.concatenate([np.zeros(len(first), bool), np.ones(len(last), bool)])
    order = np.lexsort((is_end, keys))
    keys, is_end = keys[order], is_end[order]
    meets = ~is_end[:-1] & is_end[1:]
    return keys[:-1][meets], keys[1:][meets]
