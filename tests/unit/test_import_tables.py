"""Files of all kinds become raw tables; files that are none give one sentence."""

from __future__ import annotations

import gzip
import json
import zipfile

import pytest
from osgeo import ogr, osr

from ceasefire_monitor.feeds.custody import sha256_of
from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import read_table
from ceasefire_monitor.model.errors import CeasefireError

PLAIN = "date,lat,lon,place\n2020-07-15,48.5,37.25,Alder\n2020-07-16,48.6,37.5,Birch\n"


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return str(path)


def imported(path, **options):
    result = import_table(read_table(path), **options)
    assert len(result.incidents) + len(result.effort) + len(result.rejected) == result.rows
    return result


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    text = PLAIN.replace("Alder", "Älder’s")
    table = read_table(written(tmp_path, "a.csv", text.encode(encoding)))
    assert table.columns == ["date", "lat", "lon", "place"]
    assert table.rows[0][3] == "Älder’s"
    assert any("1252" in note for note in table.notes) == (encoding == "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    table = read_table(written(tmp_path, "a.csv", PLAIN.replace(",", delimiter)))
    assert len(table.columns) == 4 and len(table.rows) == 2


def test_semicolons_with_decimal_commas(tmp_path):
    text = 'Datum;lat;lon;text\n15.07.2020;48,5;37,25;"eins, zwei"\n16.07.2020;48,6;37,5;\n'
    mapping = {"occurred_from": "Datum"}
    found = imported(written(tmp_path, "a.csv", text), mapping=mapping).incidents
    assert (found[0].latitude, found[0].longitude) == (48.5, 37.25)


def test_line_breaks_and_quotes_inside_cells(tmp_path):
    text = 'date,description\r\n2020-07-15,"one\r\ntwo, ""three"""\r\n2020-07-16,x\r\n'
    table = read_table(written(tmp_path, "a.csv", text))
    assert table.rows[0][1] == 'one\r\ntwo, "three"' and table.row_numbers == [1, 2]


def test_hxl_tags_are_no_row(tmp_path):
    text = "Date,Lat,Lon,Note\n#date,#geo+lat,#geo+lon,\n2020-07-15,48,37,x\n"
    table = read_table(written(tmp_path, "a.csv", text))
    assert len(table.rows) == 1 and any("HXL" in note for note in table.notes)


def test_a_title_above_the_header_is_kept_as_title(tmp_path):
    text = "Table of violations as of 14 October 2019,,,\n,,,\n" + PLAIN
    table = read_table(written(tmp_path, "a.csv", text))
    assert table.columns[0] == "date" and "2019" in table.title and len(table.rows) == 2


def test_spaces_doubles_and_gaps_in_the_header(tmp_path):
    text = "Date ,  Lat , ,Lat\n2020-07-15,48,x,49\n"
    table = read_table(written(tmp_path, "a.csv", text))
    assert table.columns == ["Date", "Lat", "column 3", "Lat (2)"]


def test_rows_that_are_short_or_long_are_kept(tmp_path):
    text = "date,place,x\n2020-07-15,a,b\n2020-07-16\n2020-07-17,a,b,c,d\n"
    table = read_table(written(tmp_path, "a.csv", text))
    assert [len(row) for row in table.rows] == [5, 5, 5]
    assert any("more cells" in note for note in table.notes)


def test_archives(tmp_path):
    packed = written(tmp_path, "a.csv.gz", gzip.compress(PLAIN.encode()))
    assert len(read_table(packed).rows) == 2
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inside.csv", PLAIN)
    assert len(read_table(str(tmp_path / "a.zip")).rows) == 2
    broken = written(tmp_path, "b.csv.gz", gzip.compress(PLAIN.encode())[:20])
    with pytest.raises(CeasefireError, match="unpacked"):
        read_table(broken)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty"),
        ("binary.csv", bytes(range(256)) * 50, "binary"),
        ("blank.csv", b"\n\n  \n", "no rows|has a header"),
        ("header.csv", b"date,lat,lon\n", "no rows below"),
        ("not.xlsx", b"hello", "spreadsheet"),
        ("not.gpkg", b"hello", "cannot be read|not a table"),
        ("not.geojson", b"{", "cannot be read|not a table"),
        ("empty.geojson", b'{"type":"FeatureCollection","features":[]}', "no features"),
    ],
)
def test_files_that_are_no_table_give_one_sentence(tmp_path, name, content, words):
    with pytest.raises(CeasefireError, match=words):
        read_table(written(tmp_path, name, content))


def test_folders_and_missing_files_give_one_sentence(tmp_path):
    with pytest.raises(CeasefireError, match="folder"):
        read_table(str(tmp_path))
    with pytest.raises(CeasefireError, match="no file"):
        read_table(str(tmp_path / "none.csv"))
    with pytest.raises(CeasefireError, match="No file"):
        read_table("")


def made_with_ogr(path, driver, rows, fields, srs=4326, layer="events"):
    """A vector file of points with text fields, made by OGR."""
    reference = None
    if srs:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(srs)
        reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    made = dataset.CreateLayer(layer, reference, ogr.wkbPoint)
    for name in fields:
        made.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    for values, point in rows:
        feature = ogr.Feature(made.GetLayerDefn())
        for name, value in zip(fields, values):
            feature.SetField(name, value)
        if point is not None:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT ({point[0]} {point[1]})"))
        made.CreateFeature(feature)
    dataset = None
    return str(path)


ROWS = [(("2020-07-15", "burst"), (37.25, 48.5)), (("2020-07-16", "shot"), None)]


@pytest.mark.parametrize(
    ("driver", "name"),
    [("GPKG", "a.gpkg"), ("GeoJSON", "a.geojson"), ("SQLite", "a.sqlite")],
)
def test_vector_files_bring_their_points(tmp_path, driver, name):
    path = made_with_ogr(tmp_path / name, driver, ROWS, ["date", "kind"])
    found = {
        one.term: one
        for one in imported(path, mapping={"category": "kind", "occurred_from": "date"}).incidents
    }
    assert (found["burst"].longitude, found["burst"].latitude) == (37.25, 48.5)
    assert found["shot"].longitude is None


def test_kml_brings_its_points_and_no_clutter(tmp_path):
    path = made_with_ogr(tmp_path / "a.kml", "KML", ROWS[:1], ["date", "kind"])
    table = read_table(path)
    assert not {"tessellate", "extrude"} & set(table.columns)
    one = imported(path, mapping={"category": "kind", "occurred_from": "date"}).incidents[0]
    assert (one.longitude, one.latitude) == pytest.approx((37.25, 48.5))


def test_projected_points_are_brought_to_degrees(tmp_path):
    rows = [(("2020-07-15", "burst"), (4_000_000, 6_000_000))]
    path = made_with_ogr(tmp_path / "a.gpkg", "GPKG", rows, ["date", "kind"], srs=3857)
    one = imported(path).incidents[0]
    assert (one.longitude, one.latitude) == pytest.approx((35.932611, 47.353713), abs=1e-5)


def test_metres_without_a_coordinate_system_are_refused(tmp_path):
    rows = [(("2020-07-15", "burst"), (4_000_000, 6_000_000))]
    path = made_with_ogr(tmp_path / "a.shp", "ESRI Shapefile", rows, ["date", "kind"], srs=None)
    with pytest.raises(CeasefireError, match="coordinate system"):
        read_table(path)


def test_one_of_several_layers_must_be_named(tmp_path):
    path = made_with_ogr(tmp_path / "a.gpkg", "GPKG", ROWS, ["date", "kind"])
    dataset = ogr.Open(path, 1)
    other = dataset.CreateLayer("other", None, ogr.wkbNone)
    other.CreateField(ogr.FieldDefn("date", ogr.OFTString))
    feature = ogr.Feature(other.GetLayerDefn())
    feature.SetField("date", "2020-01-01")
    other.CreateFeature(feature)
    dataset = None
    with pytest.raises(CeasefireError, match="several layers"):
        read_table(path)
    assert len(read_table(path + "|layername=events").rows) == 2
    assert len(read_table(path, "other").rows) == 1
    with pytest.raises(CeasefireError, match="no layer"):
        read_table(path, "nowhere")


def test_an_area_becomes_its_middle_with_the_radius_that_holds_it(tmp_path):
    square = [[[37, 48], [37.2, 48], [37.2, 48.1], [37, 48.1], [37, 48]]]
    feature = {
        "type": "Feature",
        "properties": {"date": "2020-07-15"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    one = imported(written(tmp_path, "a.geojson", text)).incidents[0]
    assert (one.longitude, one.latitude) == pytest.approx((37.1, 48.05))
    assert one.uncertainty_m == pytest.approx(9_300, rel=0.02)
    assert (one.uncertainty_kind, one.point_role) == ("area", "place_centroid")


@pytest.mark.parametrize("driver", ["XLSX", "ODS"])
def test_spreadsheets_are_read_as_text_with_titles_notes_and_gaps(tmp_path, driver):
    path = tmp_path / f"a.{driver.lower()}"
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    for name, rows in (
        ("Notes", [("This sheet holds a note", None, None)]),
        (
            "Events",
            [
                ("Events of 2020", None, None),
                ("Event ID", "Date", "No."),
                ("#id", "#date", "#num"),
                ("007", "2020-07-15", "N/K"),
                (None, None, None),
                ("008", "2020-07-16", "3"),
            ],
        ),
    ):
        layer = dataset.CreateLayer(name)
        for position in range(3):
            layer.CreateField(ogr.FieldDefn(f"Field{position + 1}", ogr.OFTString))
        for cells in rows:
            feature = ogr.Feature(layer.GetLayerDefn())
            for position, cell in enumerate(cells):
                if cell is not None:
                    feature.SetField(position, cell)
            layer.CreateFeature(feature)
    dataset = None
    table = read_table(str(path))
    assert table.columns[:3] == ["Event ID", "Date", "No."]
    assert any("Events" in note for note in table.notes)
    result = import_table(table, "auto")
    assert [one.source_id for one in result.incidents] == ["007", "008"]
    assert [one.count_qualifier for one in result.incidents] == ["not_known", "exact"]
    with pytest.raises(CeasefireError, match="no sheet"):
        read_table(str(path), "Nowhere")


def test_real_dates_and_numbers_in_a_spreadsheet(tmp_path):
    path = tmp_path / "typed.xlsx"
    dataset = ogr.GetDriverByName("XLSX").CreateDataSource(str(path))
    layer = dataset.CreateLayer("Events")
    for name, kind in (("when", ogr.OFTDateTime), ("lat", ogr.OFTReal), ("lon", ogr.OFTReal)):
        layer.CreateField(ogr.FieldDefn(name, kind))
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetField("when", "2020/07/15 18:47:00")
    feature.SetField("lat", 48.5)
    feature.SetField("lon", 37.25)
    layer.CreateFeature(feature)
    dataset = None
    one = imported(str(path)).incidents[0]
    assert one.occurred_from.isoformat() == "2020-07-15T18:47:00+00:00"
    assert (one.longitude, one.latitude) == (37.25, 48.5)


def test_an_older_feeds_mixed_dates_in_windows_1252(tmp_path):
    header = "id,relid,type_of_violence,where_prec,date_prec,date_start,date_end,source_headline\n"
    rows = (
        "1,a,1,1,1,1/22/2014 12:00:00 AM,1/22/2014 12:00:00 AM,Party’s word\n"
        "2,b,1,1,1,05/02/2014 00:00,05/02/2014 00:00,x\n"
    )
    found = imported(written(tmp_path, "a.csv", (header + rows).encode("cp1252"))).incidents
    assert [one.occurred_from.date().isoformat() for one in found] == ["2014-01-22", "2014-05-02"]
    assert found[0].description == "Party’s word"


def test_a_source_of_qgis_is_taken_apart(tmp_path):
    path = written(tmp_path, "a.csv", PLAIN)
    assert len(read_table(f"file://{path}?delimiter=,&yField=lat").rows) == 2
    with pytest.raises(CeasefireError, match="not understood"):
        read_table(path + "|subset=x=1")


def test_custody_is_the_files_own_hash(tmp_path):
    import hashlib

    path = written(tmp_path, "a.csv", PLAIN)
    assert sha256_of(read_table(path)) == hashlib.sha256(PLAIN.encode()).hexdigest()
    packed = made_with_ogr(tmp_path / "a.gpkg", "GPKG", ROWS, ["date", "kind"])
    assert len(sha256_of(read_table(packed))) == 64
