"""Weapon sightings, storage, inventories and ceilings against an agreement's limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.analysis.rule_columns import (
    EffortColumns,
    InventoryColumns,
    StorageColumns,
)
from tests.vale_agreement import agreement, check, checked, clause, lines, subjects, withdrawal

GUNS = withdrawal("guns", "guns", ("line", 25000, "aster"), ("forward", 25000, "borealis"))
BOTH = lines(
    ([(30, 50), (31, 50)], "agreed", "2025-01-01", None, 0.0),
    ([(30, 50.05), (31, 50.05)], "de_facto", "2025-01-01", None, 0.0),
)
STORE = {
    "code": "store",
    "kind": "storage",
    "title": "withdrawn guns in storage",
    "beyond_rules": ["guns"],
}


def sightings(*rows):
    usual = {"weapon": "artillery_122", "holder": "Aster", "count_low": 1, "count_high": 1}
    return subjects(*({**usual, **row} for row in rows), sightings=True)


def told_of(found):
    return {
        (each, party): (verdict, margin)
        for each, party, verdict, margin in zip(
            found.sighting_id, found.party, found.verdict, found.distance_to_compliance_m
        )
    }


def along_meridian(lat, other):
    return Geodesic.WGS84.Inverse(lat, 30.5, other, 30.5)["s12"]


def middle(lat):
    """Where the geodesic from 30 to 31 degrees east on that parallel crosses 30.5."""
    line = Geodesic.WGS84.InverseLine(lat, 30.0, lat, 31.0)
    return line.Position(line.s13 / 2)["lat2"]


def test_each_holder_measures_from_its_own_line_and_across_it_is_all_the_more_inside():
    rows = [
        {"lat": 50.2},
        {"lat": 49.9, "holder": "Borealis"},
        {"lat": 49.9},
        {"lat": 50.4},
        {"lat": 49.7, "holder": "Borealis"},
    ]
    found = told_of(check(agreement(clause("2(b)", GUNS)), sightings(*rows), BOTH))
    aster, borealis = middle(50.0), middle(50.05)
    expected = {
        ("s0", "Aster"): ("breaks", 25000 - along_meridian(50.2, aster)),
        ("s1", "Borealis"): ("breaks", 25000 - along_meridian(49.9, borealis)),
        ("s2", "Aster"): ("breaks", 25000 + along_meridian(49.9, aster)),
        ("s3", "Aster"): ("complies", 25000 - along_meridian(50.4, aster)),
        ("s4", "Borealis"): ("complies", 25000 - along_meridian(49.7, borealis)),
    }
    assert found.keys() == expected.keys()
    for key, (verdict, margin) in expected.items():
        assert found[key][0] == verdict
        assert found[key][1] == pytest.approx(margin, abs=0.5)


def test_the_sentence_can_be_read_aloud():
    found = check(agreement(clause("2(b)", GUNS)), sightings({"lat": 50.1}), BOTH)
    margin = found.distance_to_compliance_m[0]
    assert found.finding[0] == (
        f"Clause 2(b): {margin / 1000:.1f} km inside the limit of 25 km for artillery of 100 mm "
        "and more, measured from the line “Sector agreed” in force since 1 Jan 2025, for weapons "
        "held by Aster: 1 × artillery 122 mm; not in keeping with the clause with probability 1.00."
    )


def test_an_unknown_holder_gets_both_results_and_a_stranger_none():
    found = check(
        agreement(clause("2(b)", GUNS)),
        sightings({"holder": None, "lat": 50.4}, {"holder": "Cedar"}),
        BOTH,
    )
    assert {key: verdict for key, (verdict, _) in told_of(found).items()} == {
        ("s0", "Aster"): "complies",
        ("s0", "Borealis"): "breaks",
    }
    assert all("the holder is not known" in sentence for sentence in found.finding)


def test_unknown_type_calibre_place_and_time():
    rows = [
        {"weapon": "mortar"},
        {"weapon": "mortar", "lat": 50.5},
        {"weapon": None},
        {"weapon": None, "lat": 50.5},
        {"lon": math.nan, "lat": math.nan},
        {"when": None},
        {"weapon": "tank"},
    ]
    found = check(agreement(clause("2(b)", GUNS)), sightings(*rows), BOTH)
    assert dict(zip(found.sighting_id, found.verdict)) == {
        "s0": "possible",
        "s1": "complies",
        "s2": "could_not_verify",
        "s3": "could_not_verify",
        "s4": "could_not_verify",
        "s5": "could_not_verify",
    }
    assert np.isnan(found.probability[0])


def test_what_prevails_holds_from_the_day_on_which_it_binds():
    told = agreement(
        clause("2", withdrawal("far", "guns", ("line", 25000, None))),
        clause("7", withdrawal("nearer", "mortars", ("line", 15000, None), deadline="2025-03-01")),
        precedence=[{"weapon_classes": ["mortars", "guns"]}],
    )
    rows = [
        {"weapon": "mortar_120", "lat": 50.18, "when": day}
        for day in ("2025-02-20T12:00", "2025-03-03T12:00")
    ]
    found = check(told, sightings(*rows, {"lat": 50.18}))
    assert set(zip(found.sighting_id, found.rule, found.verdict)) == {
        ("s0", "far", "breaks"),
        ("s1", "nearer", "complies"),
        ("s2", "far", "breaks"),
    }


@pytest.mark.parametrize(("lat", "radius"), [(50.22, 8000.0), (50.02, 40_000.0), (49.98, 60_000.0)])
def test_the_chance_counts_places_across_the_line_and_the_lines_own_uncertainty(lat, radius):
    contact = lines(([(28, 50), (33, 50)], "agreed", "2025-01-01", None, 3000.0))
    told = agreement(clause("2", withdrawal("far", "guns", ("line", 25000, "aster"))))
    found = check(told, sightings({"lat": lat, "uncertainty": radius}), contact)
    rng = np.random.default_rng(11)
    sigma = radius / 2.447746830680816
    whole = Geodesic.WGS84.InverseLine(50, 28, 50, 33)
    top = whole.Position(whole.s13 / 2)["lat2"]
    north = along_meridian(lat, top) * (1 if lat > top else -1)
    # Near its middle the long line runs almost east: only moves north and south count.
    signed = north + rng.normal(0, sigma, 200_000) + rng.normal(0, 3000 / 1.96, 200_000)
    assert found.probability[0] == pytest.approx((signed < 25000).mean(), abs=0.02)


def test_storage_is_told_apart_from_distance():
    site = StorageColumns(
        *(np.array([each], dtype=object) for each in ("d1", "Depot One", "Aster")),
        *(np.array([each]) for each in (30.5, 50.4, 800.0)),
        *(np.array(["NaT"], "datetime64[us]") for _ in range(2)),
    )
    told = agreement(clause("2", GUNS), clause("3", STORE))
    rows = [
        {"lat": 50.4},
        {"lat": 50.5},
        {"lat": 50.1},
        {"lat": 50.4, "lon": 30.511, "uncertainty": 500.0},
    ]
    found = check(told, sightings(*rows), BOTH, storage=site)
    stored = found.take(found.rule == "store")
    assert dict(zip(stored.sighting_id, stored.verdict)) == {
        "s0": "stored_present",
        "s1": "beyond_lines_outside_storage",
        "s3": "possible",
    }
    assert stored.site_id[0] == "d1" and "“Depot One”" in stored.finding[0]
    assert list(found.verdict[found.rule == "guns"]) == ["complies"] * 2 + ["breaks", "complies"]
    unknown = check(told, sightings({"lat": 50.5}), BOTH)
    assert list(unknown.verdict) == ["complies", "not_assessable"]


def depot(lon=30.5, lat=50.4, radius=800.0):
    return StorageColumns(
        *(np.array([each], dtype=object) for each in ("d1", "Depot One", "Aster")),
        *(np.array([each]) for each in (lon, lat, radius)),
        *(np.array(["NaT"], "datetime64[us]") for _ in range(2)),
    )


def test_storage_counts_the_chance_that_the_weapon_was_beyond_the_limit_at_all():
    told = agreement(clause("2", GUNS), clause("3", STORE))
    row = {"lat": 50.235, "uncertainty": 5000.0}
    found = check(told, sightings(row), BOTH, storage=depot())
    inside, outside = (found.probability[found.rule == rule][0] for rule in ("guns", "store"))
    assert 0.1 < inside < 0.9 and outside == pytest.approx(1.0 - inside, abs=1e-9)
    near = {"lat": 50.235, "uncertainty": 5000.0, "lon": 30.5}
    found = check(told, sightings(near), BOTH, storage=depot(lat=50.235, radius=2500.0))
    inside, outside = (found.probability[found.rule == rule][0] for rule in ("guns", "store"))
    within = 1.0 - math.exp(-((2500.0 / (5000.0 / 2.447746830680816)) ** 2) / 2.0)
    assert outside == pytest.approx((1.0 - inside) * (1.0 - within), abs=0.02)


def test_a_weapon_that_may_be_of_the_kind_is_no_matter_of_storage_inside_the_limit():
    told = agreement(clause("2", GUNS), clause("3", STORE))
    rows = [{"weapon": "mortar", "lat": 50.1}, {"weapon": "mortar", "lat": 50.5}]
    found = check(told, sightings(*rows), BOTH, storage=depot())
    stored = found.take(found.rule == "store")
    assert list(zip(stored.sighting_id, stored.verdict)) == [("s1", "possible")]
    assert np.isnan(stored.probability[0]) and "whether the weapon is of this" in stored.finding[0]


def test_what_storage_could_not_be_told_by_is_said():
    told = agreement(clause("2", GUNS), clause("3", STORE))
    rows = [{"lon": math.nan, "lat": math.nan}]
    found = check(told, sightings(*rows, {}), None, storage=depot())
    stored = found.take(found.rule == "store")
    assert "no place is known" in stored.finding[0]
    assert "no contact line was given" in stored.finding[1]
    assert "its place or line" not in " ".join(found.finding)


def test_a_weapon_of_wholly_unknown_type_gets_one_finding_a_clause_and_its_code_is_told():
    told = agreement(
        clause("2", GUNS, withdrawal("mortars", "mortars", ("line", 15000, None))),
        clause("3", STORE),
    )
    rows = [
        {"weapon": weapon, "lat": lat, "holder": holder}
        for weapon, lat, holder in (
            (None, 50.1, "Aster"),
            ("not_known", 50.5, None),
            ("laser", 50.1, "Borealis"),
        )
    ]
    outcome = checked(told, sightings(*rows), BOTH, storage=depot())
    found = outcome.findings
    assert list(zip(found.sighting_id, found.rule, found.verdict, found.party)) == [
        ("s0", "guns", "could_not_verify", "Aster"),
        ("s1", "guns", "could_not_verify", None),
        ("s2", "guns", "could_not_verify", "Borealis"),
    ]
    assert "1 × weapon of unknown type, held by Aster" in found.finding[0]
    assert "“laser” (1)" in " ".join(outcome.notes)


def test_a_holder_that_is_not_known_in_words_is_not_known_and_strangers_are_told_once():
    told = agreement(clause("2(b)", GUNS))
    words = ["unknown", "Unknown", "not known", "N/K", "  ", None]
    rows = [{"holder": each, "lat": 50.4} for each in words]
    outcome = checked(told, sightings(*rows, {"holder": "Cedar"}, {"holder": "Dorn"}), BOTH)
    found = outcome.findings
    assert list(found.party).count("Aster") == list(found.party).count("Borealis") == 6
    notes = [note for note in outcome.notes if "no party" in note]
    assert len(notes) == 1 and "“Cedar”, “Dorn”" in notes[0] and "nknown" not in notes[0]


def test_by_a_line_that_names_strangers_nothing_was_surely_withdrawn():
    contact = lines(([(30, 50), (31, 50)], "agreed", "2025-01-01", None, 0.0))
    contact.left_party[0], contact.right_party[0] = "Asterland", "Borealland"
    told = agreement(clause("2", withdrawal("far", "guns", ("line", 25000, "aster"))))
    outcome = checked(told, sightings({"lat": 50.1}, {"lat": 49.5}), contact)
    assert list(outcome.findings.verdict) == ["breaks", "not_assessable"]
    assert "which side" in outcome.findings.finding[1]
    assert np.isnan(outcome.findings.probability[1])
    assert sum("“Asterland”, “Borealland”" in note for note in outcome.notes) == 1


def test_an_exemption_that_may_hold_leaves_the_probability_unknown_and_is_named():
    ground = {"title": "training ground", "where": {"zones": ["zone"]}}
    told = agreement(
        clause("2", withdrawal("far", "guns", ("line", 25000, "aster"), exemptions=[ground]))
    )
    found = check(told, sightings({"lat": 50.1, "uncertainty": 500.0}))
    assert list(found.verdict) == ["possible"] and np.isnan(found.probability[0])
    assert "possibly exempt: training ground" in found.finding[0]


def test_the_possessive_of_a_name_that_ends_in_s():
    told = agreement(clause("2(b)", GUNS))
    found = check(told, sightings({"holder": None}), BOTH)
    assert "if they are Borealis’)" in found.finding[1] and "Aster’s)" in found.finding[0]


def test_an_inventory_says_present_missing_or_that_nothing_could_be_counted():
    rows = [(10, 10, 10, None), (10, 10, 7, None), (10, 4, 4, None), (10, None, None, None)]
    rows += [(10, 8, 6, 2), (None, None, 5, None)]
    figures = np.array(rows, dtype=float).T
    count = len(rows)
    counted = InventoryColumns(
        np.array([f"d{number}" for number in range(count)], dtype=object),
        np.array(["Aster"] * count, dtype=object),
        np.array(["artillery_152"] * count, dtype=object),
        np.full(count, np.datetime64("2025-03-03T12:00", "us")),
        *figures,
    )
    told = agreement(clause("2", GUNS), clause("3", STORE))
    found = check(told, sightings(), BOTH, inventories=counted)
    assert list(found.verdict) == [
        "stored_present",
        "stored_missing",
        "could_not_verify",
        "could_not_verify",
        "stored_missing",
        "could_not_verify",
    ]
    assert "10 declared, 8 inspected, 6 present, 2 missing" in found.finding[4]


def test_rows_of_inventories_that_cannot_be_used_are_told():
    rows = [("d1", "2025-03-03T12:00", 10), ("d1", "NaT", 9), ("d1", "2025-03-03T12:00", -1)]
    rows.append(("d9", "2025-03-03T12:00", 10))
    sites, dates, present = zip(*rows)
    four = np.full(4, 10.0)
    counted = InventoryColumns(
        np.array(sites, dtype=object),
        np.array(["Aster"] * 4, dtype=object),
        np.array(["artillery_152"] * 4, dtype=object),
        np.array(dates, dtype="datetime64[us]"),
        *(four, four, np.array(present, float), np.full(4, np.nan)),
    )
    told = agreement(clause("2", GUNS), clause("3", STORE))
    outcome = checked(told, sightings(), BOTH, inventories=counted, storage=depot())
    assert list(outcome.findings.verdict) == ["stored_present"]
    for why in ("no date", "below 0", "no site of the storage sites: 1 (site “d9”)"):
        assert sum(why.split(":")[0] in note for note in outcome.notes) == 1
    assert "“d9”" in outcome.notes[-1]


CEILING = {
    "code": "tanks",
    "kind": "ceiling",
    "title": "at most 5 tanks in the zone",
    "weapon_classes": ["tanks"],
    "where": {"zones": ["zone"]},
    "at_most": 5,
}


def tanks(low, high, day=3, **more):
    row = {"weapon": "tank", "count_low": low, "count_high": high}
    return {**row, "when": f"2025-03-{day:02d}T12:00", **more}


def ceiling(*rows, effort=None):
    found = check(agreement(clause("8", CEILING)), sightings(*rows), effort=effort)
    return [
        (party, verdict, low, None if math.isnan(high) else high)
        for party, verdict, low, high in zip(
            found.party, found.verdict, found.counted_low, found.counted_high
        )
    ]


def test_a_ceiling_counts_a_partys_sightings_of_a_local_day_at_least_and_at_most():
    able = EffortColumns(
        np.array(["2025-03-01"], "datetime64[us]"), np.array(["2025-03-31"], "datetime64[us]")
    )
    assert ceiling(tanks(4, 4), tanks(2, 3)) == [("Aster", "breaks", 6, 7)]
    assert ceiling(tanks(3, 3), tanks(2, 4)) == [("Aster", "possible", 5, 7)]
    assert ceiling(tanks(3, 5), effort=able) == [("Aster", "complies", 3, 5)]
    assert ceiling(tanks(3, 5)) == [("Aster", "not_assessable", 3, 5)]
    assert ceiling(tanks(None, None), effort=able) == [("Aster", "possible", 0, None)]
    two_days = ceiling(tanks(4, 4), tanks(4, 4, day=4), effort=able)
    assert [verdict for _, verdict, _, _ in two_days] == ["complies"] * 2
    outside = tanks(9, 9, lat=50.3)
    assert ceiling(tanks(4, 4), outside, effort=able) == [("Aster", "complies", 4, 4)]
    vague = tanks(4, 4, lat=50.1, uncertainty=3000.0)
    assert ceiling(tanks(4, 4), vague, effort=able) == [("Aster", "possible", 4, 8)]
    found = check(agreement(clause("8", CEILING)), sightings(tanks(None, None)))
    assert "undetermined" not in found.finding[0] and ": 0" not in found.finding[0]
    nobodys = tanks(4, 4, holder=None)
    assert ceiling(tanks(4, 4), nobodys, effort=able) == [
        ("Aster", "possible", 4, 8),
        ("Borealis", "complies", 0, 4),
    ]


def test_three_parties_each_keep_to_their_own_front():
    told = agreement(
        clause(
            "2",
            withdrawal("g", "guns", ("west", 25000, "aster"), ("east", 10000, "cedar")),
        ),
        parties=[
            {"code": "aster", "name": "Aster"},
            {"code": "borealis", "name": "Borealis"},
            {"code": "cedar", "name": "Cedar"},
        ],
        lines=[
            {"code": "west", "title": "west", "line_name": "Sector agreed"},
            {"code": "east", "title": "east", "line_name": "Sector de_facto"},
        ],
        zones=[],
    )
    contact = lines(
        ([(30, 50), (31, 50)], "agreed", "2025-01-01", None, 0.0),
        ([(32, 50), (33, 50)], "de_facto", "2025-01-01", None, 0.0),
    )
    contact.left_party[1], contact.right_party[1] = "Cedar", "Aster"
    rows = [
        {"lat": 50.1},
        {"lat": 50.15, "lon": 32.5, "holder": "Cedar"},
        {"lat": 50.15, "lon": 32.5, "holder": "Borealis"},
    ]
    found = check(told, sightings(*rows), contact)
    assert list(zip(found.sighting_id, found.party, found.verdict)) == [
        ("s0", "Aster", "breaks"),
        ("s1", "Cedar", "complies"),
    ]
