"""What a brief is made from: incidents with their findings, the land, the posts, the settings."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Optional

from ..model.claim import Restriction
from ..model.errors import CeasefireError
from ..model.harm import Link
from ..model.incident import Effort, Incident, Observation, Post
from ..model.land import ContactLine, ControlArea, Finding, Site, Zone
from ..model.stored_agreement import StoredAgreement
from ..model.weapons import WeaponSighting


@dataclasses.dataclass
class Entry:
    """One incident, what holding it against the lines gave, and how it was perceived.

    ``number`` is its number in the brief, 0 until it has one.
    """

    incident: Incident
    finding: Finding
    observations: list[Observation] = dataclasses.field(default_factory=list)
    number: int = 0

    @property
    def located(self) -> bool:
        """Whether the place is known, as degrees on the Earth."""
        longitude, latitude = self.incident.longitude, self.incident.latitude
        if longitude is None or latitude is None:
            return False
        return abs(longitude) <= 360 and abs(latitude) <= 90

    @property
    def when(self) -> Optional[datetime]:
        """The moment by which the incident is counted."""
        return self.incident.occurred_from


@dataclasses.dataclass(frozen=True)
class Source:
    """A source to be named: attribution, when it was read, and the hash of what was read."""

    name: str
    attribution: str = ""
    read_at: Optional[datetime] = None
    sha256: str = ""


@dataclasses.dataclass
class Material:
    """All that a brief may draw on; geometries are shapely, EPSG:4326.

    ``revisions`` is what became of incidents since an earlier report, None where that is not told;
    ``since_then`` is what became since of the sensitivity of what is told as known in the past;
    ``ledger_head`` is the head of the ledger's custody chain when it was read, None where there is
    none; ``sees_all`` is false where the ledger hides records from who read it; ``terms`` says what
    may be handed on of a source's incidents, where that is known: rows, aggregates or none;
    ``ruled`` are the findings of rules that hold.
    """

    entries: list[Entry] = dataclasses.field(default_factory=list)
    lines: list[ContactLine] = dataclasses.field(default_factory=list)
    zones: list[Zone] = dataclasses.field(default_factory=list)
    sites: list[Site] = dataclasses.field(default_factory=list)
    control: list[ControlArea] = dataclasses.field(default_factory=list)
    posts: list[Post] = dataclasses.field(default_factory=list)
    effort: list[Effort] = dataclasses.field(default_factory=list)
    links: list[Link] = dataclasses.field(default_factory=list)
    sources: list[Source] = dataclasses.field(default_factory=list)
    inputs: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    area: Any = None
    revisions: Any = None
    ledger_head: Any = None
    since_then: Any = None
    sees_all: bool = True
    terms: dict[str, str] = dataclasses.field(default_factory=dict)
    sightings: list[WeaponSighting] = dataclasses.field(default_factory=list)
    restrictions: list[Restriction] = dataclasses.field(default_factory=list)
    agreements: list[StoredAgreement] = dataclasses.field(default_factory=list)
    ruled: list[Finding] = dataclasses.field(default_factory=list)

    def cut_to(self, polygons: list) -> None:
        """Keep the incidents within polygons (EPSG:4326) and those without a place.

        Raises CeasefireError where there is no polygon.
        """
        import shapely

        shapes = [shape for shape in polygons if shape is not None and not shape.is_empty]
        if not shapes:
            raise CeasefireError("The area has no polygon. Choose a layer with one, or none.")
        self.area = shapely.union_all(shapely.make_valid(shapes))
        shapely.prepare(self.area)

        def holds(record: Any) -> bool:
            longitude, latitude = record.longitude, record.latitude
            unknown = longitude is None or latitude is None
            return unknown or bool(shapely.intersects_xy(self.area, longitude, latitude))

        self.entries = [
            entry for entry in self.entries if not entry.located or holds(entry.incident)
        ]
        self.sightings = [item for item in self.sightings if holds(item)]
        self.restrictions = [item for item in self.restrictions if holds(item)]
        kept = {entry.incident.incident_id for entry in self.entries}
        seen = {item.sighting_id for item in self.sightings}
        self.ruled = [
            finding
            for finding in self.ruled
            if finding.incident_id in kept or finding.sighting_id in seen
        ]


def in_force(record: Any, start: datetime, end: datetime) -> bool:
    """Whether a dated record was in force at any moment of a half-open span."""
    begins = record.valid_from is None or record.valid_from < end
    return begins and (record.valid_to is None or record.valid_to > start)
