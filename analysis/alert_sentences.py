"""The one neutral sentence of an alert, and the one that tells nothing of the place."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, tzinfo
from typing import Optional, Sequence

import numpy as np

from ..model.alert import COUNTS, AlertRule, listed
from ..model.incident import Incident
from ..model.vocabulary import label
from .alert_places import AlertPlaces
from .alert_rules import Hits, least_chance
from .line_words import MONTHS, limit, metres

PLURALS = {
    "explosion": "explosions",
    "burst": "bursts",
    "shot": "shots",
    "air strike": "air strikes",
    "armed clash": "armed clashes",
    "muzzle flash": "muzzle flashes",
    "mine": "mines",
}
DAY = timedelta(hours=23)
MINUTE = timedelta(minutes=1)
NOT_KNOWN = "time not known"
UNTOLD = "What is confidential raised an alert; it stands in the list of alerts."
ELSEWHERE = "the place stands in the list of alerts"


def incident_sentence(
    rule: AlertRule, incident: Incident, hits: Hits, row: int, places: AlertPlaces, zone: tzinfo
) -> str:
    """What happened, why the rule speaks of it, how sure that is, where and when."""
    conditions = _joined(_conditions(rule, hits, np.array([row]), places))
    sentence = f"{what(incident)}{conditions}, {span_words([incident], zone)}{_vague(incident)}."
    return sentence[:1].upper() + sentence[1:]


def series_sentence(
    rule: AlertRule,
    incidents: Sequence[Incident],
    hits: Hits,
    rows: np.ndarray,
    places: AlertPlaces,
    zone: tzinfo,
    sector: Optional[str],
) -> str:
    """What a series was of, why the rule speaks of it, where and when."""
    conditions = _joined(_conditions(rule, hits, rows, places, sector))
    often = f"{rule.count_least:,} or more within {minutes(rule.window_minutes)}"
    sentence = f"{total(rule, incidents)}{conditions}, {often}, {span_words(incidents, zone)}."
    return sentence[:1].upper() + sentence[1:]


def public_words(words: str, when: str, confidential: bool) -> str:
    """A sentence for the eyes of anybody: kind, number and time, and no place."""
    if confidential:
        return UNTOLD
    sentence = f"{words}, {when}; {ELSEWHERE}."
    return sentence[:1].upper() + sentence[1:]


def passed_over_sentence(passed: int, of: int, hours: Sequence[float]) -> str:
    """How many incidents no rule, or not every rule, was held against, for they are old."""
    ages = " or ".join(f"{value:,.10g}" for value in sorted(set(hours)))
    were = "was" if passed == 1 else "were"
    return (
        f"Of {of:,} newly recorded incidents, {passed:,} {were} passed over: rules look back "
        f"{ages} hours, and what happened before raises no alert."
    )


def what(incident: Incident) -> str:
    """The number and kind of one incident: "2 explosions", "explosion (number not known)"."""
    kind = label("categories", incident.category) or "incident of a kind that is not known"
    low, high = incident.count_low, incident.count_high
    if low is None:
        return f"{kind} (number not known)"
    if low == 1 and high in (None, 1) and incident.count_qualifier in (None, "exact"):
        return f"1 {kind}"
    number = f"{low:,}" if high in (None, low) else f"{low:,} to {high:,}"
    before = {"at_least": "at least ", "about": "about "}.get(incident.count_qualifier or "", "")
    return f"{before}{number} {PLURALS.get(kind, '× ' + kind)}"


def total(rule: AlertRule, incidents: Sequence[Incident]) -> str:
    """The number of a series, and of which kinds."""
    kinds = Counter(label("categories", item.category) or "kind not known" for item in incidents)
    told = ", ".join(f"{kind} {number:,}" for kind, number in kinds.most_common())
    number = len(incidents)
    records = "1 incident" if number == 1 else f"{number:,} incidents"
    if rule.count_of != COUNTS:
        return f"{records} ({told})"
    known = [item.count_low for item in incidents if item.count_low is not None]
    unknown = " and an undetermined number" if len(known) < number else ""
    return f"at least {sum(known):,}{unknown} in {records} ({told})"


def span_words(incidents: Sequence[Incident], zone: tzinfo) -> str:
    """When it was, in the theatre's time: "1 Jun 2031, 14:05–14:20 local"."""
    starts = [item.occurred_from for item in incidents if item.occurred_from is not None]
    if not starts:
        return NOT_KNOWN
    ends = [_end(item) for item in incidents if item.occurred_from is not None]
    vague = any(
        item.span_is == "uncertainty" and item.occurred_to - item.occurred_from >= DAY
        for item in incidents
        if item.occurred_from is not None and item.occurred_to is not None
    )
    return _between(min(starts).astimezone(zone), max(ends).astimezone(zone), vague)


def minutes(number: float) -> str:
    """So many minutes, in hours where they are whole hours."""
    if number % 60 == 0:
        return "1 hour" if number == 60 else f"{number / 60:,.10g} hours"
    return f"{number:,.10g} minutes"


def _end(incident: Incident) -> datetime:
    """Its end; of what was within a minute, its beginning."""
    start, end = incident.occurred_from, incident.occurred_to
    return start if end is None or end - start <= MINUTE else end


def _joined(conditions: list[str]) -> str:
    return f" {', '.join(conditions)}" if conditions else ""


def _between(start: datetime, end: datetime, vague: bool) -> str:
    last = end - timedelta(microseconds=1) if end > start else end
    if vague:
        days = _date(start) if start.date() == last.date() else f"{_date(start)} – {_date(last)}"
        return f"{days} local, time of day not known"
    if end == start:
        return f"{_date(start)}, {start:%H:%M} local"
    if start.date() == last.date():
        return f"{_date(start)}, {start:%H:%M}–{end:%H:%M} local"
    return f"{_date(start)} {start:%H:%M} – {_date(end)} {end:%H:%M} local"


def _date(moment: datetime) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def _conditions(
    rule: AlertRule, hits: Hits, rows: np.ndarray, places: AlertPlaces, sector: Optional[str] = None
) -> list[str]:
    """Why the rule speaks of these rows: the line, the sites, zones and sectors, with numbers."""
    parts = []
    if rule.distance_m is not None:
        near = f"within {limit(rule.distance_m)} of the line in force"
        away = _range(hits.line_distance_m[rows])
        parts.append(f"{near} ({_chances(hits.line_chance, hits.sure, rows)}; {away} from it)")
    kinds = listed(rule.site_kinds)
    if kinds and rule.site_distance_m is not None:
        named = " or ".join(dict.fromkeys(_kinds_there(hits, rows, places) or kinds))
        near = f"within {limit(rule.site_distance_m)} of a site ({named})"
        parts.append(f"{near[:-1]}, {_range(hits.site_distance_m[rows])} away)")
    if rule.area:
        parts.append("in the rule's area")
    parts += [f"in {name}" for name in _inside(hits.zones, rows, least_chance(rule))]
    sectors = [sector] if sector else _inside(hits.sectors, rows, least_chance(rule))
    if sectors:
        parts.append(f"sector {' or '.join(sectors)}")
    if rule.distance_m is None and np.isfinite(hits.probability[rows]).any():
        parts[-1] += f" ({_chances(hits.probability, hits.sure, rows)})"
    return parts


def _kinds_there(hits: Hits, rows: np.ndarray, places: AlertPlaces) -> list[str]:
    found = [index for index in hits.site[rows].tolist() if index >= 0]
    return [label("site_kinds", places.sites.kind[index]) for index in found]


def _inside(chances: dict, rows: np.ndarray, least: float) -> list[str]:
    return [name for name, chance in chances.items() if (chance[rows] >= least - 1e-9).any()]


def _chances(chance: np.ndarray, sure: np.ndarray, rows: np.ndarray) -> str:
    known = rows[sure[rows]]
    if not len(known):
        return "by the point as recorded, whose uncertainty is not known"
    values = chance[known]
    told = _share(values.min())
    if len(rows) > 1 and _share(values.max()) != told:
        told = f"{told} to {_share(values.max())}"
    bare = len(rows) - len(known)
    rest = f"; of {bare:,} the uncertainty is not known" if bare else ""
    return f"probability {told}{rest}"


def _share(value: float) -> str:
    return "over 0.99" if value > 0.995 else f"{value:.2f}"


def _range(distances: np.ndarray) -> str:
    least, most = metres(float(np.nanmin(distances))), metres(float(np.nanmax(distances)))
    return least if least == most else f"{least} to {most}"


def _vague(incident: Incident) -> str:
    if incident.longitude is None:
        return "; place not known"
    if incident.uncertainty_m is None:
        return ""
    return f"; place known to {metres(incident.uncertainty_m)}"
