"""Outputs appear whole or not at all, and what goes wrong reaches the user as one sentence."""

from __future__ import annotations

import os

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterString,
    QgsProcessingProvider,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.tables import SITES
from ceasefire_monitor.processing.base import CeasefireAlgorithm
from ceasefire_monitor.processing.fields import WGS84, qgis_fields


class Write(CeasefireAlgorithm):
    """Writes three points, then ends as it is told."""

    NAME = TITLE = GROUP = GROUP_ID = HELP = "write"

    def initAlgorithm(self, config=None):
        self.addParameter(QgsProcessingParameterString("END", "End", "well"))
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", "Output"))

    def work(self, parameters, context, feedback, outputs):
        sink, destination = outputs.sink(
            "OUTPUT", qgis_fields(SITES.fields), QgsWkbTypes.Type.Point, WGS84
        )
        for number in range(3):
            feature = QgsFeature(qgis_fields(SITES.fields))
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(number, 50)))
            feature.setAttribute("site_id", f"site {number}")
            assert sink.addFeature(feature)
        endings = {
            "sentence": CeasefireError("The table has no date: name its column in MAPPING."),
            "disk": OSError(28, "No space left on device", "/far/away.gpkg"),
            "defect": ZeroDivisionError("secret name of a witness"),
        }
        if parameters["END"] in endings:
            raise endings[parameters["END"]]
        return {"OUTPUT": destination}


class Provider(QgsProcessingProvider):
    def id(self):
        return "trial"

    def name(self):
        return "Trial"

    def loadAlgorithms(self):
        self.addAlgorithm(Write())


@pytest.fixture(scope="module")
def trial(provider):
    from qgis.core import QgsApplication

    registered = Provider()
    QgsApplication.processingRegistry().addProvider(registered)
    yield registered
    QgsApplication.processingRegistry().removeProvider(registered)


@pytest.mark.parametrize("name", ["out.gpkg", "out.geojson", "out.csv", "ظل с пробелом.gpkg"])
def test_a_finished_output_has_its_final_name_and_nothing_beside_it(trial, run, tmp_path, name):
    path = tmp_path / name
    result = run("trial:write", END="well", OUTPUT=str(path))
    assert result["OUTPUT"] == str(path)
    assert [item.name for item in tmp_path.iterdir()] == [name]
    layer = QgsVectorLayer(str(path), "out", "ogr")
    assert layer.isValid() and layer.featureCount() == 3


@pytest.mark.parametrize("destination", ["memory:", "TEMPORARY_OUTPUT"])
def test_a_temporary_output_works_too(trial, run, destination):
    layer = run("trial:write", END="well", OUTPUT=destination)["OUTPUT"]
    assert layer.featureCount() == 3


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("sentence", "name its column in MAPPING"),
        ("disk", "No space left on device"),
        ("defect", "ZeroDivisionError"),
    ],
)
def test_a_failure_leaves_nothing_behind_and_says_one_sentence(trial, run, tmp_path, end, words):
    with pytest.raises(QgsProcessingException) as error:
        run("trial:write", END=end, OUTPUT=str(tmp_path / "out.gpkg"))
    assert words in str(error.value)
    assert "Traceback" not in str(error.value)
    assert "secret name" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_output_that_was_there(trial, run, tmp_path):
    path = tmp_path / "out.gpkg"
    run("trial:write", END="well", OUTPUT=str(path))
    before = path.read_bytes()
    with pytest.raises(QgsProcessingException):
        run("trial:write", END="sentence", OUTPUT=str(path))
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_named(trial, run, tmp_path):
    file = tmp_path / "a file"
    file.write_text("not a folder")
    with pytest.raises(QgsProcessingException) as error:
        run("trial:write", END="well", OUTPUT=os.path.join(file, "out.gpkg"))
    assert "a file" in str(error.value)
