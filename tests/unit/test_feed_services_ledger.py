"""Map services, news feeds and alerts kept in step in a ledger, through cuts and storms."""

from __future__ import annotations

import json

import pytest

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError
from ceasefire_monitor.feeds.sources import SOURCES
from ceasefire_monitor.ledger.feedsync import synchronise
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.feed import Feed
from tests.feedservers.arcgis_server import LAYER, ArcGISServer, milliseconds
from tests.feedservers.asking import QUICK
from tests.feedservers.cap_server import CapServer, alert, info, ref
from tests.feedservers.faults import Faults, cut_body, html_200, pass_through, storm
from tests.feedservers.georss_server import RSS, FeedServer, item
from tests.feedservers.hapi_server import PATH, HapiServer, month
from tests.feedservers.ogcapi_server import COLLECTION, OgcApiServer, feature
from tests.feedservers.wfs_server import WfsServer


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg", {"timezone": "UTC"}) as made:
        yield made


NOBODY = Credentials()


def keep(ledger, source, address, **options):
    mapping = options.pop("mapping", {})
    feed = Feed(
        feed_id=f"feed:{source}",
        feed_name=f"The {source}",
        source=source,
        address=address,
        options=json.dumps(options),
        mapping=json.dumps(mapping),
    )
    ledger.write_records("feeds", [feed], "Ada", "a feed")
    return ledger.feed(feed.feed_name)


def fetch(ledger, feed, credentials=NOBODY, **how):
    with Client(limits=QUICK, credentials=credentials) as client:
        source = SOURCES[feed.source]
        return synchronise(ledger, feed, source, client, credentials, "Ada", **how)


def active(ledger):
    return {i.source_id for i in ledger.read("incidents") if i.workflow != "withdrawn"}


def reports(count):
    stamp = milliseconds("2026-01-31T18:47:00")
    return {
        n: ({"OBJECTID": n, "kind": "clash", "happened": stamp}, {"x": 20 + n / 100, "y": 47})
        for n in range(1, count + 1)
    }


def test_a_layer_stays_in_step_though_a_reading_is_cut_off(ledger):
    mapping = {"occurred_from": "happened", "category": "kind"}
    with ArcGISServer(reports(12)) as server, Faults(server.address) as faults:
        feed = keep(ledger, "arcgis", faults.address + LAYER, mapping=mapping)
        # Description, count and a first page come; the second page does not, twice over.
        faults.plan(*[pass_through] * 3, cut_body(0.5), cut_body(0.5))
        with pytest.raises(FeedError):
            fetch(ledger, feed)
        assert active(ledger) == {"1", "2", "3", "4", "5"}
        faults.plan(*[pass_through] * 3, html_200)
        whole = fetch(ledger, feed)
        assert whole.complete and active(ledger) == {str(n) for n in range(1, 13)}
        assert fetch(ledger, feed).unchanged == 12
        del server.records[3]
        server.records[4][0]["kind"] = "shelling"
        later = fetch(ledger, feed)
        assert (later.changed, later.withdrawn) == (1, 1)
        server.counts_wrongly = 1
        del server.records[5]
        unsure = fetch(ledger, feed)
        assert unsure.withdrawn == 0 and not unsure.complete and unsure.warnings


@pytest.mark.parametrize("source", ["ogcapi", "wfs"])
def test_collections_and_feature_types_stay_in_step(ledger, source):
    if source == "ogcapi":
        server = OgcApiServer([feature(n) for n in range(1, 13)])
        address, options = server.address + COLLECTION, {}
    else:
        values = {"date": "2026-01-31T18:47:00Z", "kind": "clash"}
        server = WfsServer([(f"r{n}", 20.0, 47.0, dict(values)) for n in range(1, 13)])
        address, options = server.service, {"type_name": "vale:reports", "output": "gml"}
    with server:
        feed = keep(ledger, source, address, **options)
        assert fetch(ledger, feed).added == 12
        del server.features[4]
        report = fetch(ledger, feed)
        assert (report.withdrawn, report.unchanged, report.changed) == (1, 11, 0)
        assert active(ledger) == {f"r{n}" for n in range(1, 13) if n != 5}


def test_what_a_news_feed_forgets_stays(ledger):
    with FeedServer(RSS.format(item(guid="a") + item(guid="b"))) as server:
        feed = keep(ledger, "georss", server.feed)
        assert fetch(ledger, feed).added == 2
        server.documents["/feed"] = RSS.format(item(guid="b") + item(guid="c"))
        report = fetch(ledger, feed)
        assert (report.added, report.withdrawn) == (1, 0)
        assert fetch(ledger, feed).nothing_new
        assert len(active(ledger)) == 3


def test_an_alert_is_corrected_by_its_update_and_withdrawn_by_its_cancellation(ledger):
    with CapServer({1: alert(1)}) as server, Faults(server.address) as faults:
        feed = keep(ledger, "cap", faults.address + "/feed")
        assert fetch(ledger, feed).added == 1
        server.put(2, alert(2, "Update", ref(1), body=info("Clash")))
        faults.plan(storm(503, 1))
        report = fetch(ledger, feed)
        assert (report.added, report.changed) == (0, 1)
        server.put(3, alert(3, "Cancel", ref(2)))
        assert fetch(ledger, feed).withdrawn == 1 and active(ledger) == set()
        assert fetch(ledger, feed).nothing_new


def test_a_full_fetch_takes_a_late_update_for_its_alert(ledger):
    with CapServer({1: alert(1)}) as server:
        feed = keep(ledger, "cap", server.feed)
        fetch(ledger, feed)
        server.put(1, alert(1), listed=False)
        server.put(2, alert(2, "Update", ref(1), body=info("Clash")))
        fetch(ledger, feed)
        server.put(2, alert(2), listed=False)
        server.put(3, alert(3, "Update", ref(2), body=info("Shelling")))
        report = fetch(ledger, feed, full=True)
        assert (report.added, report.changed) == (0, 1) and len(active(ledger)) == 1


def test_a_month_that_is_corrected_to_none_is_withdrawn(ledger):
    key = Credentials(token="dmFsZTp2YWxl")
    with HapiServer([month("VAL01", "2026-03-01", 4), month("VAL02", "2026-03-01", 2)]) as server:
        feed = keep(ledger, "hapi", server.address + PATH)
        assert fetch(ledger, feed, key).added == 2
        server.rows[0]["events"] = 0
        server.rows[1]["events"] = 3
        report = fetch(ledger, feed, key)
        assert (report.withdrawn, report.changed) == (1, 1)
        counts = {i.source_id: i.count_low for i in ledger.read("incidents")}
        assert counts["VAL/VAL01/VAL02/political_violence/2026-03-01"] == 3
        assert "dmFsZTp2YWxl" not in repr(ledger.read("fetches"))
