"""Bad input: one sentence that says what to do, no traceback, no half-made output."""

from __future__ import annotations

import os
import resource
from contextlib import contextmanager

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsVectorLayer

GOOD_ROWS = (
    "id,date,latitude,longitude,description\n"
    "1,2025-10-01,41.2,-40.1,One\n"
    "2,2025-10-02,41.3,-40.2,Two\n"
)


@contextmanager
def full_disk(room: int):
    """No file may grow beyond ``room`` bytes, as if the disk were full there."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def layer(geometry: str, crs: str | None, *wkts: str, fields: str = "") -> QgsVectorLayer:
    """A memory layer of geometries written as text."""
    authority = f"?crs={crs}{fields}" if crs else f"?{fields.lstrip('&')}"
    made = QgsVectorLayer(geometry + authority, "made", "memory")
    if not crs:
        made.setCrs(QgsCoordinateReferenceSystem())
    for wkt in wkts:
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        made.dataProvider().addFeature(feature)
    return made


def points(crs: str | None = "EPSG:4326") -> QgsVectorLayer:
    """Two incidents with a time."""
    made = layer("Point", crs, fields="&field=occurred_from:string")
    for x, day in ((-40.1, "2025-10-01"), (-40.2, "2025-10-02")):
        feature = QgsFeature(made.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"POINT ({x} 41.2)"))
        feature.setAttribute("occurred_from", day)
        made.dataProvider().addFeature(feature)
    return made


def sentence(run, identifier: str, **parameters) -> str:
    """The words with which an algorithm refuses."""
    with pytest.raises(Exception) as refusal:
        run(identifier, **parameters)
    words = str(refusal.value)
    assert "Traceback" not in words and 'File "' not in words
    assert "did not expect" not in words, words
    assert 20 < len(words) < 600, words
    return words


def feature_count(source: str) -> int:
    return QgsVectorLayer(source, "counted", "ogr").featureCount()


def files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256)) * 40),
        ("undated.csv", b"id,latitude,longitude\n1,41.2,-40.1\n2,41.3,-40.2\n"),
        ("header only.csv", b"id,date,latitude,longitude\n"),
        ("binary.xlsx", bytes(range(256)) * 40),
        ("broken.geojson", b'{"type": "FeatureCollection", "features": [{"type":'),
    ],
)
def test_a_file_that_is_no_table_of_incidents(run, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    words = sentence(
        run,
        "ceasefire:importincidents",
        INPUT=str(path),
        OUTPUT=str(tmp_path / "out.gpkg"),
        REJECTED=str(tmp_path / "rejected.gpkg"),
    )
    assert path.stem in words or "date" in words
    assert files(tmp_path) == [name]


def test_a_folder_where_a_file_is_asked(run, tmp_path):
    (tmp_path / "reports").mkdir()
    words = sentence(
        run,
        "ceasefire:importincidents",
        INPUT=str(tmp_path / "reports"),
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "folder" in words or "directory" in words
    assert files(tmp_path) == []


def test_a_file_that_is_not_there(run, tmp_path):
    words = sentence(
        run,
        "ceasefire:importincidents",
        INPUT=str(tmp_path / "missing.csv"),
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "missing.csv" in words


def test_dates_in_the_year_2202_are_set_aside_with_their_reason(run, tmp_path):
    path = tmp_path / "future.csv"
    path.write_text(GOOD_ROWS + "3,2202-10-03,41.4,-40.3,Three\n", encoding="utf-8")
    results = run(
        "ceasefire:importincidents",
        INPUT=str(path),
        OUTPUT=str(tmp_path / "out.gpkg"),
        REJECTED=str(tmp_path / "rejected.gpkg"),
    )
    assert (results["ROWS"], results["IMPORTED"], results["REJECTED_ROWS"]) == (3, 2, 1)
    rejected = next(QgsVectorLayer(results["REJECTED"], "r", "ogr").getFeatures())
    assert rejected["row_number"] == 3
    assert "2202" in rejected["value"]
    assert rejected["reason"]


@pytest.mark.parametrize("place", ["/proc/out.gpkg", "/proc/deep/er/out.gpkg"])
def test_a_folder_that_may_not_be_written_to(run, tmp_path, place):
    path = tmp_path / "good.csv"
    path.write_text(GOOD_ROWS, encoding="utf-8")
    words = sentence(run, "ceasefire:importincidents", INPUT=str(path), OUTPUT=place)
    assert "/proc" in words


def test_a_ledger_in_a_folder_that_may_not_be_written_to(run):
    words = sentence(run, "ceasefire:createledger", LEDGER="/proc/ledger.gpkg", TIMEZONE="UTC")
    assert "/proc" in words


def test_a_full_disk_leaves_no_output(run, tmp_path):
    path = tmp_path / "many.csv"
    rows = "".join(f"{n},2025-10-01,41.2,-40.1,{'word ' * 40}\n" for n in range(3000))
    path.write_text(GOOD_ROWS.splitlines()[0] + "\n" + rows, encoding="utf-8")
    with full_disk(300_000):
        words = sentence(
            run,
            "ceasefire:importincidents",
            INPUT=str(path),
            OUTPUT=str(tmp_path / "out.gpkg"),
        )
    assert "room" in words or "full" in words or "written" in words
    assert files(tmp_path) == ["many.csv"]


def test_a_full_disk_leaves_the_ledger_as_it_was(run, tmp_path):
    ledger = tmp_path / "ledger.gpkg"
    good = tmp_path / "good.csv"
    good.write_text(GOOD_ROWS, encoding="utf-8")
    run("ceasefire:importincidents", INPUT=str(good), LEDGER=str(ledger))
    many = tmp_path / "many.csv"
    rows = "".join(f"m{n},2025-10-01,41.2,-40.1,{'word ' * 40}\n" for n in range(5000))
    many.write_text(GOOD_ROWS.splitlines()[0] + "\n" + rows, encoding="utf-8")
    with full_disk(ledger.stat().st_size + 100_000):
        sentence(run, "ceasefire:importincidents", INPUT=str(many), LEDGER=str(ledger))
    assert feature_count(f"{ledger}|layername=incidents") == 2
    assert files(tmp_path) == ["good.csv", "ledger.gpkg", "many.csv"]


def test_a_line_layer_without_features(run, tmp_path):
    words = sentence(
        run,
        "ceasefire:flagincidents",
        INPUT=points(),
        LINES=layer("LineString", "EPSG:4326"),
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "line" in words.lower()
    assert files(tmp_path) == []


def test_polygons_where_lines_are_asked(run, tmp_path):
    area = layer("Polygon", "EPSG:4326", "POLYGON ((-41 41, -40 41, -40 42, -41 41))")
    words = sentence(
        run,
        "ceasefire:flagincidents",
        INPUT=points(),
        LINES=area,
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "line" in words.lower()
    assert files(tmp_path) == []


def test_a_layer_without_a_coordinate_system(run, tmp_path):
    line = layer("LineString", "EPSG:4326", "LINESTRING (-41 41, -40 42)")
    words = sentence(
        run,
        "ceasefire:flagincidents",
        INPUT=points(crs=None),
        LINES=line,
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "coordinate" in words.lower() or "CRS" in words
    assert files(tmp_path) == []


def test_no_areas_where_a_line_is_to_be_drawn(run, tmp_path):
    words = sentence(
        run,
        "ceasefire:linefromcontrol",
        INPUT=layer("Polygon", "EPSG:4326", fields="&field=date:string"),
        THEATRE=layer("Polygon", "EPSG:4326", "POLYGON ((-41 41, -40 41, -40 42, -41 41))"),
        DATE_FIELD="date",
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "area" in words.lower()
    assert files(tmp_path) == []


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "+25:00"])
def test_a_time_zone_that_is_none(run, tmp_path, timezone):
    path = tmp_path / "good.csv"
    path.write_text(GOOD_ROWS, encoding="utf-8")
    words = sentence(
        run,
        "ceasefire:importincidents",
        INPUT=str(path),
        TIMEZONE=timezone,
        OUTPUT=str(tmp_path / "out.gpkg"),
    )
    assert "time zone" in words.lower() or "TIMEZONE" in words


@pytest.mark.parametrize("what", ["a folder", "a table", "a plain GeoPackage", "missing"])
def test_a_brief_of_what_is_no_ledger(run, tmp_path, what):
    path = tmp_path / "in" / "ledger.gpkg"
    path.parent.mkdir()
    if what == "a folder":
        path.mkdir()
    elif what == "a table":
        path.write_text(GOOD_ROWS, encoding="utf-8")
    elif what == "a plain GeoPackage":
        run("native:savefeatures", INPUT=points(), OUTPUT=str(path))
    output = tmp_path / "brief"
    words = sentence(run, "ceasefire:brief", LEDGER=str(path), OUTPUT_FOLDER=str(output))
    assert "ledger" in words.lower()
    assert not output.exists() or files(output) == []
    assert os.path.exists(path) == (what != "missing")


def test_a_full_disk_leaves_no_brief(run, tmp_path):
    ledger = tmp_path / "ledger.gpkg"
    good = tmp_path / "good.csv"
    good.write_text(GOOD_ROWS, encoding="utf-8")
    run("ceasefire:importincidents", INPUT=str(good), LEDGER=str(ledger))
    with full_disk(20_000):
        sentence(run, "ceasefire:brief", LEDGER=str(ledger), OUTPUT_FOLDER=str(tmp_path / "brief"))
    assert files(tmp_path) == ["good.csv", "ledger.gpkg"]


def test_a_full_disk_leaves_no_flags(run, tmp_path):
    line = layer("LineString", "EPSG:4326", "LINESTRING (-41 41, -40 42)")
    with full_disk(20_000):
        sentence(
            run,
            "ceasefire:flagincidents",
            INPUT=points(),
            LINES=line,
            OUTPUT=str(tmp_path / "out.gpkg"),
        )
    assert files(tmp_path) == []


def test_a_brief_without_a_folder_is_not_written_where_one_happens_to_be(
    run, tmp_path, monkeypatch
):
    ledger = tmp_path / "ledger.gpkg"
    good = tmp_path / "good.csv"
    good.write_text(GOOD_ROWS, encoding="utf-8")
    run("ceasefire:importincidents", INPUT=str(good), LEDGER=str(ledger))
    monkeypatch.chdir(tmp_path)
    sentence(run, "ceasefire:brief", LEDGER=str(ledger), OUTPUT_FOLDER="  ")
    assert files(tmp_path) == ["good.csv", "ledger.gpkg"]
