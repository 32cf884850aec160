"""The clauses that cover an act somewhere are those whose finding says breaks, or possible."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.agreement_file import agreement_of
from ceasefire_monitor.analysis.clauses_at import ClausesAt
from ceasefire_monitor.analysis.contact_line import LineColumns
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.rule_columns import RuleSubjects
from ceasefire_monitor.analysis.rule_sites import SitePoints
from ceasefire_monitor.analysis.rule_theatre import RuleTheatre
from ceasefire_monitor.analysis.rule_zones import GivenZones
from ceasefire_monitor.analysis.rules import check_rules
from ceasefire_monitor.analysis.utc import instants

CATEGORIES = (
    "firing/explosion",
    "firing/shelling",
    "firing",
    "overflight/uav",
    "mine_uxo/mine",
    "civilian/harassment",
    "movement/troops",
)
SQUARE = [[30.2, 50.1], [30.6, 50.1], [30.6, 50.4], [30.2, 50.4], [30.2, 50.1]]


def clause(reference, *rules):
    return {
        "reference": reference,
        "text": "In our own words.",
        "text_status": "paraphrase",
        "rules": list(rules),
    }


def rule(code, kind, **more):
    return {"code": code, "kind": kind, "title": code, **more}


def meadow_accord():
    """A fictional agreement with every kind of condition that a rule on acts may have."""
    return agreement_of(
        {
            "format": 1,
            "agreement_id": "meadow",
            "title": "The Meadow Accord",
            "parties": [{"code": "aster", "name": "Aster"}, {"code": "borea", "name": "Borea"}],
            "timing": {
                "timezone": "Europe/Athens",
                "in_force_from": "2025-02-01",
                "in_force_to": "2025-10-31",
            },
            "lines": [{"code": "line", "title": "the line", "kind": "agreed"}],
            "zones": [
                {"code": "strip", "title": "Strip", "bands": [{"line": "line", "far_m": 8000}]},
                {"code": "square", "title": "Square", "area": [SQUARE]},
                {"code": "wood", "title": "Wood", "layer_zone": "The Wood"},
                {"code": "lost", "title": "Lost", "layer_zone": "Nobody drew it"},
            ],
            "clauses": [
                clause("1", rule("fire", "prohibited_act", categories=["firing"])),
                clause(
                    "2(a)",
                    rule(
                        "shells",
                        "prohibited_act",
                        categories=["firing/shelling"],
                        where={"zones": ["strip", "square"]},
                    ),
                    rule(
                        "mines",
                        "prohibited_act",
                        categories=["mine_uxo"],
                        where={"zones": ["wood"], "outside_zones": ["strip"]},
                        valid_to="2025-06-30",
                    ),
                ),
                clause(
                    "2(b)",
                    rule(
                        "moves",
                        "prohibited_act",
                        categories=["movement"],
                        where={"line": "line", "within_m": 5000},
                        exemptions=[{"title": "in the square", "where": {"zones": ["square"]}}],
                    ),
                ),
                clause(
                    "3",
                    rule(
                        "flights",
                        "no_fly",
                        limits=[
                            {"line": "line", "distance_m": 12000, "party": "aster"},
                            {"line": "line", "distance_m": 3000, "party": "borea"},
                        ],
                    ),
                ),
                clause(
                    "4",
                    rule(
                        "nights",
                        "silence",
                        categories=["firing"],
                        windows=[{"daily_from": "22:00", "daily_to": "06:00"}],
                    ),
                ),
                clause(
                    "5",
                    rule(
                        "sites",
                        "site_protection",
                        categories=["firing", "civilian"],
                        where={"site_kinds": ["hospital"], "within_m": 4000},
                    ),
                ),
                clause(
                    "6",
                    rule(
                        "lost", "prohibited_act", categories=["mine_uxo"], where={"zones": ["lost"]}
                    ),
                ),
                clause(
                    "8",
                    rule(
                        "either",
                        "prohibited_act",
                        categories=["mine_uxo"],
                        where={"zones": ["lost", "square"]},
                    ),
                ),
                clause(
                    "9",
                    rule(
                        "away",
                        "prohibited_act",
                        categories=["mine_uxo"],
                        where={"outside_zones": ["lost"]},
                    ),
                ),
                clause(
                    "10",
                    rule(
                        "drill",
                        "prohibited_act",
                        categories=["movement"],
                        circumstances=["live_fire_exercise"],
                    ),
                ),
                clause(
                    "7",
                    rule(
                        "patrols",
                        "permitted_act",
                        categories=["movement/troops"],
                        where={"zones": ["wood"]},
                        exempts_from=["moves"],
                    ),
                ),
            ],
        }
    )


def theatre():
    """Two versions of a line, a zone and two hospitals, one of them closed later."""
    change = datetime(2025, 6, 1, tzinfo=timezone.utc)
    lines = LineColumns(
        geometry=[
            shapely.LineString([(30, 50), (30.5, 50.05), (31, 50)]),
            shapely.LineString([(30, 50.1), (30.5, 50.2), (31, 50.1)]),
        ],
        kind=["agreed"] * 2,
        left_party=["Aster"] * 2,
        right_party=["Borea"] * 2,
        valid_from=instants([None, change]),
        valid_to=instants([change, None]),
    )
    zones = GivenZones(
        geometry=np.array([shapely.box(30.5, 49.8, 30.9, 50.1)], dtype=object),
        zone_id=np.array(["w"], dtype=object),
        name=np.array(["The Wood"], dtype=object),
        valid_from=instants([datetime(2025, 4, 1, tzinfo=timezone.utc)]),
        valid_to=instants([None]),
    )
    sites = SitePoints(
        lon=np.array([30.3, 30.7, 30.5]),
        lat=np.array([50.1, 50.2, 49.9]),
        name=np.array(["One", "Two", "School"], dtype=object),
        kind=np.array(["hospital", "hospital", "school"], dtype=object),
        valid_from=instants([None, None, None]),
        valid_to=instants([None, change, None]),
    )
    return lines, zones, sites


def test_they_are_those_whose_finding_is_breaks_or_possible():
    agreement, (lines, zones, sites) = meadow_accord(), theatre()
    rng = np.random.default_rng(5)
    count = 800
    lon, lat = rng.uniform(29.9, 31.1, count), rng.uniform(49.8, 50.45, count)
    category = [CATEGORIES[index] for index in rng.integers(0, len(CATEGORIES), count)]
    start = datetime(2025, 1, 10, tzinfo=timezone.utc)
    moments = [start + timedelta(minutes=int(m)) for m in rng.integers(0, 320 * 1440, count)]
    subjects = RuleSubjects(
        IncidentColumns(lon=lon, lat=lat, occurred_from=instants(moments)),
        np.array([str(index) for index in range(count)], dtype=object),
        category=category,
    )
    told = check_rules(RuleTheatre(agreement, subjects, lines, zones, sites)).findings
    expected = [{} for _ in range(count)]
    for row, reference, verdict in zip(told.row, told.clause, told.verdict):
        if verdict in ("breaks", "possible"):
            sure = expected[row].get(reference, False)
            expected[row][reference] = sure or verdict == "breaks"
    asked = ClausesAt(agreement, lines, zones, sites)
    found = [
        dict(asked.covering(x, y, what, when))
        for x, y, what, when in zip(lon.tolist(), lat.tolist(), category, moments)
    ]
    assert found == expected
    assert set().union(*found) == {"1", "2(a)", "2(b)", "3", "4", "5", "8", "10"}
    assert {"exempt", "not_assessable", "complies"} <= set(told.verdict)
    assert any(not sure for each in found for sure in each.values())


def test_without_lines_zones_or_sites_only_what_needs_none_is_named():
    asked = ClausesAt(meadow_accord())
    night = datetime(2025, 5, 1, 22, tzinfo=timezone.utc)
    assert asked.covering(30.5, 50.0, "firing/explosion", night) == [("1", True), ("4", True)]
    # The square is drawn by the agreement's own coordinates.
    noon = datetime(2025, 5, 1, 9, tzinfo=timezone.utc)
    assert asked.covering(30.4, 50.2, "firing/shelling", noon) == [("1", True), ("2(a)", True)]


@pytest.mark.parametrize("when", [datetime(2025, 1, 31, 21), datetime(2025, 10, 31, 22)])
def test_where_the_agreement_is_not_in_force_no_clause_covers_anything(when):
    asked = ClausesAt(meadow_accord(), *theatre())
    moment = when.replace(tzinfo=timezone.utc)
    assert asked.covering(30.4, 50.2, "firing/shelling", moment) == []
    there = moment + timedelta(days=2 if when.month == 1 else -2)
    assert asked.covering(30.4, 50.2, "firing/shelling", there) != []
