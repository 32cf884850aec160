"""ODK Central: sessions, pages by the server's links, changes, deletions, reviews, drafts."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from tests.feedservers.asking import NOW, ask, checked, incidents
from tests.feedservers.odk_server import EMAIL, PASSWORD, START, OdkServer, stamp, submission

LOGIN = Credentials(username=EMAIL, password=PASSWORD)
OPTIONS = {"project": 7, "form": "incident report"}
PREFIX = "odk/7/incident report:"


def asked(server, credentials=LOGIN, **more):
    options = {**OPTIONS, **more.pop("options", {})}
    return ask("odk", server.address, credentials, options=options, **more)


def numbers(told) -> list[int]:
    return [int(one["source_id"][5:]) for one in told.records]


@pytest.mark.parametrize("modern", [True, False])
def test_all_pages_by_the_servers_own_links(modern):
    with OdkServer([submission(n) for n in range(1, 12)], modern) as server:
        told = asked(server, options={"page_size": 4})
        assert sorted(numbers(told)) == list(range(1, 12))
        assert told.outcome.snapshot and told.outcome.complete and told.outcome.total == 11
        assert server.logins == 1 and told.warnings == []
        links = [one.target for one in server.log if "Submissions" in one.target]
    assert len(links) == 3 and ("skiptoken" in links[2]) == modern


def test_incidents_have_place_review_and_the_forms_own_time():
    place = {"type": "Point", "coordinates": [-17.25, 14.5, 3], "properties": {"accuracy": 10}}
    one = submission(5, location=place, remarks="Seen.")
    one["__system"]["reviewState"] = "approved"
    with OdkServer([one, submission(6)]) as server:
        told = asked(server)
    made = incidents("odk", told, {"description": "remarks"})
    first, second = made[f"{PREFIX}uuid:0005"], made[f"{PREFIX}uuid:0006"]
    assert (first.longitude, first.latitude, first.uncertainty_m) == (-17.25, 14.5, 16.2)
    assert first.verification == "confirmed" and second.verification == "unverified"
    assert first.occurred_from.isoformat() == "2025-02-06T00:00:00+00:00"
    assert second.longitude is None and second.category == "firing/shelling"
    text = json.dumps([[batch.columns, batch.rows] for batch in told.batches])
    assert "Ada" not in text and "collect:" not in text and "navigationLink" not in text


def test_the_next_fetch_reads_only_what_changed_and_what_was_deleted():
    with OdkServer([submission(n) for n in range(1, 6)]) as server:
        first = asked(server)
        server.change(2, 2000, reviewState="edited")["what"]["category"] = "small-arms fire"
        server.submissions["uuid:0009"] = submission(9, 2010)
        server.delete(3, 2020)
        server.change(4, 2030, reviewState="rejected")
        server.log.clear()
        second = asked(server, mark=first.outcome.mark)
        # The newest of the last time is read again: stamps within ten minutes may come late.
        assert sorted(numbers(second)) == [2, 5, 9]
        assert sorted(second.removed) == ["uuid:0003", "uuid:0004"]
        assert not second.outcome.snapshot and second.outcome.complete
        assert second.outcome.mark["changed"].startswith(stamp(2030)[:16])
        third = asked(server, mark=second.outcome.mark, now=NOW + timedelta(hours=25))
    assert sorted(numbers(third)) == [1, 2, 5, 9] and third.outcome.snapshot


def test_a_clock_of_the_server_that_was_ahead_hides_nothing_that_it_stamps_later():
    with OdkServer([submission(n) for n in range(1, 4)]) as server:
        server.change(1, 300 * 24 * 60)
        first = asked(server)
        # The clock was put right; the next stamps lie before that of the first run.
        minutes = (NOW - START).total_seconds() / 60
        server.delete(2, minutes + 5)
        server.change(3, minutes + 6, reviewState="approved")
        later = NOW + timedelta(minutes=15)
        second = asked(server, mark=first.outcome.mark, now=later)
    assert second.removed == ["uuid:0002"] and 3 in numbers(second)


def test_servers_that_do_not_know_deletions_get_a_full_pass():
    with OdkServer([submission(n) for n in range(1, 6)], modern=False) as server:
        first = asked(server)
        server.delete(3, 2000)
        soon = asked(server, mark=first.outcome.mark)
        later = asked(server, mark=soon.outcome.mark, now=NOW + timedelta(hours=24))
    assert soon.outcome.complete and soon.removed == [] and not soon.outcome.snapshot
    assert soon.outcome.mark["deletions"] is False
    assert later.outcome.snapshot and sorted(numbers(later)) == [1, 2, 4, 5]


def test_a_server_that_answers_deletions_with_everything_removes_nothing():
    with OdkServer([submission(n) for n in range(1, 4)]) as server:
        first = asked(server)
        kept = server.page
        server.page = lambda request, rows: kept(_unfiltered(request), rows)
        second = asked(server, mark=first.outcome.mark)
    assert second.removed == []


def _unfiltered(request):
    request.query.pop("$filter", None)
    return request


def test_rejected_submissions_are_removed_also_in_a_full_pass():
    with OdkServer([submission(1), submission(2)]) as server:
        server.change(2, 1000, reviewState="rejected")
        told = asked(server)
    assert numbers(told) == [1] and told.removed == ["uuid:0002"] and told.outcome.complete


def test_a_count_that_disagrees_and_a_circle_withdraw_nothing():
    with OdkServer([submission(n) for n in range(1, 7)]) as server:
        server.count_off = 3
        short = asked(server)
        server.count_off = 0
        server.next_link = f"{server.address}/v1/projects/7/forms/incident%20report.svc/Submissions"
        server.next_link += "?%24top=2&%24count=true"
        circle = asked(server, options={"page_size": 2})
    assert not short.outcome.snapshot and any("9" in one for one in short.warnings)
    assert not circle.outcome.complete and any("circle" in one for one in circle.warnings)


def test_a_session_that_ended_is_opened_anew_and_a_wrong_password_is_told_once():
    with OdkServer([submission(n) for n in range(1, 7)]) as server:
        kept = server.page

        def end_the_session(request, rows):
            if request.one("$skiptoken") and server.logins == 1:
                server.sessions.clear()
                server.page = kept
            return kept(request, rows)

        server.page = end_the_session
        told = asked(server, options={"page_size": 2})
        assert len(told.records) == 6 and server.logins == 2
        before = len(server.log)
        with pytest.raises(FeedError) as refused:
            asked(server, Credentials(username=EMAIL, password="wrong-horse"))
        assert len(server.log) == before + 1
    assert refused.value.reason is Reason.UNAUTHORISED and "wrong-horse" not in str(refused.value)


def test_basic_and_a_token_of_ones_own_need_no_session():
    with OdkServer([submission(1)]) as server:
        server.sessions.add("a-token-of-my-own")
        assert len(asked(server, options={"login": "basic"}).records) == 1
        assert len(asked(server, Credentials(token="a-token-of-my-own")).records) == 1
        assert server.logins == 0


def test_test_submissions_of_a_draft_are_drafts_of_their_own():
    with OdkServer([submission(1)]) as server:
        with pytest.raises(FeedError, match="no draft"):
            asked(server, options={"draft": True})
        server.draft = [submission(2)]
        told = asked(server, options={"draft": True})
    made = incidents("odk", told)
    assert set(made) == {"odk/7/incident report/draft:uuid:0002"}
    assert [one.workflow for one in made.values()] == ["draft"]


def test_a_filter_narrows_full_and_later_fetches():
    with OdkServer([submission(n) for n in range(1, 5)]) as server:
        server.change(2, 500, reviewState="approved")
        options = {"filter": "__system/reviewState eq 'approved'"}
        first = asked(server, options=options)
        server.change(3, 1000, reviewState="approved")
        server.change(4, 1010, reviewState="hasIssues")
        second = asked(server, options=options, mark=first.outcome.mark)
    assert numbers(first) == [2]
    assert sorted(numbers(second)) == [2, 3]


def test_a_group_that_nobody_filled_keeps_its_columns():
    empty = submission(1)
    empty["what"] = None
    with OdkServer([empty]) as server:
        told = asked(server)
    assert {"what/incident_date", "incident_date", "category", "remarks"} <= set(
        told.batches[0].columns
    )


def test_a_trial_tells_rows_and_what_is_wrong():
    with OdkServer([submission(1), submission(2)]) as server:
        found = checked("odk", server.address, LOGIN, options=OPTIONS)
        lost = checked("odk", server.address, LOGIN, options={**OPTIONS, "form": "none"})
        url = f"{server.address}/v1/projects/7/forms/incident%20report.svc"
        by_address = checked("odk", url, LOGIN)
    assert found.rows == by_address.rows == 2 and found.authorised
    assert found.last.isoformat() == "2025-03-01"
    assert lost.reachable and "xmlFormId" in lost.sentences[0]
