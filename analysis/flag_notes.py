"""What the log says after incidents were flagged: times without a line, and odd uncertainties."""

from __future__ import annotations

from datetime import tzinfo
from typing import Optional

import numpy as np

from .incident_columns import KINDS
from .line_time import Timeline
from .line_words import counted, date_words

MOST_GAPS = 30
MOST_NAMED = 10
TOO_FAR_M = 1_000_000.0


class Named:
    """How many incidents something concerns, and the features of the first of them."""

    def __init__(self):
        self.count = 0
        self.first: list[int] = []

    def add(self, feature_id: Optional[np.ndarray], rows: np.ndarray) -> None:
        """Count the incidents ``rows`` (indices), whose features are known or None."""
        self.count += len(rows)
        room = MOST_NAMED - len(self.first)
        if feature_id is not None and room > 0:
            self.first.extend(feature_id[rows[:room]].tolist())

    def words(self) -> str:
        """Such as "3 incidents (features 4, 7 and 12)"."""
        return f"{counted(self.count)}{features(self.first, self.count)}"


def features(first: list, count: int) -> str:
    """Such as " (features 4, 7 and 12)", " (feature 4)", or nothing where none is known."""
    if not first:
        return ""
    listed = [str(identifier) for identifier in first[:MOST_NAMED]]
    more = count - len(listed)
    if more > 0:
        return f" (features {', '.join(listed)} and {more:,} more)"
    if len(listed) == 1:
        return f" (feature {listed[0]})"
    return f" (features {', '.join(listed[:-1])} and {listed[-1]})"


class FlagNotes:
    """Gathers over all chunks of incidents what the log has to say; sentences at the end."""

    def __init__(self, timeline: Optional[Timeline], zone: tzinfo):
        self.timeline, self.zone = timeline, zone
        self.odd_uncertainty, self.untimed = Named(), Named()
        self.off_the_earth, self.reversed = Named(), Named()
        self.odd_kinds: dict[str, Named] = {}
        self.nearest_m = np.inf
        gaps = [] if timeline is None else timeline.in_force
        self.gaps = {number: Named() for number, among in enumerate(gaps) if not among}

    def add_odd(self, incidents) -> None:
        """Note places off the earth, times that end before they begin, and unknown kinds."""
        known = incidents.feature_id
        self.off_the_earth.add(known, np.flatnonzero(incidents.off_the_earth()))
        # A comparison with an unknown time is False.
        backwards = incidents.occurred_to < incidents.occurred_from
        self.reversed.add(known, np.flatnonzero(backwards))
        kinds = incidents.uncertainty_kind
        named = np.not_equal(kinds, None).astype(bool)
        odd = named & ~np.isin(kinds, np.array(KINDS, dtype=object))
        for kind in sorted({str(value) for value in kinds[odd]}):
            rows = np.flatnonzero(odd & (kinds == kind))
            self.odd_kinds.setdefault(kind, Named()).add(known, rows)

    def add_distances(self, distance_m: np.ndarray) -> None:
        """Note how near the nearest incident is; NaN where not measured."""
        known = distance_m[~np.isnan(distance_m)]
        self.nearest_m = min(self.nearest_m, known.min() if len(known) else np.inf)

    def add_without_line(self, incidents, without: np.ndarray) -> None:
        """Note the incidents (mask) for which no line was in force."""
        if self.timeline is None or not without.any():
            return
        no_time = np.isnat(incidents.occurred_from)
        self.untimed.add(incidents.feature_id, np.flatnonzero(without & no_time))
        timed = np.flatnonzero(without & ~no_time)
        interval = self.timeline.interval(incidents.occurred_from[timed].astype(np.int64))
        for number in np.unique(interval):
            if number in self.gaps:
                self.gaps[int(number)].add(incidents.feature_id, timed[interval == number])

    def sentences(self) -> list[str]:
        """Whole sentences for the log."""
        told = []
        if self.odd_uncertainty.count:
            told.append(
                f"The uncertainty of {self.odd_uncertainty.words()} is below 0 or beyond 2,000 km; "
                "it is taken as not known."
            )
        told += self._oddities()
        without = []
        if self.untimed.count:
            without.append(
                f"The time of {self.untimed.words()} is not known; as the lines are dated, none "
                "can be chosen for them (flag “no line in force”)."
            )
        for number, concerned in self.gaps.items():
            outside = number == 0 or number == len(self.timeline.changes)
            if concerned.count or not outside:
                without.append(
                    f"No line was in force {self._when(number)}; this concerns {concerned.words()}."
                )
        return told + without[:MOST_GAPS]

    def _oddities(self) -> list[str]:
        told = []
        if self.off_the_earth.count:
            told.append(
                f"The coordinates of {self.off_the_earth.words()} are no place on the earth; not "
                "located. Check the layer's coordinate reference system."
            )
        if self.reversed.count:
            told.append(
                f"The time of {self.reversed.words()} ends before it begins; its beginning alone "
                "counts."
            )
        for kind, concerned in self.odd_kinds.items():
            told.append(
                f"The uncertainty kind “{kind}” of {concerned.words()} is not known; taken as "
                f"gauss. The kinds are {', '.join(KINDS)}."
            )
        if TOO_FAR_M < self.nearest_m < np.inf:
            told.append(
                "Every incident is more than 1,000 km from the line: check the coordinate "
                "reference systems of both layers."
            )
        return told

    def _when(self, number: int) -> str:
        changes = self.timeline.changes

        def words(change) -> str:
            return date_words(np.datetime64(int(change), "us"), self.zone)

        if number == 0:
            return f"before {words(changes[0])}"
        if number == len(changes):
            return f"from {words(changes[-1])} on"
        return f"from {words(changes[number - 1])} until {words(changes[number])}"
