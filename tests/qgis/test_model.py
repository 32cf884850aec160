"""The shipped model: it loads whole, can be read in the designer, and goes from feed to brief."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "resources" / "demo"
MODEL = "ceasefire:incidents_to_brief"


@pytest.fixture(scope="module")
def model(provider):
    from qgis.core import QgsApplication

    return QgsApplication.processingRegistry().createAlgorithmById(MODEL)


@pytest.fixture(scope="module")
def lines(provider, tmp_path_factory):
    """The demo's contact lines, in a file."""
    import processing

    path = tmp_path_factory.mktemp("lines") / "lines.gpkg"
    processing.run(
        "ceasefire:linefromcontrol",
        {
            "INPUT": str(DEMO / "control_areas.geojson"),
            "THEATRE": str(DEMO / "theatre.geojson"),
            "PARTY_FIELD": "holder",
            "UNCERTAINTY": 150,
            "TIMEZONE": "Atlantic/Azores",
            "OUTPUT": str(path),
        },
    )
    return str(path)


def test_the_provider_shows_the_model_with_all_its_steps(model):
    assert model is not None
    children = model.childAlgorithms()
    assert {child.algorithmId() for child in children.values()} == {
        "ceasefire:importincidents",
        "ceasefire:flagincidents",
        "ceasefire:brief",
    }
    assert all(child.algorithm() is not None for child in children.values())
    valid, issues = model.validate()
    assert valid, issues


def test_every_source_of_a_step_is_a_parameter_that_the_step_has(model):
    for child in model.childAlgorithms().values():
        names = {definition.name() for definition in child.algorithm().parameterDefinitions()}
        assert set(child.parameterSources()) <= names


def test_the_script_makes_the_same_model_again(model):
    import importlib.util

    path = ROOT / "resources" / "models" / "make_models.py"
    spec = importlib.util.spec_from_file_location("make_models", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.incidents_to_brief()
    for name, child in made.childAlgorithms().items():
        shipped = model.childAlgorithm(name)
        assert shipped.algorithmId() == child.algorithmId()
        assert shipped.parameterSources().keys() == child.parameterSources().keys()
        assert shipped.position() == child.position()
    assert [p.name() for p in made.parameterDefinitions()] == [
        p.name() for p in model.parameterDefinitions()
    ]


def test_its_boxes_do_not_cover_each_other(model):
    from qgis.PyQt.QtCore import QRectF

    boxes = [*model.childAlgorithms().values(), *model.parameterComponents().values()]
    for child in model.childAlgorithms().values():
        boxes.extend(child.modelOutputs().values())
    rectangles = []
    for box in boxes:
        middle, size = box.position(), box.size()
        rectangles.append(
            QRectF(
                middle.x() - size.width() / 2,
                middle.y() - size.height() / 2,
                size.width(),
                size.height(),
            )
        )
    for index, one in enumerate(rectangles):
        assert not any(one.intersects(other) for other in rectangles[:index]), index


def test_every_input_has_its_help(model):
    for definition in model.parameterDefinitions():
        if not definition.isDestination():
            assert definition.help(), definition.name()


def test_a_feed_of_the_demo_becomes_a_brief(run, lines, tmp_path):
    folder = tmp_path / "brief"
    flagged = tmp_path / "flagged.gpkg"
    run(
        MODEL,
        feed=str(DEMO / "third_party.csv"),
        preset="auto",
        timezone="Atlantic/Azores",
        lines=lines,
        distance=5000,
        zones=str(DEMO / "zones.geojson"),
        flagged=str(flagged),
        brief_folder=str(folder),
    )
    assert (folder / "brief.pdf").stat().st_size > 10_000
    assert (folder / "annex.gpkg").is_file()
    from osgeo import ogr

    dataset = ogr.Open(str(flagged))
    layer = dataset.GetLayer(0)
    rows = (DEMO / "third_party.csv").read_text(encoding="utf-8").count("\n") - 1
    assert layer.GetFeatureCount() == rows
    assert {feature["flag"] for feature in layer} >= {"near", "possible", "not_located"}


def test_positions_by_name_are_found_among_the_posts(run, lines, tmp_path):
    run(
        MODEL,
        feed=str(DEMO / "violations_2025.csv"),
        preset="smm",
        timezone="Atlantic/Azores",
        posts=str(DEMO / "posts.csv"),
        lines=lines,
        period_from="2025-11-01",
        period_to="2025-11-30",
        flagged=str(tmp_path / "flagged.gpkg"),
        brief_folder=str(tmp_path / "brief"),
    )
    assert (tmp_path / "brief" / "brief.pdf").is_file()


def test_a_feed_that_cannot_be_read_gives_a_sentence_and_no_brief(run, lines, tmp_path):
    from qgis.core import QgsProcessingException

    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(QgsProcessingException):
        run(
            MODEL,
            feed=str(empty),
            timezone="UTC",
            lines=lines,
            flagged="TEMPORARY_OUTPUT",
            brief_folder=str(tmp_path / "brief"),
        )
    assert not (tmp_path / "brief").exists()


def test_the_registered_model_knows_its_outputs(provider):
    model = provider.algorithm("incidents_to_brief")
    names = {definition.name() for definition in model.destinationParameterDefinitions()}
    assert {"flagged", "rejected", "brief_folder"} <= names


def test_the_model_offers_every_preset_of_the_import(model):
    from ceasefire_monitor.processing.incidents.importparameters import PRESETS

    assert model.parameterDefinition("preset").options() == list(PRESETS)
