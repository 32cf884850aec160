"""What tables of observations share: an incident, its observation, its post, or effort."""

from __future__ import annotations

import dataclasses
from typing import Optional

from ...model.incident import Effort, Incident, Observation, Post
from ..directions import Sighting, fire_azimuth
from ..moments import When
from ..numbers import NOT_KNOWN, Count
from ..words import code_of, says_nil
from ..work import Found, Sector, Work, time_of

NOT_LOCATED = (
    "the post's own point is not known: the incident has no place, its observation is kept"
)
NO_RANGE = "the distance is not known: the incident has no place, its observation is kept"
NO_WORD = "the observation is not a word that is known; its category is “undetermined”"
POINT_ROLES = {"outgoing": "origin", "incoming": "impact", "impact": "impact"}
NOT_OPERATING = ("degraded", "down", "denied", "not_deployed")


@dataclasses.dataclass
class Seen:
    """One row of an observer, in the feed's words; None: nothing said."""

    post: Optional[str]
    post_kind: str
    post_point: Optional[tuple[float, float]]
    event_point: Optional[tuple[float, float]]
    sighting: Sighting
    means: Optional[str]
    number: Optional[str]
    observation: Optional[str]
    description: Optional[str]
    weapon: Optional[str]
    place: Optional[str] = None
    duplicate_group: Optional[str] = None
    status: Optional[str] = None
    reason: Optional[str] = None


def reports_nothing(seen: Seen, count: Count) -> bool:
    """Whether a row says that somebody was there and nothing happened, or says nothing at all."""
    if says_nil(seen.observation) or (count[0] == 0 and count[1] == 0):
        return True
    if seen.observation is not None:
        return False
    if says_nil(seen.number) or says_nil(seen.description):
        return True
    known = (seen.number, seen.weapon, seen.sighting.bearing_deg, seen.sighting.range_max_m)
    return seen.description is None and all(value is None for value in known)


def effort(work: Work, cells: list, when: When, seen: Seen) -> Found:
    """The row as effort: that post, that period, and whether it could observe."""
    status, words = status_of(seen)
    return Found(
        effort=Effort(
            effort_id=work.identity(cells)["incident_id"],
            post_id=seen.post,
            observed_from=when.start,
            observed_to=when.end,
            status=status,
            reason=seen.reason or (words if status != "operating" else None),
        ),
        post=post(seen),
    )


def status_of(seen: Seen) -> tuple[str, Optional[str]]:
    """The status of effort and the words that say so; operating where nothing else is said."""
    for words in (seen.status, seen.observation, seen.description):
        code = code_of("effort_statuses", words)
        if code in NOT_OPERATING or (code is not None and words is seen.status):
            return code, words
    return "operating", None


def speaks_of_status_only(seen: Seen) -> bool:
    """Whether the observation tells the observer's state only ("camera not operational")."""
    return (
        seen.observation is not None
        and code_of("categories", seen.observation) is None
        and code_of("effort_statuses", seen.observation) in NOT_OPERATING
    )


def post(seen: Seen) -> Optional[Post]:
    """The post that a row names."""
    if seen.post is None:
        return None
    lon, lat = seen.post_point or (None, None)
    return Post(post_id=seen.post, name=seen.post, kind=seen.post_kind, longitude=lon, latitude=lat)


def incident(work: Work, i: int, cells: list, when: When, seen: Seen, count: Count) -> Found:
    """The row as an incident and its observation, with the sector to put it in."""
    identity = work.identity(cells)
    words = " ".join(part for part in (seen.observation, seen.description) if part)
    category = category_of(work, i, seen)
    phase = code_of("phases", seen.description) or code_of("phases", seen.observation)
    weapon = code_of("weapon_types", seen.weapon) or ("not_known" if seen.weapon else None)
    lasted = when.span_is == "duration" or (
        count[1] != 1 and when.precision in ("minute", "second") and length(when) > 60
    )
    sector = sector_of(work, i, seen)
    role = "observer" if sector and sector.halfwidth_deg >= 180 else POINT_ROLES.get(phase, "event")
    made = Incident(
        **identity,
        origin="own_observation",
        category=category,
        term=seen.observation,
        phase=phase,
        circumstance=code_of("circumstances", words),
        count_low=count[0],
        count_high=count[1],
        count_qualifier=count[2],
        weapon=weapon,
        **{**time_of(when), "span_is": "duration" if lasted else "uncertainty"},
        place=seen.place,
        point_role=role if sector or seen.event_point else None,
        uncertainty_kind="sector" if sector else None,
        description=seen.description,
    )
    if seen.event_point:
        made.longitude, made.latitude = seen.event_point
    lon, lat = seen.post_point or (None, None)
    observation = Observation(
        observation_id=f"{identity['incident_id']}/1",
        incident_id=identity["incident_id"],
        post_id=seen.post,
        bearing_deg=seen.sighting.bearing_deg,
        bearing_halfwidth_deg=seen.sighting.halfwidth_deg,
        range_min_m=seen.sighting.range_min_m,
        range_max_m=seen.sighting.range_max_m,
        means=seen.means,
        observed_from=when.start,
        observed_to=when.end,
        category=category,
        phase=phase,
        fire_azimuth_deg=fire_azimuth(seen.description) if seen.description else None,
        weapon=weapon,
        count_low=count[0],
        count_high=count[1],
        count_qualifier=count[2],
        duplicate_group=seen.duplicate_group,
        longitude=lon,
        latitude=lat,
    )
    return Found(incident=made, observation=observation, post=post(seen), sector=sector)


def length(when: When) -> float:
    """The seconds of a span."""
    return (when.end - when.start).total_seconds()


def category_of(work: Work, i: int, seen: Seen) -> str:
    """The category of the observation's word; firing where no word is given."""
    if seen.observation is None:
        return "firing/undetermined"
    code = code_of("categories", seen.observation)
    if code is None:
        work.notes.row(NO_WORD, work.sheet.numbers[i])
    return code or "other/undetermined"


def sector_of(work: Work, i: int, seen: Seen) -> Optional[Sector]:
    """Where the incident may be; None where the post's point or the distance is not known.

    Without a direction it may be anywhere around the post.
    """
    if seen.event_point is not None:
        return None
    seen_at = seen.sighting
    if seen.post_point is None:
        if seen_at.range_max_m is not None:
            work.notes.row(NOT_LOCATED, work.sheet.numbers[i])
        return None
    if seen_at.range_max_m is None:
        work.notes.row(NO_RANGE, work.sheet.numbers[i])
        return None
    return Sector(
        seen.post_point[0],
        seen.post_point[1],
        seen_at.bearing_deg or 0.0,
        180.0 if seen_at.bearing_deg is None else seen_at.halfwidth_deg or 0.0,
        seen_at.range_min_m or 0.0,
        seen_at.range_max_m,
    )


def nothing_known() -> Count:
    """The count of a table that has no column for it: the row is one, or more."""
    return 1, None, "at_least"


__all__ = ["NOT_KNOWN", "Seen", "effort", "incident", "reports_nothing"]
