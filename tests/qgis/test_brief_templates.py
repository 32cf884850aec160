"""The user's own templates: found in the profile, used, and named where one is gone."""

from __future__ import annotations

import hashlib
import json

import pytest

from ceasefire_monitor.model.errors import CeasefireError


@pytest.fixture
def own(provider):
    """A template of the user's own: the shipped one with another bar on its cover."""
    from ceasefire_monitor.reports.layout.template_files import SHIPPED, own_folder

    folder = own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "my_mission.qpt"
    text = (SHIPPED / "brief_a4_portrait.qpt").read_text(encoding="utf-8")
    path.write_text(text.replace('id="cover.kicker"', 'id="cover.gone"'), encoding="utf-8")
    yield path
    path.unlink()


@pytest.fixture
def ledger(provider, tmp_path):
    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.incident import Incident
    from ceasefire_monitor.reports.period import clock, moment, theatre_zone

    when = moment("2031-03-05T10:00", theatre_zone("UTC"), clock(None))
    row = Incident("one", origin="media", category="firing/burst", occurred_from=when)
    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path, {"timezone": "UTC"}) as made:
        made.write_records("incidents", [row], None, "test")
    return path


def run(ledger, folder, template):
    import processing

    asked = {"LEDGER": str(ledger), "TEMPLATE": template, "OUTPUT_FOLDER": str(folder)}
    return processing.run("ceasefire:brief", asked)


def test_a_template_in_the_profile_is_offered_and_used(own, ledger, tmp_path):
    from qgis.core import QgsApplication

    algorithm = QgsApplication.processingRegistry().createAlgorithmById("ceasefire:brief")
    names = algorithm.parameterDefinition("TEMPLATE").options()
    assert {"brief_a4_portrait", "my_mission"} <= set(names)
    run(ledger, tmp_path / "own", "my_mission")
    manifest = json.loads((tmp_path / "own" / "manifest.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(own.read_bytes()).hexdigest()
    assert manifest["options"]["template"] == "my_mission"
    assert manifest["options"]["template_sha256"] == digest


def test_a_template_that_is_gone_is_named_with_those_there_are(provider):
    from ceasefire_monitor.reports.layout.template_files import template_path

    with pytest.raises(CeasefireError, match="choose one of: brief_a4_portrait"):
        template_path("my_mission")


@pytest.mark.parametrize(
    "paper",
    "a4_portrait a4_landscape a3_portrait a3_landscape letter_portrait letter_landscape".split(),
)
def test_on_every_paper_all_items_lie_on_the_page_and_none_covers_another_area(provider, paper):
    from qgis.core import QgsProject

    from ceasefire_monitor.reports.layout.brief_layout import Template
    from ceasefire_monitor.reports.layout.paper import PAPERS
    from ceasefire_monitor.reports.layout.template_files import template_path

    template = Template(template_path("brief_a4_portrait"), QgsProject(), paper)
    width, height = PAPERS[paper]
    for master, growing in (("cover", "cover.area"), ("map", "map.map"), ("text", "text.area")):
        assert template.size(master) == pytest.approx((width, height))
        area = template.area(growing)
        assert area.height() >= 50
        for item in template.of_page(master):
            box = template.area(item.id())
            assert box.left() >= -0.5, item.id()
            assert box.right() <= width + 0.5, item.id()
            assert box.bottom() <= height + 0.5, item.id()
    below = template.area("map.note")
    assert below.top() >= template.area("map.map").bottom() - 0.5


def test_the_pages_of_the_pdf_have_the_size_of_the_paper(ledger, tmp_path):
    import processing
    from osgeo import gdal

    asked = {"LEDGER": str(ledger), "PAPER": "letter_portrait"}
    made = processing.run("ceasefire:brief", {**asked, "OUTPUT_FOLDER": str(tmp_path / "made")})
    picture = gdal.OpenEx(made["PDF"], gdal.OF_RASTER, open_options=["DPI=72"])
    if picture is None:
        pytest.skip("this GDAL reads no PDF")
    # 215.9 × 279.4 mm are 612 × 792 points.
    assert abs(picture.RasterXSize - 612) <= 1
    assert abs(picture.RasterYSize - 792) <= 1
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"]["paper"] == "letter_portrait"
