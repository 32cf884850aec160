"""WFS: all features once as GeoJSON or GML, axes as named, and pages that do not move on said."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.reference import latitude_first
from tests.feedservers.asking import ask, checked, incidents
from tests.feedservers.wfs_server import WFS2, WfsServer

TYPE = {"type_name": "vale:reports"}
DATE = "2026-01-31T18:47:00Z"


def server(count=12, **manners):
    features = [
        (f"reports.{n}", 20 + n / 100, 47.25, {"date": DATE, "kind": "shelling & fire"})
        for n in range(1, count + 1)
    ]
    return WfsServer(features, **manners)


def fetch(one, **options):
    return ask("wfs", one.service, options={**TYPE, **options})


def ids(told):
    return [row["source_id"] for row in told.records]


ALL = [f"reports.{n}" for n in range(1, 13)]


@pytest.mark.parametrize("version", ["2.0.0", "1.1.0"])
@pytest.mark.parametrize("output", ["auto", "geojson", "gml"])
def test_every_page_comes_and_every_point_is_where_it_is(version, output):
    with server() as one:
        told = fetch(one, version=version, output=output)
    assert ids(told) == ALL and told.outcome.complete and told.outcome.snapshot
    assert told.outcome.total == 12 and told.warnings == []
    made = incidents("wfs", told, {"source": {"value": "vale"}, "category": "kind"})
    report = made["vale:reports.3"]
    assert (report.longitude, report.latitude) == pytest.approx((20.03, 47.25))
    assert report.occurred_from == datetime(2026, 1, 31, 18, 47, tzinfo=timezone.utc)
    assert report.category == "firing/shelling"


def test_the_name_of_the_type_may_come_without_its_prefix_and_auto_takes_gml_where_it_must():
    with server(offers_json=False) as one:
        assert ids(ask("wfs", one.service + "?map=vale", options={"type_name": "reports"})) == ALL
        assert all(request.one("map") == "vale" for request in one.log)
        with pytest.raises(FeedError, match="vale:reports") as wrong:
            ask("wfs", one.service, options={"type_name": "nothing"})
    assert wrong.value.reason is Reason.NOT_FOUND


AXES = [
    ("formal", "urn:ogc:def:crs:EPSG::4326", "auto"),
    ("formal", "EPSG:4326", "auto"),
    ("formal", "http://www.opengis.net/def/crs/EPSG/0/4326", "lonlat"),
    ("lonlat", "http://www.opengis.net/gml/srs/epsg.xml#4326", "auto"),
    ("latlon", "http://www.opengis.net/def/crs/EPSG/0/4326", "auto"),
    ("latlon", "EPSG:4326", "latlon"),
    ("lonlat", "urn:ogc:def:crs:EPSG::4326", "lonlat"),
    ("lonlat", "urn:ogc:def:crs:OGC:1.3:CRS84", "auto"),
]


@pytest.mark.parametrize(("written", "srs", "axes"), AXES)
@pytest.mark.parametrize("srs_on", ["geometry", "collection"])
def test_axes_are_in_the_order_that_the_name_says(written, srs, axes, srs_on):
    with server(1, axes=written, srs_on=srs_on) as one:
        row = fetch(one, output="gml", srs=srs, axes=axes).records[0]
    place = (row["geometry longitude"], row["geometry latitude"])
    assert place == pytest.approx((20.01, 47.25))


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("urn:ogc:def:crs:EPSG::4326", True),
        ("urn:x-ogc:def:crs:EPSG:6.9:4326", True),
        ("http://www.opengis.net/def/crs/EPSG/0/4258", True),
        ("urn:ogc:def:crs:EPSG::3857", False),
        ("urn:ogc:def:crs:EPSG::31468", True),
        ("EPSG:4326", False),
        ("http://www.opengis.net/gml/srs/epsg.xml#4326", False),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", False),
        (None, False),
    ],
)
def test_which_names_put_latitude_or_northing_first(name, first):
    assert latitude_first(name) is first


def test_areas_and_lines_of_gml_have_a_point_and_a_radius():
    body = (
        f'<wfs:FeatureCollection {WFS2} xmlns:v="v" numberMatched="2"><wfs:member>'
        '<v:reports gml:id="a"><v:geom><gml:MultiSurface srsName="urn:ogc:def:crs:EPSG::4326">'
        "<gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>"
        "47 20 47.2 20 47.2 20.2 47 20.2 47 20</gml:posList></gml:LinearRing></gml:exterior>"
        "</gml:Polygon></gml:surfaceMember></gml:MultiSurface></v:geom></v:reports></wfs:member>"
        '<wfs:member><v:reports gml:id="b"><v:note>no place</v:note></v:reports></wfs:member>'
        "</wfs:FeatureCollection>"
    )
    with server(body=body) as one:
        one.knows_hits = False
        area, nowhere = fetch(one, output="gml").records
    assert (area["geometry longitude"], area["geometry latitude"]) == pytest.approx((20.1, 47.1))
    assert area["geometry radius (m)"] == pytest.approx(13_470, rel=2e-3)
    assert nowhere["geometry longitude"] is None and nowhere["note"] == "no place"


@pytest.mark.parametrize("matched", [lambda count: count, lambda _count: "unknown"])
def test_a_server_that_ignores_the_start_is_a_loop_and_said(matched):
    with server(knows_start=False, matched=matched) as one:
        told = fetch(one)
        assert len(one.log) < 8
    assert ids(told) == ALL[:5] and not told.outcome.complete and not told.outcome.snapshot
    assert "loop" in " ".join(told.warnings)


def test_a_server_that_does_not_count_is_read_until_a_page_is_empty():
    with server(knows_hits=False, matched=lambda _count: "unknown") as one:
        for output in ("gml", "geojson"):
            told = fetch(one, output=output)
            assert ids(told) == ALL and told.outcome.complete and told.outcome.total is None


def test_a_count_that_disagrees_or_changes_withdraws_nothing():
    with server(matched=lambda count: count + 3) as one:
        told = fetch(one)
    assert "counts 15 features, but 12 came" in told.warnings[0] and not told.outcome.snapshot
    numbers = iter([12, 13, 13, 13, 13])
    with server(matched=lambda _count: next(numbers)) as one:
        assert not fetch(one).outcome.complete


def test_an_exception_inside_a_good_status_is_an_error():
    with server(body=None) as one:
        one.body = (
            '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception '
            'exceptionCode="OperationProcessingFailed"><ows:ExceptionText>Out of luck'
            "</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
        )
        for output in ("geojson", "gml"):
            with pytest.raises(FeedError, match="Out of luck") as wrong:
                fetch(one, output=output)
            assert wrong.value.reason is Reason.BROKEN


def test_an_entity_bomb_is_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with server(body=bomb) as one, pytest.raises(FeedError, match="document type"):
        fetch(one, output="gml")


def test_passing_ids_are_not_taken_for_ids():
    features = [
        (f"reports.fid--5a3c1b_18f2_-7f{n}", 20, 47, {"date": DATE, "no": n}) for n in (1, 2)
    ]
    with WfsServer(features) as one:
        told = fetch(one)
        healed = fetch(one, id_field="no")
    assert ids(told) == [None, None] and "id_field" in told.warnings[0] and told.outcome.complete
    assert ids(healed) == ["1", "2"] and healed.warnings == []


def test_the_schema_names_columns_that_no_feature_fills():
    with server(1) as one:
        assert fetch(one, output="gml").batches[0].columns[:4] == [
            "source_id",
            "date",
            "kind",
            "weapon",
        ]


def test_the_trial_tells_the_type_and_how_many():
    with server() as one:
        found = checked("wfs", one.service, options=TYPE)
        assert found.rows == 12 and "Reports" in found.sentences[0]
        assert checked("wfs", one.service, options={"type_name": "x"}).rows is None
