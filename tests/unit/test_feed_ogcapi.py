"""OGC API - Features: next links followed to their end, safely, and axes as their system says."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.asking import ask, checked, incidents
from tests.feedservers.ogcapi_server import COLLECTION, OgcApiServer, feature

UTC = timezone.utc


def server(count=12, **manners):
    return OgcApiServer([feature(n, 20 + n / 100) for n in range(1, count + 1)], **manners)


def ids(told):
    return [row["source_id"] for row in told.records]


ALL = [f"r{n}" for n in range(1, 13)]


@pytest.mark.parametrize("end", ["", "/", "/items", "/items?f=json"])
def test_every_page_comes_from_any_form_of_the_address(end):
    with server() as one:
        told = ask("ogcapi", one.address + COLLECTION + end)
        named = ask("ogcapi", one.address + "/features", options={"collection": "reports"})
    assert ids(told) == ids(named) == ALL and told.outcome.complete and told.outcome.snapshot
    assert told.outcome.total == 12 and told.warnings == []
    made = incidents("ogcapi", told, {"source": {"value": "vale"}})
    assert made["vale:r3"].longitude == pytest.approx(20.03)
    assert made["vale:r3"].occurred_from == datetime(2026, 1, 31, 18, 47, tzinfo=UTC)


def test_relative_next_links_are_followed():
    for link in ("?offset={}", "items?offset={}", "/features/collections/reports/items?offset={}"):
        with server() as one:
            one.link = link.format
            assert ids(ask("ogcapi", one.address + COLLECTION)) == ALL


def test_a_loop_of_next_links_is_said_and_nothing_is_withdrawn():
    with server() as one:
        one.link = lambda at: f"items?offset={at if at < 10 else 5}"
        told = ask("ogcapi", one.address + COLLECTION)
    assert ids(told) == ALL[:10] and "loop" in told.warnings[0]
    assert not told.outcome.complete and not told.outcome.snapshot


def test_next_links_that_are_new_for_ever_with_the_same_items_end():
    with server() as one:
        one.link = lambda at: f"items?offset=0&turn={one.pages}"
        told = ask("ogcapi", one.address + COLLECTION)
        assert one.pages == 2 and not told.outcome.complete


def test_credentials_do_not_follow_to_another_host():
    secret = Credentials(token="s3cret")
    with server(token="s3cret") as home, server() as away:
        home.link = lambda at: away.address + f"{COLLECTION}/items?offset={at}"
        told = ask("ogcapi", home.address + COLLECTION, secret)
        assert ids(told)[:6] == ALL[:6] and "another host" in told.warnings[0]
        assert away.log and not any("authorization" in one.headers for one in away.log)
        with pytest.raises(FeedError) as wrong:
            ask("ogcapi", home.address + COLLECTION)
        assert wrong.value.reason is Reason.UNAUTHORISED
        assert checked("ogcapi", home.address + COLLECTION).authorised is False


def test_a_number_that_disagrees_is_said():
    with server(matched=lambda count: count + 3) as one:
        told = ask("ogcapi", one.address + COLLECTION)
    assert not told.outcome.complete and "15 items match, but 12 came" in told.warnings[0]


def test_pages_that_shift_while_they_are_read_withdraw_nothing():
    for matched in (lambda count: count, lambda _count: None):
        with server(matched=matched) as one:
            one.before_page = lambda page, one=one: (
                page == 2 and one.features.insert(0, feature(99))
            )
            told = ask("ogcapi", one.address + COLLECTION)
        assert len(ids(told)) == len(set(ids(told)))
        assert not told.outcome.snapshot and told.warnings


def test_one_page_that_is_unchanged_is_nothing_new():
    with server(3) as one:
        first = ask("ogcapi", one.address + COLLECTION)
        again = ask("ogcapi", one.address + COLLECTION, mark=first.outcome.mark)
        assert again.outcome.nothing_new and again.batches == []
        one.features.append(feature(4))
        assert len(ask("ogcapi", one.address + COLLECTION, mark=first.outcome.mark).records) == 4
        assert len(
            ask("ogcapi", one.address + COLLECTION, mark=first.outcome.mark, full=True).records
        )


@pytest.mark.parametrize(
    ("crs", "x", "y"),
    [
        (None, 20.5, 47.25),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 20.5, 47.25),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", 47.25, 20.5),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", 2282049.56, 5984013.45),
    ],
)
def test_the_header_says_in_which_system_and_order_coordinates_come(crs, x, y):
    with OgcApiServer([feature(1, x, y)], crs=crs) as one:
        row = ask("ogcapi", one.address + COLLECTION).records[0]
    assert row["geometry longitude"] == pytest.approx(20.5, abs=1e-6)
    assert row["geometry latitude"] == pytest.approx(47.25, abs=1e-2)


def test_columns_of_the_schema_are_there_though_no_item_has_them():
    schema = {"kind": {"type": "string"}, "weapon": {}, "shape": {"format": "geometry-point"}}
    with server(2, schema=schema) as one:
        columns = ask("ogcapi", one.address + COLLECTION).batches[0].columns
    assert columns[:3] == ["source_id", "kind", "weapon"] and "shape" not in columns


def test_items_without_an_id_are_said_and_an_id_field_heals_it():
    items = [{**feature(n, no=n), "id": None} for n in (1, 2)]
    with OgcApiServer(items) as one:
        told = ask("ogcapi", one.address + COLLECTION)
        healed = ask("ogcapi", one.address + COLLECTION, options={"id_field": "no"})
    assert "id_field" in told.warnings[0] and ids(healed) == ["1", "2"] and not healed.warnings


def test_since_goes_to_the_server_only_where_that_is_wanted():
    since = datetime(2026, 1, 1, tzinfo=UTC)
    with server(2) as one:
        told = ask("ogcapi", one.address + COLLECTION, since=since)
        assert told.outcome.window is None and "datetime" not in one.log[-1].query
        option = {"datetime_filter": True}
        told = ask("ogcapi", one.address + COLLECTION, since=since, options=option)
        assert one.log[-1].one("datetime") == "2026-01-01T00:00:00Z/.."
    assert told.outcome.window == (since, None)


def test_the_trial_tells_title_rows_and_dates():
    with server() as one:
        found = checked("ogcapi", one.address + COLLECTION)
    assert found.rows == 12 and "Reports" in found.sentences[0]
    assert (found.first.isoformat(), found.last.isoformat()) == ("2025-12-24", "2026-01-31")


def test_an_address_without_a_collection_is_refused_in_a_sentence():
    with server() as one, pytest.raises(FeedError, match="collection"):
        ask("ogcapi", one.address + "/features")
