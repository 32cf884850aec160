"""Weapons as they were seen, where they are to be stored, and what was counted there."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

from .field import instant, integer, real, text


@dataclasses.dataclass
class WeaponSighting:
    """Weapons of one kind seen at one place; the point is in degrees, None: not known.

    ``weapon`` is a code of ``weapon_types``; ``holder`` is a party of the agreement, None where it
    is not known whose the weapons are. Times are aware datetimes in UTC, half-open.
    """

    sighting_id: str = text("Sighting", default="")
    source: Optional[str] = text("Source")
    origin: Optional[str] = text("Origin")
    post_id: Optional[str] = text("Post")
    means: Optional[str] = text("Means")
    seen_from: Optional[datetime] = instant("From (UTC)")
    seen_to: Optional[datetime] = instant("To (UTC)")
    span_is: Optional[str] = text("The span is")
    weapon: Optional[str] = text("Weapon")
    term: Optional[str] = text("Source's own term")
    count_low: Optional[int] = integer("Number, at least")
    count_high: Optional[int] = integer("Number, at most")
    count_qualifier: Optional[str] = text("Number is")
    holder: Optional[str] = text("Held by")
    uncertainty_m: Optional[float] = real("Uncertainty of place (m)")
    uncertainty_kind: Optional[str] = text("Kind of uncertainty")
    place: Optional[str] = text("Place")
    description: Optional[str] = text("Description")
    verification: Optional[str] = text("Verification", default="unverified")
    sensitivity: Optional[str] = text("Sensitivity", default="restricted")
    longitude: Optional[float] = None
    latitude: Optional[float] = None


@dataclasses.dataclass
class StorageSite:
    """A place where a party's withdrawn weapons are to stand; the point is in degrees.

    A weapon within ``radius_m`` of the point stands in the site.
    """

    site_id: str = text("Storage site", default="")
    site_name: Optional[str] = text("Name")
    holder: Optional[str] = text("Held by")
    radius_m: Optional[float] = real("Radius (m)")
    valid_from: Optional[datetime] = instant("From (UTC)")
    valid_to: Optional[datetime] = instant("To (UTC)")
    sensitivity: Optional[str] = text("Sensitivity", default="confidential")
    source: Optional[str] = text("Source")
    longitude: Optional[float] = None
    latitude: Optional[float] = None


@dataclasses.dataclass
class Inventory:
    """What one inspection of a storage site counted of one kind of weapon.

    ``declared`` by the holder; ``inspected`` could be looked at, of these ``present`` and
    ``missing``. None is not known, which is never 0.
    """

    inventory_id: str = text("Inventory", default="")
    site_id: Optional[str] = text("Storage site")
    holder: Optional[str] = text("Held by")
    weapon: Optional[str] = text("Weapon")
    observed_from: Optional[datetime] = instant("Inspected from (UTC)")
    observed_to: Optional[datetime] = instant("Inspected to (UTC)")
    declared: Optional[int] = integer("Declared")
    inspected: Optional[int] = integer("Inspected")
    present: Optional[int] = integer("Present")
    missing: Optional[int] = integer("Missing")
    source: Optional[str] = text("Source")
    description: Optional[str] = text("Description")
