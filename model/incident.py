"""Incidents, and the observations, posts and effort that stand beside them."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime
from typing import Optional

from .field import instant, integer, real, text


def incident_id(source: str, source_id: str) -> str:
    """The stable id of an incident: the same source and source id always give the same."""
    return f"{source}:{source_id}"


def content_id(*values: object) -> str:
    """A source id for rows that bring none: 20 hexadecimal digits of the content's SHA-256."""
    joined = "\x1f".join("" if value is None else str(value) for value in values)
    return hashlib.sha256(joined.encode("utf-8")).hexdigest()[:20]


@dataclasses.dataclass
class Incident:
    """Something that happened, or is said to have: one place, one time span, one category.

    ``longitude`` and ``latitude`` are degrees, EPSG:4326; both None: not located.
    Times are aware datetimes in UTC, half-open. None means not known.
    """

    incident_id: str = text("Incident", default="")
    source: Optional[str] = text("Source")
    source_id: Optional[str] = text("Id at the source")
    source_url: Optional[str] = text("Address at the source")
    origin: Optional[str] = text("Origin")
    category: Optional[str] = text("Category")
    term: Optional[str] = text("Source's own term")
    phase: Optional[str] = text("Phase")
    circumstance: Optional[str] = text("Circumstance")
    count_low: Optional[int] = integer("Number, at least")
    count_high: Optional[int] = integer("Number, at most")
    count_qualifier: Optional[str] = text("Number is")
    weapon: Optional[str] = text("Weapon")
    occurred_from: Optional[datetime] = instant("From (UTC)")
    occurred_to: Optional[datetime] = instant("To (UTC)")
    time_precision: Optional[str] = text("Time known to the")
    span_is: Optional[str] = text("The span is")
    time_text: Optional[str] = text("Time as reported")
    point_role: Optional[str] = text("The point is")
    uncertainty_m: Optional[float] = real("Uncertainty of place (m)")
    uncertainty_kind: Optional[str] = text("Kind of uncertainty")
    domain: Optional[str] = text("Domain")
    altitude_m: Optional[float] = real("Altitude (m)")
    place: Optional[str] = text("Place")
    admin1: Optional[str] = text("First-level area")
    country: Optional[str] = text("Country")
    actor_1: Optional[str] = text("Actor 1, as reported")
    actor_2: Optional[str] = text("Actor 2, as reported")
    deaths_low: Optional[int] = integer("Deaths, low")
    deaths_best: Optional[int] = integer("Deaths, best")
    deaths_high: Optional[int] = integer("Deaths, high")
    civilian_deaths: Optional[int] = integer("Civilian deaths")
    injured: Optional[int] = integer("Injured")
    description: Optional[str] = text("Description")
    verification: Optional[str] = text("Verification", default="unverified")
    workflow: Optional[str] = text("Workflow", default="recorded")
    sensitivity: Optional[str] = text("Sensitivity", default="restricted")
    reliability: Optional[str] = text("Reliability of the source (A-F)")
    credibility: Optional[str] = text("Credibility of the information (1-6)")
    revision: Optional[int] = integer("Revision")
    recorded_at: Optional[datetime] = instant("Recorded at (UTC)")
    longitude: Optional[float] = None
    latitude: Optional[float] = None


@dataclasses.dataclass
class Observation:
    """What one post or patrol perceived: observer's point (degrees), direction and range.

    ``bearing_deg`` is clockwise from true north, plus or minus ``bearing_halfwidth_deg``.
    """

    observation_id: str = text("Observation", default="")
    incident_id: Optional[str] = text("Incident")
    post_id: Optional[str] = text("Post")
    bearing_deg: Optional[float] = real("Bearing (degrees, true)")
    bearing_halfwidth_deg: Optional[float] = real("Bearing, plus or minus (degrees)")
    range_min_m: Optional[float] = real("Range, at least (m)")
    range_max_m: Optional[float] = real("Range, at most (m)")
    means: Optional[str] = text("Means")
    observed_from: Optional[datetime] = instant("From (UTC)")
    observed_to: Optional[datetime] = instant("To (UTC)")
    category: Optional[str] = text("Category")
    phase: Optional[str] = text("Phase")
    fire_azimuth_deg: Optional[float] = real("Direction of fire (degrees, true)")
    weapon: Optional[str] = text("Weapon")
    count_low: Optional[int] = integer("Number, at least")
    count_high: Optional[int] = integer("Number, at most")
    count_qualifier: Optional[str] = text("Number is")
    duplicate_group: Optional[str] = text("Duplicate group")
    longitude: Optional[float] = None
    latitude: Optional[float] = None


@dataclasses.dataclass
class Post:
    """A patrol base, camera or sensor; the point (degrees) may be None: not known."""

    post_id: str = text("Post", default="")
    name: Optional[str] = text("Name")
    kind: Optional[str] = text("Kind")
    bearing_deg: Optional[float] = real("Field of view, centre (degrees, true)")
    field_of_view_deg: Optional[float] = real("Field of view (degrees)")
    range_m: Optional[float] = real("Range of view (m)")
    valid_from: Optional[datetime] = instant("From (UTC)")
    valid_to: Optional[datetime] = instant("To (UTC)")
    longitude: Optional[float] = None
    latitude: Optional[float] = None


@dataclasses.dataclass
class Effort:
    """When a post was able to observe, or why not; without it there is no zero."""

    effort_id: str = text("Effort", default="")
    post_id: Optional[str] = text("Post")
    observed_from: Optional[datetime] = instant("From (UTC)")
    observed_to: Optional[datetime] = instant("To (UTC)")
    status: Optional[str] = text("Status")
    reason: Optional[str] = text("Reason")


@dataclasses.dataclass
class Rejected:
    """A row that was set aside: where it stands in its file, and why."""

    row_number: int = integer("Row", default=0)
    column: Optional[str] = text("Column")
    value: Optional[str] = text("Value")
    reason: str = text("Reason", default="")
