"""Rules that say of which incidents somebody wants to be told at once, and what was told."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

from .field import boolean, instant, integer, real, text

MAX_AGE_HOURS = 72.0
# What an alert tells of.
INCIDENT, CORRECTION, COUNT = "incident", "correction", "count"
PASSED_OVER, NOT_EVALUATED = "passed_over", "not_evaluated"
# What a rule of a number counts (records, or the least of their own numbers), and where.
INCIDENTS, COUNTS = "incidents", "counts"
THEATRE, SECTOR = "theatre", "sector"


def listed(value: Optional[str]) -> list[str]:
    """The entries of a list that is kept as text: divided by semicolons, none empty or twice."""
    parts = [part.strip() for part in (value or "").split(";")]
    return [part for part in dict.fromkeys(parts) if part]


@dataclasses.dataclass
class AlertRule:
    """Which incidents raise an alert; every condition that is given must hold.

    Lists are texts with semicolons between their entries. ``sectors`` and ``zones`` name zones of
    the ledger; ``area`` is one of the rule's own (WKT, degrees, EPSG:4326). ``distance_m`` is
    that to the line in force, which must hold with ``min_probability``; ``site_distance_m``
    likewise to a site of a kind. With ``count_least`` the rule asks for so many incidents (or,
    by ``count_of``, of their own numbers) within ``window_minutes``, in the theatre or in each
    sector.
    """

    rule_id: str = text("Rule", default="")
    rule_name: Optional[str] = text("Name")
    enabled: Optional[bool] = boolean("In use", default=True)
    categories: Optional[str] = text("Categories, by their beginnings")
    weapon_classes: Optional[str] = text("Classes of weapons")
    sources: Optional[str] = text("Sources")
    area: Optional[str] = text("Area of its own (WKT, longitude and latitude)")
    sectors: Optional[str] = text("Sectors (names of zones)")
    zones: Optional[str] = text("Zones (names)")
    distance_m: Optional[float] = real("Within so far of the line in force (m)")
    min_probability: Optional[float] = real("With a probability of at least", default=0.5)
    line_kind: Optional[str] = text("Kind of line")
    front: Optional[str] = text("Front")
    default_uncertainty_m: Optional[float] = real("Uncertainty of incidents that bring none (m)")
    site_kinds: Optional[str] = text("Kinds of sites")
    site_distance_m: Optional[float] = real("Within so far of such a site (m)")
    count_least: Optional[int] = integer("Number, at least")
    count_of: Optional[str] = text("Number of", default=INCIDENTS)
    count_per: Optional[str] = text("Number in", default=THEATRE)
    window_minutes: Optional[float] = real("Within so many minutes")
    max_age_hours: Optional[float] = real("Look back so many hours", default=MAX_AGE_HOURS)
    most_sensitive: Optional[str] = text("Incidents up to this sensitivity", default="confidential")
    sound: Optional[bool] = boolean("With a sound", default=False)
    notes: Optional[str] = text("Notes")


@dataclasses.dataclass
class Alert:
    """What was told of incidents by a rule, once; it stands until somebody acknowledges it.

    ``sentence`` explains it; ``public_text`` says no more than kind, number and time, without any
    place or name, for a notification that others may see on the screen. ``probability`` is the
    least of those that the rule asks for, of the incident or, where the alert tells of several,
    of the likeliest. The point (degrees) is that of ``incident_id``, None: not known.
    """

    alert_id: str = text("Alert", default="")
    rule_id: Optional[str] = text("Rule")
    rule_name: Optional[str] = text("Name of the rule")
    kind: Optional[str] = text("Told of")
    incident_id: Optional[str] = text("Incident")
    incident_revision: Optional[int] = integer("Revision of the incident")
    incidents: Optional[str] = text("Incidents of the series")
    counted: Optional[int] = integer("Number")
    sector: Optional[str] = text("Sector")
    probability: Optional[float] = real("Probability")
    line_distance_m: Optional[float] = real("Distance from the line (m)")
    period_from: Optional[datetime] = instant("From (UTC)")
    period_to: Optional[datetime] = instant("To (UTC)")
    sentence: Optional[str] = text("In words")
    public_text: Optional[str] = text("In words without a place")
    sensitivity: Optional[str] = text("Sensitivity", default="restricted")
    sound: Optional[bool] = boolean("With a sound", default=False)
    raised_at: Optional[datetime] = instant("Raised at (UTC)")
    acknowledged_at: Optional[datetime] = instant("Acknowledged at (UTC)")
    acknowledged_by: Optional[str] = text("Acknowledged by")
    acknowledged_why: Optional[str] = text("Acknowledged because")
    longitude: Optional[float] = None
    latitude: Optional[float] = None
