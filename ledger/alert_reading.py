"""What alerts are raised from: the incidents that changed, as they are and were, and the land."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any, Iterable, Sequence

import numpy as np

from ..analysis.alert_incidents import AlertIncidents, rank
from ..analysis.alert_places import AlertPlaces
from ..analysis.areas import AreaColumns
from ..analysis.contact_line import LineColumns
from ..analysis.link_graph import ONE_EVENT, WITHDRAWN, events_of, leads_of
from ..analysis.rule_sites import SitePoints
from ..analysis.utc import instants
from ..model.alert import CORRECTION, INCIDENT
from ..model.harm import Link
from ..model.incident import Incident
from ..model.sensitivity import LEVELS, level_of
from ..model.tables import INCIDENTS, OBSERVATIONS
from .connection import bound
from .history import payload_of
from .rows import instant_text, record_of
from .store import CHUNK, rows_by_key, rows_within

_CHANGED = (
    "SELECT step.incident_id AS incident, min(step.revision) + 0 AS first, "
    "max(kept.source) AS source, "
    "max(CASE WHEN kept.occurred_from < $oldest THEN 1 ELSE 0 END) + 0 AS old "
    "FROM incident_history AS step JOIN incidents AS kept ON kept.incident_id = step.incident_id "
    "WHERE step.history_id > CAST($mark AS BIGINT) AND step.history_id <= CAST($top AS BIGINT) "
    "GROUP BY step.incident_id"
)
_BEFORE = (
    "SELECT incident_id, revision + 0 AS number, payload FROM incident_history "
    "WHERE incident_id IN ($ids) AND history_id <= CAST($mark AS BIGINT) "
    "ORDER BY incident_id, revision"
)
_LINKS = (
    "SELECT incident_id, relation, other_id, lead_id FROM links "
    "WHERE relation IN ($relations) AND coalesce(status, '') <> $withdrawn"
)
_TOLD = "SELECT incident_id, rule_id FROM alerts WHERE incident_id IN ($ids) AND kind IN ($kinds)"
# Another program may have written a moment with an offset.
MARGIN = timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Changed:
    """An incident with revisions that were not evaluated; ``old``: it happened long ago."""

    incident_id: str
    is_new: bool
    source: str
    old: bool


def changed_since(connection: Any, mark: int, top: int, oldest: datetime) -> list[Changed]:
    """The incidents that have revisions after ``mark`` and up to ``top``.

    ``old`` are those that happened before ``oldest`` for sure.
    """
    moment = instant_text(oldest - MARGIN)
    rows = connection.rows(bound(_CHANGED, mark=str(mark), top=str(top), oldest=moment))
    return [
        Changed(key, int(first) == 1, source, int(old) == 1) for key, first, source, old in rows
    ]


def incidents_of(connection: Any, ids: Iterable[str]) -> list[Incident]:
    """Incidents as they are now, by their ids."""
    rows = rows_by_key(connection, INCIDENTS, ids).values()
    return [record_of(INCIDENTS, Incident, row) for row in rows]


def incidents_between(connection: Any, start: datetime, end: datetime) -> list[Incident]:
    """Incidents that began from ``start`` until before ``end``."""
    rows = rows_within(connection, INCIDENTS, start, end)
    return [record_of(INCIDENTS, Incident, row) for row in rows]


def incidents_before(connection: Any, ids: Sequence[str], mark: int) -> list[Incident]:
    """Incidents as they were at the last evaluation."""
    states: dict[str, tuple] = {}
    for some in _pages(ids):
        for key, number, text in connection.rows(bound(_BEFORE, ids=some, mark=str(mark))):
            states[key] = (int(number), text)
    return [
        Incident(**{**payload_of(INCIDENTS, text), "revision": number})
        for number, text in states.values()
    ]


def columns_of(connection: Any, incidents: Sequence[Incident]) -> AlertIncidents:
    """Incidents as columns, with the sectors that their observations tell."""
    wanted = [item.incident_id for item in incidents if item.uncertainty_kind == "sector"]
    return AlertIncidents.of(incidents, _sectors(connection, wanted))


def places_of(ledger: Any) -> AlertPlaces:
    """The ledger's lines, zones and sites, to be asked by rules."""
    lines = [line for line in ledger.read("contact_lines") if line.geometry is not None]
    zones = [zone for zone in ledger.read("zones") if zone.geometry is not None]
    sites = [site for site in ledger.read("sites") if site.geometry is not None]
    return AlertPlaces(
        lines=_lines(lines) if lines else None,
        zones=_zones(zones) if zones else None,
        sites=_sites(sites) if sites else None,
        levels=np.array([LEVELS.index(level_of("sites", site.sensitivity)) for site in sites]),
    )


class Events:
    """Which records tell of one event, by the links that stand."""

    def __init__(self, connection: Any):
        rows = connection.rows(bound(_LINKS, relations=ONE_EVENT, withdrawn=WITHDRAWN))
        links = [
            Link(incident_id=one, relation=relation, other_id=other, lead_id=lead)
            for one, relation, other, lead in rows
        ]
        self.events, self.leads = events_of(links), leads_of(links)
        self.members: dict[str, list[str]] = {}
        for key, event in self.events.items():
            self.members.setdefault(event, []).append(key)

    def of(self, incident_id: str) -> str:
        """The name of an incident's event; its own id where it stands for itself."""
        return self.events.get(incident_id, incident_id)

    def all_of(self, incident_id: str) -> list[str]:
        """The ids of all records of an incident's event, its own among them."""
        return self.members.get(self.of(incident_id), [incident_id])


def told_of(connection: Any, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Of which of these incidents which rules have told: ``(rule_id, incident_id)``."""
    found = set()
    for some in _pages(ids):
        rows = connection.rows(bound(_TOLD, ids=some, kinds=(INCIDENT, CORRECTION)))
        found.update((rule, incident) for incident, rule in rows)
    return found


def level_of_incidents(incidents: Iterable[Incident]) -> int:
    """The strictest of their levels, index into LEVELS."""
    return max((rank(item.sensitivity) for item in incidents), default=0)


def _sectors(connection: Any, ids: Sequence[str]) -> dict[str, tuple]:
    from ..model.incident import Observation
    from .store import read_rows

    known: dict[str, tuple] = {}
    for some in _pages(ids):
        where = bound("WHERE kept.incident_id IN ($ids)", ids=some)
        for row in read_rows(connection, OBSERVATIONS, where):
            seen = record_of(OBSERVATIONS, Observation, row)
            values = (
                seen.longitude,
                seen.latitude,
                seen.bearing_deg,
                seen.bearing_halfwidth_deg,
                seen.range_min_m,
                seen.range_max_m,
            )
            if None not in values:
                known.setdefault(seen.incident_id, values)
    return known


def _lines(records: list) -> LineColumns:
    def column(name):
        return [getattr(record, name) for record in records]

    uncertainty = [np.nan if value is None else value for value in column("uncertainty_m")]
    return LineColumns(
        geometry=_objects(column("geometry")),
        line_id=column("line_id"),
        line_name=column("line_name"),
        kind=column("kind"),
        front=column("front"),
        left_party=column("left_party"),
        right_party=column("right_party"),
        valid_from=instants(column("valid_from")),
        valid_to=instants(column("valid_to")),
        uncertainty_m=uncertainty,
    )


def _zones(records: list) -> AreaColumns:
    return AreaColumns(
        _objects([record.geometry for record in records]),
        _objects([record.zone_name or record.zone_id for record in records]),
        instants([record.valid_from for record in records]),
        instants([record.valid_to for record in records]),
    )


def _sites(records: list) -> SitePoints:
    return SitePoints(
        np.array([record.geometry.x for record in records]),
        np.array([record.geometry.y for record in records]),
        _objects([record.site_name or record.site_id for record in records]),
        _objects([record.kind for record in records]),
        instants([record.valid_from for record in records]),
        instants([record.valid_to for record in records]),
    )


def _objects(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _pages(ids: Sequence[str]):
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
