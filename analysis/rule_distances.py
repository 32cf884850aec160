"""Chances of having been within a distance of an agreement's line, on either or on one side."""

from __future__ import annotations

import dataclasses
import functools
from statistics import NormalDist
from typing import Optional

import numpy as np

from ..model.agreement import Agreement
from .nearest import Nearest, Side, nearest
from .probability import probability_near
from .rule_chance import Weighed, weighed
from .rule_columns import NONE, RuleSubjects
from .rule_lines import MeasuredLine
from .rule_places import FAR_TAIL, places_of, reach_m
from .rule_times import Met, RuleTime
from .spread import HOLDS_95_ONE, SHARES

EVERY = 4
MOVE_STEP = 0.5698402909980532
AT_A_TIME = 64


@dataclasses.dataclass
class Held:
    """Rows held against a limit from a line: the chance, and what was measured.

    ``signed_m``: metres from the line, on the party's own side positive, beyond it negative; where
    no party is asked, or its side is not known, the plain distance. ``sided``: whether the side
    counted. ``line``: index of the line version measured from, -1 where none was in force.
    """

    chance: np.ndarray
    signed_m: np.ndarray
    line: np.ndarray
    sided: np.ndarray

    @classmethod
    def none(cls, count: int) -> Held:
        """Nothing could be held."""
        nan = np.full(count, np.nan)
        return cls(nan.copy(), nan, np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=bool))


@dataclasses.dataclass
class LineLimit:
    """A distance from a line: within it, or not beyond it on a party's own side.

    ``own`` tells for each line version where the party is (Side); None: the side does not matter.
    ``strip``: with a party, only the strip on its own side counts, not what lies across the line.
    """

    measured: MeasuredLine
    subjects: RuleSubjects
    limit_m: float
    own: Optional[np.ndarray] = None
    strip: bool = False

    @classmethod
    def of(cls, agreement: Agreement, measured, subjects, limit_m, party=None, strip=False):
        """The limit of a rule; ``party`` is the code of the party whose side counts."""
        own = None
        if party is not None and measured.lines is not None:
            own = measured.own_side(agreement, party)
        return cls(measured, subjects, limit_m, own, strip)

    def held(self, time: RuleTime, met: Met, rows: np.ndarray) -> Held:
        """Hold ``rows`` (located, timed, all touched by ``met``) against the limit."""
        result = Held.none(len(rows))
        if self.measured.lines is None or len(rows) == 0:
            return result
        lasted = self.subjects.place.span_is[rows] == "duration"
        answer = weighed(
            self.measured.timeline,
            time,
            met,
            lasted,
            lambda members, some: self._chance(members, rows[some]),
        )
        self._measure(answer, rows, result)
        return result

    def _measure(self, answer: Weighed, rows: np.ndarray, result: Held) -> None:
        for some, members in answer.groups():
            found = self.measured.nearest(members, rows[some])
            signed, sided = self._signed(found)
            result.signed_m[some], result.sided[some] = signed, sided
            result.line[some] = found.line
            result.chance[some] = answer.chance[some]

    def _signed(self, found: Nearest) -> tuple[np.ndarray, np.ndarray]:
        if self.own is None:
            return found.distance_m, np.zeros(len(found.line), dtype=bool)
        own = self.own[found.line]
        sided = (own != Side.NOT_KNOWN) & np.isin(found.side, (Side.LEFT, Side.RIGHT))
        across = sided & (found.side != own)
        return np.where(across, -found.distance_m, found.distance_m), sided

    def _chance(self, members: tuple, rows: np.ndarray) -> np.ndarray:
        """The chance while these line versions are in force; by the bare point where no
        uncertainty is known."""
        found = self.measured.nearest(members, rows)
        signed, sided = self._signed(found)
        inside = signed <= self.limit_m
        if self.strip:
            inside &= ~sided | (signed >= 0.0)
        chances = inside.astype(float)
        known = np.flatnonzero(self.subjects.basis[rows] != NONE)
        if len(known):
            chances[known] = self._spread(members, rows[known], signed[known], sided[known])
        return chances

    def _spread(self, members: tuple, rows, signed, sided) -> np.ndarray:
        lines, place = self.measured.lines, self.subjects.place
        uncertainty = np.nan_to_num(lines.columns.uncertainty_m[list(members)], nan=0.0)
        reach = reach_m(place, rows) + float(uncertainty.max()) * FAR_TAIL / HOLDS_95_ONE
        chances = np.zeros(len(rows))
        plain = ~sided | (signed - reach > 0.0)
        some = np.flatnonzero(plain)
        if len(some):
            chances[some] = probability_near(
                lines, members, place, rows[some], np.abs(signed[some]), self.limit_m
            )
        low = 0.0 if self.strip else -np.inf
        sure = ~plain & (signed + reach <= self.limit_m) & (signed - reach >= low)
        chances[sure] = 1.0
        # Far across the line a strip is out of reach; beyond the limit so is the line.
        out = ~plain & self.strip & (signed + reach < 0.0)
        asked = np.flatnonzero(~plain & ~sure & ~out)
        for start in range(0, len(asked), AT_A_TIME):
            part = asked[start : start + AT_A_TIME]
            chances[part] = self._share(members, rows[part], uncertainty)
        return chances

    def _share(self, members: tuple, rows: np.ndarray, uncertainty: np.ndarray) -> np.ndarray:
        """The share of places inside the limit, each on its own side of the line."""
        lon, lat = places_of(self.subjects.place, rows)
        lon, lat = lon[:, ::EVERY], lat[:, ::EVERY]
        found = nearest(self.measured.lines, lon.ravel(), lat.ravel(), members)
        signed, sided = self._signed(found)
        columns = self.measured.lines.columns
        spread = np.nan_to_num(columns.uncertainty_m[found.line], nan=0.0).reshape(lon.shape)
        moves = _moves()[::EVERY] * spread
        signed, sided = signed.reshape(lon.shape), sided.reshape(lon.shape)
        inside = signed + moves <= self.limit_m
        if self.strip:
            inside &= ~sided | (signed + moves >= 0.0)
        return inside.mean(axis=1)


@functools.lru_cache(maxsize=1)
def _moves() -> np.ndarray:
    """(SHARES) moves of a line across its direction, 95 % within -1 … 1.

    By a step of the R2 sequence (Roberts 2018), so that they are spread evenly against the places.
    """
    order = np.argsort(np.argsort(np.mod(0.5 + (np.arange(SHARES) + 1) * MOVE_STEP, 1.0)))
    normal = NormalDist()
    quantiles = np.array([normal.inv_cdf((rank + 0.5) / SHARES) for rank in range(SHARES)])
    return quantiles[order] / HOLDS_95_ONE
