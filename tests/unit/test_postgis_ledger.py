"""A ledger in PostgreSQL does what a ledger in a file does: the same tests, on another ledger."""

from __future__ import annotations

import itertools

import pytest

from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.tests.unit.test_ledger_writing import *  # noqa: F403 - the tests themselves

NUMBERS = itertools.count(1)


@pytest.fixture
def ledger(server):
    place = PostgisPlace(server.conninfo(), f"watch_{next(NUMBERS)}", "test")
    with PostgisLedger.create(place) as made:
        yield made


def test_what_is_restored_names_the_revision_that_it_made(ledger):
    for term in ("a", "b"):
        ledger.write_records("incidents", [incident(1, term=term)], "Ana", "read")  # noqa: F405
    done = ledger.restore("incidents", "watch:1", 1, "Ana", "back")
    assert done.revision == len(ledger.history("watch:1")) == 3


def test_the_head_of_an_empty_ledger_may_be_kept(ledger):
    assert ledger.add_head("first").position == 0
    assert ledger.verify().holds
