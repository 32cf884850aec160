"""The past against what stood in the file: random edits, each moment and each pair of moments.

After every edit the tables are read with the standard library's SQLite, outside of the ledger's
code and without its history. The past as the ledger tells it must be exactly that.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
from osgeo import gdal, ogr
from shapely.geometry import LineString, MultiLineString

from ceasefire_monitor.ledger.difference import Kind
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.payload import recorded_fields
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.field import Shape
from ceasefire_monitor.model.incident import Effort, Incident
from ceasefire_monitor.model.land import ContactLine
from ceasefire_monitor.model.tables import table

TABLES = ("incidents", "effort", "contact_lines")
KEYS = {name: table(name).key for name in TABLES}
START = datetime(2031, 5, 1, tzinfo=timezone.utc)
EDITS = 45


def as_it_stands(path, name):
    """The rows of a table by key, read without the ledger's code: values as stored, WKB as hex."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
    connection.close()
    names = [field.name for field in recorded_fields(table(name))]
    found = {}
    for row in rows:
        state = {field: row[field] for field in names}
        if table(name).shape is not Shape.NONE:
            state["geometry"] = without_header(row["geom"])
        found[state[KEYS[name]]] = state
    return found


def without_header(blob):
    """The WKB in a GeoPackage geometry: 8 bytes, and an envelope whose kind stands in its flags."""
    if blob is None:
        return None
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}[(blob[3] >> 1) & 7]
    return blob[8 + envelope :].hex().upper()


def after_the_clock(path):
    """The moment of the last revision, once the clock stands later than that."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    texts = [
        connection.execute(f"SELECT max(recorded_at) FROM {name}").fetchone()[0]
        for name in ("incident_history", "record_history")
    ]
    connection.close()
    last = datetime.fromisoformat(max(filter(None, texts))[:-1]).replace(tzinfo=timezone.utc)
    while datetime.now(timezone.utc) < last + timedelta(milliseconds=2):
        pass
    return last


class Editor:
    """Makes one random edit after the other, by the ledger's code, by OGR and by SQL."""

    def __init__(self, path, rng):
        self.path, self.rng = path, rng

    def edit(self):
        choice = self.rng.choice(
            (self.write, self.write, self.draw, self.change, self.change, self.delete, self.restore)
        )
        choice(self.rng.choice(TABLES))

    def record(self, name, number):
        rng = self.rng
        moment = START + timedelta(hours=rng.randrange(50))
        if name == "incidents":
            return Incident(
                incident_id=f"watch:{number}",
                source=rng.choice(("watch", "gazette")),
                place=rng.choice((None, "Mill", "Ёлка “1”")),
                deaths_best=rng.choice((None, 0, 3)),
                uncertainty_m=rng.choice((None, 0.1 + 0.2, 500.0)),
                occurred_from=moment,
                workflow=rng.choice(("recorded", "reviewed", "withdrawn")),
                verification=rng.choice(("unverified", "confirmed")),
                longitude=rng.choice((None, 30.1, 30.2)),
                latitude=45.0,
            )
        if name == "effort":
            return Effort(f"e{number}", "P1", moment, moment + timedelta(hours=1), "operating")
        course = LineString([(30, 45), (30.5, 45 + rng.randrange(3) / 10)])
        return ContactLine(f"l{number}", rng.choice(("A", "B")), geometry=MultiLineString([course]))

    def write(self, name):
        records = [
            self.record(name, self.rng.randrange(8)) for _ in range(self.rng.randrange(1, 5))
        ]
        with Ledger.open(self.path) as ledger:
            ledger.write_records(name, records, "Ana", self.rng.choice(("first", "checked")))

    def draw(self, name):
        """A new feature without a key, as in QGIS."""
        with self.layer(name) as layer:
            feature = ogr.Feature(layer.GetLayerDefn())
            if name != "effort":
                place = "POINT (30 45)" if name == "incidents" else "MULTILINESTRING((30 45,31 45))"
                feature.SetGeometry(ogr.CreateGeometryFromWkt(place))
            layer.CreateFeature(feature)

    def change(self, name):
        with self.layer(name) as layer:
            features = list(layer)
            if not features:
                return
            feature = self.rng.choice(features)
            field, values = {
                "incidents": ("place", ("Ford", "Mill", None)),
                "effort": ("status", ("down", "operating", None)),
                "contact_lines": ("line_name", ("A", "C", None)),
            }[name]
            feature[field] = self.rng.choice(values)
            layer.SetFeature(feature)

    def delete(self, name):
        if name == "incidents":
            return
        with self.layer(name) as layer:
            fids = [feature.GetFID() for feature in layer]
            if fids:
                layer.DeleteFeature(self.rng.choice(fids))

    def restore(self, name):
        history = "incident_history" if name == "incidents" else "record_history"
        column = "incident_id" if name == "incidents" else "record_id"
        where = "1" if name == "incidents" else f"table_name = '{name}'"
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        sql = f"SELECT {column}, revision FROM {history} WHERE {where}"
        rows = connection.execute(sql).fetchall()
        connection.close()
        if rows:
            with Ledger.open(self.path) as ledger:
                ledger.restore(name, *self.rng.choice(rows), "Ben", "back again")

    def layer(self, name):
        return _Layer(self.path, name)


class _Layer:
    """A layer open through GDAL for the time of a ``with``."""

    def __init__(self, path, name):
        self.path, self.name = str(path), name

    def __enter__(self):
        self.dataset = gdal.OpenEx(self.path, gdal.OF_VECTOR | gdal.OF_UPDATE)
        return self.dataset.GetLayerByName(self.name)

    def __exit__(self, *_):
        self.dataset = None


@pytest.fixture(scope="module", params=[1, 2])
def lived(request, tmp_path_factory):
    """A ledger after random edits, and how the tables stood after each: ``[(moment, tables)]``."""
    path = tmp_path_factory.mktemp("lived") / "ledger.gpkg"
    Ledger.create(path).close()
    editor = Editor(path, random.Random(request.param))
    editor.write("incidents")
    stood = []
    while len(stood) < EDITS:
        # The ledger refuses some of it, such as a way from withdrawn to reviewed.
        with contextlib.suppress(CeasefireError):
            editor.edit()
        stood.append((after_the_clock(path), {name: as_it_stands(path, name) for name in TABLES}))
    return path, stood


def told(ledger, name, moment):
    """The past as the ledger tells it, by key, in the form of ``as_it_stands``."""
    _, pages = ledger.states_as_of(name, moment)
    return {
        state.record_id: dict(state.values) for page in pages for state in page if not state.deleted
    }


def test_the_past_is_what_stood_in_the_file_then(lived):
    path, stood = lived
    with Ledger.open(path, readonly=True) as ledger:
        for moment, tables in stood:
            for name in TABLES:
                assert told(ledger, name, moment) == tables[name], (moment, name)
        before = stood[0][0] - timedelta(days=1)
        assert [ledger.records_as_of(name, before) for name in TABLES] == [[], [], []]
        for name in TABLES:
            known = by_key(name, ledger.records_as_of(name, stood[-1][0]))
            assert known == by_key(name, ledger.read(name))


def by_key(name, records):
    return {getattr(record, KEYS[name]): record for record in records}


def test_what_changed_leads_from_any_moment_to_any_later_one(lived):
    path, stood = lived
    rng = random.Random(5)
    pairs = rng.sample(list(itertools.combinations(stood, 2)), 60)
    with Ledger.open(path, readonly=True) as ledger:
        for (since, first), (until, last) in pairs:
            if since == until:
                continue
            changed = ledger.changes(since, until, TABLES)
            for name in TABLES:
                own = [change for change in changed if change.table.name == name]
                assert applied(first[name], own) == last[name], (since, until, name)
                hold_against(first[name], last[name], own)


def applied(state, changes):
    """A table's state with changes applied to it."""
    after = {key: dict(values) for key, values in state.items()}
    for change in changes:
        key = change.record_id
        if change.after.deleted:
            after.pop(key, None)
        elif key not in after:
            after[key] = dict(change.after.values)
        else:
            for field in change.fields:
                assert after[key][field.name] == field.before
                after[key][field.name] = field.after
    return after


def hold_against(first, last, changes):
    """The kinds of changes, told anew from how the table stood at both moments."""
    assert len({change.record_id for change in changes}) == len(changes)
    for change in changes:
        key, kind = change.record_id, change.kind
        before, after = first.get(key), last.get(key)
        if before is None:
            assert kind in (Kind.NEW, Kind.PASSED, Kind.RESTORED), kind
            assert (kind is Kind.PASSED) == (after is None or _withdrawn(after))
        elif after is None:
            assert kind is Kind.DELETED
        elif before == after:
            assert kind is Kind.REVERTED
        elif _withdrawn(before) != _withdrawn(after):
            assert kind is (Kind.WITHDRAWN if _withdrawn(after) else Kind.RESTORED)
        else:
            moved = {name for name in before if before[name] != after[name]}
            reviewed = moved <= {"verification", "workflow"}
            assert kind is (Kind.REVIEWED if reviewed else Kind.CORRECTED)
            assert {item.name for item in change.fields if item.before != item.after} == moved
    untouched = first.keys() - {change.record_id for change in changes}
    assert all(first[key] == last[key] for key in untouched)
    assert last.keys() - first.keys() <= {change.record_id for change in changes}


def _withdrawn(state):
    return state.get("workflow") == "withdrawn"
