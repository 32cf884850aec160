"""Holding incidents against the contact line that was in force: flags, probabilities, findings."""

from __future__ import annotations

import dataclasses
from typing import Callable, Optional

import numpy as np

from ..model.errors import CeasefireError
from .areas import AreaColumns, PreparedAreas
from .contact_line import PreparedLines
from .flag_cases import Asked, Judged, LineSets, judged, not_judged
from .flag_notes import FlagNotes
from .flag_sentences import NOT_LOCATED as NOT_LOCATED_WORDS
from .flag_sentences import Sentences, Told, not_measured, zone_of
from .incident_columns import ABSURD_M, IncidentColumns
from .later_lines import nearest_in_span
from .line_time import Timeline

NEAR, POSSIBLE, FAR = "near", "possible", "far"
NO_LINE, NOT_LOCATED = "no_line_in_force", "not_located"
MEASURED, DEFAULT, NONE = "measured", "default", "none"
SURELY = 0.95
HARDLY = 0.05
CHUNK = 50_000


@dataclasses.dataclass
class FlagSettings:
    """What near means, and what else to hold incidents against.

    ``distance_m``: the limit. ``default_uncertainty_m``: 95 % radius for incidents that bring none.
    ``timezone``: IANA name of the theatre's zone, for dates in sentences. ``zones`` and
    ``control``: areas, optional. ``sides``: work out the probability of each side too.
    """

    distance_m: float = 5000.0
    default_uncertainty_m: Optional[float] = None
    timezone: str = "UTC"
    zones: Optional[AreaColumns] = None
    control: Optional[AreaColumns] = None
    sides: bool = False


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
    side_probability: np.ndarray
    notes: list[str]

    def __len__(self) -> int:
        return len(self.flag)

    def count(self, flag: str) -> int:
        """How many incidents have that flag."""
        return int(np.count_nonzero(self.flag == flag))

    @classmethod
    def joined(cls, parts: list[FlagColumns], notes: list[str]) -> FlagColumns:
        """The columns of several chunks, one after the other."""
        names = [field.name for field in dataclasses.fields(cls) if field.name != "notes"]
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return cls(**columns, notes=notes)


class Flagger:
    """Made ready once for lines and settings; flags any number of chunks of incidents.

    Each incident's answer is the same in whatever chunk it comes. ``lines`` None: a process
    without a line. Raises CeasefireError for settings that cannot be.
    """

    def __init__(self, lines: Optional[PreparedLines], settings: FlagSettings):
        if not (np.isfinite(settings.distance_m) and settings.distance_m >= 0.0):
            raise CeasefireError("The distance must be a number of metres, 0 or more.")
        default_m = settings.default_uncertainty_m
        if default_m is not None and not (0.0 <= default_m <= ABSURD_M):
            raise CeasefireError(
                "The default uncertainty must be a number of metres from 0 to 2,000,000."
            )
        zone = zone_of(settings.timezone)
        timeline = None if lines is None else Timeline.of(lines.columns)
        self.lines, self.settings = lines, settings
        self.sets = None if lines is None else LineSets(timeline)
        self.sentences = None
        if lines is not None:
            self.sentences = Sentences(lines.columns, settings.distance_m, default_m, zone)
        self.zones = None if settings.zones is None else PreparedAreas(settings.zones)
        self.control = None if settings.control is None else PreparedAreas(settings.control)
        self.gathered = FlagNotes(timeline, zone)

    def flag_chunk(
        self,
        incidents: IncidentColumns,
        progress: Optional[Callable[[float], None]] = None,
        cancelled: Optional[Callable[[], bool]] = None,
    ) -> FlagColumns:
        """Flag some incidents; ``notes`` stays empty (see ``notes()``).

        ``progress`` takes 0 to 1; ``cancelled`` is asked between groups (raises Cancelled).
        """
        incidents, basis, odd = _with_uncertainty(incidents, self.settings.default_uncertainty_m)
        self.gathered.odd_uncertainty.add(incidents.feature_id, odd)
        self.gathered.add_odd(incidents)
        if self.lines is None:
            return self._columns(incidents, basis, not_judged(incidents))
        asked = Asked(self.settings.distance_m, basis != NONE, self.settings.sides)
        found = judged(self.lines, self.sets, incidents, asked, progress, cancelled)
        return self._columns(incidents, basis, found)

    def notes(self) -> list[str]:
        """Sentences on all chunks so far: times without a line, odd uncertainties."""
        return self.gathered.sentences()

    def _columns(self, incidents: IncidentColumns, basis, found: Judged) -> FlagColumns:
        held = found.held
        flags = np.full(len(incidents), NO_LINE, dtype=object)
        flags[held] = POSSIBLE
        flags[held & (found.share >= SURELY)] = NEAR
        flags[held & (found.share <= HARDLY)] = FAR
        flags[~found.located] = NOT_LOCATED
        rests = np.where(held, basis, None)
        zones, control = self._areas(incidents, found.located)
        self.gathered.add_without_line(incidents, flags == NO_LINE)
        self.gathered.add_distances(found.distance_m)
        return FlagColumns(
            line_name=self._line_column("line_name", found.line, None),
            line_valid_from=self._line_column("valid_from", found.line, "NaT").astype(
                "datetime64[us]"
            ),
            line_distance_m=found.distance_m,
            line_side=found.side,
            line_chainage_m=found.chainage_m,
            control=control,
            flag=flags,
            flag_probability=np.where(rests == NONE, np.nan, found.share),
            flag_basis=rests,
            zones=zones,
            finding=self._findings(incidents, rests, flags, found),
            side_probability=found.side_share,
            notes=[],
        )

    def _line_column(self, name: str, line: np.ndarray, missing) -> np.ndarray:
        if self.lines is None:
            return np.full(len(line), missing, dtype=object)
        values = getattr(self.lines.columns, name)
        result = np.full(len(line), missing, dtype=values.dtype)
        result[line >= 0] = values[line[line >= 0]]
        return result

    def _areas(self, incidents: IncidentColumns, located):
        place = (incidents.lon, incidents.lat, incidents.occurred_from)
        empty = np.full(len(incidents), None, dtype=object)
        zones = empty if self.zones is None else self.zones.names_at(*place)
        if self.control is None:
            return zones, empty.copy()
        control = self.control.names_at(*place)
        control[located & (control == None)] = "unknown"  # noqa: E711 (elementwise)
        return zones, control

    def _findings(self, incidents, basis, flags, found: Judged) -> np.ndarray:
        if self.sentences is None:
            return not_measured(found.located)
        words = np.full(len(incidents), None, dtype=object)
        words[flags == NOT_LOCATED] = NOT_LOCATED_WORDS
        without = np.flatnonzero(flags == NO_LINE)
        words[without] = self.sentences.without_line(incidents.occurred_from[without])
        rows = np.flatnonzero(found.held)
        words[rows] = self.sentences.of(
            Told(
                line=found.line[rows],
                distance_m=found.distance_m[rows],
                side=found.side[rows],
                chainage_m=found.chainage_m[rows],
                flag=flags[rows],
                basis=basis[rows],
                share=found.share[rows],
                lines_in_span=found.lines_in_span[rows],
                without_line=found.without_line[rows],
                place_m=incidents.uncertainty_m[rows],
            )
        )
        self._add_nearer_lines(words, incidents, flags, found)
        return words

    def _add_nearer_lines(self, words, incidents, flags, found: Judged) -> None:
        """Where a later version made it (possibly) near, the sentence names that one too."""
        limit_m = self.settings.distance_m
        later = found.held & (found.lines_in_span > 1) & (found.distance_m > limit_m)
        rows = np.flatnonzero(later & np.isin(flags, (NEAR, POSSIBLE)))
        line, distance = nearest_in_span(self.lines, self.sets, incidents, rows)
        for row, one, away in zip(rows.tolist(), line.tolist(), distance.tolist()):
            if one != found.line[row] and away <= limit_m:
                words[row] = self.sentences.with_nearer_line(words[row], one, away)


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
    flagger = Flagger(lines, settings)
    count = len(incidents)
    parts = []
    for start in range(0, max(count, 1), CHUNK):
        share, begun = min(CHUNK / max(count, 1), 1.0), start / max(count, 1)
        told = None
        if progress is not None:

            def told(part: float, share=share, begun=begun) -> None:
                progress(min(begun + share * part, 1.0))

        parts.append(flagger.flag_chunk(incidents.part(start, start + CHUNK), told, cancelled))
    return FlagColumns.joined(parts, flagger.notes())


def _with_uncertainty(incidents: IncidentColumns, default_m: Optional[float]):
    """Incidents with their uncertainty or the default, what it rests on, and the odd rows."""
    given = incidents.uncertainty_m
    odd = ~np.isnan(given) & ~((given >= 0.0) & (given <= ABSURD_M))
    radius = np.where(odd, np.nan, given)
    basis = np.full(len(incidents), NONE, dtype=object)
    basis[~np.isnan(radius) | incidents.has_sector() | incidents.has_area()] = MEASURED
    missing = basis == NONE
    kind = incidents.uncertainty_kind
    if default_m is not None:
        radius = np.where(missing, default_m, radius)
        kind = np.where(missing, "gauss", kind)
        basis[missing] = DEFAULT
    changed = dataclasses.replace(incidents, uncertainty_m=radius, uncertainty_kind=kind)
    return changed, basis, np.flatnonzero(odd)
