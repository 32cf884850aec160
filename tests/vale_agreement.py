"""A fictional agreement between Aster and Borealis along an east-west line, for tests of rules."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely

from ceasefire_monitor.analysis.agreement_file import agreement_of
from ceasefire_monitor.analysis.contact_line import LineColumns
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.rule_columns import RuleFindings, RuleSubjects
from ceasefire_monitor.analysis.rule_theatre import RuleTheatre
from ceasefire_monitor.analysis.rules import check_rules

ZONE = [[30.2, 50.0], [30.8, 50.0], [30.8, 50.1], [30.2, 50.1], [30.2, 50.0]]
NOON = "2025-03-03T12:00"


def clause(reference: str, *rules: dict) -> dict:
    """A clause with its rules."""
    return {"reference": reference, "text": "Told.", "text_status": "verified", "rules": [*rules]}


def act(code: str = "fire", **more) -> dict:
    """A prohibited act; firing and clashes unless said otherwise."""
    named = {"code": code, "kind": "prohibited_act", "title": f"rule {code}"}
    return {**named, "categories": ["firing", "clash"], **more}


def withdrawal(code: str, weapons: str, *limits: tuple, **more) -> dict:
    """A withdrawal; limits are (line, metres, party or None)."""
    told = [
        {"line": line, "distance_m": metres, **({"party": party} if party else {})}
        for line, metres, party in limits
    ]
    named = {"code": code, "kind": "withdrawal", "title": f"rule {code}"}
    return {**named, "weapon_classes": [weapons], "limits": told, **more}


def agreement(*clauses: dict, **more):
    """The agreement, in force from 1 January 2025, Athens time."""
    told = {
        "format": 1,
        "agreement_id": "vale",
        "title": "Understanding of the Vale",
        "parties": [{"code": "aster", "name": "Aster"}, {"code": "borealis", "name": "Borealis"}],
        "timing": {"timezone": "Europe/Athens", "in_force_from": "2025-01-01"},
        "weapon_classes": [
            {
                "code": "guns",
                "label": "artillery of 100 mm and more",
                "classes": ["artillery", "mortar"],
                "calibre_from_mm": 100,
            },
            {
                "code": "mortars",
                "label": "mortars of up to 120 mm",
                "classes": ["mortar"],
                "calibre_to_mm": 120,
            },
            {"code": "tanks", "label": "tanks", "classes": ["tank"]},
        ],
        "lines": [
            {"code": "line", "title": "line of contact", "kind": "agreed"},
            {"code": "forward", "title": "forward line", "kind": "de_facto"},
        ],
        "zones": [{"code": "zone", "title": "Security zone", "area": [ZONE]}],
        "clauses": [*clauses],
    }
    return agreement_of({**told, **more})


def lines(*rows: tuple) -> LineColumns:
    """Contact lines: (coordinates, kind, from, to, uncertainty); Aster is on the left."""
    columns = list(zip(*rows))
    return LineColumns(
        geometry=[shapely.LineString(points) for points in columns[0]],
        line_name=[f"Sector {kind}" for kind in columns[1]],
        kind=list(columns[1]),
        left_party=["Aster"] * len(rows),
        right_party=["Borealis"] * len(rows),
        valid_from=np.array([each or "NaT" for each in columns[2]], "datetime64[us]"),
        valid_to=np.array([each or "NaT" for each in columns[3]], "datetime64[us]"),
        uncertainty_m=[float(each) for each in columns[4]],
    )


STRAIGHT = lines(([(30, 50), (31, 50)], "agreed", "2025-01-01", None, 0.0))


def subjects(*rows: dict, sightings: bool = False) -> RuleSubjects:
    """Incidents or sightings; what a row leaves out is usual: located, at noon, ± 100 m."""
    usual = {
        "lon": 30.5,
        "lat": 50.02,
        "when": NOON,
        "until": None,
        "span": "uncertainty",
        "uncertainty": 100.0,
        "kind": "gauss",
        "category": "firing/shelling",
    }
    full = [{**usual, **row} for row in rows]

    def column(name: str) -> list:
        return [row.get(name) for row in full]

    def moments(name: str):
        return np.array([each or "NaT" for each in column(name)], "datetime64[us]")

    start = moments("when")
    until = moments("until")
    place = IncidentColumns(
        lon=column("lon"),
        lat=column("lat"),
        occurred_from=start,
        occurred_to=np.where(np.isnat(until), start, until),
        span_is=column("span"),
        uncertainty_m=[np.nan if each is None else each for each in column("uncertainty")],
        uncertainty_kind=column("kind"),
    )
    numbers = {
        name: [np.nan if each is None else each for each in column(name)]
        for name in ("count_low", "count_high", "altitude_m", "revision")
    }
    return RuleSubjects(
        place,
        [row.get("id", f"s{number}") for number, row in enumerate(full)],
        are_sightings=sightings,
        category=column("category"),
        circumstance=column("circumstance"),
        domain=column("domain"),
        weapon=column("weapon"),
        holder=column("holder"),
        **numbers,
    )


def check(told, given: RuleSubjects, contact=STRAIGHT, known=None, **around) -> RuleFindings:
    """The findings of the subjects under the agreement."""
    return checked(told, given, contact, known, **around).findings


def checked(told, given: RuleSubjects, contact=STRAIGHT, known=None, **around):
    """The whole outcome of a run."""
    return check_rules(RuleTheatre(told, given, contact, **around), known)


def prints(findings: RuleFindings) -> dict:
    """What each finding rests on, by rule and subject."""
    identifier = np.where(findings.incident_id == None, findings.sighting_id, findings.incident_id)  # noqa: E711 (elementwise)
    return {
        (rule, str(each)): told
        for rule, each, told in zip(findings.rule, identifier, findings.rests_on)
    }


def moved(given: RuleSubjects, **place) -> RuleSubjects:
    """The same subjects with other columns of their place."""
    return dataclasses.replace(given, place=dataclasses.replace(given.place, **place))
