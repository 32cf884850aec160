"""Reviewing incidents: what may follow what, by whom, and one revision each."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone

import pytest

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.review import review_incidents
from ceasefire_monitor.ledger.reviewsettings import four_eyes, whole
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.review import Review, followers, may_follow
from ceasefire_monitor.model.vocabulary import vocabulary

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "Журнал.gpkg") as made:
        made.write_records("incidents", [incident(name) for name in "ABC"], "Ana", "patrol log")
        yield made


def incident(name: str, **values) -> Incident:
    return Incident(name, category="firing/shot", occurred_from=NOON, **values)


def state(ledger, name="A") -> tuple:
    (found,) = ledger.read("incidents", ids=[name])
    return found.verification, found.workflow


def test_every_code_that_may_follow_is_a_code():
    for name in ("verifications", "workflows"):
        codes = vocabulary(name)
        for code, described in codes.items():
            assert set(described["next"]) <= set(codes) - {code}, code


def test_a_record_is_released_only_after_its_review():
    assert not may_follow("workflow", "recorded", "released")
    assert not may_follow("workflow", None, "released")
    assert may_follow("workflow", "reviewed", "released")
    assert not may_follow("workflow", "withdrawn", "released")
    assert not any("draft" in followers("workflow", code) for code in vocabulary("workflows"))


def test_what_was_refuted_is_confirmed_only_after_it_was_followed_up():
    assert not may_follow("verification", "refuted", "confirmed")
    assert may_follow("verification", "refuted", "followed_up")
    assert may_follow("verification", "followed_up", "confirmed")


def test_a_users_own_code_is_not_restricted():
    assert may_follow("verification", "seen_by_council", "confirmed")
    assert may_follow("verification", "refuted", "seen_by_council")
    assert followers("workflow", "archived") is None


def test_a_review_of_many_is_one_revision_each_signed_with_its_reason(ledger):
    review = Review(verification="confirmed", workflow="reviewed", reliability="B", credibility="1")
    outcome = review_incidents(ledger, ["A", "B", "A"], review, "Bo", "two photographs")
    assert outcome.reviewed == ["A", "B"]
    assert state(ledger) == ("confirmed", "reviewed")
    first, second = ledger.history("A")
    assert (second.revision, second.who, second.why) == (2, "Bo", "two photographs")
    assert second.payload["credibility"] == "1"
    assert [item.revision for item in ledger.history("C")] == [1]


def test_an_incident_that_is_so_already_gets_no_revision(ledger):
    review = Review(workflow="reviewed")
    review_incidents(ledger, ["A"], review, "Bo", "read")
    outcome = review_incidents(ledger, ["A", "B"], review, "Bo", "read")
    assert (outcome.unchanged, outcome.reviewed) == (["A"], ["B"])
    assert len(ledger.history("A")) == 2


def test_all_or_none(ledger):
    review_incidents(ledger, ["A"], Review(workflow="reviewed"), "Bo", "read")
    outcome = review_incidents(ledger, ["A", "B"], Review(workflow="released"), "Bo", "out")
    assert outcome.reviewed == []
    assert "only to" in outcome.refused["B"]
    assert state(ledger)[1] == "reviewed"
    outcome = review_incidents(ledger, ["A", "B"], Review(workflow="released"), "Bo", "out", True)
    assert (outcome.reviewed, list(outcome.refused)) == (["A"], ["B"])
    assert (state(ledger)[1], state(ledger, "B")[1]) == ("released", "recorded")


def test_what_is_withdrawn_comes_back_before_it_is_reviewed(ledger):
    review_incidents(ledger, ["A"], Review(workflow="withdrawn"), "Bo", "same as B")
    outcome = review_incidents(ledger, ["A"], Review(verification="confirmed"), "Bo", "no")
    assert "withdrawn" in outcome.refused["A"]
    back = Review(workflow="recorded", verification="confirmed")
    assert review_incidents(ledger, ["A"], back, "Bo", "not the same").reviewed == ["A"]


@pytest.mark.parametrize(
    ("review", "why", "words"),
    [
        (Review(), "x", "Nothing is to be set"),
        (Review(workflow="reviewed"), "  ", "needs its reason"),
        (Review(workflow="done"), "x", "no workflow"),
        (Review(reliability="G"), "x", "no reliability"),
    ],
)
def test_a_review_that_is_none_is_refused(ledger, review, why, words):
    with pytest.raises(CeasefireError, match=words):
        review_incidents(ledger, ["A"], review, "Bo", why)
    assert len(ledger.history("A")) == 1


def test_an_incident_that_is_not_there_is_refused(ledger):
    outcome = review_incidents(ledger, ["A", "Z"], Review(workflow="reviewed"), "Bo", "x")
    assert list(outcome.refused) == ["Z"] and state(ledger)[1] == "recorded"


@pytest.mark.parametrize("who", ["Ana", " ANA ", "ana", "Ana\u00a0", "a na"])
def test_who_recorded_does_not_confirm_where_four_eyes_are_asked_for(ledger, who):
    ledger.set_setting("four_eyes", "yes")
    outcome = review_incidents(ledger, ["A"], Review(verification="confirmed"), who, "sure")
    assert "four-eyes" in outcome.refused["A"]
    followed = review_incidents(ledger, ["A"], Review(verification="followed_up"), who, "called")
    assert followed.reviewed == ["A"]
    assert review_incidents(ledger, ["A"], Review(workflow="reviewed"), "Bo", "read").reviewed


def test_who_last_changed_the_content_does_not_confirm_either(ledger):
    ledger.set_setting("four_eyes", "yes")
    (known,) = ledger.read("incidents", ids=["A"])
    moved = dataclasses.replace(known, place="Mill")
    ledger.write_records("incidents", [moved], "Bo", "place")
    review_incidents(ledger, ["A"], Review(reliability="A"), "Cy", "graded")
    for who, refused in (("Ana", True), ("Bo", True), ("Cy", False)):
        outcome = review_incidents(ledger, ["A"], Review(workflow="reviewed"), who, "read")
        assert bool(outcome.refused) is refused, who


def test_a_users_own_code_is_no_way_around(ledger):
    known = ledger.read("incidents")
    own = [dataclasses.replace(item, workflow="archived") for item in known]
    ledger.write_records("incidents", own, "Ana", "shelf")
    outcome = review_incidents(ledger, ["A", "B"], Review(workflow="released"), "Bo", "out")
    assert "goes from “recorded” only" in outcome.refused["A"]
    assert review_incidents(ledger, ["A"], Review(workflow="reviewed"), "Bo", "read").reviewed


def test_nobody_confirms_unnamed_where_four_eyes_are_asked_for(ledger):
    ledger.set_setting("four_eyes", "yes")
    outcome = review_incidents(ledger, ["A"], Review(workflow="reviewed"), None, "read")
    assert "say who" in outcome.refused["A"]


def test_records_that_nobody_signed_are_told_apart(ledger):
    ledger.set_setting("four_eyes", "yes")
    ledger.write_records("incidents", [incident("D")], None, "came by mail")
    outcome = review_incidents(ledger, ["A", "D"], Review(workflow="reviewed"), "Bo", "read")
    assert (outcome.reviewed, outcome.unsigned) == (["A", "D"], ["D"])
    ledger.set_setting("four_eyes", "no")
    assert not review_incidents(ledger, ["D"], Review(workflow="released"), "Bo", "x").unsigned


@pytest.mark.parametrize(
    ("key", "value"),
    [("four_eyes", "maybe"), ("corroboration_sources", "1"), ("review_due_hours", "1.5")],
)
def test_settings_that_say_nothing_are_refused(ledger, key, value):
    with pytest.raises(CeasefireError):
        ledger.set_setting(key, value)


def test_settings_have_their_defaults():
    assert not four_eyes({})
    assert four_eyes({"four_eyes": "Yes"})
    assert (whole({}, "corroboration_sources"), whole({}, "review_due_hours")) == (2, 24)
    assert whole({"corroboration_sources": "3"}, "corroboration_sources") == 3
