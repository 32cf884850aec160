"""Many incidents at once leave the ledger as if each had been written by itself."""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire_monitor.ledger.bulk import AT_LEAST
from ceasefire_monitor.ledger.bulk_columns import COLUMNS, Columns
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.payload import payload_sql
from ceasefire_monitor.ledger.rows import row_of
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Fetch
from ceasefire_monitor.model.tables import INCIDENTS

NOON = datetime(2031, 5, 1, 12, tzinfo=timezone.utc)
MANY = AT_LEAST + 700
COUNTED = (
    "SELECT count(*) FROM incidents",
    "SELECT count(*) FROM incident_history",
    "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'incidents'",
    "SELECT count(*) FROM rtree_incidents_geom_rowid",
)


def incident(number: int, source: str = "watch", **values) -> Incident:
    chance = random.Random(number)
    known = {
        "incident_id": f"{source}:{number}",
        "source": source,
        "source_id": str(number),
        "category": "firing/explosion",
        "count_low": number % 7,
        "occurred_from": NOON + timedelta(seconds=number),
        "uncertainty_m": chance.choice([None, 0.1 + 0.2, 5.0, 1e-7 * number]),
        "description": chance.choice([None, "a 'quoted\" “word”\n", "Взрыв", "انفجار", "$now %s"]),
    }
    if number % 5:
        known.update(longitude=chance.uniform(-180, 180), latitude=chance.uniform(-90, 90))
    return Incident(**{**known, **values})


def imported(ledger, incidents, step=None, source="watch"):
    result = SimpleNamespace(
        source=source, incidents=incidents, rows=len(incidents),
        observations=[], posts=[], effort=[], rejected=[], notes=[],
    )  # fmt: skip
    return ledger.write_import(result, Fetch(source=source), "Ana", "daily", step)


def content(path: Path) -> list:
    """Everything that the two ways of writing should make alike."""
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    with closing(sqlite3.connect(path)) as file:
        shape = file.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        ).fetchall()
        return [
            [row for row in shape if row[1] != "sqlite_stat1"],
            file.execute(f"SELECT fid, geom, revision, {columns} FROM incidents").fetchall(),
            [
                (*row[:4], _values(row[4]), *row[5:])
                for row in file.execute(
                    "SELECT history_id, incident_id, revision, operation, payload, who, why, "
                    "with_what, fetch_id IS NULL, based_on, conflict FROM incident_history"
                )
            ],
            file.execute(
                "SELECT count(*) FROM incidents AS i JOIN incident_history AS h "
                "ON i.recorded_at = h.recorded_at AND i.incident_id = h.incident_id"
            ).fetchall(),
            file.execute(
                "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents "
                "WHERE table_name = 'incidents'"
            ).fetchall(),
            [file.execute(sql).fetchone() for sql in COUNTED],
            file.execute("SELECT id FROM rtree_incidents_geom ORDER BY id").fetchall(),
            file.execute("SELECT rtreecheck('rtree_incidents_geom')").fetchone(),
            file.execute("PRAGMA integrity_check").fetchone(),
        ]


@pytest.mark.parametrize("before", [0, 3])
def test_many_at_once_are_as_if_written_one_by_one(tmp_path, before):
    together, apart = tmp_path / "together.gpkg", tmp_path / "apart.gpkg"
    incidents = [incident(number) for number in range(MANY)]
    for path, parts in ((together, [incidents]), (apart, [incidents[i::2] for i in (0, 1)])):
        with Ledger.create(path) as ledger:
            if before:
                imported(ledger, [incident(n, "other") for n in range(before)], source="other")
            for part in parts:
                assert len(part) >= AT_LEAST or path == apart
                imported(ledger, part)
            found = ledger.verify()
            assert found.holds, found.sentences()
            # Each import is a row of the fetches, and a revision of its own.
            imports = bool(before) + len(parts)
            assert (found.checked, found.unsealed) == (MANY + before + imports, 0)
    one, other = content(together), content(apart)
    assert one[-2:] == [("ok",), ("ok",)] == other[-2:]
    assert one[0] == other[0]
    for kept, recorded, counted, indexed in (one[5], other[5]):
        assert kept == recorded == (MANY + before,)
        # GDAL counts anew where no number is kept.
        assert counted in ((None,), (MANY + before,))
        assert indexed == other[5][3]
    assert one[4] == [pytest.approx(other[4][0])]
    for table, key in ((1, 3), (2, 1)):
        rows = [{row[key]: row[1:] for row in each[table]} for each in (one, other)]
        assert rows[0] == rows[1]
    assert one[3] == other[3] == [(MANY + before,)]


def test_what_was_set_aside_works_again(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as ledger:
        imported(ledger, [incident(number) for number in range(MANY)])
        ledger.write_records("incidents", [incident(7, count_low=40)], "Bo", "recount")
        imported(ledger, [incident(number) for number in range(MANY, MANY + 4)])
        assert [state.revision for state in ledger.history("watch:7")] == [1, 2]
        assert [state.who for state in ledger.history("watch:7")] == ["Ana", "Bo"]
        assert [state.revision for state in ledger.history(f"watch:{MANY + 1}")] == [1]
        with pytest.raises(CeasefireError, match="never deleted"):
            ledger._connection.run("DELETE FROM incidents WHERE fid = 3")


def test_the_extent_grows_with_later_edits(tmp_path):
    path = tmp_path / "ledger.gpkg"
    near = [incident(n, longitude=30.0 + n / 1e4, latitude=45.0) for n in range(MANY)]
    with Ledger.create(path) as ledger:
        imported(ledger, near)
        ledger.write_records("incidents", [incident(7, longitude=50.0, latitude=46.0)], "Bo", "x")
    with closing(sqlite3.connect(path)) as file:
        (box,) = file.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'incidents'"
        )
    assert box == pytest.approx((30.0, 45.0, 50.0, 46.0))


def test_a_stop_in_the_middle_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path) as ledger:
        before = content(path)
        for stop_at in (1, AT_LEAST + 3, MANY):
            steps = iter(range(1, 10 * MANY))

            def step(stop_at=stop_at, steps=steps):
                if next(steps) == stop_at:
                    raise Cancelled("stopped")

            with pytest.raises(Cancelled):
                imported(ledger, [incident(number) for number in range(MANY)], step)
            assert not list((tmp_path / "scratch").iterdir())
            assert content(path) == before
        assert imported(ledger, [incident(number) for number in range(MANY)]).added == MANY


def test_a_full_scratch_disk_is_one_sentence(tmp_path, monkeypatch):
    import ceasefire_monitor.ledger.bulk as bulk

    class Full:
        def __init__(self, *_, **__):
            raise sqlite3.OperationalError("database or disk is full")

    path = tmp_path / "ledger.gpkg"
    with Ledger.create(path) as ledger:
        with monkeypatch.context() as here:
            here.setattr(bulk.sqlite3, "connect", Full)
            with pytest.raises(CeasefireError, match="free some room"):
                imported(ledger, [incident(number) for number in range(MANY)])
        assert ledger.read("incidents") == []


texts = st.one_of(
    st.none(), st.text(alphabet=st.characters(blacklist_categories=("Cs",))), st.just("a\x7f\x1f\t")
)


@settings(deadline=None, max_examples=150)
@given(
    text=texts,
    whole=st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    real=st.one_of(st.none(), st.floats(-1e300, 1e300), st.just(float("-inf")), st.floats(0, 1e5)),
    place=st.one_of(st.none(), st.tuples(st.floats(-180, 180), st.floats(-90, 90))),
)
def test_the_payload_is_the_one_that_the_triggers_write(text, whole, real, place):
    longitude, latitude = place or (None, None)
    row = row_of(
        INCIDENTS,
        Incident("x:1", description=text, count_low=whole, uncertainty_m=real,
                 occurred_from=NOON, longitude=longitude, latitude=latitude),
    )  # fmt: skip
    columns = Columns.of([row])
    values = [row.values[INCIDENTS.names().index(name)] for name in COLUMNS]
    mine = columns.canonical_text(columns.take(row.values), row.geometry)
    with closing(sqlite3.connect(":memory:")) as file:
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        file.execute(f"CREATE TABLE incidents ({names}, geom BLOB)")
        header = b"GP\x00\x01\xe6\x10\x00\x00"
        blob = None if row.geometry is None else header + row.geometry
        marks = ", ".join("?" * (len(values) + 1))
        file.execute(f"INSERT INTO incidents VALUES ({marks})", (*values, blob))
        (theirs,) = file.execute(
            f"SELECT {payload_sql(INCIDENTS, 's.')} FROM incidents AS s"
        ).fetchone()
    if real is None or real == 0 or 1e-4 <= abs(real) < 1e15:
        assert mine == theirs
    else:
        assert _values(mine) == _values(theirs)


def _values(text: str) -> dict:
    """What a payload says; the seventeenth digit of a number may be spelt otherwise."""
    return json.loads(text)
