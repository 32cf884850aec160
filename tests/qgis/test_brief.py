"""The brief, printed in real QGIS: pages, texts, rows, annex, and what bad input gives."""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import itertools
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import datetime, time, timezone
from pathlib import Path

import pytest
from osgeo import ogr
from shapely.geometry import LineString, box

from ceasefire_monitor.feeds.importer import ImportResult
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.reports.period import period_of, theatre_zone

_SPEC = importlib.util.spec_from_file_location(
    "brief_theatre", Path(__file__).resolve().parent.parent / "brief_theatre.py"
)
brief_theatre = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("brief_theatre", brief_theatre)
_SPEC.loader.exec_module(brief_theatre)

PERIOD = period_of("2031-03-03", "2031-03-16", [], theatre_zone("Atlantic/Azores"), time(0))
FILES = {"brief.pdf", "annex.gpkg", "incidents.csv", "manifest.json"}


def options(**changes):
    from ceasefire_monitor.reports.brief import BriefOptions

    values = {
        "period": PERIOD,
        "title": "Situation along the line",
        "theatre": "Vell theatre",
        "created": datetime(2031, 3, 17, 7, tzinfo=timezone.utc),
        **changes,
    }
    return BriefOptions(**values)


def make(folder, material=None, **changes):
    from ceasefire_monitor.reports.brief import make_brief

    return make_brief(material or brief_theatre.theatre(), options(**changes), folder)


def text_of(path, page=None):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    pages = ["-f", str(page), "-l", str(page)] if page else []
    done = subprocess.run(
        ["pdftotext", "-layout", *pages, str(path), "-"], capture_output=True, check=True
    )
    # Fonts with ligatures write “fi” as one character.
    return unicodedata.normalize("NFKC", done.stdout.decode("utf-8"))


@pytest.fixture(scope="module")
def printed(qgis_app, tmp_path_factory):
    """One brief of the fictional theatre, made once."""
    folder = tmp_path_factory.mktemp("brief") / "made"
    return make(folder)


@pytest.fixture
def ledger(qgis_app, tmp_path):
    """The fictional theatre as a ledger."""
    from ceasefire_monitor.ledger.geopackage import Ledger

    material = brief_theatre.theatre()
    path = tmp_path / "ledger.gpkg"
    settings = {"theatre": "Vell theatre", "timezone": "Atlantic/Azores"}
    with Ledger.create(path, settings) as made:
        incidents = [entry.incident for entry in material.entries]
        made.write_records("incidents", incidents, None, "test")
        observations = [item for entry in material.entries for item in entry.observations]
        made.write_records("observations", observations, None, "test")
        for name, records in (
            ("contact_lines", material.lines),
            ("zones", material.zones),
            ("sites", material.sites),
            ("control_areas", material.control),
            ("posts", material.posts),
            ("effort", material.effort),
        ):
            made.write_records(name, records, None, "test")
        made.write_findings([entry.finding for entry in material.entries])
    return path


def test_the_folder_has_its_four_files_and_the_pdf_its_pages(printed):
    folder = printed.files["PDF"].parent
    assert {path.name for path in folder.iterdir()} == FILES
    text = text_of(printed.files["PDF"])
    assert text.count("\f") == printed.pages
    for number in range(1, printed.pages + 1):
        assert f"Page {number} of {printed.pages}" in text_of(printed.files["PDF"], number)
    assert not list(folder.parent.glob(".*"))


def test_the_pages_say_what_a_reader_needs(printed):
    text = " ".join(text_of(printed.files["PDF"]).split())
    for words in (
        "Situation along the line",
        "Vell theatre",
        "3 Mar 2031 to 16 Mar 2031",
        "Atlantic/Azores",
        "RESTRICTED",
        "imply no endorsement",
        "Lines are approximate (± 150 m",
        "Scale 1 :",
        "Numbered incidents",
        "Incidents without a place",
        "Observation effort",
        "not observed",
        "What is not known",
        "1 confidential site is left out",
        "Method",
        "Gazette of Vell, CC BY 4.0",
    ):
        assert words in text, words
    assert "violation" not in text.lower()


def test_every_row_is_on_a_page_with_its_number_and_its_finding(printed):
    text = text_of(printed.files["PDF"])
    joined = " ".join(text.split())
    for entry in printed.figures.entries:
        local = entry.when.astimezone(PERIOD.zone)
        day = f"{local.day} Mar"
        assert re.search(rf"^\s*{entry.number} +{day}", text, re.MULTILINE), entry.number
        if entry.located:
            assert entry.finding.finding in joined


def test_annex_and_csv_have_the_briefs_rows_in_its_order(printed):
    numbers = sorted(entry.number for entry in printed.figures.entries)
    with printed.files["CSV"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["number"]) for row in rows] == numbers
    dataset = ogr.Open(str(printed.files["ANNEX"]))
    layer = dataset.GetLayerByName("incidents")
    assert [feature.GetField("number") for feature in layer] == numbers
    located = {entry.number for entry in printed.figures.entries if entry.located}
    layer.ResetReading()
    assert {item.GetField("number") for item in layer if item.GetGeometryRef()} == located
    one = next(row for row in rows if row["number"] == "1")
    entry = next(item for item in printed.figures.entries if item.number == 1)
    assert float(one["longitude"]) == entry.incident.longitude
    assert one["occurred_from"] == entry.when.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert one["finding"] == entry.finding.finding


def test_a_restricted_brief_holds_no_id_or_address_of_a_source(printed, tmp_path):
    import sqlite3

    for name in ("CSV", "MANIFEST"):
        text = printed.files[name].read_text(encoding="utf-8")
        assert "secret-" not in text and "example.org" not in text
        assert "demo:" not in text
    with sqlite3.connect(printed.files["ANNEX"]) as annex:
        dump = "\n".join(str(row) for row in annex.execute("select * from incidents"))
        names = [row[1] for row in annex.execute("pragma table_info(incidents)")]
        sites = [row[0] for row in annex.execute("select site_name from sites")]
    assert "secret-" not in dump and "source_id" not in names and "incident_id" not in names
    assert "Hidden shelter" not in sites
    from ceasefire_monitor.reports.release import Release

    open_brief = make(tmp_path / "open", release=Release.CONFIDENTIAL)
    assert "secret-1" in open_brief.files["CSV"].read_text(encoding="utf-8")


def test_the_manifest_names_every_figure_and_the_hashes_of_the_files(printed):
    import hashlib

    manifest = json.loads(printed.files["MANIFEST"].read_text(encoding="utf-8"))
    assert manifest["figures"]["incidents"] == len(printed.figures.entries)
    own = manifest["figures"]["sources"][0]
    assert own["origin"] == "own_observation"
    assert own["now"]["low"] == printed.figures.own.now.low
    assert manifest["options"]["timezone"] == "Atlantic/Azores"
    for name, digest in manifest["files"].items():
        data = (printed.files["PDF"].parent / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
    assert set(manifest["files"]) == FILES - {"manifest.json"}


def test_author_and_title_are_ours_and_text_is_text(printed):
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo is not installed")
    done = subprocess.run(["pdfinfo", str(printed.files["PDF"])], capture_output=True, check=True)
    info = done.stdout.decode("utf-8")
    assert not done.stderr
    assert re.search(r"Author: +Ceasefire Monitor", info)
    assert re.search(r"Title: +Situation along the line", info)
    assert re.search(rf"Pages: +{printed.pages}\b", info)


def test_two_briefs_of_the_same_have_the_same_rows_and_figures(printed, tmp_path):
    again = make(tmp_path / "again")
    assert again.files["CSV"].read_bytes() == printed.files["CSV"].read_bytes()
    first, second = (
        json.loads(item.files["MANIFEST"].read_text(encoding="utf-8")) for item in (printed, again)
    )
    first["files"].pop("brief.pdf"), second["files"].pop("brief.pdf")
    assert first == second


def laid_out(material, tmp_path):
    """The layout of a brief, before it is printed."""
    from qgis.core import QgsProject

    from ceasefire_monitor.reports.chart import draw_chart
    from ceasefire_monitor.reports.figures import figures_of
    from ceasefire_monitor.reports.layout.brief_layout import FOLDER, BriefLayout, Template
    from ceasefire_monitor.reports.layout.brief_pages import BriefPages
    from ceasefire_monitor.reports.release import LeftOut
    from ceasefire_monitor.reports.sheets import numbered_sheets
    from ceasefire_monitor.reports.words import Words

    project = QgsProject()
    figures = figures_of(material, PERIOD)
    words = Words("en", PERIOD.zone, False)
    brief = BriefLayout(Template(FOLDER / "brief_a4_portrait.qpt", project), project)
    sheets = numbered_sheets(figures.entries)
    pages = BriefPages(brief, material, figures, sheets, words, options(), LeftOut())
    height = draw_chart(figures, words, tmp_path / "chart.svg")
    pages.compose(tmp_path / "chart.svg", height, lambda share: None, lambda: None)
    return brief, sheets, (project, pages)


@pytest.mark.parametrize(("count", "clustered"), [(120, False), (600, True)])
def test_numbers_stand_above_the_map_and_no_leader_crosses(qgis_app, tmp_path, count, clustered):
    from qgis.core import QgsLayoutItemMap, QgsLayoutItemPolyline

    material = brief_theatre.theatre(count, clustered=clustered)
    brief, sheets, kept = laid_out(material, tmp_path)
    labels = 0
    for page in brief.pages:
        items = page.layout.pageCollection().itemsOnPage(page.place)
        maps = [item for item in items if isinstance(item, QgsLayoutItemMap)]
        if not maps:
            continue
        boxes = [item for item in items if item.id() == "number.box" and item.text() != "n"]
        leaders = [item for item in items if isinstance(item, QgsLayoutItemPolyline)]
        labels += len(boxes)
        assert all(item.zValue() > maps[0].zValue() for item in (*boxes, *leaders))
        lines = [
            LineString([(point.x(), point.y()) for point in item.mapToScene(item.nodes())])
            for item in leaders
        ]
        edges = [item.mapRectToScene(item.rect()) for item in boxes]
        shapes = [box(r.left(), r.top(), r.right(), r.bottom()) for r in edges]
        assert not any(one.crosses(two) for one, two in itertools.combinations(lines, 2))
        assert not any(one.overlaps(two) for one, two in itertools.combinations(shapes, 2))
        touching = sum(line.distance(shape) < 0.05 for line in lines for shape in shapes)
        assert touching == len(lines)
        frame = maps[0].mapRectToScene(maps[0].rect())
        assert all(frame.contains(rect) for rect in edges)
    assert labels == sum(len(sheet.places) for sheet in sheets)
    del kept


def test_the_legend_holds_only_what_the_map_shows(qgis_app, tmp_path):
    material = brief_theatre.theatre()
    for entry in material.entries:
        entry.incident.category = "firing/shelling"
    brief, _, kept = laid_out(material, tmp_path)
    page = next(item for item in brief.pages if "map.map" in item.items)
    layers = page.item("map.map").layers()
    names = {layer.name(): layer for layer in layers}
    labels = [category.label() for category in names["Incidents"].renderer().categories()]
    assert labels == ["Shelling"]
    zones = {category.value() for category in names["Zones"].renderer().categories()}
    assert zones == {"security_zone", "disengagement_area"}
    del kept


def test_no_row_is_lost_in_a_long_brief(qgis_app, tmp_path):
    made = make(tmp_path / "long", brief_theatre.theatre(1200, clustered=True))
    text = text_of(made.files["PDF"])
    far = sorted(
        (entry for entry in made.figures.entries if entry.finding.flag == "far"),
        key=lambda entry: entry.finding.line_distance_m,
    )
    further = {entry.number for entry in far[100:]}
    shown = {
        entry.number
        for entry in made.figures.entries
        if re.search(rf"^\s*{entry.number} +\d+ Mar", text, re.MULTILINE)
    }
    every = {entry.number for entry in made.figures.entries}
    assert len(every) > 500 and further
    # Claims that nobody could observe have a list of their own too.
    claims = {entry.number for entry in made.figures.claims.unobservable}
    assert shown == every - (further - claims)
    assert f"{len(further)} more are in the data annex; the 100 nearest" in " ".join(text.split())


def test_what_the_tables_do_not_hold_is_said_and_is_in_the_annex(qgis_app, tmp_path, monkeypatch):
    from ceasefire_monitor.reports.layout import brief_pages

    monkeypatch.setattr(brief_pages, "MOST_ROWS", 20)
    made = make(tmp_path / "short")
    more = len(made.figures.entries) - 20
    assert f"{more} further incidents are counted and in the data annex only" in " ".join(
        text_of(made.files["PDF"]).split()
    )
    with made.files["CSV"].open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(made.figures.entries)


def test_a_period_with_nothing_in_it_is_still_a_brief(qgis_app, tmp_path):
    from ceasefire_monitor.reports.material import Material

    made = make(tmp_path / "empty", Material())
    text = " ".join(text_of(made.files["PDF"]).split())
    assert "no observation of the mission's own and no observation effort" in text
    assert "there is no map" in text and "Nothing is known of any incident" in text


def test_the_algorithm_prints_from_a_ledger_and_leaves_the_project_alone(run, ledger, tmp_path):
    from qgis.core import QgsProject

    before = set(QgsProject.instance().mapLayers())
    result = run(
        "ceasefire:brief",
        LEDGER=str(ledger),
        FROM="2031-03-03",
        TO="2031-03-16",
        OUTPUT_FOLDER=str(tmp_path / "out"),
    )
    direct = make(tmp_path / "direct")
    assert result["INCIDENTS"] == len(direct.figures.entries)
    assert result["VIOLATIONS"] == direct.figures.own.now.low
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert set(QgsProject.instance().mapLayers()) == before
    text = " ".join(text_of(result["PDF"]).split())
    assert "Vell theatre" in text and "Atlantic/Azores" in text and "(within 5 km)" in text
    assert result["LEDGER"] == str(ledger)


def test_the_annex_goes_by_the_terms_of_the_feeds(run, ledger, tmp_path):
    from ceasefire_monitor.ledger.geopackage import Ledger
    from ceasefire_monitor.model.feed import Feed
    from ceasefire_monitor.model.land import Fetch

    with Ledger.open(ledger) as made:
        sources = sorted({one.source for one in made.read("incidents") if one.source})
        some, other = sources[:2]
        known = next(one for one in made.read("incidents") if one.source == some)
        new = {"incident_id": "courier:1", "source": "courier", "sensitivity": None}
        when = datetime(2031, 3, 10, 9, tzinfo=timezone.utc)
        third = dataclasses.replace(known, **new, occurred_from=when, occurred_to=when)
        made.write_records("incidents", [third], None, "test")
        for source, terms in ((some, "aggregates"), (other, "none")):
            feed = Feed(source, source, source="url", redistribution=terms)
            made.write_records("feeds", [feed], None, "test")
            fetch = Fetch(source=source, feed_id=source)
            made.write_import(ImportResult([], source), fetch, None, "")
    where = {"LEDGER": str(ledger), "FROM": "2031-03-03", "TO": "2031-03-16"}
    made = {}
    for release in ("restricted", "confidential"):
        folder = tmp_path / release
        result = run("ceasefire:brief", **where, RELEASE=release, OUTPUT_FOLDER=str(folder))
        with (folder / "incidents.csv").open(encoding="utf-8-sig") as file:
            made[release] = Counter(row["source"] for row in csv.DictReader(file))
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        made[release, "left"] = manifest["left_out"]
        made[release, "counted"] = {one["source"] for one in manifest["figures"]["sources"]}
        made[release, "text"] = " ".join(text_of(result["PDF"]).split())
    assert made["confidential"][some] and made["confidential"][other]
    assert not made["restricted"][some] and not made["restricted"][other]
    assert made["restricted"]["courier"] == made["confidential"]["courier"] == 1
    assert some in made["restricted", "counted"] and other not in made["restricted", "counted"]
    left = made["restricted", "left"]
    assert left["not_handed_on"] >= made["confidential"][other]
    assert left["rows_withheld"] >= made["confidential"][some]
    for sentence in ("do not let anybody hand", "in no data annex"):
        assert sentence in made["restricted", "text"]
        assert sentence not in made["confidential", "text"]


def test_the_algorithm_prints_from_layers_with_the_same_figures(run, ledger, tmp_path):
    first = run(
        "ceasefire:brief", LEDGER=str(ledger), FROM="2031-03-03", TO="2031-03-16",
        AGREEMENT="Protocol of Vell", OUTPUT_FOLDER=str(tmp_path / "one"),
    )  # fmt: skip
    second = run(
        "ceasefire:brief",
        INPUT=f"{ledger}|layername=incidents",
        LINES=f"{ledger}|layername=contact_lines",
        ZONES=f"{ledger}|layername=zones",
        EFFORT=f"{ledger}|layername=effort",
        FROM="2031-03-03",
        TO="2031-03-16",
        TIMEZONE="Atlantic/Azores",
        OUTPUT_FOLDER=str(tmp_path / "two"),
    )
    assert (first["INCIDENTS"], first["VIOLATIONS"]) == (
        second["INCIDENTS"],
        second["VIOLATIONS"],
    )
    assert "ceasefire violations" in " ".join(text_of(first["PDF"]).split())
    hours = [
        json.loads(Path(item["MANIFEST"]).read_text(encoding="utf-8"))["figures"]["observed_hours"]
        for item in (first, second)
    ]
    assert hours[0] == hours[1] > 0


def refused(run, **parameters):
    from qgis.core import QgsProcessingException

    with pytest.raises(QgsProcessingException) as caught:
        run("ceasefire:brief", **parameters)
    sentence = str(caught.value)
    assert "Traceback" not in sentence and sentence.strip().endswith(".")
    return sentence


def test_bad_input_is_one_sentence_and_nothing_is_written(run, ledger, tmp_path):
    folder = tmp_path / "bad"
    good = {"LEDGER": str(ledger), "OUTPUT_FOLDER": str(folder)}
    assert "nothing to report from" in refused(run, OUTPUT_FOLDER=str(folder))
    assert "is not a date" in refused(run, FROM="soon", **good)
    assert "ends before it starts" in refused(run, FROM="2031-03-09", TO="2031-03-01", **good)
    assert "is not a time zone" in refused(run, TIMEZONE="Moon/Base", **good)
    refused(run, LEDGER=str(tmp_path / "none.gpkg"), OUTPUT_FOLDER=str(folder))
    assert not folder.exists()


def test_a_folder_that_cannot_be_is_one_sentence(run, ledger, tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("kept", encoding="utf-8")
    good = {"LEDGER": str(ledger)}
    assert "is a file" in refused(run, OUTPUT_FOLDER=str(occupied), **good)
    refused(run, OUTPUT_FOLDER=str(occupied / "below"), **good)
    assert occupied.read_text(encoding="utf-8") == "kept"


def test_a_broken_or_missing_template_is_one_sentence(qgis_app, tmp_path):
    from qgis.core import QgsProject

    from ceasefire_monitor.reports.layout.brief_layout import FOLDER, Template

    project = QgsProject()
    whole = (FOLDER / "brief_a4_portrait.qpt").read_text(encoding="utf-8")
    broken, lacking = tmp_path / "broken.qpt", tmp_path / "lacking.qpt"
    broken.write_text(whole[: len(whole) // 2], encoding="utf-8")
    lacking.write_text(whole.replace('id="map.map"', 'id="map.gone"'), encoding="utf-8")
    for path, words in (
        (tmp_path / "none.qpt", "cannot be read"),
        (broken, "XML is broken"),
        (lacking, "no item with the id “map.map”"),
    ):
        with pytest.raises(CeasefireError, match=words):
            Template(path, project)
    with pytest.raises(CeasefireError, match="There is no template “brief_none”"):
        make(tmp_path / "out", template="brief_none")
    assert not (tmp_path / "out").exists()


def test_stopping_between_pages_keeps_the_earlier_brief(qgis_app, tmp_path):
    from ceasefire_monitor.reports.brief import make_brief

    folder = tmp_path / "kept"
    make(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    calls = itertools.count()

    def stop():
        if next(calls) == 9:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        make_brief(brief_theatre.theatre(), options(title="Another"), folder, cancelled=stop)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_shipped_styles_load_and_tint_holders_by_name(qgis_app):
    from qgis.core import QgsFeature, QgsVectorLayer

    from ceasefire_monitor.reports.layout.styles import STYLES, apply_style

    for name in STYLES:
        layer = QgsVectorLayer(
            f"{_shape(name)}?crs=EPSG:4326&field=category:string&field=kind:string"
            "&field=holder:string&field=flag:string",
            name,
            "memory",
        )
        for holder in ("Zeta side", "Alpha side", "contested"):
            feature = QgsFeature(layer.fields())
            feature.setAttribute("holder", holder)
            layer.dataProvider().addFeature(feature)
        apply_style(layer, name)
        assert layer.renderer().type() in ("categorizedSymbol", "RuleRenderer")
        if name == "control_areas":
            labels = [item.label() for item in layer.renderer().categories()]
            assert labels[:2] == ["Alpha side", "Zeta side"]


def _shape(name):
    if name == "contact_lines":
        return "LineString"
    areas = ("zones", "control_areas", "line_change", "sectors", "agreement_zones")
    return "Polygon" if name in areas else "Point"


def test_the_brief_of_real_reports_counts_what_the_file_holds(run, real_data, tmp_path):
    """UCDP, January to March 2017: the rows of the file, and none of them an own observation."""
    source = real_data / "ucdp_ukraine" / "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"
    with source.open(encoding="utf-8", newline="") as file:
        expected = sum(
            "2017-01-01" <= row["date_start"][:10] <= "2017-03-31" for row in csv.DictReader(file)
        )
    path = str(tmp_path / "ledger.gpkg")
    run("ceasefire:createledger", LEDGER=path, THEATRE="Test", TIMEZONE="UTC")
    run(
        "ceasefire:importincidents", INPUT=str(source), TIMEZONE="UTC", LEDGER=path,
        OUTPUT="TEMPORARY_OUTPUT",
    )  # fmt: skip
    result = run(
        "ceasefire:brief", LEDGER=path, FROM="2017-01-01", TO="2017-03-31",
        OUTPUT_FOLDER=str(tmp_path / "out"),
    )  # fmt: skip
    assert result["INCIDENTS"] == expected > 50
    assert result["VIOLATIONS"] == 0
    text = " ".join(text_of(result["PDF"]).split())
    assert "CC BY 4.0" in text and "no observation of the mission's own" in text
