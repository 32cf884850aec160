"""Who may read what: the one place where levels of sensitivity are compared.

A release shows what is known to be at most its level and holds back all else, so that a code which
the list does not have, or is written otherwise, is held back as confidential.
"""

from __future__ import annotations

import dataclasses
from typing import Iterable, Mapping, Optional

from .alert import Alert
from .claim import Claim, Restriction
from .evidence import Evidence
from .harm import Harm
from .incident import Incident
from .land import Site
from .weapons import StorageSite, WeaponSighting

# From the most open to the strictest.
LEVELS = ("public", "restricted", "confidential")
CONFIDENTIAL = LEVELS[-1]
# What an empty sensitivity means, by table: what a new record begins with.
UNSET = {
    "incidents": Incident().sensitivity,
    "sites": Site().sensitivity,
    "weapon_sightings": WeaponSighting().sensitivity,
    "storage_sites": StorageSite().sensitivity,
    "harm": Harm().sensitivity,
    "claims": Claim().sensitivity,
    "restrictions": Restriction().sensitivity,
    "evidence": Evidence().sensitivity,
    "alerts": Alert().sensitivity,
}
# What a point may stand for without telling where an observer is.
_NOT_THE_OBSERVER = frozenset((None, "", "origin", "impact", "event", "place_centroid"))


def level_of(table: str, code: Optional[str]) -> str:
    """The level that a record's sensitivity stands for.

    An empty one is the table's beginning; a code that is not known counts as confidential.
    """
    if code is None or not code.strip():
        code = UNSET.get(table, CONFIDENTIAL)
    return code if code in LEVELS else CONFIDENTIAL


def strictest(levels: Iterable[str]) -> str:
    """The strictest of some levels; of none, restricted."""
    found = [LEVELS.index(level) for level in levels]
    return LEVELS[max(found)] if found else "restricted"


def may_show(level: str, release: str) -> bool:
    """Whether a release shows what has that level; what is no level is never shown."""
    return level in LEVELS and LEVELS.index(level) <= LEVELS.index(release)


def is_observers(point_role: Optional[str]) -> bool:
    """Whether an incident's point may be that of who observed it: so unless known otherwise."""
    return point_role not in _NOT_THE_OBSERVER


@dataclasses.dataclass(frozen=True)
class SinceThen:
    """What became since of records that are told of as they were known in the past.

    ``levels`` are those of today by table and id, of the records that changed since; ``observers``
    the ids of incidents whose points are by now known to be their observers'.
    """

    levels: Mapping[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    observers: frozenset[str] = frozenset()

    def level(self, table: str, record_id: str, code: Optional[str]) -> str:
        """The strictest of a record's level then, by its code, and of today's."""
        then = level_of(table, code)
        return strictest((then, self.levels.get((table, record_id), then)))

    def observers_point(self, incident: Incident) -> bool:
        """Whether an incident's point may be the observer's, as known then or today."""
        return is_observers(incident.point_role) or incident.incident_id in self.observers


NOTHING_SINCE = SinceThen()
