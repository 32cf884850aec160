"""Harm to people, by person or group, and links between incidents."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

from .field import instant, integer, text


@dataclasses.dataclass
class Harm:
    """What one incident did to one person, or to a group that is known only by its number.

    ``person`` is a code that stands for one person in every record of that person, never a name;
    None: a group. ``low``, ``best`` and ``high`` are persons. ``independent_sources`` is how many
    sources that do not rest on each other tell of it. Times are aware datetimes in UTC.
    """

    harm_id: str = text("Harm", default="")
    incident_id: Optional[str] = text("Incident")
    person: Optional[str] = text("Person (code)")
    outcome: Optional[str] = text("Outcome")
    civilian_status: Optional[str] = text("Civilian status")
    sex: Optional[str] = text("Sex")
    age_group: Optional[str] = text("Age group")
    cause: Optional[str] = text("Cause")
    harmed_from: Optional[datetime] = instant("From (UTC)")
    harmed_to: Optional[datetime] = instant("To (UTC)")
    low: Optional[int] = integer("Persons, at least")
    best: Optional[int] = integer("Persons, best estimate")
    high: Optional[int] = integer("Persons, at most")
    independent_sources: Optional[int] = integer("Independent sources")
    sources: Optional[str] = text("Sources")
    verification: Optional[str] = text("Verification", default="unverified")
    description: Optional[str] = text("Description")
    sensitivity: Optional[str] = text("Sensitivity", default="confidential")


@dataclasses.dataclass
class Link:
    """How one incident stands to another: ``incident_id`` *relation* ``other_id``.

    ``lead_id`` names which of the two is the lead record of one event; None where none leads.
    """

    link_id: str = text("Link", default="")
    incident_id: Optional[str] = text("Incident")
    relation: Optional[str] = text("Relation")
    other_id: Optional[str] = text("Other incident")
    lead_id: Optional[str] = text("Lead record")
    status: Optional[str] = text("Status", default="stated")
    reason: Optional[str] = text("Reason")
    stated_by: Optional[str] = text("Stated by")
    stated_at: Optional[datetime] = instant("Stated at (UTC)")
