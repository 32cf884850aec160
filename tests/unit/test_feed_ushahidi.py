"""Ushahidi: pages by what is returned, published posts, changes, full passes, nobody's name."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

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
