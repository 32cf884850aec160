"""Incidents against rules on acts: where, when, what, how sure, and what exempts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.rule_sites import SitePoints
from ceasefire_monitor.analysis.rule_zones import GivenZones
from tests.vale_agreement import (
    STRAIGHT,
    ZONE,
    act,
    agreement,
    check,
    checked,
    clause,
    lines,
    subjects,
)

NEAR = act("near", where={"line": "line", "within_m": 5000})
INSIDE = act("inside", where={"zones": ["zone"]})
HOSPITAL = {
    "code": "sites",
    "kind": "site_protection",
    "title": "no fire at hospitals",
    "categories": ["firing"],
    "where": {"site_kinds": ["hospital"], "within_m": 500},
}
NOT_A_TIME = np.datetime64("NaT", "us")


def sites(*points):
    lon, lat = zip(*points)
    count = len(points)
    names = np.array([f"Clinic {number}" for number in range(count)], dtype=object)
    kinds = np.array(["hospital"] * count, dtype=object)
    dates = np.full(count, NOT_A_TIME)
    return SitePoints(np.array(lon), np.array(lat), names, kinds, dates, dates)


def verdicts(findings):
    return list(findings.verdict)


def test_a_place_near_the_line_is_told_with_its_geodesic_distance_to_compliance():
    found = check(agreement(clause("3(a)", NEAR)), subjects({}, {"lat": 50.2}))
    away = Geodesic.WGS84.Inverse(50.02, 30.5, 50.0, 30.5)["s12"]
    assert verdicts(found) == ["breaks", "complies"]
    # The line is a geodesic: it runs a little north of its parallel.
    assert found.measured_m[0] == pytest.approx(away, abs=130)
    assert found.distance_to_compliance_m[0] == pytest.approx(5000 - found.measured_m[0])
    assert found.distance_to_compliance_m[1] < 0
    assert found.line_name[0] == "Sector agreed" and found.clause[0] == "3(a)"
    assert "in force since 1 Jan 2025" in found.finding[0]
    told = "Clause 3(a), rule near: shelling on 3 Mar 2025 at 14:00, "
    assert found.finding[0].startswith(told)


def samples(kind, radius, count=6000):
    rng = np.random.default_rng(7)
    angle = rng.uniform(0, 2 * math.pi, count)
    share = rng.uniform(0, 1, count)
    away = radius * np.sqrt(share)
    if kind == "gauss":
        away = radius / 2.447746830680816 * np.sqrt(-2 * np.log(1 - share))
    return away * np.sin(angle), away * np.cos(angle)


def simulated(kind, radius, lon, lat, test):
    """The share of truly possible places that meet a test, by GeographicLib."""
    met = 0
    east, north = samples(kind, radius)
    for x, y in zip(east, north):
        there = Geodesic.WGS84.Direct(lat, lon, math.degrees(math.atan2(x, y)), math.hypot(x, y))
        met += test(there["lon2"], there["lat2"])
    return met / len(east)


@pytest.mark.parametrize("kind", ["gauss", "disc"])
@pytest.mark.parametrize(("radius", "lat"), [(500.0, 50.0985), (8000.0, 50.07), (50_000.0, 50.3)])
def test_the_chance_of_having_been_in_a_zone_is_that_of_a_simulation(kind, radius, lat):
    row = {"lon": 30.75, "lat": lat, "uncertainty": radius, "kind": kind}
    found = check(agreement(clause("1", INSIDE)), subjects(row))

    def inside(x, y):
        return ZONE[0][0] <= x <= ZONE[1][0] and 50.0 <= y <= 50.1

    truth = simulated(kind, radius, 30.75, lat, inside)
    assert found.probability[0] == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("kind", ["gauss", "disc"])
def test_the_chance_of_having_been_near_any_site_is_that_of_a_simulation(kind):
    clinics = [(30.5, 50.025), (30.51, 50.02), (30.49, 50.013)]
    row = {"uncertainty": 1200.0, "kind": kind}
    found = check(agreement(clause("2", HOSPITAL)), subjects(row), given_sites=sites(*clinics))

    def near(x, y):
        return any(
            Geodesic.WGS84.Inverse(y, x, other, lon)["s12"] <= 500.0 for lon, other in clinics
        )

    truth = simulated(kind, 1200.0, 30.5, 50.02, near)
    assert verdicts(found) == ["possible"]
    assert found.probability[0] == pytest.approx(truth, abs=0.02)


def test_the_nearest_site_is_told_however_far_and_sites_not_given_are_not_none():
    told = agreement(clause("2", HOSPITAL))
    found = check(told, subjects({"lat": 70.0}), given_sites=sites((30.5, 50.0), (25.0, 71.0)))
    away = Geodesic.WGS84.Inverse(70.0, 30.5, 71.0, 25.0)["s12"]
    assert found.measured_m[0] == pytest.approx(away, abs=0.01)
    assert verdicts(found) == ["complies"] and "“Clinic 1”" in found.finding[0]
    assert verdicts(check(told, subjects({}))) == ["not_assessable"]
    schools = sites((30.5, 50.02))
    schools.kind[:] = "school"
    for none in (sites((0, 0)).take([]), schools):
        found = check(told, subjects({}), given_sites=none)
        assert verdicts(found) == ["not_assessable"] and np.isnan(found.probability[0])
        assert "(hospital)" in found.finding[0]


def test_what_is_not_known_is_never_taken_for_kept_or_broken():
    told = agreement(clause("1", NEAR), clause("2", act("any")))
    rows = [
        {"lon": math.nan, "lat": math.nan},
        {"when": None},
        {"category": None},
        {"category": None, "lat": 51.0},
        {"uncertainty": None},
    ]
    found = check(told, subjects(*rows))
    by_rule = dict(zip(zip(found.rule, found.incident_id), found.verdict))
    assert by_rule["near", "s0"] == "could_not_verify" and by_rule["any", "s0"] == "breaks"
    assert by_rule["near", "s1"] == by_rule["any", "s1"] == "could_not_verify"
    assert by_rule["near", "s2"] == "could_not_verify" and by_rule["near", "s3"] == "complies"
    bare = (found.rule == "near") & (found.incident_id == "s4")
    assert found.verdict[bare][0] == "breaks" and np.isnan(found.probability[bare][0])
    assert found.probability_basis[bare][0] == "none"
    assert "by the bare point, whose uncertainty is not known" in found.finding[bare][0]


def test_an_act_that_may_be_the_one_named_is_only_possible():
    rule = act("strikes", categories=["firing/air_strike"])
    rows = [
        {"category": code} for code in ("firing/air_strike", "firing/undetermined", "firing/shot")
    ]
    assert verdicts(check(agreement(clause("1", rule)), subjects(*rows))) == ["breaks", "possible"]


def test_no_finding_before_entry_into_force_in_a_draft_or_for_other_acts():
    told = agreement(clause("1", act()))
    rows = [{"when": "2024-12-31T21:59"}, {"when": "2024-12-31T22:00"}, {"category": "damage/site"}]
    assert list(check(told, subjects(*rows)).incident_id) == ["s1"]
    draft = agreement(clause("1", act()), status="draft")
    assert len(check(draft, subjects(*rows))) == 0


def test_a_span_over_the_beginning_counts_by_its_share_or_if_it_lasted_at_all():
    told = agreement(clause("1", act()))
    span = {"when": "2024-12-31T20:00", "until": "2025-01-01T00:00"}
    found = check(told, subjects(span, {**span, "span": "duration"}))
    assert verdicts(found) == ["possible", "breaks"]
    assert found.probability[0] == pytest.approx(0.5)
    assert "50% of the time in question" in found.finding[0]


def test_silent_hours_are_the_agreements_own_local_ones_through_the_change_of_clocks():
    rule = {
        "code": "silence",
        "kind": "silence",
        "title": "silence at night",
        "categories": ["firing"],
        "windows": [{"daily_from": "22:00", "daily_to": "06:00"}],
    }
    # Athens: UTC+2 until 30 March 2025 01:00 UTC, then UTC+3.
    rows = [
        {"when": "2025-03-29T19:59"},
        {"when": "2025-03-29T20:00"},
        {"when": "2025-03-30T03:30"},
        {"when": "2025-03-30T19:00"},
        {"when": "2025-03-30T17:00", "until": "2025-03-30T21:00"},
    ]
    found = check(agreement(clause("4", rule)), subjects(*rows))
    assert dict(zip(found.incident_id, found.verdict)) == {
        "s1": "breaks",
        "s3": "breaks",
        "s4": "possible",
    }
    assert found.probability[2] == pytest.approx(0.5)
    assert "on 29 Mar 2025 at 22:00;" in found.finding[0]
    assert "on 30 Mar 2025 between 20:00 and 24:00;" in found.finding[2]


def test_circumstances_and_permitted_acts_exempt_and_say_which():
    exempted = act(
        "fire", exemptions=[{"title": "demining", "circumstances": ["demining"]}], where=None
    )
    permitted = {
        "code": "drill",
        "kind": "permitted_act",
        "title": "training away from the line",
        "circumstances": ["live_fire_exercise"],
        "categories": ["firing"],
        "where": {"outside_zones": ["zone"]},
    }
    told = agreement(clause("1", {k: v for k, v in exempted.items() if v}), clause("5", permitted))
    rows = [
        {"circumstance": "demining"},
        {"circumstance": None},
        {"circumstance": "live_fire_exercise", "lat": 50.5},
        {"circumstance": "live_fire_exercise"},
        {"circumstance": "live_fire_exercise", "lat": 50.1, "uncertainty": 500.0},
    ]
    found = check(told, subjects(*rows))
    assert verdicts(found) == ["exempt", "breaks", "exempt", "breaks", "possible"]
    assert "exempt: demining" in found.finding[0]
    assert "training away from the line (Clause 5)" in found.finding[2]
    assert "possibly exempt: training away from the line" in found.finding[4]
    assert np.isnan(found.probability[4]) and "probability" not in found.finding[4]


def test_no_line_in_force_is_not_assessable_and_a_line_of_another_kind_does_not_count():
    told = agreement(clause("1", NEAR))
    later = lines(([(30, 50), (31, 50)], "agreed", "2025-06-01", None, 0.0))
    other = lines(([(30, 50), (31, 50)], "de_facto", "2025-01-01", None, 0.0))
    for contact, why in ((later, "was in force then"), (other, "no line was given"), (None, "no ")):
        found = check(told, subjects({}), contact)
        assert verdicts(found) == ["not_assessable"]
        assert why in found.finding[0] and np.isnan(found.probability[0])


def test_the_line_of_each_moment_counts_and_a_lasting_act_counts_at_any():
    moved_away = [(30, 51), (31, 51)]
    contact = lines(
        ([(30, 50), (31, 50)], "agreed", "2025-01-01", "2025-03-03T13:00", 0.0),
        (moved_away, "agreed", "2025-03-03T13:00", None, 0.0),
    )
    span = {"when": "2025-03-03T12:00", "until": "2025-03-03T16:00"}
    found = check(
        agreement(clause("1", NEAR)), subjects(span, {**span, "span": "duration"}), contact
    )
    assert found.probability[0] == pytest.approx(0.25)
    assert verdicts(found) == ["possible", "breaks"]


def test_a_flight_in_a_strip_counts_on_its_own_side_alone():
    rule = {
        "code": "nofly",
        "kind": "no_fly",
        "title": "no flights",
        "categories": ["overflight"],
        "limits": [{"line": "line", "distance_m": 10000, "party": "aster"}],
    }
    rows = [{"category": "overflight/uav", "lat": lat} for lat in (50.05, 49.95, 50.2)]
    found = check(agreement(clause("6", rule)), subjects(*rows))
    assert verdicts(found) == ["breaks", "complies", "complies"]
    assert found.distance_to_compliance_m[1] < 0


def test_what_the_agreement_draws_is_used_where_no_zone_is_given():
    drawn = agreement(
        clause("1", INSIDE),
        zones=[{"code": "zone", "title": "Belt", "bands": [{"line": "line", "far_m": 5000}]}],
    )
    found = check(drawn, subjects({}, {"lat": 49.98}, {"lat": 50.06}))
    assert verdicts(found) == ["breaks", "breaks", "complies"]
    assert "inside the zone “Belt”" in found.finding[0] and found.zones[0] == "Belt"
    assert verdicts(check(drawn, subjects({}), None)) == ["not_assessable"]


LAYERED = [
    {"code": "zone", "title": "Security zone", "area": [ZONE]},
    {"code": "wood", "title": "The Wood zone", "layer_zone": "The Wood"},
]


def wood(name, west=31.0):
    area = np.array([shapely.box(west, 50.0, west + 0.5, 50.1)], dtype=object)
    dates = np.full(1, NOT_A_TIME)
    called = np.array([name], dtype=object)
    return GivenZones(area, np.array(["w"], dtype=object), called, dates, dates)


def test_outside_the_zones_that_are_drawn_nothing_is_kept_while_another_is_not_known():
    both = act("both", where={"zones": ["zone", "wood"]})
    told = agreement(clause("1", both), zones=LAYERED)
    rows = subjects({"lat": 50.05}, {"lat": 50.05, "lon": 31.2}, {"lat": 50.3})
    found = checked(told, rows, given_zones=wood("Another wood"))
    assert verdicts(found.findings) == ["breaks", "not_assessable", "not_assessable"]
    assert "where “The Wood zone” lay" in found.findings.finding[1]
    assert np.isnan(found.findings.probability[1])
    assert "has no zone “The Wood”; it has “Another wood”." in " ".join(found.notes)
    assert "none was given" not in " ".join(found.notes)
    assert "none was given" in " ".join(checked(told, rows).notes)
    found = check(told, rows, given_zones=wood("The Wood"))
    assert verdicts(found) == ["breaks", "breaks", "complies"]


def test_outside_a_zone_that_is_not_known_is_not_assessable():
    told = agreement(clause("1", act("out", where={"outside_zones": ["wood"]})), zones=LAYERED)
    assert verdicts(check(told, subjects({}))) == ["not_assessable"]
    assert verdicts(check(told, subjects({}), given_zones=wood("The Wood"))) == ["breaks"]
    later = [LAYERED[0], {**LAYERED[1], "valid_from": "2025-06-01"}]
    told = agreement(clause("1", act("out", where={"outside_zones": ["wood"]})), zones=later)
    assert verdicts(check(told, subjects({}))) == ["breaks"]


def test_an_act_that_is_prohibited_in_some_circumstances_is_so_in_no_others():
    told = agreement(clause("1", act("drill", circumstances=["live_fire_exercise"])))
    rows = [
        {"circumstance": each} for each in ("live_fire_exercise", None, "undetermined", "demining")
    ]
    found = check(told, subjects(*rows))
    assert dict(zip(found.incident_id, found.verdict)) == {
        "s0": "breaks",
        "s1": "possible",
        "s2": "possible",
    }
    assert "not known whether the clause concerns it" in found.finding[1]


def test_a_whole_day_is_told_without_hours():
    spans = [("2025-03-02T22:00", "2025-03-03T22:00"), ("2025-03-02T22:00", "2025-03-05T22:00")]
    spans.append(("2025-03-03T12:00", "2025-03-03T13:30"))
    rows = [{"when": when, "until": until} for when, until in spans]
    found = check(agreement(clause("1", act())), subjects(*rows))
    assert ": shelling on 3 Mar 2025; " in found.finding[0]
    assert ": shelling from 3 Mar 2025 to 5 Mar 2025; " in found.finding[1]
    assert ": shelling on 3 Mar 2025 between 14:00 and 15:30; " in found.finding[2]


def test_a_sure_exemption_prevails_over_one_that_may_hold():
    zone = {"title": "training ground", "where": {"zones": ["zone"]}}
    demining = {"title": "demining", "circumstances": ["demining"]}
    told = agreement(clause("1", act(exemptions=[zone, demining])))
    row = {"circumstance": "demining", "lat": 50.1, "uncertainty": 500.0}
    assert verdicts(check(told, subjects(row))) == ["exempt"]


def test_acts_outside_the_agreements_time_and_unknown_categories_are_told_once():
    told = agreement(clause("1", act()))
    early = {"when": "2024-10-02T10:00"}
    outcome = checked(told, subjects(early, early, {"category": "firing/laser"}, {}))
    assert [note for note in outcome.notes if "agreement's time" in note] == [
        "2 incidents are outside the agreement's time (in force from 1 Jan 2025); they are "
        "incidents, not violations, and get no finding."
    ]
    assert sum("“firing/laser” (1)" in note for note in outcome.notes) == 1
    draft = checked(agreement(clause("1", act()), status="draft"), subjects({}))
    assert len(draft.findings) == 0 and "1 incident is outside" in draft.notes[0]
    assert checked(told, subjects({})).notes == []


def test_no_sentence_blames():
    told = agreement(clause("1", NEAR), clause("2", INSIDE), clause("3", act("any")))
    found = check(told, subjects({}, {"lat": 50.6}, {"lon": math.nan}), STRAIGHT)
    assert len(found) == 9
    for sentence in found.finding:
        assert "violat" not in sentence.lower() and sentence.endswith(".")
        assert " nan" not in sentence and "None" not in sentence
