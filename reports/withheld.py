"""What a release level leaves out of weapons, restrictions and findings of rules."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Optional

from ..model.sensitivity import NOTHING_SINCE
from ..model.weapons import WeaponSighting
from .material import Material
from .release import Release, sources_on_terms

# Where weapons stand now is what the other side would like to know.
WEAPON_PLACES_AFTER = timedelta(days=7)


@dataclasses.dataclass(frozen=True)
class Withheld:
    """How many records are held back; ``places`` are those of weapons seen too lately.

    None where it cannot be known: who made the brief sees a part of the ledger alone.
    """

    sightings: Optional[int] = 0
    restrictions: Optional[int] = 0
    places: int = 0


def without_withheld(shown: Material, level: Release, now: datetime) -> tuple[Material, Withheld]:
    """The material with the records that a level may show; places of recent weapons left out.

    ``shown`` is what the level shows of incidents. A confidential brief keeps everything.
    """
    if level is Release.CONFIDENTIAL:
        unknown = 0 if shown.sees_all else None
        return shown, Withheld(unknown, unknown)
    since = shown.since_then or NOTHING_SINCE
    closed = sources_on_terms(shown, "none")
    told = [
        item
        for item in shown.sightings
        if level.shows_record("weapon_sightings", item.sighting_id, item.sensitivity, since)
        and item.source not in closed
    ]
    sightings = [_placed(item, now) for item in told]
    restrictions = [
        dataclasses.replace(item, longitude=None, latitude=None)
        for item in shown.restrictions
        if level.shows_record("restrictions", item.restriction_id, item.sensitivity, since)
    ]
    incidents = {entry.incident.incident_id for entry in shown.entries}
    seen = {item.sighting_id for item in sightings}
    ruled = [
        finding
        for finding in shown.ruled
        if (finding.incident_id is None or finding.incident_id in incidents)
        and (finding.sighting_id is None or finding.sighting_id in seen)
        # Storage sites are confidential unless each is said not to be.
        and finding.site_id is None
    ]
    known = shown.sees_all
    withheld = Withheld(
        len(shown.sightings) - len(sightings) if known else None,
        len(shown.restrictions) - len(restrictions) if known else None,
        sum(item.place is not None and _is_recent(item, now) for item in told),
    )
    kept = dataclasses.replace(shown, sightings=sightings, restrictions=restrictions, ruled=ruled)
    return kept, withheld


def _is_recent(item: WeaponSighting, now: datetime) -> bool:
    """Whether the weapons were seen lately; where it is not known when, they count as recent."""
    seen = item.seen_to or item.seen_from
    return seen is None or now - seen < WEAPON_PLACES_AFTER


def _placed(item: WeaponSighting, now: datetime) -> WeaponSighting:
    """The sighting without free text, and without its place while it is recent."""
    item = dataclasses.replace(item, description=None)
    if not _is_recent(item, now):
        return item
    return dataclasses.replace(item, place=None, longitude=None, latitude=None)
