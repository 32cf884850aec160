"""Ushahidi: pages by what is returned, published posts, changes, full passes, nobody's name."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.asking import NOW, ask, checked, incidents
from tests.feedservers.ushahidi_server import UshahidiServer, post


@pytest.mark.parametrize("version", ["v5", "v3"])
def test_capped_pages_come_whole_and_the_next_fetch_asks_for_changes(version):
    options = {"version": version}
    with UshahidiServer([post(n) for n in range(1, 9)] + [post(9, status="draft")]) as server:
        first = ask("ushahidi", server.address, options=options)
        server.posts[2] = post(2, "2025-04-01T10:00:00+00:00", content="Gunfire")
        second = ask("ushahidi", server.address, options=options, mark=first.outcome.mark)
        del server.posts[3]
        later = NOW + timedelta(hours=25)
        third = ask(
            "ushahidi", server.address, options=options, mark=second.outcome.mark, now=later
        )
        server.off = 2
        short = ask("ushahidi", server.address, options=options)
        assert checked("ushahidi", server.address, options=options).rows == 9
    assert [one["source_id"] for one in first.records] == [str(n) for n in range(1, 9)]
    assert first.outcome.snapshot and not second.outcome.snapshot
    assert "2" in [one["source_id"] for one in second.records]
    assert len(third.records) == 7 and third.outcome.snapshot
    assert not short.outcome.complete and short.warnings
    made = next(iter(incidents("ushahidi", first).values()))
    assert (made.longitude, made.latitude, made.origin) == (-17.25, 14.5, "third_party")
    assert made.occurred_from.isoformat() == "2025-02-03T04:05:00+00:00"
    assert "Ada" not in json.dumps(first.records) and "ada@" not in json.dumps(first.records)


def test_a_collection_of_geometries_has_its_middle():
    points = [{"type": "Point", "coordinates": [x, 10.0]} for x in (20.0, 20.2)]
    shape = {"type": "GeometryCollection", "geometries": points}
    with UshahidiServer([post(1, geometry=shape)]) as server:
        made = incidents("ushahidi", ask("ushahidi", server.address))
    assert [round(one.longitude, 3) for one in made.values()] == [20.1]


@pytest.mark.parametrize("version", ["v5", "v3"])
def test_a_post_that_slips_from_page_to_page_is_not_taken_for_gone(version):
    # One goes and one comes between two pages: the total stays, and post 4 is on no page then.
    with UshahidiServer([post(n) for n in range(1, 9)]) as server:

        def change():
            del server.posts[2]
            server.posts[9] = post(9)

        server.meanwhile[1] = change
        told = ask("ushahidi", server.address, options={"version": version})
    assert {one["source_id"] for one in told.records} == {str(n) for n in range(1, 10)}
    assert told.outcome.snapshot and told.outcome.complete
    assert len(told.records) == 9


def test_a_change_that_slips_from_page_to_page_is_found_before_the_mark_moves():
    with UshahidiServer([post(n) for n in range(1, 9)]) as server:
        first = ask("ushahidi", server.address)
        for n in range(1, 9):
            server.posts[n] = post(n, "2025-04-01T10:00:00+00:00", content="Gunfire")
        server.meanwhile[server.answered + 1] = lambda: server.posts.pop(2)
        second = ask("ushahidi", server.address, mark=first.outcome.mark)
    assert {one["source_id"] for one in second.records} >= {"1", "3", "4", "5", "6", "7", "8"}
    assert second.outcome.complete and not second.outcome.snapshot


def test_where_posts_go_at_every_reading_nothing_is_withdrawn():
    with UshahidiServer([post(n) for n in range(1, 30)], cap=5) as server:
        server.meanwhile = {n: lambda n=n: server.posts.pop(n, None) for n in range(1, 60)}
        told = ask("ushahidi", server.address)
    assert not told.outcome.complete and not told.outcome.snapshot
    assert "deleted each time" in told.warnings[0]


@pytest.mark.parametrize("tells_total", [True, False])
def test_pages_that_repeat_are_not_the_whole(tells_total):
    with UshahidiServer([post(n) for n in range(1, 9)]) as server:
        server.stuck, server.tells_total = True, tells_total
        told = ask("ushahidi", server.address)
        assert len(server.log) == 2
    assert [one["source_id"] for one in told.records] == ["1", "2", "3"]
    assert not told.outcome.complete and not told.outcome.snapshot
    assert "same posts again as page 2" in told.warnings[0]


def test_a_deployment_that_lets_nobody_in_without_a_token_says_so():
    with UshahidiServer([post(1)], token="right") as server:
        for credentials in (Credentials(), Credentials(token="wrong")):
            with pytest.raises(FeedError) as refused:
                ask("ushahidi", server.address, credentials)
            assert refused.value.reason is Reason.UNAUTHORISED
            assert "wrong" not in str(refused.value)
            trial = checked("ushahidi", server.address, credentials)
            assert trial.reachable and not trial.authorised
        assert len(ask("ushahidi", server.address, Credentials(token="right")).records) == 1


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"form": "7"}, {"1", "3"}),
        ({"form": "7,8"}, {"1", "2", "3"}),
        ({"tags": "5"}, {"2", "3"}),
        ({"bbox": "10,20,11,21"}, {"1", "4"}),
        ({"form": "7", "tags": "5"}, {"3"}),
        ({"status": "all"}, {"1", "2", "3", "4", "5"}),
    ],
)
def test_surveys_categories_area_and_status_are_asked_of_the_server(options, expected):
    def at(lon, lat):
        return {"type": "Point", "coordinates": [lon, lat]}

    tag = [{"id": 5, "tag": "Shelling"}]
    posts = [
        post(1, form_id=7, geometry=at(10.5, 20.5)),
        post(2, form_id=8, geometry=at(-60.0, 3.0), categories=tag),
        post(3, form_id=7, geometry=at(-60.0, 3.0), categories=tag),
        post(4, form_id=9, geometry=at(10.1, 20.9)),
        post(5, form_id=9, geometry=at(-60.0, 3.0), status="draft"),
    ]
    with UshahidiServer(posts, cap=2) as server:
        told = ask("ushahidi", server.address, options=options)
        assert all(
            request.one(name) == value for request in server.log for name, value in options.items()
        )
    assert {one["source_id"] for one in told.records} == expected
    drafts = {one["source_id"] for one in told.records if one["workflow"] == "draft"}
    assert drafts == expected & {"5"}


def test_changes_are_asked_for_from_ten_minutes_before_the_newest_stamp():
    posts = [post(n, f"2025-03-0{n}T10:00:00+00:00") for n in range(1, 4)]
    with UshahidiServer(posts) as server:
        first = ask("ushahidi", server.address)
        assert all(request.one("updated_after") is None for request in server.log)
        before = len(server.log)
        second = ask("ushahidi", server.address, mark=first.outcome.mark)
        later = server.log[before:]
        assert [one.one("updated_after") for one in later] == ["2025-03-03T09:50:00+00:00"] * len(
            later
        )
        other = {"options": {"form": ""}, "mark": first.outcome.mark}
        assert ask("ushahidi", server.address, **other).outcome.snapshot
    assert [one["source_id"] for one in second.records] == ["3"]


@pytest.mark.parametrize("stamp", ["yesterday", "", None, 1e300, "2999-01-01T00:00:00+00:00"])
def test_a_stamp_that_cannot_be_hides_no_later_change(stamp):
    with UshahidiServer([post(1), post(2, stamp)]) as server:
        first = ask("ushahidi", server.address)
        server.posts[1] = post(1, "2025-04-01T10:00:00+00:00", content="Gunfire")
        second = ask("ushahidi", server.address, mark=first.outcome.mark)
    assert first.outcome.complete and len(first.records) == 2
    assert [one["description"] for one in second.records if one["source_id"] == "1"] == ["Gunfire"]
    assert "T" in first.outcome.mark["changed"] and first.outcome.mark["changed"] < "2025-03-02"


def test_posts_without_a_number_are_told_of():
    with UshahidiServer([post(1), {**post(2), "id": None}]) as server:
        told = ask("ushahidi", server.address)
    assert [one["source_id"] for one in told.records] == ["1"]
    assert not told.outcome.snapshot and "1 posts came without a number" in told.warnings[0]
