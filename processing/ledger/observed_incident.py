"""The incident that one observation tells of, at the middle of the sector in which it was."""

from __future__ import annotations

from typing import Any

from ...model.incident import Incident, Observation, incident_id

SOURCE = "observation"


def incident_of(seen: Observation, lasted: dict[str, Any], description: str) -> Incident:
    """A new incident of an observation's values; ``lasted``: what is known of its time."""
    source_id = seen.observation_id.partition(":")[2]
    made = Incident(
        incident_id=incident_id(SOURCE, source_id),
        source=SOURCE,
        source_id=source_id,
        origin="own_observation",
        category=seen.category,
        phase=seen.phase,
        count_low=seen.count_low,
        count_high=seen.count_high,
        count_qualifier=seen.count_qualifier,
        weapon=seen.weapon,
        occurred_from=seen.observed_from,
        occurred_to=seen.observed_to,
        description=description or None,
        **lasted,
    )
    _locate(made, seen)
    return made


def _locate(made: Incident, seen: Observation) -> None:
    """Put it at the middle of its sector; without a range it is not located."""
    from ...analysis.geodesy import sector_point

    if seen.range_max_m is None:
        return
    # A bearing whose plus or minus nobody knows says nothing that could be counted on.
    unknown = seen.bearing_deg is None or seen.bearing_halfwidth_deg is None
    halfwidth = 180.0 if unknown else seen.bearing_halfwidth_deg
    lon, lat, radius = sector_point(
        *(seen.longitude, seen.latitude, seen.bearing_deg or 0.0, halfwidth),
        *(seen.range_min_m or 0.0, seen.range_max_m),
    )
    made.longitude, made.latitude = lon, lat
    made.uncertainty_m, made.uncertainty_kind = round(radius, 1), "sector"
    made.point_role = "observer" if halfwidth >= 180.0 else "event"
