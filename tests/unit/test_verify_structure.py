"""What hides or fakes records without touching a revision: the check finds it, and says what."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import struct
from pathlib import Path

import pytest
import shapely

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.verify import (
    ALL_KEYS,
    GEOMETRIES,
    KEYS,
    _bounds,
    is_wgs84,
    verify_file,
)
from ceasefire_monitor.model.field import Shape
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.model.tables import LEDGER_TABLES
from tests import pin_structure, tampering

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tampering.make(tmp_path_factory.mktemp("structure") / "ledger.gpkg")
    with Ledger.open(path) as ledger:
        ledger.write_findings(
            [Finding(incident_id=f"watch:{n}", flag="near", line_distance_m=n) for n in range(4)]
        )
        for number in (1, 2):
            ledger.set_protected(
                "incidents", f"watch:{number}", "witness", f"Person {number}", "Ana", "told"
            )
        ledger.add_head("first")
        ledger.add_head("second")
    return path


@pytest.fixture
def path(made, tmp_path):
    return Path(shutil.copy(made, tmp_path / "ledger.gpkg"))


def faults(path):
    return [(fault.kind, fault.record, fault.sentence) for fault in verify_file(path).faults]


def change(path, *statements):
    with tampering.behind_its_back(path) as connection:
        for statement in statements:
            connection.execute(statement)


def columns(path, table):
    connection = sqlite3.connect(str(path))
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    connection.close()
    return ", ".join(f'"{row[1]}"' for row in rows if row[1] != "fid")


def test_what_the_checker_has_pinned_is_what_the_code_makes():
    assert pin_structure.pinned_there() == pin_structure.pinned(), (
        "a trigger or the view was changed: run python tests/pin_structure.py"
    )
    assert {table.name: table.key for table in LEDGER_TABLES} == ALL_KEYS
    assert set(ALL_KEYS) - set(KEYS) == {"findings"}
    shapes = {Shape.POINT: "POINT", Shape.LINE: "MULTILINESTRING", Shape.AREA: "MULTIPOLYGON"}
    places = {table.name: table.shape for table in LEDGER_TABLES if table.shape is not Shape.NONE}
    assert {name: shapes[shape] for name, shape in places.items()} == GEOMETRIES


@pytest.mark.parametrize("kind", ["made", "copy", "clean", "upgraded 1", "upgraded 2"])
def test_a_ledger_that_nobody_touched_holds_without_a_remark(made, tmp_path, kind):
    path = tmp_path / "other.gpkg"
    if kind.startswith("upgraded"):
        stored = ROOT / "tests" / "data" / f"ledger-version-{kind[-1]}.gpkg.gz"
        path.write_bytes(gzip.decompress(stored.read_bytes()))
        Ledger.open(path).close()
    elif kind == "made":
        shutil.copy(made, path)
    else:
        source = shutil.copy(made, tmp_path / "source.gpkg")
        with Ledger.open(source) as ledger:
            ledger.copy_to(path, clean=kind == "clean")
    found = verify_file(path)
    assert (found.faults, found.remarks) == ([], [])


@pytest.mark.parametrize("number", [-7, 0, -(1 << 63)])
def test_a_row_with_a_number_below_one_is_compared_too(path, number):
    change(path, f"UPDATE incidents SET fid = {number}, place = 'FORGED' WHERE fid = 5")
    assert ("state", "watch:4") in [told[:2] for told in faults(path)]
    change(path, f"DELETE FROM incidents WHERE fid = {number}")
    change(path, f"INSERT INTO zones(fid, zone_id) VALUES ({number}, 'zone:x')")
    assert any(record == "zone:x" and "no revision" in told for _, record, told in faults(path))


def test_a_protected_value_said_to_be_erased_in_a_row_below_one_is_found(path):
    change(
        path,
        "DELETE FROM protected_values WHERE fid = 1",
        "UPDATE protected SET fid = -fid, erased_at = '2031-06-01T00:00:00.000Z' WHERE fid = 1",
    )
    assert any("erased_at differs" in told for *_, told in faults(path))


def test_a_record_that_stands_twice_is_found_and_so_is_the_lost_index(path):
    names = columns(path, "incidents")
    change(
        path,
        "DROP INDEX incidents_key",
        f"INSERT INTO incidents(fid, {names}) SELECT 90, {names} FROM incidents WHERE fid = 5",
    )
    told = faults(path)
    assert told[0] == ("state", "watch:4", "incident watch:4 is there 2 times.")
    assert any(kind == "structure" and "incidents from being twice" in s for kind, _, s in told)


def test_records_that_a_map_would_not_show_are_found(path):
    change(path, "DELETE FROM rtree_incidents_geom WHERE id IN (5, 6)")
    assert [told[:2] for told in faults(path)] == [("place", "watch:4"), ("place", "watch:5")]
    with Ledger.open(path, readonly=True) as ledger:
        assert ledger.verify() == verify_file(path)


def test_records_that_a_map_would_show_elsewhere_are_found(path):
    change(
        path,
        "UPDATE rtree_incidents_geom SET minx = 10, maxx = 10 WHERE id = 5",
        "UPDATE rtree_zones_geom SET maxx = minx",
    )
    assert [told[:2] for told in faults(path)] == [("place", "watch:4"), ("place", "zone:a")]


def test_an_index_of_a_map_whose_nodes_hide_what_is_in_them_is_found(path):
    connection = sqlite3.connect(str(path))
    query = "SELECT nodeno, data FROM rtree_incidents_geom_node"
    for number, data in connection.execute(query).fetchall():
        connection.execute(
            "UPDATE rtree_incidents_geom_node SET data = ? WHERE nodeno = ?",
            (data[:2] + struct.pack(">H", 3) + data[4:], number),
        )
    connection.commit()
    connection.close()
    assert not verify_file(path).holds


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE gpkg_geometry_columns SET srs_id = 0 WHERE table_name = 'incidents'", "WGS 84"),
        ("UPDATE gpkg_contents SET srs_id = 0 WHERE table_name = 'zones'", "places of zones"),
        (
            "UPDATE gpkg_spatial_ref_sys SET definition = "
            "replace(definition, '6378137', '6000000') WHERE srs_id = 4326",
            "definition of the reference system",
        ),
        (
            "UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 4314 WHERE srs_id = 4326",
            "definition of the reference system",
        ),
        ("DELETE FROM gpkg_contents WHERE table_name = 'harm'", "harm is not listed"),
        ("DROP VIEW current_findings", "current_findings is gone"),
        ("DROP INDEX zones_key", "zones from being twice is gone"),
        ("DROP TABLE rtree_zones_geom", "index of the map of zones is gone"),
    ],
)
def test_what_a_gis_relies_on_is_held_against_what_was_made(path, statement, words):
    change(path, statement)
    ((kind, _, told),) = faults(path)
    assert kind == "structure" and words in told


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("substr(geom, 1, 4) || x'00000000' || substr(geom, 9)", "another reference system"),
        ("substr(geom, 1, 3) || x'11' || substr(geom, 5)", "whether it is empty"),
    ],
)
def test_a_header_of_a_geometry_that_says_otherwise_is_found(path, changed, words):
    change(path, f"UPDATE incidents SET geom = CAST({changed} AS BLOB) WHERE fid = 5")
    ((kind, record, told),) = faults(path)
    assert (kind, record) == ("place", "watch:4") and words in told


def test_an_extent_in_a_header_that_hides_an_area_is_found(path):
    far = struct.pack("<dd", 80.0, 81.0).hex()
    change(
        path,
        f"UPDATE zones SET geom = CAST(substr(geom, 1, 8) || x'{far}' || substr(geom, 25) AS BLOB)",
    )
    assert any("another extent" in told for *_, told in faults(path))


def test_the_trigger_that_is_gone_is_named_and_a_replaced_one_found(path):
    connection = sqlite3.connect(str(path))
    (guard,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'zones_updated'"
    ).fetchone()
    connection.execute("DROP TRIGGER zones_updated")
    connection.commit()
    ((kind, _, told),) = faults(path)
    assert kind == "structure" and "the trigger zones_updated is gone" in told
    connection.execute(guard.replace("WHEN ", "WHEN 0 AND ", 1))
    connection.commit()
    ((_, _, told),) = faults(path)
    assert "a trigger of zones is not as the ledger makes it" in told
    connection.execute("DROP TRIGGER zones_updated")
    connection.execute(guard)
    connection.commit()
    connection.close()
    assert verify_file(path).holds


def test_a_damaged_name_of_a_trigger_is_a_finding_through_gdal_too(path):
    whole = path.read_bytes()
    assert whole.count(b"zones_updated") >= 1
    path.write_bytes(whole.replace(b"zones_updated", b"zones_\xff\xfdpdate"))
    with Ledger.open(path, readonly=True) as ledger:
        found = ledger.verify()
    assert any("zones_updated is gone" in fault.sentence for fault in found.faults)
    assert "".join(found.remarks).encode("utf-8")


def test_a_table_made_anew_without_its_keys_is_found(path):
    change(
        path,
        "CREATE TABLE other AS SELECT * FROM sites",
        "DROP TABLE sites",
        "ALTER TABLE other RENAME TO sites",
    )
    assert any("sites are not numbered by fid" in told for *_, told in faults(path))


def test_a_view_that_shows_nothing_is_found(path):
    change(
        path,
        "DROP VIEW current_findings",
        "CREATE VIEW current_findings AS SELECT * FROM findings WHERE 0",
    )
    ((_, _, told),) = faults(path)
    assert "current_findings is not as the ledger makes it" in told


def test_what_a_user_adds_is_told_and_is_no_fault(path):
    connection = sqlite3.connect(str(path))
    connection.execute('ALTER TABLE incidents ADD COLUMN "Deaths (true)" INTEGER')
    connection.execute("CREATE TABLE roads(id INTEGER PRIMARY KEY)")
    connection.execute(
        "CREATE TRIGGER mine AFTER INSERT ON incidents BEGIN INSERT INTO roads VALUES (NULL); END"
    )
    connection.commit()
    connection.close()
    found = verify_file(path)
    assert found.holds
    told = " ".join(found.remarks)
    assert len(found.remarks) == 3
    assert "“Deaths (true)”" in told and "“roads”" in told and "trigger mine on incidents" in told


def test_values_of_two_persons_that_were_swapped_are_found(path):
    change(
        path,
        "UPDATE protected_values SET record_id = CASE record_id WHEN 'watch:1' THEN 'watch:2' "
        "ELSE 'watch:1' END",
    )
    told = faults(path)
    assert [kind for kind, *_ in told] == ["protected", "protected"]
    assert "is said to be of another record" in told[0][2]


def test_findings_and_heads_that_were_removed_are_found_or_told(path):
    change(path, "DELETE FROM findings WHERE fid > 2", "DELETE FROM heads WHERE head_id = 2")
    assert [told for *_, told in faults(path)] == [
        "the last 1 heads that were kept are gone.",
        "the last 2 findings are gone.",
    ]
    change(path, "DELETE FROM findings WHERE fid = 1")
    assert any("before finding 2 have no finding" in told for told in verify_file(path).remarks)


def test_a_version_that_the_checker_does_not_know_is_not_taken_for_whole(path):
    change(path, "UPDATE settings SET value = '4' WHERE key = 'schema_version'")
    with pytest.raises(Exception, match="checks version 3"):
        verify_file(path)


def test_bounds_are_those_that_shapely_gives():
    box = shapely.box(1, 2, 3, 5)
    hole = shapely.Polygon(box.exterior, [shapely.box(1.5, 3, 2, 4).exterior])
    line = shapely.LineString([(9, -1, 7), (8, 4, 7)])
    shapes = [
        shapely.Point(1, 2),
        line,
        hole,
        shapely.MultiPolygon([hole, shapely.box(-9, 0, -8, 1)]),
        shapely.GeometryCollection([line, shapely.MultiPoint([(0, 0), (4, 44)])]),
    ]
    for shape in shapes:
        for order in (0, 1):
            for flavour in ("iso", "extended"):
                wkb = shapely.to_wkb(shape, byte_order=order, flavor=flavour)
                least_x, least_y, most_x, most_y = shape.bounds
                assert _bounds(wkb) == (least_x, most_x, least_y, most_y), (shape, order, flavour)
    for empty in ("POINT EMPTY", "LINESTRING EMPTY", "MULTIPOLYGON EMPTY"):
        assert _bounds(shapely.to_wkb(shapely.from_wkt(empty))) is None


def test_only_the_definition_of_wgs_84_is_taken_for_it(made):
    connection = sqlite3.connect(str(made))
    ((text,),) = connection.execute(
        "SELECT definition FROM gpkg_spatial_ref_sys WHERE srs_id = 4326"
    ).fetchall()
    connection.close()
    assert is_wgs84(text) and is_wgs84(text.replace(",AXIS", ",\n    AXIS"))
    assert is_wgs84(text.replace(',AXIS["Latitude",NORTH],AXIS["Longitude",EAST]', ""))
    for other in (
        text.replace("298.257223563", "298.3"),
        text.replace("0.0174532925199433", "0.0157079632679489"),
        text.replace('"Greenwich",0', '"Paris",2.33722917'),
        text.replace('AXIS["Latitude",NORTH],AXIS["Longitude",EAST]', 'AXIS["X",WEST]'),
        f"PROJCS[{text}]",
        "undefined",
    ):
        assert not is_wgs84(other), other
