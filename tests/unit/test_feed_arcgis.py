"""ArcGIS layers: every record once, whatever the server is bad at, and each in its place."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from pyproj import Transformer

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.arcgis_server import ArcGISServer, ReplayServer, field, milliseconds
from tests.feedservers.asking import NOW, ask, checked, incidents
from tests.feedservers.serving import Serving

UTC = timezone.utc


def record(number, x=20.0, y=47.0, kind="shelling", happened="2026-01-31T18:47:00", **more):
    stamp = None if happened is None else milliseconds(happened)
    shape = None if x is None else {"x": x, "y": y}
    return {"OBJECTID": number, "kind": kind, "happened": stamp, **more}, shape


def layer(count=12, **manners):
    return ArcGISServer({n: record(n, x=20 + n / 100) for n in range(1, count + 1)}, **manners)


def ids(told):
    return sorted(int(row["source_id"]) for row in told.records)


@pytest.mark.parametrize("flag_in", ["top", "properties"])
@pytest.mark.parametrize("form", ["json", "geojson"])
def test_all_pages_come_in_order_of_their_ids(flag_in, form):
    with layer(flag_in=flag_in) as server:
        told = ask("arcgis", server.layer, options={"format": form})
    assert ids(told) == list(range(1, 13)) and len(told.records) == 12
    assert told.outcome.complete and told.outcome.snapshot and told.warnings == []
    made = incidents("arcgis", told, {"source": {"value": "vale"}, "occurred_from": "happened"})
    assert made["vale:7"].longitude == pytest.approx(20.07)
    assert made["vale:7"].occurred_from == datetime(2026, 1, 31, 18, 47, tzinfo=UTC)
    assert made["vale:7"].time_precision == "minute"


@pytest.mark.parametrize("manners", [{"paginates": False}, {"orders": False}, {"paginates": None}])
def test_a_server_without_safe_pages_is_read_by_its_ids(manners):
    with layer(**manners) as server:
        told = ask("arcgis", server.layer + "/query?where=1%3D1")
        assert any("objectIds" in one.query or b"objectIds" in one.body for one in server.log)
    assert ids(told) == list(range(1, 13)) and told.outcome.complete


def test_a_record_that_slips_between_pages_is_fetched_by_its_id():
    with layer() as server:

        def shift(page):
            if page == 2:
                del server.records[1]
                server.records[13] = record(13)

        server.before_page = shift
        told = ask("arcgis", server.layer)
    # By offset alone the sixth was never given: it moved to the first page when 1 went.
    assert set(range(2, 14)) <= set(ids(told)) and len(ids(told)) == len(set(ids(told)))
    assert told.outcome.complete


def test_a_server_that_ignores_the_offset_is_read_by_ids_all_the_same():
    with layer(ignores={"resultOffset"}) as server:
        told = ask("arcgis", server.layer)
    assert ids(told) == list(range(1, 13)) and told.outcome.complete


def test_the_same_page_again_and_no_ids_is_said_and_nothing_is_withdrawn():
    with layer(ignores={"resultOffset", "returnIdsOnly"}) as server:
        told = ask("arcgis", server.layer)
    assert ids(told) == [1, 2, 3, 4, 5]
    assert not told.outcome.complete and not told.outcome.snapshot
    assert "again and again" in told.warnings[0]


def test_a_cut_list_without_pages_or_ids_is_said():
    with layer(paginates=False, ignores={"returnIdsOnly"}) as server:
        told = ask("arcgis", server.layer)
    assert not told.outcome.complete and "first part" in told.warnings[0]


def test_a_count_that_disagrees_is_said():
    with layer(3, counts_wrongly=2) as server:
        told = ask("arcgis", server.layer)
    assert len(told.records) == 3 and not told.outcome.complete and not told.outcome.snapshot
    assert "counts 5 records, but 3 came" in told.warnings[0]


def test_records_that_are_listed_but_never_given_are_said():
    with layer(hidden={4, 9}) as server:
        told = ask("arcgis", server.layer)
    assert len(told.records) == 10 and not told.outcome.complete
    assert "2 of them did not come" in told.warnings[0]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (400, Reason.REFUSED),
        (403, Reason.FORBIDDEN),
        (429, Reason.LIMITED),
        (498, Reason.UNAUTHORISED),
        (499, Reason.UNAUTHORISED),
        (500, Reason.BROKEN),
    ],
)
def test_an_error_inside_a_good_status_is_an_error(code, reason):
    wrong = {"code": code, "message": "No way.", "details": ["Try not."]}
    with layer(errors=[wrong]) as server, pytest.raises(FeedError, match="No way. Try not") as told:
        ask("arcgis", server.layer)
    assert told.value.reason is reason and str(code) in str(told.value)


def test_an_error_on_a_later_page_is_no_end():
    with layer() as server:
        server.before_page = lambda page: page == 1 and server.errors.append({"code": 500})
        with pytest.raises(FeedError):
            ask("arcgis", server.layer)


def test_a_token_goes_in_a_header_or_a_form_and_never_in_an_address():
    for place in ("header", "form"):
        with layer(tokens={"s3cret-token"}) as server:
            known = Credentials(token="s3cret-token")
            told = ask("arcgis", server.layer, known, options={"token_in": place})
            assert len(told.records) == 12
            assert not any("s3cret" in one.target for one in server.log)
            assert all("s3cret" not in batch.reply.url for batch in told.batches)
            assert not any("authorization" in one.headers for one in server.log)
        with layer(tokens={"another"}) as server, pytest.raises(FeedError) as wrong:
            ask("arcgis", server.layer, known, options={"token_in": place})
        assert wrong.value.reason is Reason.UNAUTHORISED and "s3cret" not in str(wrong.value)


def test_a_password_becomes_a_token_and_a_new_one_when_that_expires():
    login = Credentials(username="watcher", password="p4ss word")
    with layer(tokens=set(), login=("watcher", "p4ss word")) as server:
        server.before_page = lambda page: page == 2 and server.tokens.clear()
        told = ask("arcgis", server.layer, login)
        assert len(told.records) == 12 and told.outcome.complete
        made = [one for one in server.log if one.path == "/arcgis/tokens/"]
        assert len(made) == 2 and all(one.method == "POST" for one in made)
        assert not any("p4ss" in one.target for one in server.log)


def test_a_password_does_not_follow_to_the_host_that_the_server_names():
    with Serving() as other:
        login = Credentials(username="watcher", password="p4ss")
        refused = pytest.raises(FeedError, match="token_url")
        with (
            layer(tokens=set(), token_host=other.address.replace("127.0.0.1", "localhost")) as one,
            refused,
        ):
            ask("arcgis", one.layer, login)
        assert other.log == []


def test_nothing_is_read_again_until_the_last_edit_moves():
    with layer(last_edit=milliseconds("2026-01-31T20:00:00")) as server:
        first = ask("arcgis", server.layer)
        before = len(server.log)
        same = ask("arcgis", server.layer, mark=first.outcome.mark)
        assert same.outcome.nothing_new and same.batches == [] and len(server.log) == before + 1
        server.edit(3, "2026-02-01T08:00:00", kind="battle")
        later = ask("arcgis", server.layer, mark=first.outcome.mark)
        assert ids(later) == [3] and not later.outcome.snapshot and later.outcome.complete
        whole = ask("arcgis", server.layer, mark=first.outcome.mark, now=NOW + timedelta(hours=25))
        assert len(whole.records) == 12 and whole.outcome.snapshot
        assert len(ask("arcgis", server.layer, mark=later.outcome.mark, full=True).records) == 12
        other = ask("arcgis", server.layer, mark=first.outcome.mark, options={"where": "1=1 "})
        assert len(other.records) == 12


def test_since_is_held_against_the_date_field():
    with layer() as server:
        server.records[1] = record(1, happened="2025-01-01T00:00:00")
        since = datetime(2026, 1, 1, tzinfo=UTC)
        told = ask("arcgis", server.layer, since=since, options={"date_field": "happened"})
    assert ids(told) == list(range(2, 13)) and told.outcome.window == (since, None)


def test_dates_before_1970_null_dates_and_midnights():
    server = ArcGISServer(
        {
            1: record(1, happened="1969-07-20T20:17:40"),
            2: record(2, happened=None),
            3: record(3, happened="2026-02-01T00:00:00"),
        }
    )
    with server:
        told = ask("arcgis", server.layer)
        timed = ask("arcgis", server.layer, options={"midnight": "time"})
    assert [row["happened"] for row in told.records] == ["1969-07-20T20:17:40Z", None, "2026-02-01"]
    assert timed.records[2]["happened"] == "2026-02-01T00:00Z"
    made = incidents("arcgis", told, {"source": {"value": "v"}, "occurred_from": "happened"})
    assert made["v:1"].occurred_from == datetime(1969, 7, 20, 20, 17, 40, tzinfo=UTC)
    assert made["v:3"].time_precision == "day" and "v:2" not in made


SYSTEMS = [
    ({"wkid": 102100}, "EPSG:3857"),
    ({"wkid": 3857}, "EPSG:3857"),
    ({"wkid": 102100, "latestWkid": 3857}, "EPSG:3857"),
    ({"wkid": 32634}, "EPSG:32634"),
    ({"wkid": 102113}, "EPSG:3857"),
    ({"wkid": 102014}, "ESRI:102014"),
    (
        {
            "wkt": 'PROJCS["WGS_1984_UTM_Zone_34N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",'
            'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],'
            'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
            'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],'
            'PARAMETER["Central_Meridian",21.0],PARAMETER["Scale_Factor",0.9996],'
            'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
        },
        "EPSG:32634",
    ),
]


@pytest.mark.parametrize(("reference", "name"), SYSTEMS)
def test_a_server_that_ignores_outsr_is_brought_to_degrees(reference, name):
    x, y = Transformer.from_crs("EPSG:4326", name, always_xy=True).transform(20.5, 47.25)
    with ArcGISServer({1: record(1, x, y)}, reference=reference) as server:
        row = ask("arcgis", server.layer).records[0]
    assert row["geometry longitude"] == pytest.approx(20.5, abs=1e-8)
    assert row["geometry latitude"] == pytest.approx(47.25, abs=1e-8)


def test_a_reference_system_that_nobody_knows_is_refused():
    refused = pytest.raises(Exception, match="987654")
    with ArcGISServer({1: record(1, 5e5, 5e6)}, reference={"wkid": 987654}) as server, refused:
        ask("arcgis", server.layer)


def test_lines_and_areas_become_a_point_and_the_radius_that_holds_them():
    square = [[20, 47], [20, 47.2], [20.2, 47.2], [20.2, 47], [20, 47]]
    hole = [[20.05, 47.05], [20.1, 47.05], [20.1, 47.1], [20.05, 47.1], [20.05, 47.05]]
    shapes = {
        1: {"rings": [square]},
        2: {"paths": [[[20, 47], [20.2, 47]]]},
        3: {"rings": [square, hole]},
        4: {"points": [[20, 47], [20.2, 47.2]]},
        5: {"curvePaths": [[[20, 47], {"c": [[20.2, 47], [20.1, 47.1]]}]]},
        6: {"rings": []},
        7: {"x": "NaN", "y": "NaN"},
        8: None,
    }
    records = {n: (record(n)[0], shape) for n, shape in shapes.items()}
    with ArcGISServer(records, geometry_type="esriGeometryPolygon", most=99) as server:
        rows = ask("arcgis", server.layer).records
    place = [
        [row[f"geometry {k}"] for k in ("longitude", "latitude", "radius (m)")] for row in rows
    ]
    assert place[0] == pytest.approx([20.1, 47.1, 13_470], rel=2e-3)
    assert place[1][:2] == pytest.approx([20.1, 47.0]) and place[1][2] > 7_000
    assert place[2][0] != pytest.approx(20.1, abs=1e-4) and place[3][:2] == pytest.approx(
        [20.1, 47.1]
    )
    assert place[4][1] > 47.0
    assert place[5:] == [[None] * 3] * 3


def test_a_table_without_geometry_has_no_place_of_its_own():
    records = {1: ({"OBJECTID": 1, "lat": 47.5, "lon": 20.5, "happened": 0}, None)}
    fields = [field("OBJECTID", "OID"), field("happened", "Date"), field("lat", "Double")]
    with ArcGISServer(records, geometry_type=None, fields=[*fields, field("lon", "Double")]) as one:
        told = ask("arcgis", one.layer)
    made = incidents("arcgis", told, {"source": {"value": "t"}, "occurred_from": "happened"})
    assert (made["t:1"].longitude, made["t:1"].latitude) == (20.5, 47.5)


def test_global_ids_and_names_of_coded_values_are_taken():
    domain = {"type": "codedValue", "codedValues": [{"code": 2, "name": "Shelling"}]}
    fields = [field("OBJECTID", "OID"), field("what", "Integer", domain=domain)]
    fields.append(field("GlobalID", "GlobalID"))
    attributes = {"OBJECTID": 1, "what": 2, "GlobalID": "{AB}"}
    with ArcGISServer({1: (attributes, None)}, fields=fields, global_id="globalid") as server:
        row = ask("arcgis", server.layer).records[0]
    assert row["source_id"] == "{AB}" and row["what"] == "Shelling"


def test_the_trial_tells_rows_and_dates():
    with layer() as server:
        server.records[5] = record(5, happened="2025-12-24T10:00:00")
        found = checked("arcgis", server.layer, options={"date_field": "happened"})
        assert (found.reachable, found.authorised, found.rows) == (True, True, 12)
        assert found.first.isoformat() == "2025-12-24" and found.last.isoformat() == "2026-01-31"
        server.tokens = {"x"}
        assert not checked("arcgis", server.layer).authorised
    gone = checked("arcgis", server.layer)
    assert not gone.reachable and gone.sentences


REAL = {
    "us-ca-carson": ("0.json", 5),
    "us-ca-tuolumne": ("0.json", 15),
    "us-esri-test": ("0.json", 1000),
    "us-fl-polk": ("0.json", 10),
    "us-mi-kent": ("0.json", 15),
    "us-mo-columbia": ("0.json", 43),
    "us-ms-madison": ("0.json", 1),
}


@pytest.mark.parametrize("name", REAL)
def test_real_replies_are_read_and_their_disagreements_said(real_data, name):
    folder = real_data / "arcgis_replies" / name
    files = {"metadata": "metadata", "count": "count-only", "ids": "ids-only", "page": "0"}
    paths = {kind: folder / f"{name}-{end}.json" for kind, end in files.items()}
    if not all(path.is_file() for path in paths.values()):
        pytest.skip("these replies are not beside this repository")
    with ReplayServer(**paths) as server:
        told = ask("arcgis", server.address + "/MapServer/0")
    count = REAL[name][1]
    assert len(told.records) == count
    own = [row["source_id"] for row in told.records]
    if all(own):
        assert len(set(own)) == count
    placed = [row for row in told.records if row.get("geometry longitude") is not None]
    for row in placed if name != "us-esri-test" else ():
        assert -125 < row["geometry longitude"] < -80 and 25 < row["geometry latitude"] < 45
    if name != "us-esri-test":
        assert len(placed) == count
    counted = json.loads(paths["count"].read_text())["count"]
    listed = json.loads(paths["ids"].read_text())["objectIds"]
    if name == "us-esri-test":
        # It pages, gives 1,000 at once and counts 312: the recordings are of different days.
        assert counted == 312 and not told.outcome.complete
    else:
        assert counted != len(listed) or set(map(str, listed)) != set(own)
        assert not told.outcome.complete and told.warnings


def test_a_real_server_that_answers_every_question_with_a_page(real_data):
    folder = real_data / "arcgis_replies" / "us-il-cook"
    if not folder.is_dir():
        pytest.skip("these replies are not beside this repository")
    files = {"metadata": "metadata", "count": "count-only", "ids": "ids-only", "page": "page-full"}
    with ReplayServer(**{kind: folder / f"{end}.json" for kind, end in files.items()}) as server:
        told = ask("arcgis", server.address + "/MapServer/11")
        found = checked("arcgis", server.address + "/MapServer/11")
    assert len(told.records) == 500 and found.rows is None
    row = told.records[0]
    assert row["source_id"] == "1" and row["NAME"] == "MT ISAIAH"
    assert -89 < row["geometry longitude"] < -87 and 41 < row["geometry latitude"] < 43


def test_a_real_layer_with_no_records_and_a_real_cache(real_data, tmp_path):
    folder = real_data / "arcgis_replies"
    if not folder.is_dir():
        pytest.skip("these replies are not beside this repository")
    chicago = folder / "us-il-chicago"
    with ReplayServer(
        metadata=chicago / "metadata.json", count=chicago / "count-only.json"
    ) as server:
        assert checked("arcgis", server.address + "/MapServer/28").rows == 0
    carson = folder / "us-ca-carson"
    cut = (carson / "us-ca-carson-cache.geojson").read_text()
    cache = tmp_path / "cache.geojson"
    cache.write_text(cut)
    refused = pytest.raises(FeedError)
    with (
        ReplayServer(metadata=carson / "us-ca-carson-metadata.json", page=cache) as server,
        refused,
    ):
        ask("arcgis", server.address + "/MapServer/1", options={"format": "geojson"})
    # The recording has a comma too many.
    cache.write_text(re.sub(r",(\s*\]\s*\}\s*)$", r"\1", cut))
    refused = pytest.raises(FeedError, match="400")
    with (
        ReplayServer(metadata=carson / "us-ca-carson-metadata.json", page=cache) as server,
        refused,
    ):
        ask("arcgis", server.address + "/MapServer/1", options={"format": "geojson"})
    with ReplayServer(
        metadata=carson / "us-ca-carson-metadata.json",
        page=cache,
        count=carson / "us-ca-carson-count-only.json",
        ids=cache,
    ) as server:
        told = ask("arcgis", server.address + "/MapServer/1", options={"format": "geojson"})
    expected = json.loads(cache.read_text())["features"]
    assert len(told.records) == len(expected) and not told.outcome.complete
    assert told.records[0]["geometry longitude"] == expected[0]["geometry"]["coordinates"][0]


def test_a_real_error_reply(real_data):
    folder = real_data / "arcgis_replies" / "us-mi-kent"
    if not folder.is_dir():
        pytest.skip("these replies are not beside this repository")
    refused = pytest.raises(FeedError, match="Unable to complete operation")
    with ReplayServer(metadata=folder / "us-mi-kent-statistics.json") as server, refused:
        ask("arcgis", server.address + "/MapServer/5")


def test_a_ring_without_an_area_has_a_place_whether_gdal_raises_or_not():
    from osgeo import ogr

    from ceasefire_monitor.feeds.shapes import Shapes

    ring = [[30.0, 45.0], [30.2, 45.2], [30.0, 45.0]]
    used, found = ogr.GetUseExceptions(), []
    for switch in (ogr.UseExceptions, ogr.DontUseExceptions):
        switch()
        found.append(Shapes().esri({"rings": [ring]}))
    (ogr.UseExceptions if used else ogr.DontUseExceptions)()
    assert found[0] == found[1] and found[0][:2] == pytest.approx([30.1, 45.1])
