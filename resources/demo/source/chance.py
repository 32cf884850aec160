"""Chance that falls the same everywhere: only ``random()`` of a seeded generator is used."""

from __future__ import annotations

import math
from random import Random


class Chance:
    """Draws from one seed; a name of its own keeps each use apart from the others."""

    def __init__(self, name: str, seed: int = 20250901):
        # Nothing here is a secret: the same data must come every time.
        self._random = Random(f"{seed} {name}")  # nosec B311

    def between(self, low: float, high: float) -> float:
        """A number from ``low`` up to ``high``, all alike."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def bell(self, deviation: float) -> float:
        """A number about zero with this standard deviation, never beyond six of them."""
        return deviation * (sum(self._random.random() for _ in range(12)) - 6.0)

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def pick(self, items):
        """One of the items, all alike."""
        return items[int(self._random.random() * len(items))]

    def pick_weighted(self, weights: dict):
        """One of the keys, each as often as its weight says."""
        rest = self._random.random() * sum(weights.values())
        for key, weight in weights.items():
            rest -= weight
            if rest < 0:
                return key
        return key

    def poisson(self, mean: float) -> int:
        """A number of happenings with this mean (Knuth's product of uniforms)."""
        limit = math.exp(-mean)
        number, product = 0, self._random.random()
        while product > limit:
            number += 1
            product *= self._random.random()
        return number
