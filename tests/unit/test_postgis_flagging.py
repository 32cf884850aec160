"""Flags made in the database are the kernel's: distances to half a metre, at every kind of line."""

# ruff: noqa: E501 - statements of SQL, and records in a row, stay in one piece
from __future__ import annotations

import time
import zlib
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
import shapely

from ceasefire_monitor.analysis.contact_line import LineColumns, prepare_lines
from ceasefire_monitor.analysis.nearest import nearest
from ceasefire_monitor.ledger.opening import create_ledger
from ceasefire_monitor.ledger.postgis.flagging import flag_in_database
from ceasefire_monitor.ledger.postgis.place import PostgisPlace
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import ContactLine
from ceasefire_monitor.tests.unit.test_second_opinion import HARD, synthetic

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)


def incident(number, lon, lat, **values):
    known = {"occurred_from": NOON, "occurred_to": NOON + timedelta(minutes=1), **values}
    return Incident(f"i:{number}", longitude=lon, latitude=lat, **known)


@pytest.mark.parametrize(
    "name",
    ["at 70 degrees north", "across the antimeridian", "acute bends", "two parts and a ring"],
)
def test_distances_are_the_kernels_to_half_a_metre(server, name):
    parts = HARD[name]
    lon, lat = (np.asarray(values).tolist() for values in synthetic(parts, name, 150))
    line = shapely.multilinestrings([shapely.linestrings(part) for part in parts])
    place = PostgisPlace(server.conninfo(), f"flags_{zlib.crc32(name.encode())}", "test")
    with create_ledger(place) as ledger:
        ledger.write_records(
            "contact_lines", [ContactLine("l1", "Line", geometry=line)], "Ana", "w"
        )
        rows = [incident(n, x, y) for n, (x, y) in enumerate(zip(lon, lat))]
        ledger.write_records("incidents", rows, "Ana", "w")
        done = flag_in_database(ledger, 5000.0)
        found = ledger.latest_findings()
        again = flag_in_database(ledger, 5000.0)
    kernel = nearest(
        prepare_lines(LineColumns(np.array([line], dtype=object))), np.array(lon), np.array(lat)
    )
    told = np.array([found[f"i:{n}"].line_distance_m for n in range(len(rows))])
    along = np.array([found[f"i:{n}"].line_chainage_m for n in range(len(rows))])
    assert np.abs(told - kernel.distance_m).max() <= 0.5
    # Where two places are equally near to a hand, either may be the foot.
    assert np.quantile(np.abs(along - kernel.chainage_m), 0.95) <= 1.0
    near = kernel.distance_m <= 5000.0
    assert (done.near, done.far, done.left) == (near.sum(), (~near).sum(), 0)
    assert [found[f"i:{n}"].flag for n in range(len(rows))] == np.where(
        near, "near", "far"
    ).tolist()
    assert (done.added, again.added) == (len(rows), 0)


def test_the_line_in_force_counts_and_what_needs_a_probability_is_left(server):
    north = shapely.linestrings([(30, 46), (31, 46)])
    south = shapely.linestrings([(30, 45), (31, 45)])
    records = [
        ContactLine("a", "Old", kind="agreed", valid_to=NOON, geometry=south),
        ContactLine(
            "b",
            "New",
            kind="agreed",
            valid_from=NOON,
            valid_to=NOON + timedelta(days=9),
            geometry=north,
        ),
    ]
    rows = [
        incident(
            0,
            30.5,
            45.001,
            occurred_from=NOON - timedelta(minutes=5),
            occurred_to=NOON - timedelta(minutes=4),
        ),
        incident(1, 30.5, 45.001),
        incident(2, None, None),
        incident(3, 30.5, 45.001, occurred_from=NOON + timedelta(days=99), occurred_to=None),
        incident(4, 30.5, 45.001, uncertainty_m=100.0),
        incident(5, 30.5, 45.001, occurred_from=NOON - timedelta(minutes=5)),
        incident(6, 30.5, 45.001, occurred_from=None, occurred_to=None),
    ]
    with create_ledger(PostgisPlace(server.conninfo(), "flags", "test")) as ledger:
        ledger.write_records("contact_lines", records, "Ana", "w")
        ledger.write_records("incidents", rows, "Ana", "w")
        done = flag_in_database(ledger, 5000.0)
        assert (done.near, done.far, done.not_located, done.no_line_in_force, done.left) == (
            1,
            1,
            1,
            1,
            3,
        )
        found = ledger.latest_findings()
        told = {
            key: (f.flag, f.line_name, f.flag_basis, f.incident_revision)
            for key, f in found.items()
        }
        assert told == {
            "i:0": ("near", "Old", "none", 1),
            "i:1": ("far", "New", "none", 1),
            "i:2": ("not_located", None, None, 1),
            "i:3": ("no_line_in_force", None, None, 1),
        }
        ledger.write_records(
            "contact_lines", [ContactLine("c", kind="claimed", geometry=north)], "Ana", "w"
        )
        with pytest.raises(CeasefireError, match="different kinds"):
            flag_in_database(ledger, 5000.0)
        assert flag_in_database(ledger, 4000.0, "agreed").added == 4


def test_a_moment_of_no_line_is_asked_of_the_lines_and_not_of_their_pieces(server):
    """A search by distance through 40,000 pieces for each of 1000 incidents takes minutes."""
    long = shapely.linestrings([(30, 45), (45, 45)])
    line = ContactLine("a", "Later", valid_from=NOON + timedelta(days=9), geometry=long)
    with create_ledger(PostgisPlace(server.conninfo(), "no_line", "test")) as ledger:
        ledger.write_records("contact_lines", [line], "Ana", "w")
        rows = [incident(n, 30 + n / 100, 45.001) for n in range(1000)]
        ledger.write_records("incidents", rows, "Ana", "w")
        begun = time.perf_counter()
        done = flag_in_database(ledger, 5000.0)
        taken = time.perf_counter() - begun
    assert (done.no_line_in_force, done.added, done.left) == (1000, 1000, 0)
    assert taken < 15.0
