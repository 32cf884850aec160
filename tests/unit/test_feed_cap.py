"""CAP: an alert, its updates and its cancellation are one incident, in whatever order they come."""

from __future__ import annotations

import itertools
from datetime import datetime, timezone

import pytest
from geographiclib.geodesic import Geodesic

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.asking import ask, checked, incidents
from tests.feedservers.cap_server import AREA, SENDER, CapServer, alert, info, ref
from tests.feedservers.georss_server import FeedServer

UTC = timezone.utc
ROOT = f"{SENDER},V-1"


def fetch(document, **how):
    with FeedServer(document) as server:
        return ask("cap", server.feed, **how)


def place(told, at=0):
    row = told.records[at]
    return [row[f"geometry {name}"] for name in ("longitude", "latitude", "radius (m)")]


def test_an_alert_is_an_incident_of_its_area_while_it_holds():
    told = fetch(alert(1, body=info(headline="Shelling near Mill", senderName="Vale centre")))
    made = incidents("cap", told)[f"cap:{ROOT}"]
    assert made.occurred_from == datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
    assert made.occurred_to == datetime(2026, 2, 1, 4, 0, tzinfo=UTC)
    assert (made.category, made.term, made.place) == (
        "firing/shelling",
        "Security: Shelling",
        "Mill",
    )
    assert (made.longitude, made.latitude) == pytest.approx((20.1, 47.1))
    assert made.uncertainty_m == pytest.approx(13_470, rel=2e-3)
    assert made.uncertainty_kind == "area" and "Vale centre" in made.description
    assert told.outcome.complete and not told.outcome.snapshot


def test_an_update_corrects_its_alert_and_a_cancellation_takes_it_back():
    with CapServer({1: alert(1)}) as server:
        first = ask("cap", server.feed)
        assert [row["source_id"] for row in first.records] == [ROOT]
        server.put(2, alert(2, "Update", ref(1), body=info("Air strike")))
        second = ask("cap", server.feed, mark=first.outcome.mark)
        assert [(r["source_id"], r["event"]) for r in second.records] == [(ROOT, "Air strike")]
        # This one refers to the update only, and the first has left the index.
        server.put(1, alert(1), listed=False)
        server.put(3, alert(3, "Update", ref(2), body=info("Clash")))
        third = ask("cap", server.feed, mark=second.outcome.mark)
        assert [(r["source_id"], r["event"]) for r in third.records] == [(ROOT, "Clash")]
        server.put(4, alert(4, "Cancel", ref(3)))
        fourth = ask("cap", server.feed, mark=third.outcome.mark)
        assert fourth.records == [] and fourth.removed == [ROOT]
        server.put(5, alert(5))
        fifth = ask("cap", server.feed, mark=fourth.outcome.mark)
        assert [row["source_id"] for row in fifth.records] == [f"{SENDER},V-5"]
        whole = ask("cap", server.feed, mark=fifth.outcome.mark, full=True)
        assert [row["source_id"] for row in whole.records] == [f"{SENDER},V-5"]
        assert whole.removed == [ROOT]


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_the_newest_message_holds_in_whatever_order_the_index_lists_them(order):
    texts = {
        1: alert(1, body=info("Clash")),
        2: alert(2, "Update", ref(1), body=info("Air strike")),
        3: alert(3, "Update", ref(1, 2), body=info("Shelling")),
    }
    with CapServer({number: texts[number] for number in order}) as server:
        told = ask("cap", server.feed)
        assert [(r["source_id"], r["event"]) for r in told.records] == [(ROOT, "Shelling")]
    # One by one too: what was sent before what is known changes nothing.
    with CapServer() as server:
        mark, last = {}, None
        for number in order:
            server.put(number, texts[number])
            told = ask("cap", server.feed, mark=mark)
            mark = told.outcome.mark
            last = told.records[-1]["event"] if told.records else last
        assert last == "Shelling"


def test_of_several_languages_one_is_taken_and_of_several_infos_all():
    body = info("Bombardement", "fr-FR") + info("Shelling", "en-GB") + info("Clash", "en-GB")
    told = fetch(alert(1, body=body))
    assert [(r["source_id"], r["event"]) for r in told.records] == [
        (ROOT, "Shelling"),
        (f"{ROOT}/2", "Clash"),
    ]
    french = fetch(alert(1, body=body), options={"language": "fr"})
    assert [row["event"] for row in french.records] == ["Bombardement"]
    none = fetch(alert(1, body=info("Beschuss", "de") + info("Bombardement", "fr")))
    assert [row["event"] for row in none.records] == ["Beschuss"]


def test_an_update_with_fewer_infos_takes_back_the_others():
    with CapServer({1: alert(1, body=info("Shelling") + info("Clash"))}) as server:
        first = ask("cap", server.feed)
        server.put(2, alert(2, "Update", ref(1), body=info("Shelling")))
        later = ask("cap", server.feed, mark=first.outcome.mark)
    assert len(later.records) == 1 and later.removed == [f"{ROOT}/2"]


def test_reading_everything_anew_still_knows_which_alerts_are_one():
    with CapServer({1: alert(1)}) as server:
        first = ask("cap", server.feed)
        # The first message leaves the index; its update refers to the one between alone.
        server.put(2, alert(2, "Update", ref(1), body=info("Air strike")), listed=False)
        server.put(1, alert(1), listed=False)
        server.put(3, alert(3, "Update", ref(1), body=info("Clash")))
        second = ask("cap", server.feed, mark=first.outcome.mark)
        server.put(3, alert(3), listed=False)
        server.put(4, alert(4, "Update", ref(3), body=info("Shelling")))
        whole = ask("cap", server.feed, memory=second.outcome.mark, full=True)
        assert [(r["source_id"], r["event"]) for r in whole.records] == [(ROOT, "Shelling")]
        other = ask(
            "cap", server.feed, memory={**second.outcome.mark, "settings": "other"}, full=True
        )
        assert [row["source_id"] for row in other.records] == [f"{SENDER},V-3"]


def test_circles_and_several_areas():
    one = fetch(alert(1, body=info(area="<area><circle>47.25,20.5 12.5</circle></area>")))
    assert place(one) == [20.5, 47.25, 12_500.0]
    two = AREA + "<area><areaDesc>Ford</areaDesc><circle>47.1,20.4 10</circle></area>"
    told = fetch(alert(1, body=info(area=two)))
    lon, lat, radius = place(told)
    assert told.records[0]["area"] == "Mill; Ford" and 20.1 < lon < 20.4
    farthest = Geodesic.WGS84.Direct(47.1, 20.4, 90, 10_000)
    assert radius >= Geodesic.WGS84.Inverse(lat, lon, 47.1, farthest["lon2"])["s12"] * 0.99
    for broken in ("<polygon>47,20 47,x 48,20</polygon>", "<circle>47.1 20.4 10</circle>", ""):
        told = fetch(alert(1, body=info(area=f"<area><areaDesc>Mill</areaDesc>{broken}</area>")))
        assert place(told) == [None, None, None] and told.records[0]["area"] == "Mill"


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
def test_exercises_are_left_out_unless_asked_for(status):
    document = alert(1, status=status)
    told = fetch(document)
    assert told.records == [] and f"status is {status}" in told.warnings[0]
    assert len(fetch(document, options={"exercises": True}).records) == 1


def test_restricted_messages_and_acknowledgements_are_no_incidents():
    told = fetch(alert(1, scope="Restricted"))
    assert told.records == [] and "Restricted" in told.warnings[0]
    assert len(fetch(alert(1, scope="Private"), options={"restricted": True}).records) == 1
    assert fetch(alert(1, kind="Ack")).records == []


def test_expired_alerts_stay_unless_they_are_to_be_skipped():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with CapServer({1: alert(1)}) as server:
        first = ask("cap", server.feed)
        kept = ask("cap", server.feed, now=now, full=True, mark=first.outcome.mark)
        skipped = ask("cap", server.feed, now=now, options={"expired": "skip"})
        assert len(kept.records) == 1 and skipped.records == [] and skipped.removed == []
        server.put(1, alert(1), listed=False)
        assert ask("cap", server.feed, mark=first.outcome.mark).removed == []


def test_only_alerts_that_are_new_in_the_index_are_fetched():
    with CapServer({1: alert(1), 2: alert(2)}) as server:
        first = ask("cap", server.feed)
        before = len(server.log)
        assert ask("cap", server.feed, mark=first.outcome.mark).outcome.nothing_new
        assert len(server.log) == before + 1
        server.put(3, alert(3))
        later = ask("cap", server.feed, mark=first.outcome.mark)
        assert [one.path for one in server.log[before + 1 :]] == ["/feed", "/alert/3"]
        assert len(later.records) == 1


def test_an_alert_that_is_gone_is_said_and_one_that_is_broken_is_asked_for_again():
    with CapServer({1: alert(1), 2: alert(2)}) as server:
        server.gone.add("/alert/2")
        told = ask("cap", server.feed)
        assert len(told.records) == 1 and "1 of the alerts" in told.warnings[0]
        assert told.outcome.complete
        server.gone.clear()
        server.put(3, "<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'><identifier>")
        broken = ask("cap", server.feed)
        assert len(broken.records) == 2 and not broken.outcome.complete


def test_credentials_do_not_follow_to_another_host():
    with FeedServer(alert(1)) as away, CapServer() as server:
        server.documents["/feed"] = (
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>e</id>"
            f"<link type='application/cap+xml' href='{away.feed}'/></entry></feed>"
        )
        told = ask("cap", server.feed, Credentials(token="s3cret"))
        assert len(told.records) == 1 and "another host" in told.warnings[0]
        assert "authorization" in server.log[0].headers
        assert not any("authorization" in one.headers for one in away.log)


def test_alerts_within_a_feed_or_a_list_are_read_too():
    body = alert(1).partition("?>")[2] + alert(2).partition("?>")[2]
    entries = f"<entry><id>e</id><content type='text/xml'>{body}</content></entry>"
    told = fetch(f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>")
    assert len(told.records) == 2


def test_what_cannot_be_told_apart_or_is_no_alert_is_refused():
    with pytest.raises(FeedError) as wrong:
        fetch(alert(1).replace(f"<sender>{SENDER}</sender>", ""))
    assert wrong.value.reason is Reason.SCHEMA
    with pytest.raises(FeedError, match="neither a CAP alert"):
        fetch("<other/>")
    with pytest.raises(FeedError, match="document type"):
        fetch('<!DOCTYPE alert [<!ENTITY a "b">]>' + alert(1).partition("?>")[2])


def test_the_trial_tells_alerts_and_dates():
    with CapServer({1: alert(1), 2: alert(2)}) as server:
        found = checked("cap", server.feed)
        single = checked("cap", server.address + "/alert/1")
    assert (found.rows, single.rows) == (2, 1) and single.first.isoformat() == "2026-01-31"
