"""The daily report's sections: each is there, nil is not "not observed", nothing is lost."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from shapely.geometry import Point

from ceasefire_monitor.model.claim import Restriction
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident, Observation
from ceasefire_monitor.model.land import Finding, Site
from ceasefire_monitor.model.stored_agreement import StoredAgreement
from ceasefire_monitor.model.weapons import WeaponSighting
from ceasefire_monitor.reports.daily import DailyReport, ruled_in
from ceasefire_monitor.reports.figure_tables import timeline_table
from ceasefire_monitor.reports.figures import figures_of
from ceasefire_monitor.reports.material import Entry
from ceasefire_monitor.reports.period import day_of, period_of, theatre_zone
from ceasefire_monitor.reports.reach import around, in_area
from ceasefire_monitor.reports.release import Release, released
from ceasefire_monitor.reports.timeline import timeline_of
from ceasefire_monitor.reports.violations_table import violations_table
from ceasefire_monitor.reports.withheld import Withheld, without_withheld
from ceasefire_monitor.reports.words import Words

_SPEC = importlib.util.spec_from_file_location(
    "brief_theatre", Path(__file__).resolve().parent.parent / "brief_theatre.py"
)
brief_theatre = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("brief_theatre", brief_theatre)
_SPEC.loader.exec_module(brief_theatre)
theatre = brief_theatre.theatre

ZONE = theatre_zone("UTC")
KEYS = (
    "regions harm areas clauses weapons presence mines repairs crossings restrictions commitment"
).split()
NOON = datetime(2031, 3, 5, 12, tzinfo=timezone.utc)


def day(date="2031-03-05"):
    return period_of(date, date, [], ZONE, time(0))


def report(material, date="2031-03-05", withheld=None):
    figures = figures_of(material, day(date))
    return DailyReport(figures, material, Words("en", ZONE, False), withheld or Withheld())


def sections(material, date="2031-03-05", withheld=None):
    return {item.key: item for item in report(material, date, withheld).sections()}


def own_only(material, **changes):
    return dataclasses.replace(material, entries=[], **changes)


def incident(**values):
    facts = {
        "incident_id": "one",
        "origin": "own_observation",
        "category": "firing/burst",
        "count_low": 3,
        "count_high": 3,
        "occurred_from": NOON,
        "uncertainty_m": 100.0,
        "longitude": -30.0,
        "latitude": 30.12,
    }
    return Entry(Incident(**{**facts, **values}), Finding(incident_id="one"))


def test_every_section_is_printed_in_order_and_says_something_also_where_there_is_nothing():
    for material in (theatre(), own_only(theatre()), own_only(theatre(), effort=[], zones=[])):
        made = report(material).sections()
        assert [item.key for item in made] == KEYS
        assert all(item.texts or item.tables for item in made)


def test_nil_is_said_only_where_somebody_observed():
    observed = sections(own_only(theatre()))["mines"].texts
    assert observed[0].startswith("Nil. The posts observed for 57 hours")
    blind = sections(own_only(theatre()), "2031-03-07")["mines"].texts
    assert blind[0].startswith("Not observed")
    unknown = sections(own_only(theatre(), effort=[]))["mines"].texts
    assert "not a zero" in unknown[0]


def test_what_others_report_is_told_apart_from_a_nil_of_ones_own():
    material = own_only(theatre())
    material.entries = [incident(origin="media", category="mine_uxo/mine")]
    section = sections(material)["mines"]
    assert section.texts[0].startswith("Nil by the mission's own observation, in 57")
    assert len(section.tables[0].rows) == 1


def test_an_area_without_incidents_has_a_zero_only_where_somebody_observed():
    cell = {
        "seen": sections(own_only(theatre()))["areas"].tables[0].rows[0][1],
        "blind": sections(own_only(theatre()), "2031-03-07")["areas"].tables[0].rows[0][1],
        "unknown": sections(own_only(theatre(), effort=[]))["areas"].tables[0].rows[0][1],
    }
    assert cell == {"seen": "0", "blind": "not observed", "unknown": "not known"}


def test_the_regions_hold_every_incident_of_the_day_once():
    material = theatre()
    figures = figures_of(material, day())
    table = sections(material)["regions"].tables[0]
    rows = sum(int(row[2]) + int(row[4]) for row in table.rows)
    assert rows == len(figures.entries) > 0


def test_regions_are_first_level_areas_where_most_incidents_name_theirs():
    material = own_only(theatre())
    material.entries = [incident(admin1="Eastmark"), incident(admin1=None)]
    rows = [row[0] for row in sections(material)["regions"].tables[0].rows]
    assert rows == ["Eastmark", "Region not stated"]
    material.entries = [incident(admin1=None)]
    rows = [row[0] for row in sections(material)["regions"].tables[0].rows]
    assert rows == ["Region not stated"], "no side is known either"


def test_a_place_outside_an_area_whose_uncertainty_reaches_in_is_possibly_inside():
    zone = theatre().zones[1]
    inside = incident()
    # The area's southern edge is at 30.08; 0.01 degrees of latitude are 1,109 m.
    near = incident(latitude=30.07, uncertainty_m=1200.0)
    far = incident(latitude=30.07, uncertainty_m=1000.0)
    unknown = incident(latitude=30.07, uncertainty_m=None)
    held, possible = in_area(zone, [inside, near, far, unknown, incident(longitude=None)])
    assert held == [inside]
    assert possible == [near]


def test_an_incident_is_held_against_the_area_of_its_own_moment():
    zone = dataclasses.replace(theatre().zones[1], valid_from=NOON + timedelta(minutes=1))
    assert in_area(zone, [incident()]) == ([], [])
    assert in_area(zone, [incident(occurred_from=zone.valid_from)])[0]


def test_around_a_crossing_point_the_whole_uncertainty_decides():
    point = Point(-30.0, 30.12)
    sure = incident(latitude=30.13, uncertainty_m=800.0)
    perhaps = incident(latitude=30.13, uncertainty_m=1000.0)
    bare = incident(latitude=30.13, uncertainty_m=None)
    away = incident(latitude=30.20)
    assert around(point, 2000.0, [sure, perhaps, bare, away]) == ([sure], [perhaps, bare])


def sighting(**values):
    facts = {
        "sighting_id": "w1",
        "seen_from": NOON,
        "weapon": "tank",
        "count_low": 2,
        "count_high": 2,
        "place": "Quarry Hill",
        "description": "Seen by Ann at the gate",
    }
    return WeaponSighting(**{**facts, **values})


def test_places_of_weapons_seen_in_the_last_seven_days_are_held_back_below_confidential():
    old = sighting(sighting_id="w0", seen_from=NOON - timedelta(days=9))
    hidden = sighting(sighting_id="w2", sensitivity="confidential")
    undated = sighting(sighting_id="w3", seen_from=None)
    material = dataclasses.replace(theatre(), sightings=[old, sighting(), hidden, undated])
    material.ruled = [
        Finding(sighting_id="w2", rule="withdrawal", verdict="breaks"),
        Finding(sighting_id="w1", rule="withdrawal", verdict="breaks"),
        Finding(site_id="depot", rule="storage", verdict="stored_missing"),
    ]
    shown, withheld = without_withheld(material, Release.RESTRICTED, NOON + timedelta(hours=1))
    assert [item.place for item in shown.sightings] == ["Quarry Hill", None, None]
    assert not any(item.description for item in shown.sightings)
    assert [item.sighting_id for item in shown.ruled] == ["w1"]
    assert withheld == Withheld(sightings=1, restrictions=0, places=2)
    whole, nothing = without_withheld(material, Release.CONFIDENTIAL, NOON)
    assert whole is material
    assert nothing == Withheld()


def test_the_weapons_are_listed_with_what_the_rules_say_and_what_was_held_back():
    material = dataclasses.replace(theatre(), sightings=[sighting(place=None)])
    material.ruled = [Finding(sighting_id="w1", rule="withdrawal", clause="2.1", verdict="breaks")]
    section = sections(material, withheld=Withheld(sightings=1, places=1))["weapons"]
    row = section.tables[0].rows[0]
    assert row[1:4] == ["2", "Tank", "not told"]
    assert row[5] == "2.1: not in keeping with the rule"
    assert "held back" in " ".join(section.texts)
    assert "1 confidential weapon sighting is left out" in " ".join(section.texts)


def test_findings_by_clause_are_those_of_the_days_incidents_sightings_and_zones():
    material = theatre()
    figures = figures_of(material, day())
    todays = figures.entries[0].incident.incident_id
    other = next(
        entry.incident.incident_id for entry in material.entries if entry not in figures.entries
    )
    material.ruled = [
        Finding(incident_id=todays, rule="fire", clause="1", verdict="breaks"),
        Finding(incident_id=other, rule="fire", clause="1", verdict="breaks"),
        Finding(zones="Security zone", rule="ceiling", clause="3", verdict="complies",
                period_from=NOON),
        Finding(zones="Security zone", rule="ceiling", clause="3", verdict="breaks",
                period_from=NOON - timedelta(days=1)),
    ]  # fmt: skip
    assert len(ruled_in(material, figures)) == 2
    table = sections(material)["clauses"].tables[0]
    assert table.rows == [["1", "fire", "1", "0"], ["3", "ceiling", "0", "1"]]


def test_restrictions_of_the_day_are_listed_also_those_that_began_before():
    material = theatre()
    begun = NOON - timedelta(days=2)
    material.restrictions = [
        Restriction("r1", begun, NOON, kind="denial", place="Pells", stated_reason="mines"),
        Restriction("r2", begun, begun + timedelta(hours=1), kind="delay"),
    ]
    section = sections(material)["restrictions"]
    assert [row[2] for row in section.tables[0].rows] == ["Denial"]
    assert "No restriction of access is recorded" in sections(theatre())["restrictions"].texts[0]


def test_totals_run_from_the_day_on_which_the_agreement_came_into_force():
    material = theatre()
    since = datetime(2031, 2, 25, tzinfo=timezone.utc)
    material.agreements = [StoredAgreement("v1", "vale", "Vale understanding", valid_from=since)]
    table = sections(material)["commitment"].tables[0]
    counted = [
        entry
        for entry in material.entries
        if since <= entry.when < day().end and entry.incident.origin == "own_observation"
    ]
    assert table.rows[1][0] == "Since 25 Feb 2031"
    assert int(table.rows[1][2]) == len(counted) > int(table.rows[0][2])
    assert "no commitment to count from" in sections(theatre())["commitment"].texts[0]


def test_only_crossing_points_that_the_level_may_show_are_listed():
    material = theatre()
    material.sites.append(
        Site("S9", "Hidden ford", "crossing_point", "confidential", geometry=Point(-30, 30.1))
    )
    shown, _ = released(material, Release.RESTRICTED)
    rows = sections(shown)["crossings"].tables[0].rows
    assert [row[0] for row in rows] == ["Tarn crossing"]


def test_the_table_has_every_observation_and_every_silent_post():
    material = theatre()
    figures = figures_of(material, day())
    for number, entry in enumerate(figures.entries, start=1):
        entry.number = number
    table = violations_table(figures, material, Words("en", ZONE, False), False)
    numbers = {int(row[-1]) for row in table.rows if row[-1] != "–"}
    own = {e.number for e in figures.entries if e.incident.origin == "own_observation"}
    assert numbers == own
    assert {row[0] for row in table.rows} == {"Hill post", "Mill camera", "East patrol"}
    silent = figures_of(own_only(material), day())
    rows = violations_table(silent, material, Words("en", ZONE, False), False).rows
    assert [row[1] for row in rows] == ["nil", "nil", "nil"]
    blind = figures_of(own_only(material), day("2031-03-07"))
    rows = violations_table(blind, material, Words("en", ZONE, False), False).rows
    assert [row[1] for row in rows] == ["not observed"] * 3


def test_direction_and_range_from_a_post_stand_in_a_confidential_report_alone():
    material = own_only(theatre())
    entry = incident()
    entry.observations = [
        Observation("o", "one", "P1", bearing_deg=349.0, range_min_m=3000, range_max_m=5000)
    ]
    material.entries = [entry]
    figures = figures_of(material, day())
    words = Words("en", ZONE, False)
    told = violations_table(figures, material, words, True)
    assert told.rows[0][2] == "3–5 km N"
    held = violations_table(figures, material, words, False)
    assert not any("–5" in cell for row in held.rows for cell in row)


def test_without_dates_a_daily_report_is_that_of_the_last_reporting_day_with_data():
    moments = [NOON, NOON + timedelta(days=3, hours=9)]
    period = day_of("", "", moments, ZONE, time(19, 30))
    assert period.start == datetime(2031, 3, 8, 19, 30, tzinfo=timezone.utc)
    assert period.hours() == 24
    one = day_of("2031-03-05", "", moments, ZONE, time(0))
    assert one == day()
    assert day_of("", "2031-03-05", moments, ZONE, time(0)) == day()
    with pytest.raises(CeasefireError, match="Give both FROM and TO"):
        day_of("2031-03-05T10:00", "", moments, ZONE, time(0))


def test_a_day_is_counted_by_its_hours_and_a_vague_time_in_none_of_them():
    material = own_only(theatre())
    material.entries = [
        incident(),
        incident(incident_id="two", occurred_from=NOON + timedelta(minutes=59)),
        incident(incident_id="vague", occurred_from=day().start, time_precision="day"),
    ]
    words = Words("en", ZONE, False)
    figures = figures_of(material, day())
    timeline = figures.timeline
    assert timeline.step == "hour"
    assert len(timeline.bins) == 24
    assert [place for place, step in enumerate(timeline.bins) if step.own] == [12]
    rows = timeline_table(figures, words).rows
    assert [row[0] for row in rows[11:14]] == ["11:00", "12:00", "13:00"]
    assert rows[12][2] == "6"
    assert rows[-1] == ["Hour not known", "–", "3"]
    assert rows[23][1:] == ["2", "0"], "two posts observed to the end of the day"


def test_the_day_on_which_the_clocks_go_back_has_twenty_five_hours():
    zone = theatre_zone("Europe/Lisbon")
    period = period_of("2030-10-27", "2030-10-27", [], zone, time(0))
    labels = [f"{step.label:%H:%M}" for step in timeline_of([], [], period).bins]
    assert len(labels) == 25
    assert labels.count("01:00") == 2


def test_a_list_that_is_cut_says_how_many_stand_further_back():
    material = own_only(theatre())
    material.entries = [
        incident(incident_id=f"m{number}", category="mine_uxo/mine") for number in range(203)
    ]
    section = sections(material)["mines"]
    assert len(section.tables[0].rows) == 200
    assert section.texts == [
        "The first 200 are listed here; 3 more are among the incidents of this report."
    ]
