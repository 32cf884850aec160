"""How likely it is that incidents were where a rule of alerts asks: line, areas, sites."""

from __future__ import annotations

import dataclasses
from typing import Iterable, Optional

import numpy as np
import shapely

from ..model.errors import CeasefireError
from .areas import AreaColumns
from .contact_line import LineColumns, PreparedLines, prepare_lines
from .flagging import FlagSettings, flag
from .fronts import of_front
from .incident_columns import IncidentColumns
from .rule_places import PreparedArea, probability_inside
from .rule_sites import SitePoints, near_sites


@dataclasses.dataclass
class NearLine:
    """``chance``: P(within the limit of the line in force), 0 where none was; metres, or NaN.

    ``sure`` is False where the bare point counts, for no uncertainty is known.
    """

    chance: np.ndarray
    distance_m: np.ndarray
    sure: np.ndarray


class AlertPlaces:
    """The lines, zones and sites of a theatre, each made ready once, when a rule asks for it.

    ``zones`` are named; ``levels`` are the sites' sensitivities, index into LEVELS. None: the
    theatre has none.
    """

    def __init__(
        self,
        lines: Optional[LineColumns] = None,
        zones: Optional[AreaColumns] = None,
        sites: Optional[SitePoints] = None,
        levels: Optional[np.ndarray] = None,
    ):
        self.lines, self.zones, self.sites, self.levels = lines, zones, sites, levels
        self._prepared: dict[tuple, Optional[PreparedLines]] = {}
        self._areas: dict[int, PreparedArea] = {}
        self._own: dict[str, PreparedArea] = {}

    def near_line(
        self,
        incidents: IncidentColumns,
        within_m: float,
        kind: Optional[str],
        front: Optional[str],
        default_m: Optional[float],
    ) -> NearLine:
        """Of every incident; see ``flagging.flag``. CeasefireError for lines that cannot be."""
        lines = self._lines(incidents, kind, front)
        found = flag(incidents, lines, FlagSettings(within_m, default_m))
        measured = np.isfinite(found.line_distance_m)
        sure = np.isfinite(found.flag_probability)
        bare = (measured & (found.line_distance_m <= within_m)).astype(float)
        chance = np.where(sure, found.flag_probability, bare)
        return NearLine(chance, found.line_distance_m, sure)

    def inside_zones(self, incidents: IncidentColumns, names: Iterable[str]):
        """P(inside any zone of each name, of those in force then): ``{name: array}``."""
        return {name: self._inside_zone(incidents, name) for name in names}

    def inside_area(self, incidents: IncidentColumns, wkt: str) -> np.ndarray:
        """P(inside an area that is given as WKT in degrees); CeasefireError where it is none."""
        if wkt not in self._own:
            self._own[wkt] = PreparedArea.of(area_of(wkt))
        return _inside(self._own[wkt], incidents, incidents.located())

    def near_sites(self, incidents: IncidentColumns, within_m: float, kinds: list[str]):
        """P(within the limit of any site of these kinds), metres to the nearest, and its row.

        Without such a site 0, NaN and -1.
        """
        count = len(incidents)
        chance, distance = np.zeros(count), np.full(count, np.nan)
        site = np.full(count, -1, dtype=np.int64)
        rows = np.flatnonzero(incidents.located())
        if self.sites is None or not len(rows):
            return chance, distance, site
        chosen = np.flatnonzero(np.isin(self.sites.kind, kinds))
        if not len(chosen):
            return chance, distance, site
        found = near_sites(self.sites.take(chosen), incidents, rows, within_m)
        chance[rows], distance[rows] = found[0], found[1]
        site[rows] = np.where(found[2] >= 0, chosen[found[2]], -1)
        return chance, distance, site

    def zone_names(self) -> set:
        """The names of the theatre's zones."""
        return set() if self.zones is None else {name for name in self.zones.name if name}

    def _lines(
        self, incidents: IncidentColumns, kind: Optional[str], front: Optional[str]
    ) -> Optional[PreparedLines]:
        """The lines that were in force at some time of the incidents, ready to measure from."""
        columns = self.lines
        if columns is not None and front:
            columns = of_front(columns, front)
        if columns is None:
            return None
        chosen = np.flatnonzero(_in_force(columns, incidents))
        key = (kind, front, tuple(chosen.tolist()))
        if key not in self._prepared:
            self._prepared[key] = prepare_lines(columns.take(chosen), kind) if len(chosen) else None
        return self._prepared[key]

    def _inside_zone(self, incidents: IncidentColumns, name: str) -> np.ndarray:
        chance = np.zeros(len(incidents))
        if self.zones is None:
            return chance
        moments, located = incidents.occurred_from, incidents.located()
        for index in np.flatnonzero(self.zones.name == name).tolist():
            start, end = self.zones.valid_from[index], self.zones.valid_to[index]
            holds = (np.isnat(start) | (start <= moments)) & (np.isnat(end) | (moments < end))
            if index not in self._areas:
                self._areas[index] = PreparedArea.of(self.zones.geometry[index])
            chance = np.maximum(chance, _inside(self._areas[index], incidents, located & holds))
        return chance


def _in_force(columns: LineColumns, incidents: IncidentColumns) -> np.ndarray:
    """Which lines were in force at some time of some incident (mask)."""
    opens, closes = columns.valid_from, columns.valid_to
    starts = incidents.occurred_from[~np.isnat(incidents.occurred_from)]
    if not len(starts):
        return np.isnat(opens) & np.isnat(closes)
    ends = incidents.occurred_to[~np.isnat(incidents.occurred_to)]
    first, last = starts.min(), np.concatenate([starts, ends]).max()
    return (np.isnat(opens) | (opens <= last)) & (np.isnat(closes) | (closes > first))


def area_of(wkt: str):
    """The polygon of a text (WKT, degrees); CeasefireError where it is none."""
    try:
        shape = shapely.from_wkt(wkt)
    except shapely.errors.GEOSException:
        shape = None
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise CeasefireError(
            "The area of the rule is no polygon: give a polygon in longitude and latitude."
        )
    return shape


def _inside(area: PreparedArea, incidents: IncidentColumns, where: np.ndarray) -> np.ndarray:
    chance = np.zeros(len(incidents))
    rows = np.flatnonzero(where)
    if len(rows):
        depth = area.depth_m(incidents.lon[rows], incidents.lat[rows])
        chance[rows] = probability_inside(area, incidents, rows, depth)
    return chance
