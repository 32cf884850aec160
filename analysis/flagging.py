"""Holding incidents against the contact line that was in force: flags, probabilities, findings."""

from __future__ import annotations

import dataclasses
from typing import Callable, Optional

import numpy as np

from ..model.errors import Cancelled, CeasefireError
from .areas import AreaColumns, names_at
from .contact_line import PreparedLines
from .flag_sentences import write_sentences
from .incident_columns import ABSURD_M, IncidentColumns
from .line_sides import side_words
from .line_time import Moments, Timeline, moments_of
from .line_words import counted
from .nearest import Nearest, nearest
from .probability import probability_near

NEAR, POSSIBLE, FAR = "near", "possible", "far"
NO_LINE, NOT_LOCATED = "no_line_in_force", "not_located"
MEASURED, DEFAULT, NONE = "measured", "default", "none"
SURELY = 0.95
HARDLY = 0.05


@dataclasses.dataclass
class FlagSettings:
    """What near means, and what else to hold incidents against.

    ``distance_m``: the limit. ``default_uncertainty_m``: 95 % radius for incidents that bring none.
    ``timezone``: IANA name of the theatre's zone, for dates in sentences. ``zones`` and
    ``control``: areas, optional.
    """

    distance_m: float = 5000.0
    default_uncertainty_m: Optional[float] = None
    timezone: str = "UTC"
    zones: Optional[AreaColumns] = None
    control: Optional[AreaColumns] = None


@dataclasses.dataclass
class FlagColumns:
    """The fields of ``model.tables.FLAG_FIELDS``, one array each; None, NaN and NaT: not known.

    ``line_valid_from`` is ``datetime64[us]`` UTC; distances and chainages are metres. ``notes``
    are sentences for the log.
    """

    line_name: np.ndarray
    line_valid_from: np.ndarray
    line_distance_m: np.ndarray
    line_side: np.ndarray
    line_chainage_m: np.ndarray
    control: np.ndarray
    flag: np.ndarray
    flag_probability: np.ndarray
    flag_basis: np.ndarray
    zones: np.ndarray
    finding: np.ndarray
    notes: list[str]

    def count(self, flag: str) -> int:
        """How many incidents have that flag."""
        return int(np.count_nonzero(self.flag == flag))


def flag(
    incidents: IncidentColumns,
    lines: Optional[PreparedLines],
    settings: FlagSettings,
    progress: Optional[Callable[[float], None]] = None,
    cancelled: Optional[Callable[[], bool]] = None,
) -> FlagColumns:
    """Hold every incident against the nearest of the lines that were in force at its time.

    Distance, side, chainage and the line's name are those of the version in force at
    ``occurred_from``, or else the first within the span. ``flag_probability`` is the probability
    that the true distance was at most ``distance_m``: where ``span_is`` is duration, at any moment;
    else the mean over the possible moments, by time, a moment without a line counting as not near.
    Where neither the incident nor the user gives an uncertainty, it is NaN and the flag rests on
    the bare point. An incident whose time is not known is held against undated lines alone.

    ``progress`` takes 0 to 1; ``cancelled`` is asked between groups (raises Cancelled). ``lines``
    None: a process without a line. Raises CeasefireError for settings that cannot be.
    """
    if not (np.isfinite(settings.distance_m) and settings.distance_m >= 0.0):
        raise CeasefireError("The distance must be a number of metres, 0 or more.")
    incidents, basis, notes = _with_uncertainty(incidents, settings.default_uncertainty_m)
    work = _Work(incidents, lines, settings, basis, progress, cancelled)
    if lines is not None:
        work.measure()
        work.judge()
    return work.columns(notes)


class _Work:
    """One run of ``flag``: the columns as they come into being."""

    def __init__(self, incidents, lines, settings, basis, progress, cancelled):
        count = len(incidents)
        self.incidents, self.lines, self.settings = incidents, lines, settings
        self.basis, self.progress, self.cancelled = basis, progress, cancelled
        self.located = incidents.located()
        self.measured = Nearest.nothing(count)
        self.side = np.full(count, None, dtype=object)
        self.share = np.full(count, np.nan)
        self.lines_in_span = np.zeros(count, dtype=np.int64)
        self.without_line = np.zeros(count)
        self.reference = np.full(count, -1, dtype=np.int64)
        self.sets: list[tuple[int, ...]] = [()]

    def measure(self) -> None:
        """Distance, side and chainage, against the version that stands for the incident."""
        self.timeline = Timeline.of(self.lines.columns)
        timed = self.located & ~np.isnat(self.incidents.occurred_from)
        self.rows = np.flatnonzero(timed)
        self.moments = moments_of(
            self.timeline,
            self.incidents.occurred_from[self.rows],
            self.incidents.occurred_to[self.rows],
        )
        self.sets = [*self.timeline.in_force, self.timeline.undated]
        has_line = np.array([len(chosen) > 0 for chosen in self.sets])
        covered = has_line[self.moments.interval]
        incident, first = np.unique(self.moments.incident[covered], return_index=True)
        self.reference[self.rows[incident]] = self.moments.interval[covered][first]
        if self.timeline.undated:
            self.reference[self.located & ~timed] = len(self.sets) - 1
        for rows, among in self._groups(self.reference, 0.0, 0.5):
            lon, lat = self.incidents.lon[rows], self.incidents.lat[rows]
            found = nearest(self.lines, lon, lat, among)
            self.measured.put(rows, found)
            self.side[rows] = side_words(self.lines, among, lon, lat, found)

    def judge(self) -> None:
        """The probability (or, by the bare point, the share of moments) of having been near."""
        cases, intervals, weights = self._cases()
        chances = np.zeros(len(cases))
        for chosen, among in self._groups(intervals, 0.5, 0.95):
            rows = cases[chosen]
            same = intervals[chosen] == self.reference[rows]
            bare = self.measured.distance_m[rows]
            if not same.all():
                bare = nearest(
                    self.lines, self.incidents.lon[rows], self.incidents.lat[rows], among
                )
                bare = bare.distance_m
            chances[chosen] = self._chances(among, rows, bare)
        held = np.flatnonzero(self.reference >= 0)
        self.share[held] = 0.0
        np.add.at(self.share, cases, weights * chances)
        self.share = np.clip(self.share, 0.0, 1.0)

    def _chances(self, among, rows, bare) -> np.ndarray:
        chances = (bare <= self.settings.distance_m).astype(float)
        known = np.flatnonzero(self.basis[rows] != NONE)
        if len(known):
            chances[known] = probability_near(
                self.lines,
                among,
                self.incidents,
                rows[known],
                bare[known],
                self.settings.distance_m,
            )
        return chances

    def _cases(self):
        """(incident, set of lines, weight): what has to be judged for each incident."""
        moments = self.moments
        used = np.array([len(chosen) > 0 for chosen in self.sets])[moments.interval]
        np.add.at(self.without_line, self.rows[moments.incident], moments.weight * ~used)
        np.add.at(self.lines_in_span, self.rows[moments.incident], used.astype(np.int64))
        lasted = (self.incidents.span_is == "duration")[self.rows]
        several = (self.lines_in_span > 1)[self.rows] | (self.without_line > 0.0)[self.rows]
        union = (lasted & several)[moments.incident] & used
        single = used & ~union
        cases = [self.rows[moments.incident[single]]]
        intervals = [moments.interval[single]]
        weights = [moments.weight[single]]
        for row, members in _by_incident(moments, union):
            among = tuple(sorted({line for interval in members for line in self.sets[interval]}))
            cases.append(np.array([self.rows[row]]))
            intervals.append(np.array([self._set_number(among)]))
            weights.append(np.ones(1))
        untimed = np.flatnonzero(self.located & np.isnat(self.incidents.occurred_from))
        untimed = untimed[self.reference[untimed] >= 0]
        cases.append(untimed)
        intervals.append(self.reference[untimed])
        weights.append(np.ones(len(untimed)))
        return np.concatenate(cases), np.concatenate(intervals), np.concatenate(weights)

    def _set_number(self, among: tuple[int, ...]) -> int:
        if among not in self.sets:
            self.sets.append(among)
        return self.sets.index(among)

    def _groups(self, numbers: np.ndarray, begin: float, end: float):
        """Rows that are held against the same lines; tells progress and looks for a stop."""
        different = np.unique(numbers[numbers >= 0])
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        for step, number in enumerate(different):
            if self.cancelled is not None and self.cancelled():
                raise Cancelled("Stopped; nothing was written.")
            if self.progress is not None:
                self.progress(begin + (end - begin) * step / len(different))
            low, high = np.searchsorted(ordered, [number, number + 1])
            if self.sets[number]:
                yield order[low:high], self.sets[number]

    def columns(self, notes: list[str]) -> FlagColumns:
        """The finished columns."""
        incidents, settings, held = self.incidents, self.settings, self.reference >= 0
        flags = np.full(len(incidents), NO_LINE, dtype=object)
        flags[held] = POSSIBLE
        flags[held & (self.share >= SURELY)] = NEAR
        flags[held & (self.share <= HARDLY)] = FAR
        flags[~self.located] = NOT_LOCATED
        rests = np.where(held, self.basis, None)
        name, since = self._line_column("line_name", None), self._line_column("valid_from", "NaT")
        probability = np.where(rests == NONE, np.nan, self.share)
        zones, control = self._areas()
        result = FlagColumns(
            line_name=name,
            line_valid_from=since.astype("datetime64[us]"),
            line_distance_m=self.measured.distance_m,
            line_side=self.side,
            line_chainage_m=self.measured.chainage_m,
            control=control,
            flag=flags,
            flag_probability=probability,
            flag_basis=rests,
            zones=zones,
            finding=np.full(len(incidents), None, dtype=object),
            notes=notes,
        )
        write_sentences(result, incidents, self, settings)
        return result

    def _line_column(self, name: str, missing) -> np.ndarray:
        if self.lines is None:
            return np.full(len(self.incidents), missing, dtype=object)
        values = getattr(self.lines.columns, name)
        result = np.full(len(self.incidents), missing, dtype=values.dtype)
        found = self.measured.line >= 0
        result[found] = values[self.measured.line[found]]
        return result

    def _areas(self):
        incidents, settings = self.incidents, self.settings
        empty = np.full(len(incidents), None, dtype=object)
        place = (incidents.lon, incidents.lat, incidents.occurred_from)
        zones = empty if settings.zones is None else names_at(settings.zones, *place)
        if settings.control is None:
            return zones, empty.copy()
        control = names_at(settings.control, *place)
        control[self.located & (control == None)] = "unknown"  # noqa: E711 (elementwise)
        return zones, control


def _with_uncertainty(incidents: IncidentColumns, default_m: Optional[float]):
    """Incidents with their uncertainty or the default, what it rests on, and notes."""
    if default_m is not None and not (0.0 <= default_m <= ABSURD_M):
        raise CeasefireError(
            "The default uncertainty must be a number of metres from 0 to 2,000,000."
        )
    given = incidents.uncertainty_m
    odd = ~np.isnan(given) & ~((given >= 0.0) & (given <= ABSURD_M))
    notes = []
    if odd.any():
        notes.append(
            f"The uncertainty of {counted(np.count_nonzero(odd))} is below 0 or beyond 2,000 km; "
            "it is taken as not known."
        )
    radius = np.where(odd, np.nan, given)
    basis = np.full(len(incidents), NONE, dtype=object)
    basis[~np.isnan(radius) | incidents.has_sector()] = MEASURED
    missing = basis == NONE
    kind = incidents.uncertainty_kind
    if default_m is not None:
        radius = np.where(missing, default_m, radius)
        kind = np.where(missing, "gauss", kind)
        basis[missing] = DEFAULT
    changed = dataclasses.replace(incidents, uncertainty_m=radius, uncertainty_kind=kind)
    return changed, basis, notes


def _by_incident(moments: Moments, chosen: np.ndarray):
    """Each incident among the ``chosen`` moments, with its intervals."""
    incident, interval = moments.incident[chosen], moments.interval[chosen]
    starts = np.flatnonzero(np.diff(incident, prepend=-1))
    for low, high in zip(starts, np.append(starts[1:], len(incident))):
        yield int(incident[low]), interval[low:high]
