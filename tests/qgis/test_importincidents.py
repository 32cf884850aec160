"""``ceasefire:importincidents`` in real QGIS: files, layers, ledgers, and bad input."""

from __future__ import annotations

import json
import os

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QEventLoop, QMetaType, Qt, QTimer

SMM = (
    "Position,Position latitude,Position longitude,Event location,Means,No.,Observation,"
    'Description,Weapon,"Date, time"\n'
    "SMM camera at Alder,48.0,37.0,3-5km NNW,Recorded,30,Explosion,Outgoing,Mortar (120mm),"
    '"13-Oct-2020, 18:47"\n'
    "Patrol at Birch,48.1,37.2,N/K,Heard,N/K,Burst,N/K,Small arms,2020-10-13 20:00-21:00\n"
    "Patrol at Birch,48.1,37.2,,,0,Nil,,,2020-10-14\n"
    "Patrol at Birch,48.1,37.2,2km E,Heard,1,Shot,,,2202-10-14\n"
)


def features(layer) -> list[dict]:
    """The features of a layer (or of a path) as dictionaries, with ``geometry``."""
    layer = QgsVectorLayer(layer, "out", "ogr") if isinstance(layer, str) else layer
    assert layer.isValid()
    return [
        {**feature.attributeMap(), "geometry": feature.geometry()}
        for feature in layer.getFeatures()
    ]


@pytest.fixture
def smm(tmp_path):
    path = tmp_path / "violations.csv"
    path.write_text(SMM, encoding="utf-8")
    return path


@pytest.fixture
def do(run):
    def import_incidents(source, **parameters):
        parameters.setdefault("OUTPUT", "memory:")
        parameters.setdefault("REJECTED", "memory:")
        return run("ceasefire:importincidents", INPUT=source, **parameters)

    return import_incidents


def test_every_row_is_an_incident_effort_or_set_aside(do, smm):
    result = do(str(smm), TIMEZONE="Europe/Vienna")
    assert (result["ROWS"], result["IMPORTED"], result["EFFORT_ROWS"]) == (4, 2, 1)
    assert result["REJECTED_ROWS"] == 1 and result["NOT_LOCATED"] == 1
    assert result["PRESET_USED"] == "smm"
    aside = features(result["REJECTED"])
    assert aside[0]["row_number"] == 4 and aside[0]["value"] == "2202-10-14"
    assert aside[0]["column"] == "Date, time" and "2202" in aside[0]["reason"]


def test_the_layer_holds_the_models_fields_in_utc_with_empty_geometry_where_not_located(do, smm):
    found = features(do(str(smm), TIMEZONE="Europe/Vienna")["OUTPUT"])
    first, second = found
    moment = first["occurred_from"]
    assert moment.toUTC().toString("yyyy-MM-dd HH:mm") == "2020-10-13 16:47"
    assert first["uncertainty_kind"] == "sector" and first["count_low"] == 30
    assert first["geometry"].asPoint().y() > 48.0
    assert second["geometry"].isEmpty() and second["count_qualifier"] == "not_known"


def test_outputs_reach_files_whole(do, smm, tmp_path):
    out, aside = tmp_path / "out.gpkg", tmp_path / "aside.csv"
    do(str(smm), OUTPUT=str(out), REJECTED=str(aside))
    assert len(features(str(out))) == 2
    assert len(features(str(aside))) == 1


def test_rejected_may_be_left_out(do, smm):
    assert do(str(smm), REJECTED=None)["REJECTED_ROWS"] == 1


def test_an_open_layer_is_read_through_its_features(do):
    layer = QgsVectorLayer("Point?crs=EPSG:3857", "events", "memory")
    layer.dataProvider().addAttributes(
        [
            QgsField("event_date", QMetaType.Type.QDate),
            QgsField("seen", QMetaType.Type.QDateTime),
            QgsField("kind", QMetaType.Type.QString),
            QgsField("id", QMetaType.Type.Int),
        ]
    )
    layer.updateFields()
    feature = QgsFeature(layer.fields())
    local = QDateTime(QDate(2020, 7, 1), QDateTime.currentDateTime().time(), Qt.TimeSpec.LocalTime)
    feature.setAttributes([QDate(2020, 7, 1), local, "explosion", 7])
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(4_000_000, 6_000_000)))
    bare = QgsFeature(layer.fields())
    bare.setAttributes([QDate(2020, 7, 2), None, "burst", 8])
    layer.dataProvider().addFeatures([feature, bare])
    mapping = json.dumps({"occurred_from": "event_date", "category": "kind"})
    result = do(layer, PRESET="generic", MAPPING=mapping, TIMEZONE="Asia/Seoul")
    first, second = features(result["OUTPUT"])
    point = first["geometry"].asPoint()
    assert point.x() == pytest.approx(35.932611, abs=1e-5)  # 4e6 / 6378137 rad
    assert point.y() == pytest.approx(47.353713, abs=1e-5)
    assert first["occurred_from"].toUTC().toString("yyyy-MM-dd HH:mm") == "2020-06-30 15:00"
    assert first["category"] == "firing/explosion" and first["incident_id"] == "events:7"
    assert second["geometry"].isEmpty()


def test_an_open_layer_is_read_in_a_task_of_another_thread(provider, tmp_path):
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=date:string&field=no:int", "many", "memory")
    made = []
    for number in range(3000):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(["2021-01-01", number])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(37 + number / 1e4, 48)))
        made.append(feature)
    layer.dataProvider().addFeatures(made)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("ceasefire:importincidents")
    context, feedback, answers = QgsProcessingContext(), QgsProcessingFeedback(), []
    out = str(tmp_path / "out.gpkg")
    parameters = {"INPUT": layer, "OUTPUT": out}
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    task.executed.connect(lambda fine, results: answers.append((fine, results)))
    loop = QEventLoop()
    task.executed.connect(loop.quit)
    QgsApplication.taskManager().addTask(task)
    QTimer.singleShot(30_000, loop.quit)
    loop.exec()
    assert answers and answers[0][0], feedback.textLog()
    assert answers[0][1]["IMPORTED"] == 3000
    assert len(features(out)) == 3000


def test_cancelling_leaves_nothing_behind(provider, smm, tmp_path):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("ceasefire:importincidents")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    feedback.cancel()
    parameters = {
        "INPUT": str(smm),
        "OUTPUT": str(tmp_path / "out.gpkg"),
        "LEDGER": str(tmp_path / "ledger.gpkg"),
    }
    _, fine = algorithm.run(parameters, context, feedback)
    assert not fine
    assert [path.name for path in tmp_path.iterdir()] == [smm.name]


def test_a_project_layer_is_found_by_its_name(do, provider):
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=date:string", "my events", "memory")
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["2021-01-01"])
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    try:
        assert do("my events")["IMPORTED"] == 1
    finally:
        QgsProject.instance().removeMapLayer(layer.id())


def test_a_path_is_read_raw_even_where_qgis_has_loaded_it(provider, tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes("date,place\n2020-01-01,Älder\n2020-01-02,Birch\n".encode("cp1252"))
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("ceasefire:importincidents")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    parameters = {"INPUT": str(path), "OUTPUT": str(tmp_path / "out.gpkg")}
    assert QgsProcessingUtils.mapLayerFromString(str(path), context, True) is not None
    assert QgsProcessingUtils.mapLayerFromString(str(path), context, False) is not None
    _, fine = algorithm.run(parameters, context, feedback)
    assert fine, feedback.textLog()
    assert [one["place"] for one in features(parameters["OUTPUT"])] == ["Älder", "Birch"]


def test_a_filtered_source_of_qgis_is_read_through_a_layer(do, tmp_path):
    out = tmp_path / "both.gpkg"
    path = tmp_path / "a.csv"
    path.write_text("date,place\n2020-01-01,Alder\n2020-01-02,Birch\n", encoding="utf-8")
    do(str(path), OUTPUT=str(out))
    result = do(f"{out}|layername=both|subset=\"place\" = 'Birch'")
    assert result["ROWS"] == 1


def test_a_layer_without_crs_and_with_metres_is_refused(do):
    layer = QgsVectorLayer("Point?field=date:string", "no crs", "memory")
    layer.setCrs(type(layer.crs())())
    feature = QgsFeature(layer.fields())
    feature.setAttributes(["2021-01-01"])
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(4_000_000, 6_000_000)))
    layer.dataProvider().addFeatures([feature])
    layer.updateExtents()
    with pytest.raises(QgsProcessingException, match="coordinate system"):
        do(layer)


def test_positions_are_found_among_posts(do, tmp_path, smm):
    posts = tmp_path / "posts.geojson"
    posts.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"name": "Alder"},
                        "geometry": {"type": "Point", "coordinates": [37.5, 47.5]},
                    }
                ],
            }
        )
    )
    table = tmp_path / "named_2020.csv"
    table.write_text(
        'Position,Event location,No.,Observation,"Date, time"\n'
        'SMM camera at Alder,2km E,1,Explosion,"13-Oct, 18:47"\n',
        encoding="utf-8",
    )
    found = features(do(str(table), POSTS=str(posts))["OUTPUT"])[0]
    assert found["geometry"].asPoint().x() == pytest.approx(37.5266, abs=2e-3)
    assert found["occurred_from"].date().year() == 2020


def test_the_ledger_takes_incidents_observations_posts_effort_and_the_fetch(do, smm, tmp_path):
    ledger = tmp_path / "ledger.gpkg"
    first = do(str(smm), LEDGER=str(ledger), TIMEZONE="Europe/Vienna")
    assert first["LEDGER"] == str(ledger)
    assert (first["ADDED"], first["CHANGED"], first["UNCHANGED"]) == (2, 0, 0)
    counts = {
        name: QgsVectorLayer(f"{ledger}|layername={name}", name, "ogr").featureCount()
        for name in ("incidents", "observations", "posts", "effort", "fetches")
    }
    assert counts == {"incidents": 2, "observations": 2, "posts": 2, "effort": 1, "fetches": 1}
    fetch = next(
        QgsVectorLayer(f"{ledger}|layername=fetches", "f", "ogr").getFeatures(QgsFeatureRequest())
    )
    import hashlib

    assert fetch["sha256"] == hashlib.sha256(SMM.encode()).hexdigest()
    assert (fetch["rows"], fetch["imported"], fetch["effort"], fetch["rejected"]) == (4, 2, 1, 1)


def test_importing_the_same_file_again_changes_nothing(do, smm, tmp_path):
    ledger = tmp_path / "ledger.gpkg"
    do(str(smm), LEDGER=str(ledger))
    again = do(str(smm), LEDGER=str(ledger))
    assert (again["ADDED"], again["CHANGED"], again["UNCHANGED"]) == (0, 0, 2)
    layer = QgsVectorLayer(f"{ledger}|layername=incident_history", "h", "ogr")
    assert layer.featureCount() == 2


@pytest.mark.real_data
def test_the_newer_ucdp_release_over_the_older(do, real_data, tmp_path):
    folder = real_data / "ucdp_ukraine"
    ledger = tmp_path / "ledger.gpkg"
    zone = {"TIMEZONE": "Europe/Kyiv", "LEDGER": str(ledger)}
    older = do(str(folder / "ucdp_ged_ukraine_2014-2021_isoT_dates.csv"), **zone)
    newer = do(str(folder / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"), **zone)
    assert older["ADDED"] == 3000 and newer["ADDED"] == 79 and newer["NOT_SEEN"] == 2
    assert newer["CHANGED"] + newer["UNCHANGED"] == 2998
    assert newer["CHANGED"] < 60


BAD = {
    "empty.csv": (b"", "empty"),
    "binary.csv": (bytes(range(256)) * 40, "not a text table"),
    "undated.csv": (b"place,kind\nAlder,explosion\n", "no date"),
    "header.csv": (b"date,latitude,longitude\n", "no rows"),
    "broken.xlsx": (b"PK\x03\x04 this is none", "spreadsheet"),
    "broken.geojson": (b'{"type": "FeatureColl', "cannot be read|not a table"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_files_give_one_sentence_and_no_output(do, tmp_path, name):
    content, words = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    out, ledger = tmp_path / "out.gpkg", tmp_path / "ledger.gpkg"
    with pytest.raises(QgsProcessingException, match=words) as caught:
        do(str(path), OUTPUT=str(out), LEDGER=str(ledger))
    assert "Traceback" not in str(caught.value)
    assert sorted(item.name for item in tmp_path.iterdir()) == [name]


def test_a_folder_a_missing_file_and_wrong_words_give_sentences(do, smm, tmp_path):
    for source, words in ((str(tmp_path), "folder"), (str(tmp_path / "none.csv"), "no file")):
        with pytest.raises(QgsProcessingException, match=words):
            do(source)
    with pytest.raises(QgsProcessingException, match="time zone"):
        do(str(smm), TIMEZONE="Mars/Olympus")
    with pytest.raises(QgsProcessingException, match="JSON"):
        do(str(smm), MAPPING="{date")
    with pytest.raises(QgsProcessingException, match="Nowhere"):
        do(str(smm), MAPPING='{"occurred_from": "Nowhere"}')


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_gives_a_sentence(do, smm, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(QgsProcessingException, match="written"):
        do(str(smm), OUTPUT=str(folder / "out.gpkg"))


def test_an_empty_time_zone_is_the_ledgers(run, tmp_path):
    ledger, table = str(tmp_path / "ledger.gpkg"), tmp_path / "day.csv"
    table.write_text("id,date,latitude,longitude\n1,2025-07-02,41.2,-40.1\n", encoding="utf-8")
    run("ceasefire:createledger", LEDGER=ledger, TIMEZONE="Atlantic/Azores")
    run("ceasefire:importincidents", INPUT=str(table), LEDGER=ledger)
    kept = QgsVectorLayer(f"{ledger}|layername=incidents", "incidents", "ogr")
    began = next(kept.getFeatures())["occurred_from"].toUTC().toString("yyyy-MM-dd HH:mm")
    assert began == "2025-07-02 00:00"
    run("ceasefire:createledger", LEDGER=str(tmp_path / "east.gpkg"), TIMEZONE="Asia/Tashkent")
    run("ceasefire:importincidents", INPUT=str(table), LEDGER=str(tmp_path / "east.gpkg"))
    kept = QgsVectorLayer(f"{tmp_path / 'east.gpkg'}|layername=incidents", "incidents", "ogr")
    began = next(kept.getFeatures())["occurred_from"].toUTC().toString("yyyy-MM-dd HH:mm")
    assert began == "2025-07-01 19:00"


def test_a_time_zone_beside_the_ledgers_own_is_warned_of(provider, tmp_path):
    import processing
    from qgis.core import QgsProcessingFeedback

    feedback = QgsProcessingFeedback(False)
    ledger, table = str(tmp_path / "ledger.gpkg"), tmp_path / "day.csv"
    table.write_text("id,date,latitude,longitude\n1,2025-07-02,41.2,-40.1\n", encoding="utf-8")
    processing.run("ceasefire:createledger", {"LEDGER": ledger, "TIMEZONE": "Asia/Tashkent"})
    processing.run(
        "ceasefire:importincidents",
        {"INPUT": str(table), "LEDGER": ledger, "TIMEZONE": "UTC"},
        feedback=feedback,
    )
    assert "Times are read in UTC, but the ledger's theatre is in Asia/Tashkent" in (
        feedback.textLog()
    )
