"""Alerts of a team's ledger are those of a ledger in a file: the same tests, on another ledger."""

from __future__ import annotations

import itertools

import pytest

from ceasefire_monitor.ledger.alerting import open_alerts, raise_alerts
from ceasefire_monitor.ledger.moving import move_ledger
from ceasefire_monitor.ledger.opening import open_ledger
from ceasefire_monitor.ledger.postgis.ledger import PostgisLedger
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.tests.unit.test_alert_property import *  # noqa: F403 - the tests themselves
from ceasefire_monitor.tests.unit.test_alert_raising import *  # noqa: F403 - ditto

NUMBERS = itertools.count(1)


@pytest.fixture
def ledger(server):
    place = PostgisPlace(server.conninfo(), f"alerts_{next(NUMBERS)}", "test")
    with PostgisLedger.create(place, {"timezone": "Europe/Athens"}) as made:
        yield made


def test_a_ledger_that_is_moved_tells_nothing_twice(ledger, tmp_path):
    rule(ledger)  # noqa: F405
    write(ledger, incident(1))  # noqa: F405
    assert len(raised(ledger)) == 1  # noqa: F405
    move_ledger(ledger.path, tmp_path / "moved.gpkg")
    with open_ledger(tmp_path / "moved.gpkg") as moved:
        assert len(open_alerts(moved)) == 1
        assert raised(moved) == []  # noqa: F405
        write(moved, incident(2))  # noqa: F405
        assert ids(raised(moved)) == ["watch:2"]  # noqa: F405


def test_who_sees_a_part_evaluates_that_part_and_hides_nothing_from_the_rest(ledger, server):
    rule(ledger)  # noqa: F405
    write(ledger, incident(1), incident(2, sensitivity="confidential"))  # noqa: F405
    place = ledger.path
    server.run(
        f"create role olha_{place.schema} login password 'x'; "
        f"grant {place.schema}_analyst to olha_{place.schema}"
    )
    hers = PostgisPlace(
        f"{server.conninfo()} user=olha_{place.schema} password=x", place.schema, "hers"
    )
    with PostgisLedger.open(hers) as part:
        assert ids(raise_alerts(part, now=NOW)) == ["watch:1"]  # noqa: F405
        assert raise_alerts(part, now=NOW) == []  # noqa: F405
    assert ids(raised(ledger)) == ["watch:2"]  # noqa: F405
    with PostgisLedger.open(hers) as part:
        assert ids(open_alerts(part)) == ["watch:1"]  # noqa: F405
