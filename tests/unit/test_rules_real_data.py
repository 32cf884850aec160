"""Rules on real events: UCDP and the Minsk-era line, with an answer computed elsewhere."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely.geometry

from ceasefire_monitor.analysis.agreement_file import read_agreement
from ceasefire_monitor.analysis.contact_line import LineColumns
from ceasefire_monitor.analysis.incident_columns import IncidentColumns
from ceasefire_monitor.analysis.rule_columns import RuleSubjects
from ceasefire_monitor.analysis.rule_sites import SitePoints
from tests.vale_agreement import agreement, check, clause

pytestmark = pytest.mark.real_data
ROOT = Path(__file__).resolve().parents[2]
DAY = np.timedelta64(1, "D")


@pytest.fixture(scope="module")
def events(real_data):
    """The events of the days for which the answer is known; no uncertainty, so by bare points."""
    path = real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if "2015-02-18" <= row["date_start"][:10] <= "2022-02-23"
        ]
    start = np.array([row["date_start"][:10] for row in rows], "datetime64[us]")
    place = IncidentColumns(
        lon=[float(row["longitude"]) for row in rows],
        lat=[float(row["latitude"]) for row in rows],
        occurred_from=start,
        occurred_to=start + DAY,
    )
    return RuleSubjects(
        place, [row["id"] for row in rows], category=["firing/shelling"] * len(rows)
    )


def contact(real_data, *kinds):
    path = real_data / "line_of_contact" / "line_of_contact_natural_earth.geojson"
    told = json.loads(path.read_text(encoding="utf-8"))
    shape = shapely.geometry.shape(told["features"][0]["geometry"])
    count = len(kinds)
    return LineColumns(
        geometry=[shape] * count,
        kind=list(kinds),
        line_name=[f"line ({kind})" for kind in kinds],
        left_party=["Ukrainian forces"] * count,
        right_party=["armed formations"] * count,
        valid_from=np.array(["2014-09-01"] * count, "datetime64[us]"),
        uncertainty_m=[500.0] * count,
    )


def test_as_many_events_lie_within_each_distance_as_was_computed_elsewhere(real_data, events):
    known = {5_000: (763, 16), 10_000: (995, 0), 30_000: (1229, 0)}
    rules = [
        {
            "code": f"within_{metres}",
            "kind": "prohibited_act",
            "title": "no fire near the line",
            "categories": ["firing"],
            "where": {"line": "line", "within_m": metres},
        }
        for metres in known
    ]
    told = agreement(
        clause("1", *rules), timing={"timezone": "Europe/Kyiv", "in_force_from": "2015-01-01"}
    )
    found = check(told, events, contact(real_data, "agreed"))
    assert len(found) == 3 * 1427
    for metres, (count, ties) in known.items():
        broken = (found.rule == f"within_{metres}") & (found.verdict == "breaks")
        assert abs(int(broken.sum()) - count) <= ties


def test_tanks_against_the_minsk_template_each_side_from_its_own_line(real_data):
    told = read_agreement(ROOT / "resources" / "agreements" / "minsk_2014_2015.json")
    when = np.array(["2016-06-01T10:00"] * 4, "datetime64[us]")
    place = IncidentColumns(
        lon=[37.2, 38.2, 37.2, 36.9],
        lat=[48.0, 48.0, 48.0, 48.3],
        occurred_from=when,
        occurred_to=when,
        uncertainty_m=[200.0] * 4,
        uncertainty_kind=["gauss"] * 4,
    )
    seen = RuleSubjects(
        place,
        list("abcd"),
        are_sightings=True,
        weapon=["artillery_152"] * 4,
        holder=["Ukraine", "armed formations", None, "Ukraine"],
        count_low=[1] * 4,
    )
    found = check(told, seen, contact(real_data, "agreed", "de_facto"))
    package = found.take(found.rule == "package_artillery")
    lines = dict(zip(zip(package.sighting_id, package.party), package.line_name))
    assert lines["a", "Ukrainian forces"] == "line (de_facto)"
    assert lines["b", "armed formations"] == "line (agreed)"
    assert {party for each, party in lines if each == "c"} == {
        "Ukrainian forces",
        "armed formations",
    }
    margin = dict(zip(zip(package.sighting_id, package.party), package.distance_to_compliance_m))
    assert margin["c", "Ukrainian forces"] == margin["a", "Ukrainian forces"]
    assert margin["c", "armed formations"] > 25_000.0 > margin["c", "Ukrainian forces"]


def test_by_sites_alone_as_in_a_declaration_without_a_line(real_data, events):
    path = real_data / "sites" / "hotosm_ukr_health_points_2022_noattrs.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    count = len(rows)
    open_end = np.full(count, np.datetime64("NaT", "us"))
    sites = SitePoints(
        np.array([float(row["lon"]) for row in rows]),
        np.array([float(row["lat"]) for row in rows]),
        np.full(count, None, dtype=object),
        np.array(["hospital"] * count, dtype=object),
        open_end,
        open_end,
    )
    rule = {
        "code": "sites",
        "kind": "site_protection",
        "title": "no fire at hospitals",
        "categories": ["firing"],
        "where": {"site_kinds": ["hospital"], "within_m": 500},
    }
    timing = {"timezone": "Europe/Kyiv", "in_force_from": "2015-01-01"}
    found = check(agreement(clause("2", rule), timing=timing), events, None, given_sites=sites)
    assert len(found) == 1427
    from pyproj import Geod

    for row in range(0, 1427, 97):
        each = np.full(count, found.lon[row]), np.full(count, found.lat[row])
        away = Geod(ellps="WGS84").inv(*each, sites.lon, sites.lat)[2]
        assert found.measured_m[row] == pytest.approx(away.min(), abs=0.01)
        assert (found.verdict[row] == "breaks") == (away.min() <= 500.0)
