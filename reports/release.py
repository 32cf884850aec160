"""What a release level leaves out of a brief, and how much that was."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Optional

from ..model.land import Finding
from ..model.sensitivity import NOTHING_SINCE, SinceThen, may_show
from .material import Entry, Material


class Release(Enum):
    """Who may read the brief. Public is not offered: nothing is generalised yet."""

    RESTRICTED = "restricted"
    CONFIDENTIAL = "confidential"

    def shows(self, level: str) -> bool:
        """Whether what has that level may stand in such a release."""
        return may_show(level, self.value)

    def shows_record(self, table: str, record_id: str, code, since: SinceThen) -> bool:
        """Whether a record with that code may, as known then and as it stands today."""
        return self.shows(since.level(table, record_id, code))


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """How many records the brief leaves out, and why.

    ``observers_points`` are incidents whose points are those of who observed them, ``reasons`` the
    changes whose reasons are held back. By the terms of their sources, ``not_handed_on`` incidents
    are in no part of the brief and ``rows_withheld`` ones not in its annex. None where it cannot be
    known: who made the brief sees a part of the ledger alone.
    """

    confidential_incidents: Optional[int] = 0
    confidential_sites: Optional[int] = 0
    posts: int = 0
    withdrawn: int = 0
    confidential_changes: Optional[int] = 0
    source_ids: bool = False
    observers_points: int = 0
    reasons: int = 0
    not_handed_on: int = 0
    rows_withheld: int = 0


def released(material: Material, level: Release, reasons: bool = False) -> tuple[Material, LeftOut]:
    """The material that a level may show, and what was left out.

    Withdrawn incidents are left out at every level. Below confidential, records that are not known
    to be public or restricted, the positions of posts and of observers, ids and addresses at the
    source are left out too, and the reasons of changes unless ``reasons`` asks for them. What a
    source's terms do not let anybody hand on is left out with them; ``in_annex`` tells whose rows.
    """
    kept = [entry for entry in material.entries if entry.incident.workflow != "withdrawn"]
    withdrawn = len(material.entries) - len(kept)
    if level is Release.CONFIDENTIAL:
        unknown = None if not material.sees_all else 0
        return dataclasses.replace(material, entries=kept), LeftOut(
            unknown, unknown, withdrawn=withdrawn, confidential_changes=unknown
        )
    since = material.since_then or NOTHING_SINCE
    told = [entry for entry in kept if _terms(material, entry) != "none"]
    open_to = [entry for entry in told if _shows(level, entry, since)]
    sites = [
        site
        for site in material.sites
        if level.shows_record("sites", site.site_id, site.sensitivity, since)
    ]
    posts = [dataclasses.replace(post, longitude=None, latitude=None) for post in material.posts]
    revisions, hidden, untold = material.revisions, 0, 0
    if revisions is not None:
        revisions = revisions.without_sources(sources_on_terms(material, "none"))
        revisions, hidden = revisions.within(level)
        if not reasons:
            revisions, untold = revisions.without_reasons()
    observers = [entry for entry in open_to if since.observers_point(entry.incident)]
    left_out = LeftOut(
        confidential_incidents=len(told) - len(open_to) if material.sees_all else None,
        confidential_sites=len(material.sites) - len(sites) if material.sees_all else None,
        posts=sum(post.longitude is not None for post in material.posts),
        withdrawn=withdrawn,
        confidential_changes=hidden if material.sees_all else None,
        source_ids=True,
        observers_points=sum(entry.located for entry in observers),
        reasons=untold,
        not_handed_on=len(kept) - len(told),
        rows_withheld=sum(not in_annex(material, level, entry) for entry in open_to),
    )
    entries = [_without_source_ids(_without_observers_point(entry, since)) for entry in open_to]
    shown = dataclasses.replace(
        material, entries=entries, sites=sites, posts=posts, revisions=revisions
    )
    return shown, left_out


def in_annex(material: Material, level: Release, entry: Entry) -> bool:
    """Whether an incident's row may stand in the data annex, by the terms of its source.

    A confidential brief stays with those who have the data anyway.
    """
    return level is Release.CONFIDENTIAL or _terms(material, entry) == "rows"


def sources_on_terms(material: Material, *terms: str) -> set[str]:
    """The sources whose incidents may be handed on by one of these terms."""
    return {source for source, word in material.terms.items() if word in terms}


def _terms(material: Material, entry: Entry) -> str:
    return material.terms.get(entry.incident.source or "", "rows")


def sheet_level(release: Release) -> str:
    """The line by which a sheet bears its level."""
    return f"Release level: {release.value.upper()}"


def _shows(level: Release, entry: Entry, since: SinceThen) -> bool:
    incident = entry.incident
    return level.shows_record("incidents", incident.incident_id, incident.sensitivity, since)


def _without_observers_point(entry: Entry, since: SinceThen) -> Entry:
    """The entry without the point of its observer and what was measured from it.

    Distance, chainage and the words of a finding would tell where the point is.
    """
    if not since.observers_point(entry.incident):
        return entry
    nothing = {"longitude": None, "latitude": None, "altitude_m": None}
    incident = dataclasses.replace(
        entry.incident, uncertainty_m=None, uncertainty_kind=None, **nothing
    )
    finding = Finding(incident_id=entry.finding.incident_id)
    return dataclasses.replace(entry, incident=incident, finding=finding)


def _without_source_ids(entry: Entry) -> Entry:
    incident = dataclasses.replace(entry.incident, source_id=None, source_url=None)
    observations = [
        dataclasses.replace(item, longitude=None, latitude=None) for item in entry.observations
    ]
    return dataclasses.replace(entry, incident=incident, observations=observations)
