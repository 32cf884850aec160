"""The algorithms of alerts in real QGIS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import shapely
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsVectorLayer,
)

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import ContactLine, Zone

NOW = datetime.now(timezone.utc).replace(microsecond=0)


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "Журнал.gpkg"
    with Ledger.create(place, {"theatre": "Vale", "timezone": "Europe/Athens"}) as ledger:
        line = ContactLine(
            "L", "Ember line", "de_facto", geometry=shapely.LineString([(30, 45), (31, 45)])
        )
        ledger.write_records("contact_lines", [line], "Ana", "land")
        zone = Zone("Z", "North bank", "other", geometry=shapely.box(30, 45, 31, 46))
        ledger.write_records("zones", [zone], "Ana", "land")
    return str(place)


def incident(number, **values):
    known = {
        "category": "firing/explosion",
        "count_low": 2,
        "occurred_from": NOW - timedelta(hours=1),
        "occurred_to": NOW - timedelta(minutes=59),
        "longitude": 30.5,
        "latitude": 45.02,
    }
    return Incident(f"watch:{number}", "watch", str(number), **{**known, **values})


def write(path, *incidents):
    with Ledger.open(path) as ledger:
        ledger.write_records("incidents", incidents, "Ana", "log")


@pytest.fixture
def ask(run):
    """Run an algorithm of alerts on a ledger."""

    def asked(name, path, **values):
        return run(f"ceasefire:{name}", LEDGER=path, **values)

    return asked


def rows(layer):
    return [dict(zip(layer.fields().names(), row.attributes())) for row in layer.getFeatures()]


def test_from_a_rule_to_an_alert_that_is_acknowledged(ask, path):
    rule = ask(
        "alertrule",
        path,
        NAME="Near the line",
        CATEGORY="firing",
        SECTOR="North bank",
        DISTANCE=5000,
        SOUND=True,
        BY="Ana",
    )
    assert rule["ADDED"] == 1
    write(path, incident(1), incident(2, latitude=45.5), incident(3, sensitivity="confidential"))
    found = ask("raisealerts", path, OUTPUT="memory:")
    assert (found["RAISED"], found["OPEN"]) == (2, 2)
    first, second = rows(found["OUTPUT"])
    assert first["sentence"].startswith("2 explosions within 5 km of the line in force (by the")
    assert "sector North bank" in first["sentence"]
    assert (first["sound"], second["sensitivity"]) == (True, "confidential")
    (feature,) = [f for f in found["OUTPUT"].getFeatures() if f["incident_id"] == "watch:1"]
    assert feature.geometry().asPoint().x() == pytest.approx(30.5)
    assert ask("raisealerts", path)["RAISED"] == 0
    listed = ask("listalerts", path, RELEASE="restricted", OUTPUT="memory:")
    assert (listed["ALERTS"], listed["LEFT_OUT"]) == (1, 1)
    done = ask("acknowledgealerts", path, ALERTS=first["alert_id"], BY="Ana", WHY="patrol sent")
    assert (done["ACKNOWLEDGED"], done["OPEN"]) == (1, 1)
    assert ask("acknowledgealerts", path, ALL=True)["ACKNOWLEDGED"] == 1
    listed = ask("listalerts", path, OPEN_ONLY=False, RELEASE="confidential", OUTPUT="memory:")
    why = {row["incident_id"]: row["acknowledged_why"] for row in rows(listed["OUTPUT"])}
    assert why == {"watch:1": "patrol sent", "watch:3": "seen"}


def test_a_rule_of_that_name_is_changed_and_may_rest(ask, path):
    first = ask("alertrule", path, NAME="All", COUNT=3, WINDOW=30)
    second = ask("alertrule", path, NAME=" all ", ENABLED=False, MAX_AGE_HOURS=5)
    assert (first["RULE"], second["ADDED"]) == (second["RULE"], 0)
    with Ledger.open(path) as ledger:
        (rule,) = ledger.read("alert_rules")
    assert (rule.rule_name, rule.count_least, rule.max_age_hours) == ("all", None, 5.0)
    assert (rule.min_probability, rule.most_sensitive) == (0.5, "confidential")
    write(path, incident(1))
    assert ask("raisealerts", path)["RAISED"] == 0


def test_the_area_of_a_rule_comes_from_a_layer_in_any_crs(ask, path):
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857", "areas", "memory")
    for west in (3_390_000, 3_394_000):
        feature = QgsFeature()
        feature.setGeometry(
            QgsGeometry.fromWkt(
                f"POLYGON(({west} 5620000, {west + 3000} 5620000, {west + 3000} 5630000,"
                f" {west} 5630000, {west} 5620000))"
            )
        )
        layer.dataProvider().addFeature(feature)
    ask("alertrule", path, NAME="Area", AREA=layer)
    write(path, incident(1, longitude=30.46, latitude=45.02), incident(2, longitude=30.6))
    found = ask("raisealerts", path, OUTPUT="memory:")
    assert [row["incident_id"] for row in rows(found["OUTPUT"])] == ["watch:1"]


@pytest.mark.parametrize(
    "values, words",
    [
        ({"NAME": " "}, "needs a name"),
        ({"ZONE": "South bank"}, "no zone “South bank”"),
        ({"SITE_KIND": "hospital"}, "kind of site and the distance"),
        ({"SITE_KIND": "castle", "SITE_DISTANCE": 5}, "“castle” is no kind of site"),
        ({"WEAPON_CLASS": "sword"}, "“sword” is no class of weapons"),
        ({"COUNT": 3}, "number and the window"),
        ({"COUNT": 3, "WINDOW": 5, "COUNT_PER": "sector"}, "name the sectors"),
        ({"DISTANCE": 5, "MIN_PROBABILITY": 2}, "at most 1"),
        ({"DISTANCE": 0}, "must be more than 0"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_one_sentence(ask, path, values, words):
    with pytest.raises(QgsProcessingException, match=words):
        ask("alertrule", path, **{"NAME": "Rule", **values})
    with Ledger.open(path) as ledger:
        assert ledger.read("alert_rules") == []


def test_nothing_named_nothing_acknowledged(ask, path):
    with pytest.raises(QgsProcessingException, match="Name the alerts"):
        ask("acknowledgealerts", path)
    with pytest.raises(QgsProcessingException, match="no alert “x”"):
        ask("acknowledgealerts", path, ALERTS="x")
