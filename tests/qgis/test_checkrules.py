"""``ceasefire:checkrules`` in real QGIS: layers and ledgers in, findings out."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
import shapely
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import ContactLine
from ceasefire_monitor.model.weapons import WeaponSighting

MOMENT = datetime(2025, 3, 3, 12, tzinfo=timezone.utc)
TOLD = {
    "format": 1,
    "agreement_id": "vale",
    "title": "Understanding of the Vale",
    "parties": [{"code": "aster", "name": "Aster"}, {"code": "borealis", "name": "Borealis"}],
    "timing": {"timezone": "Europe/Athens", "in_force_from": "2025-01-01"},
    "weapon_classes": [{"code": "tanks", "label": "tanks", "classes": ["tank"]}],
    "lines": [{"code": "line", "title": "line of contact", "kind": "agreed"}],
    "clauses": [
        {
            "reference": "1",
            "text": "No fire near the line.",
            "text_status": "verified",
            "rules": [
                {
                    "code": "near",
                    "kind": "prohibited_act",
                    "title": "no fire within 5 km",
                    "categories": ["firing"],
                    "where": {"line": "line", "within_m": 5000},
                }
            ],
        },
        {
            "reference": "2(b)",
            "text": "Tanks 15 km from the line.",
            "text_status": "verified",
            "rules": [
                {
                    "code": "tanks",
                    "kind": "withdrawal",
                    "title": "tanks withdrawn",
                    "weapon_classes": ["tanks"],
                    "limits": [{"line": "line", "distance_m": 15000}],
                }
            ],
        },
    ],
}


@pytest.fixture
def agreement(tmp_path):
    path = tmp_path / "vale.json"
    path.write_text(json.dumps(TOLD), encoding="utf-8")
    return path


def layer(kind, fields, rows):
    made = QgsVectorLayer(f"{kind}?crs=EPSG:4326&{fields}", "given", "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        if wkt:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def lines(qgis_app):
    fields = "&".join(
        f"field={name}"
        for name in (
            "line_name:string",
            "kind:string",
            "left_party:string",
            "right_party:string",
            "valid_from:date",
        )
    )
    row = ("LineString (30 50, 31 50)", "Sector", "agreed", "Aster", "Borealis", QDate(2025, 1, 1))
    return layer("LineString", fields, [row])


@pytest.fixture
def incidents(qgis_app):
    fields = (
        "field=incident_id:string&field=category:string&field=occurred_from:string"
        "&field=uncertainty_m:double"
    )
    return layer(
        "Point",
        fields,
        [
            ("Point (30.5 50.02)", "a", "firing/burst", "2025-03-03T12:00:00Z", 100.0),
            ("Point (30.5 50.3)", "b", "firing/burst", "2025-03-03", 100.0),
            (None, "c", "firing/burst", "2025-03-03", None),
            ("Point (30.5 50.02)", "d", "firing/burst", "2024-12-31", 100.0),
        ],
    )


def rows_of(result):
    output = result["OUTPUT"]
    if isinstance(output, str):
        output = QgsVectorLayer(output, "found", "ogr")
    return list(output.getFeatures())


def test_findings_map_at_their_incidents_and_are_counted(run, incidents, lines, agreement):
    found = run(
        "ceasefire:checkrules",
        INPUT=incidents,
        AGREEMENT=str(agreement),
        LINES=lines,
        OUTPUT="memory:",
    )
    rows = {row["incident_id"]: row for row in rows_of(found)}
    assert {key: row["verdict"] for key, row in rows.items()} == {
        "a": "breaks",
        "b": "complies",
        "c": "could_not_verify",
    }
    counts = {name: found[name] for name in ("BREAKS", "COMPLIES", "COULD_NOT_VERIFY", "POSSIBLE")}
    assert counts == {"BREAKS": 1, "COMPLIES": 1, "COULD_NOT_VERIFY": 1, "POSSIBLE": 0}
    assert found["FINDINGS"] == 3 and found["AGREEMENT_ID"] == "vale"
    assert rows["a"].geometry().asPoint().y() == 50.02 and rows["c"].geometry().isNull()
    assert rows["a"]["clause"] == "1" and rows["a"]["line_name"] == "Sector"
    assert rows["a"]["distance_to_compliance_m"] > 2000


def test_sightings_are_known_by_their_fields_or_stand_beside_incidents(
    run, incidents, lines, agreement
):
    weapons = layer(
        "Point",
        "field=weapon:string&field=holder:string&field=seen_from:string&field=count_low:integer",
        [("Point (30.5 50.1)", "tank", "Aster", "2025-03-03", 2)],
    )
    alone = run(
        "ceasefire:checkrules",
        INPUT=weapons,
        AGREEMENT=str(agreement),
        LINES=lines,
        OUTPUT="memory:",
    )
    (row,) = rows_of(alone)
    assert row["verdict"] == "breaks" and row["party"] == "Aster" and row["rule"] == "tanks"
    both = run(
        "ceasefire:checkrules",
        INPUT=incidents,
        WEAPONS=weapons,
        AGREEMENT=str(agreement),
        LINES=lines,
        UNCERTAINTY_DEFAULT=200.0,
        OUTPUT="memory:",
    )
    assert both["FINDINGS"] == 4 and both["BREAKS"] == 2


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path, {"timezone": "Europe/Athens"}) as made:
        made.write_records("contact_lines", [_line(50.0)], None, "drawn")
        made.write_records(
            "incidents",
            [
                Incident(
                    incident_id=name,
                    category="firing/burst",
                    occurred_from=MOMENT.replace(month=month),
                    occurred_to=MOMENT.replace(month=month),
                    uncertainty_m=100.0,
                    uncertainty_kind="gauss",
                    longitude=30.5,
                    latitude=50.02,
                )
                for name, month in (("march", 3), ("may", 5))
            ],
            None,
            "seen",
        )
        made.write_records(
            "weapon_sightings",
            [
                WeaponSighting(
                    sighting_id="w", weapon="tank", holder="Aster", seen_from=MOMENT,
                    uncertainty_m=50.0, longitude=30.5, latitude=50.1,
                )
            ],
            None,
            "seen",
        )  # fmt: skip
    return path


def _line(lat, start=None, name="l"):
    return ContactLine(
        line_id=name,
        line_name="Sector",
        kind="agreed",
        left_party="Aster",
        right_party="Borealis",
        valid_from=start or datetime(2025, 1, 1, tzinfo=timezone.utc),
        geometry=shapely.LineString([(30, lat), (31, lat)]),
    )


def check_ledger(run, path, tmp_path, **more):
    return run(
        "ceasefire:checkrules",
        INPUT=f"{path}|layername=incidents",
        LEDGER=str(path),
        OUTPUT=str(tmp_path / "found.gpkg"),
        **more,
    )


def test_with_a_ledger_only_what_is_touched_is_checked_again(run, ledger, agreement, tmp_path):
    first = check_ledger(run, ledger, tmp_path, AGREEMENT=str(agreement))
    assert (first["RECHECKED"], first["UNCHANGED"], first["BREAKS"]) == (3, 0, 3)
    again = check_ledger(run, ledger, tmp_path)
    assert (again["RECHECKED"], again["UNCHANGED"], again["BREAKS"]) == (0, 3, 3)
    assert {row["verdict"] for row in rows_of(again)} == {"breaks"}
    with Ledger.open(ledger) as opened:
        assert len(opened.read("findings")) == 3
        april = datetime(2025, 4, 1, tzinfo=timezone.utc)
        old = _line(50.0)
        old.valid_to = april
        opened.write_records("contact_lines", [old, _line(50.5, april, "m")], None, "moved")
    moved = check_ledger(run, ledger, tmp_path)
    assert (moved["RECHECKED"], moved["UNCHANGED"]) == (1, 2)
    assert (moved["BREAKS"], moved["COMPLIES"]) == (2, 1)
    amended = json.loads(agreement.read_text(encoding="utf-8"))
    del amended["clauses"][1]
    amended["clauses"][0]["rules"][0]["where"]["within_m"] = 1000
    agreement.write_text(json.dumps(amended), encoding="utf-8")
    last = check_ledger(run, ledger, tmp_path, AGREEMENT=str(agreement))
    assert (last["RECHECKED"], last["COMPLIES"], last["FINDINGS"]) == (2, 2, 2)
    with Ledger.open(ledger) as opened:
        latest = opened.latest_rule_findings("vale")
        assert {subject.rule for subject in latest} == {"near"}
        assert len(opened.read("agreements")) == 2
        assert len(opened.read("findings")) == 3 + 1 + 2 + 1


def test_an_agreement_of_the_ledger_is_meant_by_its_id(run, ledger, agreement, tmp_path):
    check_ledger(run, ledger, tmp_path, AGREEMENT=str(agreement))
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**TOLD, "agreement_id": "hills"}), encoding="utf-8")
    check_ledger(run, ledger, tmp_path, AGREEMENT=str(other))
    for code in ("vale", "hills"):
        found = check_ledger(run, ledger, tmp_path, AGREEMENT=code)
        assert (found["AGREEMENT_ID"], found["BREAKS"]) == (code, 3)
        zones = run(
            "ceasefire:zonesfromagreement",
            AGREEMENT=code,
            LEDGER=str(ledger),
            DATE="2025-03-03",
            OUTPUT=str(tmp_path / f"{code}.gpkg"),
        )
        assert {row["zone_id"].split(":")[0] for row in rows_of(zones)} == {code}
    for tool in (check_ledger, _zones):
        with pytest.raises(QgsProcessingException, match="holds “vale”, “hills”"):
            tool(run, ledger, tmp_path, AGREEMENT="dales")


def _zones(run, path, tmp_path, **more):
    out = str(tmp_path / "zones.gpkg")
    return run("ceasefire:zonesfromagreement", LEDGER=str(path), OUTPUT=out, **more)


@pytest.fixture
def said(provider):
    """Run an algorithm and return all that it logged."""
    import processing

    def log_of(identifier, **parameters):
        feedback = QgsProcessingFeedback(False)
        processing.run(identifier, {**parameters, "OUTPUT": "memory:"}, feedback=feedback)
        return feedback.textLog()

    return log_of


def test_clauses_that_are_not_verified_are_named_once_in_the_log(
    run, incidents, lines, tmp_path, said
):
    told = json.loads(json.dumps({**TOLD, "note": "Told from memory."}))
    told["clauses"][1]["text_status"] = "not_verified"
    path = tmp_path / "told.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    for tool, given in (
        ("checkrules", {"INPUT": incidents}),
        ("zonesfromagreement", {"DATE": "2025-03-03"}),
    ):
        log = said(f"ceasefire:{tool}", AGREEMENT=str(path), LINES=lines, **given)
        assert log.count("marks clauses as not verified: “2(b)”.") == 1, tool
        assert log.count("Told from memory.") == 1, tool


def test_what_cannot_be_used_is_one_sentence_and_leaves_nothing(
    run, incidents, lines, agreement, tmp_path
):
    folder = tmp_path / "out"
    folder.mkdir()
    agreement.write_text('{"format": 1}', encoding="utf-8")
    plain = layer("Point", "field=a:int", [("Point (30 50)", 1)])
    for values, words in (
        ({"INPUT": incidents, "AGREEMENT": str(agreement)}, "missing"),
        ({"INPUT": incidents}, "No agreement was given"),
        ({"INPUT": incidents, "AGREEMENT": str(tmp_path / "no.json")}, "cannot be read"),
        ({"INPUT": plain, "AGREEMENT": _good(tmp_path)}, "neither a layer of incidents"),
        ({"INPUT": lines, "AGREEMENT": _good(tmp_path)}, "neither a layer of incidents"),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run("ceasefire:checkrules", OUTPUT=str(folder / "found.gpkg"), **values)
    assert list(folder.iterdir()) == []


def _good(folder):
    path = folder / "good.json"
    path.write_text(json.dumps(TOLD), encoding="utf-8")
    return str(path)
