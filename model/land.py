"""Contact lines, zones, sites and areas of control, as the ledger keeps them."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Optional

from .field import boolean, instant, integer, real, text


@dataclasses.dataclass
class ContactLine:
    """A line between parties, in force from ``valid_from`` until before ``valid_to`` (UTC).

    ``geometry`` is a shapely line in EPSG:4326; left and right are seen along its direction.
    ``uncertainty_m`` holds 95 % of the true positions.
    """

    line_id: str = text("Line", default="")
    line_name: Optional[str] = text("Name")
    kind: Optional[str] = text("Kind")
    front: Optional[str] = text("Front")
    left_party: Optional[str] = text("Party on the left")
    right_party: Optional[str] = text("Party on the right")
    valid_from: Optional[datetime] = instant("In force from (UTC)")
    valid_to: Optional[datetime] = instant("In force until (UTC)")
    uncertainty_m: Optional[float] = real("Uncertainty (m)")
    source: Optional[str] = text("Source")
    scale: Optional[str] = text("Scale of the source map")
    datum: Optional[str] = text("Datum of the source map")
    signed_by: Optional[str] = text("Signed by")
    geometry: Any = None


@dataclasses.dataclass
class ControlArea:
    """An area and who holds it: a party, ``contested``, ``no party`` or ``unknown``."""

    area_id: str = text("Area", default="")
    holder: Optional[str] = text("Held by")
    valid_from: Optional[datetime] = instant("From (UTC)")
    valid_to: Optional[datetime] = instant("To (UTC)")
    source: Optional[str] = text("Source")
    geometry: Any = None


@dataclasses.dataclass
class Zone:
    """An area with rules: security zone, disengagement area, area of limitation, buffer."""

    zone_id: str = text("Zone", default="")
    zone_name: Optional[str] = text("Name")
    kind: Optional[str] = text("Kind")
    rule: Optional[str] = text("Rule")
    valid_from: Optional[datetime] = instant("In force from (UTC)")
    valid_to: Optional[datetime] = instant("In force until (UTC)")
    source: Optional[str] = text("Source")
    geometry: Any = None


@dataclasses.dataclass
class Site:
    """A civilian object: hospital, school, water works, crossing point, shelter."""

    site_id: str = text("Site", default="")
    site_name: Optional[str] = text("Name")
    kind: Optional[str] = text("Kind")
    sensitivity: Optional[str] = text("Sensitivity", default="confidential")
    valid_from: Optional[datetime] = instant("From (UTC)")
    valid_to: Optional[datetime] = instant("To (UTC)")
    source: Optional[str] = text("Source")
    geometry: Any = None


@dataclasses.dataclass
class Finding:
    """What was found of an incident, a sighting or a site, and the words that explain it.

    A flag (``flag`` is set, ``rule`` is not) holds an incident against the line in force; a rule's
    finding (``rule`` is set) holds an incident, a weapon sighting, a storage site or a zone's day
    against one rule of an agreement. ``distance_to_compliance_m`` is positive inside the limit: so
    far is still missing. ``rests_on`` changes when what the finding rests on does.
    """

    finding_id: str = text("Finding", default="")
    incident_id: Optional[str] = text("Incident")
    incident_revision: Optional[int] = integer("Revision of the incident")
    assessed_at: Optional[datetime] = instant("Assessed at (UTC)")
    line_name: Optional[str] = text("Line")
    line_valid_from: Optional[datetime] = instant("Line in force from (UTC)")
    line_distance_m: Optional[float] = real("Distance from the line (m)")
    line_side: Optional[str] = text("Side of the line")
    line_chainage_m: Optional[float] = real("Chainage along the line (m)")
    control: Optional[str] = text("Control")
    flag: Optional[str] = text("Flag")
    flag_probability: Optional[float] = real("Probability of being near")
    flag_basis: Optional[str] = text("The probability rests on")
    flag_distance_m: Optional[float] = real("Near means within (m)")
    zones: Optional[str] = text("Zones")
    finding: Optional[str] = text("Finding in words")
    side_probability: Optional[float] = real("Probability of that side")
    sighting_id: Optional[str] = text("Sighting")
    site_id: Optional[str] = text("Storage site")
    agreement_id: Optional[str] = text("Agreement")
    clause: Optional[str] = text("Clause")
    rule: Optional[str] = text("Rule")
    party: Optional[str] = text("Party")
    verdict: Optional[str] = text("Verdict")
    probability: Optional[float] = real("Probability that the rule was not kept")
    probability_basis: Optional[str] = text("The rule's probability rests on")
    measured_m: Optional[float] = real("Measured distance (m)")
    limit_m: Optional[float] = real("Limit (m)")
    distance_to_compliance_m: Optional[float] = real("Distance to compliance (m)")
    counted_low: Optional[int] = integer("Counted, at least")
    counted_high: Optional[int] = integer("Counted, at most")
    limit_count: Optional[int] = integer("Ceiling")
    period_from: Optional[datetime] = instant("Period from (UTC)")
    period_to: Optional[datetime] = instant("Period to (UTC)")
    rests_on: Optional[str] = text("Fingerprint of what it rests on")


@dataclasses.dataclass
class Fetch:
    """One reply or file that was read: custody of what the figures rest on."""

    fetch_id: str = text("Fetch", default="")
    source: Optional[str] = text("Source")
    address: Optional[str] = text("File or address, without secrets")
    sha256: Optional[str] = text("SHA-256")
    fetched_at: Optional[datetime] = instant("Read at (UTC)")
    rows: Optional[int] = integer("Rows")
    imported: Optional[int] = integer("Imported")
    effort: Optional[int] = integer("Effort")
    rejected: Optional[int] = integer("Set aside")
    added: Optional[int] = integer("Added")
    changed: Optional[int] = integer("Changed")
    unchanged: Optional[int] = integer("Unchanged")
    not_seen: Optional[int] = integer("Not seen any more")
    notes: Optional[str] = text("Notes")
    feed_id: Optional[str] = text("Feed")
    run_id: Optional[str] = text("Run of the feed")
    complete: Optional[bool] = boolean("Last reply of a complete run")
    withdrawn: Optional[int] = integer("Withdrawn")
    reappeared: Optional[int] = integer("Reappeared")
    version: Optional[str] = text("Version at the source")
    raw_evidence: Optional[str] = text("Evidence of the raw reply")
