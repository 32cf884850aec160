"""``ceasefire:rulesfromdraft`` in real QGIS: from a draft's words to findings on the record."""

from __future__ import annotations

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingException, QgsProject, QgsVectorLayer

TEXT = (
    "Article 1 The parties shall refrain from firing within 5 km of the line of contact.\n\n"
    "Article 2 Heavy weapons are withdrawn.\n"
)
LINE_FIELDS = (
    "field=line_name:string&field=kind:string&field=left_party:string&field=right_party:string"
    "&field=valid_from:string&field=valid_to:string&field=uncertainty_m:double"
)
INCIDENT_FIELDS = (
    "field=incident_id:string&field=category:string&field=occurred_from:string"
    "&field=occurred_to:string&field=uncertainty_m:double"
)
NEAR, FAR, EARLY = "Point (30.5 50.02)", "Point (30.5 50.2)", "Point (30.5 50.01)"


def layer(kind, fields, rows):
    made = QgsVectorLayer(f"{kind}?crs=EPSG:4326&{fields}", "given", "memory")
    for wkt, *attributes in rows:
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes(attributes)
        assert made.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(made)
    return made


def features(made):
    found = made if isinstance(made, QgsVectorLayer) else QgsVectorLayer(made, "made", "ogr")
    return list(found.getFeatures())


@pytest.fixture
def draft(tmp_path):
    path = tmp_path / "draft.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def test_without_a_persons_word_nothing_is_a_rule(run, draft, tmp_path):
    agreement = tmp_path / "trial.json"
    results = run(
        "ceasefire:rulesfromdraft",
        DRAFT=draft,
        OUTPUT="TEMPORARY_OUTPUT",
        AGREEMENT=str(agreement),
    )
    assert (results["PROPOSED"], results["LACKING"], results["CONFIRMED_RULES"]) == (1, 1, 0)
    assert not agreement.exists()
    assert [row["confirmed"] for row in features(results["OUTPUT"])] == [False, False]


def test_the_record_is_held_against_the_confirmed_draft(run, draft, tmp_path):
    agreement = tmp_path / "trial.json"
    run(
        "ceasefire:rulesfromdraft",
        DRAFT=draft,
        CONFIRMED="r1",
        BY="A. Analyst",
        SINCE="2025-03-01",
        PARTIES="Aster, Borealis",
        TIMEZONE="Europe/Athens",
        OUTPUT="TEMPORARY_OUTPUT",
        AGREEMENT=str(agreement),
    )
    line = ("LineString (30 50, 31 50)", "Vale", "de_facto", "Aster", "Borealis", "2020-01-01",
            None, 10.0)  # fmt: skip
    told = [
        (NEAR, "near", "firing/shelling", "2025-03-03T10:00:00Z", "2025-03-03T10:01:00Z", 50.0),
        (FAR, "far", "firing/shelling", "2025-03-03T10:00:00Z", "2025-03-03T10:01:00Z", 50.0),
        (EARLY, "early", "firing/shelling", "2025-02-03T10:00:00Z", "2025-02-03T10:01:00Z", 50.0),
    ]
    results = run(
        "ceasefire:checkrules",
        INPUT=layer("Point", INCIDENT_FIELDS, told),
        AGREEMENT=str(agreement),
        LINES=layer("LineString", LINE_FIELDS, [line]),
        OUTPUT="TEMPORARY_OUTPUT",
    )
    found = {row["incident_id"]: row["verdict"] for row in features(results["OUTPUT"])}
    assert found["near"] == "breaks" and found.get("far") != "breaks" and "early" not in found


def test_a_trial_without_its_first_day_is_refused_and_nothing_written(run, draft, tmp_path):
    agreement = tmp_path / "trial.json"
    with pytest.raises(QgsProcessingException, match="SINCE is empty"):
        run(
            "ceasefire:rulesfromdraft",
            DRAFT=draft,
            CONFIRMED="r1",
            BY="A. Analyst",
            PARTIES="Aster, Borealis",
            OUTPUT="TEMPORARY_OUTPUT",
            AGREEMENT=str(agreement),
        )
    assert not agreement.exists()
