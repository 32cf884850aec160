"""``ceasefire:addobservation`` and ``ceasefire:rangerings`` in real QGIS."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingUtils

from ceasefire_monitor.ledger.geopackage import Ledger

WGS84 = Geodesic.WGS84
TOLD = {
    "OBSERVER": "10.0,5.0 [EPSG:4326]",
    "BEARING": "1600",
    "UNIT": "mils_6400",
    "PLUS_MINUS": 160.0,
    "RANGE_MIN": 2000.0,
    "RANGE_MAX": 4000.0,
    "CATEGORY": "firing/explosion",
    "MEANS": "heard",
    "FROM": "2031-03-14T19:30",
}


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "theatre.gpkg"
    Ledger.create(path, {"timezone": "Asia/Kathmandu"}).close()
    return str(path)


def kept(path):
    with Ledger.open(path, readonly=True) as opened:
        return opened.read("observations"), opened.read("incidents")


def test_an_observation_makes_its_incident_at_its_sector(run, ledger):
    found = run(
        "ceasefire:addobservation",
        LEDGER=ledger,
        **{**TOLD, "REFERENCE": "magnetic", "DECLINATION": 5.0},
    )
    (seen,), (made,) = kept(ledger)
    assert seen.bearing_deg == pytest.approx(95.0)
    assert seen.bearing_halfwidth_deg == pytest.approx(9.0)
    assert (seen.incident_id, found["INCIDENT_ID"]) == (made.incident_id, made.incident_id)
    assert made.uncertainty_kind == "sector" and made.origin == "own_observation"
    line = WGS84.Inverse(5.0, 10.0, made.latitude, made.longitude)
    assert line["azi1"] == pytest.approx(95.0, abs=1e-6)
    assert line["s12"] == pytest.approx(((2000.0**2 + 4000.0**2) / 2) ** 0.5, abs=1e-3)
    # 19:30 in Kathmandu is 13:45 UTC.
    assert made.occurred_from.isoformat() == "2031-03-14T13:45:00+00:00"


def test_without_a_range_the_incident_is_kept_without_a_place(run, ledger):
    run("ceasefire:addobservation", LEDGER=ledger, **{**TOLD, "RANGE_MAX": None})
    (seen,), (made,) = kept(ledger)
    assert seen.range_max_m is None
    assert (made.longitude, made.uncertainty_m) == (None, None)


def test_a_wind_is_as_wide_as_a_wind(run, ledger):
    run(
        "ceasefire:addobservation",
        LEDGER=ledger,
        **{**TOLD, "BEARING": "WNW", "UNIT": "winds", "PLUS_MINUS": None},
    )
    (seen,), _ = kept(ledger)
    assert (seen.bearing_deg, seen.bearing_halfwidth_deg) == (292.5, 11.25)


def test_a_further_observation_joins_the_incident_that_is_there(run, ledger):
    first = run("ceasefire:addobservation", LEDGER=ledger, **TOLD)
    run("ceasefire:addobservation", LEDGER=ledger, INCIDENT=first["INCIDENT_ID"], **TOLD)
    observations, incidents = kept(ledger)
    assert len(incidents) == 1
    assert {seen.incident_id for seen in observations} == {first["INCIDENT_ID"]}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"BEARING": "9000"}, "full circle"),
        ({"RANGE_MIN": 5000.0}, "correct one of them"),
        ({"INCIDENT": "patrol:none"}, "no incident"),
        ({"TO": "2031-03-13"}, "before"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(run, ledger, wrong, words):
    with pytest.raises(QgsProcessingException, match=words):
        run("ceasefire:addobservation", LEDGER=ledger, **{**TOLD, **wrong})
    assert kept(ledger) == ([], [])


def test_both_records_are_written_or_neither(ledger):
    from ceasefire_monitor.model.errors import CeasefireError
    from ceasefire_monitor.model.incident import Incident

    def stop():
        raise CeasefireError("stopped")

    with Ledger.open(ledger) as opened, pytest.raises(CeasefireError, match="stopped"):
        made = Incident(incident_id="observation:1", source="observation")
        opened.write_together({"incidents": [made]}, None, "test", last=stop)
    assert kept(ledger) == ([], [])


def rings(run, **parameters):
    import processing

    context = QgsProcessingContext()
    found = processing.run(
        "ceasefire:rangerings", {**parameters, "OUTPUT": "TEMPORARY_OUTPUT"}, context=context
    )
    output = found["OUTPUT"]
    if isinstance(output, str):
        output = QgsProcessingUtils.mapLayerFromString(output, context)
    return [
        (feature["weapon"], feature["range_m"], feature.geometry())
        for feature in output.getFeatures()
    ]


def test_rings_reach_as_far_as_weapons_do(run):
    found = rings(run, POINT="30,50 [EPSG:4326]", RANGES="mortar_120=7200; 2 km")
    assert [(weapon or None, metres) for weapon, metres, _ in found] == [
        ("mortar_120", 7200.0),
        (None, 2000.0),
    ]
    for _, metres, shape in found:
        for point in list(shape.vertices())[:20]:
            told = WGS84.Inverse(50.0, 30.0, point.y(), point.x())
            assert told["s12"] == pytest.approx(metres, abs=1e-3)


def test_a_place_in_another_system_is_brought_to_degrees(run):
    ((_, _, shape),) = rings(run, POINT="0,0 [EPSG:3857]", RANGES="1000")
    assert shape.boundingBox().center().x() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"POINT": "30,50 [EPSG:4326]", "RANGES": "mortar"}, "not known"),
        ({"RANGES": "1000"}, "no place"),
    ],
)
def test_rings_that_cannot_be_drawn_are_refused_with_a_sentence(run, parameters, words):
    with pytest.raises(QgsProcessingException, match=words):
        rings(run, **parameters)
