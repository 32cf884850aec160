"""The function on clauses: what covers an act there and then, else a sentence."""

from __future__ import annotations

import json

import pytest
import shapely
from qgis.core import (
    QgsExpressionContextUtils,
    QgsProject,
)

ACCORD = {
    "format": 1,
    "agreement_id": "meadow",
    "title": "The Meadow Accord",
    "parties": [{"code": "aster", "name": "Aster"}, {"code": "borea", "name": "Borea"}],
    "timing": {"timezone": "Europe/Athens", "in_force_from": "2025-02-01"},
    "lines": [{"code": "line", "title": "the line", "kind": "agreed"}],
    "zones": [
        {"code": "strip", "title": "Strip", "bands": [{"line": "line", "far_m": 5000}]},
        {"code": "wood", "title": "Wood", "layer_zone": "The Wood"},
    ],
    "clauses": [
        {
            "reference": reference,
            "text": "In our own words.",
            "text_status": "paraphrase",
            "rules": [
                {
                    "code": f"rule_{number}",
                    "kind": "prohibited_act",
                    "title": "An act",
                    "categories": [category],
                    **where,
                }
            ],
        }
        for number, (reference, category, where) in enumerate(
            [
                ("2(b)", "firing/shelling", {"where": {"zones": ["strip"]}}),
                ("5", "firing", {}),
                ("6", "firing", {"where": {"zones": ["wood"]}}),
            ]
        )
    ],
}


@pytest.fixture
def accord(tmp_path):
    path = tmp_path / "accord.json"
    path.write_text(json.dumps(ACCORD), encoding="utf-8")
    return path


def test_the_clauses_are_those_of_the_agreement_there_and_then(functions, accord, tmp_path, ask):
    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.land import Zone

    ledger = ask.two_dated(tmp_path / "ledger.gpkg")
    wood = Zone(zone_id="z", zone_name="The Wood", geometry=shapely.box(31.4, 49.9, 31.6, 50.2))
    with Ledger.open(ledger) as opened:
        opened.write_records("zones", [wood], None, "test")

    def clauses(point, category, when, more=f", '{accord}', '{ledger}'"):
        text = f"agreement_clause(make_point({point}), '{category}', '{when}'{more})"
        value, problem = ask.evaluated(text)
        assert not problem, problem
        return value

    assert clauses("31, 50.02", "firing/shelling", "2025-02-01") == "5"
    assert clauses("31, 50.08", "firing/shelling", "2025-02-01") == "2(b); 5"
    assert clauses("31.5, 50.08", "firing/shelling", "2025-03-01") == "2(b); 5; 6"
    assert clauses("31, 50.08", "firing", "2025-02-01") == "2(b) (possibly); 5"
    assert clauses("31, 50.08", "overflight/uav", "2025-02-01") is None
    # Midnight in Athens is 22:00 UTC the day before; the accord is not in force until then.
    assert clauses("31, 50.02", "firing/burst", "2025-01-31T21:59Z") is None
    assert clauses("31, 50.02", "firing/burst", "2025-01-31T22:00Z") == "5"
    # Without a theatre only clauses that need none are named; the project names the agreement.
    project = QgsProject.instance()
    assert clauses("31, 50.08", "firing/shelling", "2025-02-01", f", '{accord}'") == "5"
    QgsExpressionContextUtils.setProjectVariable(project, "ceasefire_agreement", str(accord))
    asked = "agreement_clause(@geometry, {}, '2025-02-01', crs:='EPSG:4326')"
    layer = ask.incidents_of(1)
    assert ask.evaluated(asked.format("'firing/burst'"), layer) == ("5", "")
    assert ask.evaluated(asked.format("NULL"), layer) == (None, "")
    assert ask.evaluated("agreement_clause(NULL, 'firing', now())", layer) == (None, "")
    assert ask.evaluated("agreement_clause(@geometry, 'firing', NULL)", layer) == (None, "")


def test_an_agreement_that_cannot_be_read_is_a_sentence_until_it_can(
    functions, accord, wait_until, ask
):
    text = f"agreement_clause(make_point(31, 50), 'firing', '2025-02-01', '{accord}')"
    assert ask.evaluated(text) == ("5", "")
    accord.write_text('{"format": 1', encoding="utf-8")
    wait_until(lambda: "is no JSON" in ask.evaluated(text)[1])
    accord.write_text(json.dumps({**ACCORD, "clauses": []}), encoding="utf-8")
    wait_until(lambda: "clauses" in ask.evaluated(text)[1] or ask.evaluated(text) == (None, ""))
    accord.write_text(json.dumps(ACCORD), encoding="utf-8")
    wait_until(lambda: ask.evaluated(text) == ("5", ""))
    missing = "agreement_clause(make_point(31, 50), 'firing', now(), 'none.json')"
    assert "“none.json” is neither an agreement's file" in ask.evaluated(missing)[1]
    unnamed = "agreement_clause(make_point(31, 50), 'firing', now())"
    assert "No agreement is named. Name its JSON file" in ask.evaluated(unnamed)[1]


def test_an_agreement_that_comes_with_the_plugin_is_named_by_its_name(functions, ask):
    text = "agreement_clause(make_point(38, 48), 'firing/explosion', '{}', 'minsk_2014_2015')"
    assert ask.evaluated(text.format("2015-03-01"))[0] == "Memorandum 2; Package 1"
    assert ask.evaluated(text.format("2014-10-01"))[0] == "Memorandum 2"
    assert ask.evaluated(text.format("2014-08-01")) == (None, "")
