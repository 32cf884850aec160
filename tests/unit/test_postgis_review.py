"""What a review may not do is refused by the server too, whatever program writes."""

from __future__ import annotations

import dataclasses

import pytest

from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.ledger.review import review_incidents
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.review import Review


@pytest.fixture(scope="module")
def ledger(server):
    with PostgisLedger.create(PostgisPlace(server.conninfo(), "review", "test")) as made:
        yield made


@pytest.fixture
def known(ledger):
    """A new incident of its own, recorded while the four-eyes rule is off."""
    name = f"A{len(ledger.read('incidents'))}"
    ledger.set_setting("four_eyes", "no")
    ledger.write_records("incidents", [Incident(name, place="Mill")], "Ana", "log")
    (found,) = ledger.read("incidents", ids=[name])
    return found


def write(ledger, record, who="Bo", why="read", **values):
    ledger.write_records("incidents", [dataclasses.replace(record, **values)], who, why)


def test_withdrawing_and_coming_back_need_a_reason(ledger, known):
    for blank in ("", " \u00a0"):
        with pytest.raises(CeasefireError, match="is withdrawn only with a reason"):
            write(ledger, known, why=blank, workflow="withdrawn")
    write(ledger, known, workflow="withdrawn")
    (gone,) = ledger.read("incidents", ids=[known.incident_id])
    with pytest.raises(CeasefireError, match="comes back only with a reason"):
        write(ledger, gone, why="", workflow="recorded")
    write(ledger, gone, workflow="recorded")


def test_a_users_own_code_is_no_way_around(ledger, known):
    write(ledger, known, workflow="archived")
    (own,) = ledger.read("incidents", ids=[known.incident_id])
    with pytest.raises(CeasefireError, match="goes from"):
        write(ledger, own, workflow="released")
    outcome = review_incidents(
        ledger, [known.incident_id], Review(workflow="released"), "Bo", "out"
    )
    assert "goes from" in outcome.refused[known.incident_id]
    reviewed = Review(workflow="reviewed")
    assert review_incidents(ledger, [known.incident_id], reviewed, "Bo", "read").reviewed
    assert [item.who for item in ledger.history(known.incident_id)] == ["Ana", "Bo", "Bo"]


def test_new_incidents_are_not_confirmed_by_who_records_them(ledger, known):
    ledger.set_setting("four_eyes", "yes")
    with pytest.raises(CeasefireError, match="record it first"):
        write(ledger, Incident(known.incident_id + "new"), verification="confirmed")
    with pytest.raises(CeasefireError, match="at once"):
        write(ledger, known, verification="confirmed", deaths_best=9)
    write(ledger, Incident(known.incident_id + "new"), verification="followed_up")
