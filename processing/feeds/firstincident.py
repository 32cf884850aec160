"""The first incident of a trial in one sentence: what, when and where, as it was read."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

LONGEST = 120


def first_incident(algorithm, incident: Any, zone: tzinfo) -> str:
    """What the first row becomes, so that a person sees whether the columns were understood.

    ``zone`` is that of the times that are told; the point is told in degrees, latitude first.
    """
    from ...analysis.alert_sentences import span_words, what

    words = (
        algorithm.tr("The first of them: %1 (%2); %3; %4.")
        .replace("%1", what(incident))
        .replace("%2", incident.category or "other/undetermined")
        .replace("%3", span_words([incident], zone))
        .replace("%4", where(algorithm, incident))
    )
    text = " ".join((incident.description or incident.term or "").split())
    if not text:
        return words
    shown = text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " …"
    return words + " " + algorithm.tr("It says: “%1”.").replace("%1", shown)


def where(algorithm, incident: Any) -> str:
    """The place's name and point, as far as they are known."""
    named = ", ".join(
        dict.fromkeys(name for name in (incident.place, incident.admin1, incident.country) if name)
    )
    if incident.longitude is None or incident.latitude is None:
        if not named:
            return algorithm.tr("place not known")
        return algorithm.tr("%1, without a point").replace("%1", named)
    point = algorithm.tr("latitude %1, longitude %2")
    for place, degrees in (("%1", incident.latitude), ("%2", incident.longitude)):
        point = point.replace(place, f"{degrees:.5f}")
    return f"{named} ({point})" if named else point
