"""RSS and Atom feeds with places: latitude first, ids that stay, and no withdrawal by silence."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.asking import ask, checked, imported, incidents
from tests.feedservers.georss_server import ATOM, RSS, FeedServer, item

UTC = timezone.utc


def rss(*items):
    return RSS.format("".join(items))


def fetch(document, **how):
    with FeedServer(document) as server:
        return ask("georss", server.feed, **how)


def place(told, at=0):
    row = told.records[at]
    return [row[f"geometry {name}"] for name in ("longitude", "latitude", "radius (m)")]


GML = "<georss:where><gml:{0}><gml:{1}>{2}</gml:{1}></gml:{0}></georss:where>"
RING = (
    "<georss:where><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>47 20 47.2 20 47.2 20.2 "
    "47 20.2 47 20</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></georss:where>"
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<georss:point>47.25 20.5</georss:point>", [20.5, 47.25, None]),
        ("<georss:point>  47.25,20.5 </georss:point>", [20.5, 47.25, None]),
        (GML.format("Point", "pos", "47.25 20.5"), [20.5, 47.25, None]),
        ("<geo:lat>47.25</geo:lat><geo:long>20.5</geo:long>", [20.5, 47.25, None]),
        (
            "<geo:Point><geo:lat>47.25</geo:lat><geo:long>20.5</geo:long></geo:Point>",
            [20.5, 47.25, None],
        ),
        (
            "<georss:point>47.25 20.5</georss:point><georss:radius>500</georss:radius>",
            [20.5, 47.25, 500.0],
        ),
        ("<georss:polygon>47 20 47.2 20 47.2 20.2 47 20.2 47 20</georss:polygon>", "square"),
        ("<georss:box>47 20 47.2 20.2</georss:box>", "square"),
        (RING, "square"),
        ("<georss:line>47 20 47.2 20.2</georss:line>", "square"),
        ("<georss:point>somewhere</georss:point>", [None, None, None]),
        ("<georss:point></georss:point>", [None, None, None]),
        ("", [None, None, None]),
    ],
)
def test_places_of_every_kind_have_their_latitude_first(body, expected):
    found = place(fetch(rss(item(body))))
    if expected == "square":
        assert found == pytest.approx([20.1, 47.1, 13_470], rel=2e-3)
    else:
        assert found == expected


def test_an_item_becomes_an_incident_of_the_media_at_its_publication():
    told = fetch(rss(item("<georss:point>47.25 20.5</georss:point><category>Clash</category>")))
    made = incidents("georss", told)["georss:127.0.0.1#n1"]
    assert made.occurred_from == datetime(2026, 1, 31, 18, 47, tzinfo=UTC)
    assert (made.origin, made.category, made.count_qualifier) == (
        "media",
        "clash/armed_clash",
        "at_least",
    )
    assert (made.longitude, made.latitude) == (20.5, 47.25)
    assert made.source_url.startswith("http://127.0.0.1") and made.source_url.endswith("/news/n1")
    assert "published" in " ".join(imported("georss", told)[0].notes)


def test_atom_entries_are_read_and_deleted_entries_are_removed():
    document = ATOM.format(
        "<entry><id>urn:a</id><title>Blast</title><link rel='alternate' href='/a'/>"
        "<published>2026-01-31T18:47:00+02:00</published><updated>2026-02-01T08:00:07Z</updated>"
        "<summary type='html'>&lt;p&gt;A &lt;b&gt;loud&lt;/b&gt; one&lt;/p&gt;</summary>"
        "<georss:point>47.25 20.5</georss:point></entry>"
        "<at:deleted-entry ref='urn:b' when='2026-01-30T00:00:00Z'/>"
    )
    told = fetch(document)
    row = told.records[0]
    assert row["published"] == "2026-01-31T16:47Z" and row["updated"] == "2026-02-01T08:00:07Z"
    assert row["summary"] == "A loud one" and told.removed == ["urn:b"]
    assert incidents("georss", told)["georss:urn:a"].category == "firing/explosion"


def test_an_item_without_a_guid_keeps_its_id_while_its_words_change():
    bare = "<item><title>{}</title><link>/x</link><pubDate>{}</pubDate></item>"
    with FeedServer(rss(bare.format("One", "Sat, 31 Jan 2026 18:47:00 GMT"))) as server:
        first = ask("georss", server.feed).records[0]["source_id"]
        server.documents["/feed"] = rss(bare.format("Two", "Sat, 31 Jan 2026 20:47:00 +0200"))
        assert ask("georss", server.feed).records[0]["source_id"] == first
        server.documents["/feed"] = rss(bare.format("Two", "Sun, 01 Feb 2026 18:47:00 GMT"))
        assert ask("georss", server.feed).records[0]["source_id"] != first


def test_invalid_and_missing_dates_are_set_aside_with_their_reason():
    document = rss(
        item(guid="good"),
        item(guid="bad", date="Sat, 32 Foo 2026 99:00"),
        item(guid="none", date=""),
        item("<dc:date>2026-01-30T10:00:00Z</dc:date>", guid="dc", date=""),
        item(guid="short", date="31 Jan 26 18:47 EST"),
    )
    result = imported("georss", fetch(document))[0]
    times = {one.source_id.partition("#")[2]: one.occurred_from for one in result.incidents}
    assert set(times) == {"good", "dc", "short"} and len(result.rejected) == 2
    assert times["short"] == datetime(2026, 1, 31, 23, 47, tzinfo=UTC)


def test_a_feed_forgets_and_that_withdraws_nothing():
    with FeedServer(rss(item(guid="a"), item(guid="b"))) as server:
        first = ask("georss", server.feed)
        server.documents["/feed"] = rss(item(guid="b"))
        later = ask("georss", server.feed, mark=first.outcome.mark)
        assert not later.outcome.snapshot and later.outcome.complete and later.removed == []
        same = ask("georss", server.feed, mark=later.outcome.mark)
        assert same.outcome.nothing_new and same.batches == []


def test_older_pages_are_followed_to_their_end_and_loops_are_said():
    def page(own, link):
        words = f"<link rel='next' href='{link}'/>" if link else ""
        return ATOM.format(
            f"{words}<entry><id>{own}</id><title>T</title><updated>2026-01-31T10:00Z</updated></entry>"
        )

    with FeedServer(page("a", "two"), two=page("b", "/three"), three=page("c", None)) as server:
        told = ask("georss", server.feed)
        assert [row["source_id"] for row in told.records] == [
            "127.0.0.1#a",
            "127.0.0.1#b",
            "127.0.0.1#c",
        ]
        cut = ask("georss", server.feed, options={"pages": 2})
        assert len(cut.records) == 2 and "pages" in cut.warnings[0]
        since = datetime(2026, 3, 1, tzinfo=UTC)
        assert len(ask("georss", server.feed, since=since).records) == 1
        server.documents["/three"] = page("c", "/feed")
        looped = ask("georss", server.feed)
        assert "loop" in looped.warnings[0] and not looped.outcome.complete


def test_an_entity_bomb_and_what_is_no_feed_are_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel>&a;</channel></rss>'
    with pytest.raises(FeedError, match="document type"):
        fetch(bomb)
    with pytest.raises(FeedError) as wrong:
        fetch("<html><body/></html>".replace("html", "other"))
    assert wrong.value.reason is Reason.SCHEMA


def test_the_trial_tells_items_places_and_dates():
    document = rss(item("<georss:point>47 20</georss:point>"), item(guid="n2", date="never"))
    with FeedServer(document) as server:
        found = checked("georss", server.feed)
    assert found.rows == 2 and found.first.isoformat() == "2026-01-31"
    assert "1 of 2 items have a place." in found.sentences
    assert any("no date" in sentence for sentence in found.sentences)
