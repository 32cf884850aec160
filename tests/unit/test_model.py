"""The model: names that others depend on, and codes that have labels."""

from __future__ import annotations

import pytest

from ceasefire_monitor.model import vocabulary
from ceasefire_monitor.model.incident import Incident, content_id, incident_id
from ceasefire_monitor.model.tables import FLAG_FIELDS, INCIDENTS, LEDGER_TABLES, table

CONTRACT = """
incident_id source source_id source_url origin category term phase circumstance count_low count_high
count_qualifier weapon occurred_from occurred_to time_precision span_is time_text point_role
uncertainty_m uncertainty_kind domain altitude_m place admin1 country actor_1 actor_2 deaths_low
deaths_best deaths_high civilian_deaths injured description verification workflow sensitivity
reliability credibility revision recorded_at
""".split()


def test_the_incident_has_the_fields_of_the_contract():
    assert set(INCIDENTS.names()) == set(CONTRACT)


def test_flags_have_the_fields_of_the_contract():
    assert [field.name for field in FLAG_FIELDS] == (
        "line_name line_valid_from line_distance_m line_side line_chainage_m control flag "
        "flag_probability flag_basis zones finding side_probability"
    ).split()


def test_every_key_is_a_column():
    for item in LEDGER_TABLES:
        assert item.key in item.names()
        assert table(item.name) is item


def test_the_same_source_and_id_give_the_same_incident():
    assert incident_id("ucdp", "147997") == "ucdp:147997"
    assert content_id("a", None, 3) == content_id("a", None, 3)
    assert content_id("a", "b") != content_id("ab", None)


def test_not_known_is_the_default_but_for_sensitivity_which_is_restricted():
    fresh = Incident()
    assert fresh.sensitivity == "restricted"
    assert fresh.verification == "unverified"
    assert fresh.count_low is None and fresh.deaths_best is None and fresh.longitude is None


@pytest.mark.parametrize("path", sorted(vocabulary.FOLDER.glob("*.json")), ids=lambda p: p.stem)
def test_every_code_has_an_english_label(path):
    codes = vocabulary.vocabulary(path.stem)
    assert codes
    assert [code for code, entry in codes.items() if not entry["label"].get("en")] == []


def test_a_code_that_no_list_has_is_shown_as_it_is():
    assert vocabulary.label("categories", "firing/burst") == "burst"
    assert vocabulary.label("categories", "firing/new_thing") == "firing/new_thing"
    assert vocabulary.label("categories", None) == ""
