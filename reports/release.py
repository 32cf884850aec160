"""What a release level leaves out of a brief, and how much that was."""

from __future__ import annotations

import dataclasses
from enum import Enum

from .material import Entry, Material


class Release(Enum):
    """Who may read the brief. Public is not offered: nothing is generalised yet."""

    RESTRICTED = "restricted"
    CONFIDENTIAL = "confidential"


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """How many records the brief leaves out, and why."""

    confidential_incidents: int = 0
    confidential_sites: int = 0
    posts: int = 0
    withdrawn: int = 0
    source_ids: bool = False


def released(material: Material, level: Release) -> tuple[Material, LeftOut]:
    """The material that a level may show, and what was left out.

    Withdrawn incidents are left out at every level. Below confidential, records marked
    confidential, the positions of posts, ids and addresses at the source are left out too.
    """
    kept = [entry for entry in material.entries if entry.incident.workflow != "withdrawn"]
    withdrawn = len(material.entries) - len(kept)
    if level is Release.CONFIDENTIAL:
        return dataclasses.replace(material, entries=kept), LeftOut(withdrawn=withdrawn)
    shown = [entry for entry in kept if entry.incident.sensitivity != "confidential"]
    sites = [site for site in material.sites if site.sensitivity in ("public", "restricted")]
    posts = [dataclasses.replace(post, longitude=None, latitude=None) for post in material.posts]
    left_out = LeftOut(
        confidential_incidents=len(kept) - len(shown),
        confidential_sites=len(material.sites) - len(sites),
        posts=sum(post.longitude is not None for post in material.posts),
        withdrawn=withdrawn,
        source_ids=True,
    )
    entries = [_without_source_ids(entry) for entry in shown]
    return dataclasses.replace(material, entries=entries, sites=sites, posts=posts), left_out


def _without_source_ids(entry: Entry) -> Entry:
    incident = dataclasses.replace(entry.incident, source_id=None, source_url=None)
    observations = [
        dataclasses.replace(item, longitude=None, latitude=None) for item in entry.observations
    ]
    return dataclasses.replace(entry, incident=incident, observations=observations)
