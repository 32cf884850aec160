"""``ceasefire:makedemo`` makes a ledger, a brief and a project, again and again."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
import zipfile
from pathlib import Path

import pytest

MADE = (
    "ledger.gpkg",
    "brief/brief.pdf",
    "brief/annex.gpkg",
    "brief/incidents.csv",
    "brief/manifest.json",
    "demo.qgz",
)


@pytest.fixture(scope="module")
def demo(provider, tmp_path_factory):
    """The folder of one run, how long it took, and what the algorithm returned."""
    import processing

    folder = tmp_path_factory.mktemp("made") / "a demo"
    started = time.monotonic()
    results = processing.run("ceasefire:makedemo", {"OUTPUT_FOLDER": str(folder)})
    return folder, time.monotonic() - started, results


@pytest.fixture(scope="module")
def ledger(demo):
    """The ledger, opened to read."""
    connection = sqlite3.connect(f"file:{demo[0] / 'ledger.gpkg'}?mode=ro", uri=True)
    yield connection
    connection.close()


def one(connection, query):
    return connection.execute(query).fetchone()[0]


def test_everything_is_made_and_named_in_the_results(demo):
    folder, seconds, results = demo
    for name in MADE:
        assert (folder / name).stat().st_size > 500, name
    assert results["LEDGER"] == str(folder / "ledger.gpkg")
    assert results["BRIEF"] == str(folder / "brief" / "brief.pdf")
    assert results["ANNEX"] == str(folder / "brief" / "annex.gpkg")
    assert results["PROJECT"] == str(folder / "demo.qgz")
    assert seconds < 60


def test_nothing_is_left_beside(demo):
    folder = demo[0]
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert sorted(path.name for path in folder.iterdir()) == [
        "agreement.json",
        "agreement_zones.gpkg",
        "background",
        "brief",
        "demo.qgz",
        "kilometres.gpkg",
        "ledger.gpkg",
    ]


def test_the_ledger_holds_every_feed_with_its_findings(ledger):
    incidents = one(ledger, "SELECT count(*) FROM incidents")
    assert incidents == one(ledger, "SELECT sum(imported) FROM fetches")
    assert one(ledger, "SELECT count(*) FROM fetches") == 4
    assert one(ledger, "SELECT count(DISTINCT incident_id) FROM findings") == incidents
    flags = dict(
        ledger.execute("SELECT flag, count(*) FROM findings WHERE rule IS NULL GROUP BY flag")
    )
    assert set(flags) == {"near", "possible", "far", "not_located"}
    assert flags["not_located"] == one(ledger, "SELECT count(*) FROM incidents WHERE geom IS NULL")


def test_the_agreement_is_in_the_ledger_and_its_rules_are_checked(demo, ledger):
    assert one(ledger, "SELECT count(*) FROM agreements") == 1
    verdicts = dict(
        ledger.execute("SELECT verdict, count(*) FROM findings WHERE rule IS NOT NULL GROUP BY 1")
    )
    assert {"breaks", "possible", "complies", "exempt"} <= set(verdicts)
    # The live-fire exercises are exempt outside the security zone, and only there.
    exempt = ledger.execute(
        "SELECT DISTINCT i.circumstance FROM findings f JOIN incidents i USING (incident_id) "
        "WHERE f.verdict = 'exempt'"
    ).fetchall()
    assert {row[0] for row in exempt} <= {"live_fire_exercise", "controlled_explosion", "demining"}
    sentences = ledger.execute("SELECT finding FROM findings WHERE rule IS NOT NULL").fetchall()
    assert all(text.startswith("Clause ") and text.endswith(".") for (text,) in sentences)


def test_the_line_moves_twice_and_splits_where_nobody_holds_the_land(ledger):
    moved = ledger.execute(
        "SELECT valid_from, valid_to FROM contact_lines WHERE line_name = 'Aster – Borea' "
        "ORDER BY valid_from"
    ).fetchall()
    # Local midnights: an hour later in UTC after the clocks went back.
    assert [row[0][:16] for row in moved] == [
        "2025-09-01T00:00",
        "2025-10-06T00:00",
        "2025-11-03T01:00",
    ]
    assert [row[1] and row[1][:16] for row in moved] == [
        "2025-10-06T00:00",
        "2025-11-03T01:00",
        None,
    ]
    forward = one(ledger, "SELECT count(*) FROM contact_lines WHERE line_name LIKE '%forward%'")
    assert forward == 2
    fronts = {row[0] for row in ledger.execute("SELECT front FROM contact_lines")}
    assert fronts == {"Aster – Borea", "Aster – Calder", "Borea – Calder"}


def test_every_post_keeps_its_kind_and_its_point(ledger):
    kinds = dict(ledger.execute("SELECT kind, count(*) FROM posts GROUP BY kind"))
    assert kinds == {"patrol_base": 4, "observation_post": 8, "camera": 6}
    assert one(ledger, "SELECT count(*) FROM posts WHERE geom IS NULL") == 0


def test_the_storm_is_not_observed_and_its_claims_have_no_observer(demo):
    manifest = json.loads((demo[0] / "brief" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["figures"]["days_not_observed"] == ["2025-11-18", "2025-11-19"]
    assert manifest["figures"]["claims_nobody_could_observe"] == 2


def test_the_project_opens_with_relative_paths_also_after_a_move(demo, tmp_path):
    from qgis.core import QgsProject

    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for path in demo[0].rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(demo[0])
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    with zipfile.ZipFile(folder / "demo.qgz") as archive:
        text = archive.read("demo.qgs").decode("utf-8")
    assert str(demo[0].parent) not in text
    project = QgsProject()
    assert project.read(str(folder / "demo.qgz"))
    layers = {layer.name(): layer for layer in project.mapLayers().values()}
    assert all(layer.isValid() for layer in layers.values())
    assert all(str(folder) in layer.source() for layer in layers.values())
    assert {"Incidents", "Posts", "Sites", "Zones", "Places", "Coast"} <= set(layers)
    assert layers["Incidents"].featureCount() > 300
    assert layers["Zones and limits"].featureCount() == 18
    assert layers["Kilometres of the line"].featureCount() > 180
    assert project.customVariables()["ceasefire_agreement"] == "agreement.json"
    assert layers["Contact lines in force"].featureCount() == 5
    assert layers["Areas of control now"].featureCount() == 3
    assert layers["Incidents"].temporalProperties().isActive()
    assert "Orvenna" in project.title()
    assert not project.viewSettings().defaultViewExtent().isNull()
    project.clear()


def test_the_map_of_the_project_shows_land_and_incidents(demo):
    """The island covers a good part of the picture, and every style draws something."""
    from qgis.core import (
        QgsCoordinateTransform,
        QgsMapRendererSequentialJob,
        QgsMapSettings,
        QgsProject,
    )
    from qgis.PyQt.QtCore import QSize

    project = QgsProject()
    assert project.read(str(demo[0] / "demo.qgz"))
    extent = project.viewSettings().defaultViewExtent()
    settings = QgsMapSettings()
    settings.setDestinationCrs(project.crs())
    settings.setLayers(project.layerTreeRoot().layerOrder())
    settings.setBackgroundColor(project.backgroundColor())
    settings.setOutputSize(QSize(400, 400))
    to_map = QgsCoordinateTransform(extent.crs(), project.crs(), project)
    settings.setExtent(to_map.transformBoundingBox(extent))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    assert list(job.errors()) == []
    image = job.renderedImage()
    sea = project.backgroundColor().rgb()
    wet = sum(image.pixel(x, y) == sea for x in range(0, 400, 4) for y in range(0, 400, 4))
    assert 0.2 < wet / 10_000 < 0.8
    colours = {image.pixel(x, y) for x in range(400) for y in range(400)}
    assert len(colours) > 200
    project.clear()


def test_a_second_run_replaces_the_first_and_keeps_other_files(demo, run):
    folder = demo[0]
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    before = (folder / "demo.qgz").stat().st_mtime_ns
    results = run("ceasefire:makedemo", OUTPUT_FOLDER=str(folder))
    assert Path(results["LEDGER"]).is_file()
    assert (folder / "demo.qgz").stat().st_mtime_ns > before
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "mine"
    (folder / "mine.txt").unlink()
    for name in MADE:
        assert (folder / name).is_file()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_stopping_leaves_nothing(provider, tmp_path):
    import processing
    from qgis.core import QgsProcessingException, QgsProcessingFeedback

    class StopsSoon(QgsProcessingFeedback):
        def pushInfo(self, info):
            if "importing" in info:
                self.cancel()

    with pytest.raises(QgsProcessingException):
        processing.run(
            "ceasefire:makedemo", {"OUTPUT_FOLDER": str(tmp_path / "demo")}, feedback=StopsSoon()
        )
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_gives_one_sentence(run, tmp_path):
    from qgis.core import QgsProcessingException

    (tmp_path / "demo").write_text("a file", encoding="utf-8")
    with pytest.raises(QgsProcessingException) as error:
        run("ceasefire:makedemo", OUTPUT_FOLDER=str(tmp_path / "demo"))
    assert "demo" in str(error.value) and "Traceback" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_gives_one_sentence(run, tmp_path):
    from qgis.core import QgsProcessingException

    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(QgsProcessingException):
        run("ceasefire:makedemo", OUTPUT_FOLDER=str(closed / "demo"))
    assert list(closed.iterdir()) == []


def test_its_feed_is_paused_and_in_step_with_what_was_imported(run, demo):
    folder = demo[0]
    copy = folder.parent / "fetched.gpkg"
    shutil.copyfile(folder / "ledger.gpkg", copy)
    assert run("ceasefire:fetchallfeeds", LEDGER=str(copy))["SKIPPED"] == 1
    done = run("ceasefire:fetchfeed", LEDGER=str(copy), FEED="Third party")
    assert (done["ADDED"], done["CHANGED"], done["WITHDRAWN"], done["COMPLETE"]) == (0, 0, 0, 1)
    assert done["UNCHANGED"] > 0
