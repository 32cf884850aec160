"""Protected values: kept apart, committed to, read under a signature."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from osgeo import gdal, ogr

from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.harm import Harm

NAME = "Quillon Žarabeth"


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "Журнал 1.gpkg"
    with Ledger.create(place) as made:
        harm = [Harm(harm_id="h:1", person="P1"), Harm(harm_id="h:2", person="P1")]
        made.write_records("harm", harm, "Ana", "x")
    return place


@pytest.fixture
def ledger(path):
    with Ledger.open(path) as opened:
        yield opened


def keep(ledger, value=NAME, field="name", table="person", record_id="P1"):
    return ledger.set_protected(table, record_id, field, value, "Ana", "interview")


def test_the_record_and_the_chain_hold_a_commitment_and_no_value(ledger):
    kept = keep(ledger)
    (value,) = ledger.protected_values()
    assert value.value == NAME
    assert re.fullmatch("[0-9a-f]{64}", value.salt)
    salted = hashlib.sha256(bytes.fromhex(value.salt) + NAME.encode("utf-8")).hexdigest()
    assert kept.commitment == salted
    (revision,) = ledger.history(kept.protected_id, "protected")
    assert (revision.who, revision.why) == ("Ana", "interview")
    rows = ledger._connection.rows("SELECT payload, who, why FROM record_history")
    assert salted in json.dumps(rows)
    assert NAME not in json.dumps(rows, ensure_ascii=False)
    assert value.salt not in json.dumps(rows)


def test_two_of_the_same_value_have_nothing_in_common(ledger):
    first, second = keep(ledger), keep(ledger, record_id="h:1", table="harm")
    assert first.commitment != second.commitment


def test_the_same_value_of_the_same_field_is_kept_once(ledger):
    assert keep(ledger).protected_id == keep(ledger).protected_id
    assert keep(ledger, "Another Name").protected_id
    assert len(ledger.protected_values()) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"value": "  \n"}, "is empty"),
        ({"value": "a\x00b"}, "UTF-8"),
        ({"record_id": "P9"}, "no “P9”"),
        ({"table": "nowhere"}, "no table"),
        ({"table": "harm", "record_id": "h:9"}, "no “h:9”"),
        ({"field": " "}, "what the value is"),
        ({"field": f"name of {NAME}"}, "stands in"),
    ],
)
def test_what_cannot_be_kept_is_told_without_the_value(ledger, values, words):
    with pytest.raises(CeasefireError, match=words) as caught:
        keep(ledger, **values)
    assert NAME not in str(caught.value)
    assert ledger.protected_values() == []


def test_nothing_shows_a_value_by_accident(ledger):
    keep(ledger)
    records = ledger.find_protected(person="P1")
    shown = repr(ledger.protected_values()) + repr(ledger.read_protected(records, "Bo", "visa"))
    assert NAME not in shown


def test_gdals_own_log_sees_no_value(ledger, tmp_path):
    log = tmp_path / "gdal.log"
    gdal.SetConfigOption("CPL_DEBUG", "ON")
    gdal.SetConfigOption("CPL_LOG", str(log))
    try:
        kept = keep(ledger)
        ledger.erase_protected([kept], "Ana", "asked")
    finally:
        gdal.SetConfigOption("CPL_DEBUG", None)
        gdal.SetConfigOption("CPL_LOG", None)
    words = log.read_text(errors="replace").lower() if log.exists() else ""
    assert NAME.lower() not in words
    assert NAME.encode().hex() not in words


def test_reading_is_logged_before_it_gives_anything(ledger, path):
    kept = keep(ledger)
    (read,) = ledger.read_protected([kept], "Bo", "for the visa")
    assert (read.value, read.matches) == (NAME, True)
    (event,) = ledger.read("custody")
    assert (event.action, event.by_whom, event.evidence_id) == ("accessed", "Bo", None)
    assert kept.protected_id in event.note
    assert "for the visa" in event.note
    with pytest.raises(CeasefireError, match="who reads"):
        ledger.read_protected([kept], "", "why")
    ledger.close()
    with Ledger.open(path, readonly=True) as reading, pytest.raises(CeasefireError):
        reading.read_protected([kept], "Bo", "why")


def test_a_value_that_was_swapped_does_not_match(ledger):
    kept = keep(ledger)
    connection = ledger._connection
    connection.run("DELETE FROM protected_values")
    connection.run(
        "INSERT INTO protected_values(protected_id, value, salt) "
        f"VALUES ('{kept.protected_id}', 'Somebody else', '{'00' * 32}')"
    )
    assert [item.matches for item in ledger.read_protected([kept], "Bo", "why")] == [False]


def test_the_table_refuses_a_change_of_a_value(ledger):
    keep(ledger)
    with pytest.raises(CeasefireError, match="erase it and add another"):
        ledger._connection.run("UPDATE protected_values SET value = 'x'")


def by_form(path, **values) -> None:
    """What a form in QGIS or QField does: a row through OGR, without id and salt."""
    dataset = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    layer = dataset.GetLayerByName("protected_values")
    feature = ogr.Feature(layer.GetLayerDefn())
    for name, value in values.items():
        feature.SetField(name, value)
    assert layer.CreateFeature(feature) == ogr.OGRERR_NONE
    del feature, layer, dataset


def test_what_a_form_added_gets_salt_and_commitment_at_the_next_opening(path):
    by_form(path, value=NAME, record_table="person", record_id="P1", field="contact")
    with Ledger.open(path, readonly=True) as reading:
        assert reading.protected_values()[0].salt is None
    with Ledger.open(path) as ledger:
        (value,) = ledger.protected_values()
        (record,) = ledger.find_protected(person="P1")
        assert record.protected_id == value.protected_id
        assert (record.record_table, record.record_id, record.field) == ("person", "P1", "contact")
        assert [item.matches for item in ledger.read_protected([record], "Bo", "x")] == [True]
        assert len(ledger.history(record.protected_id, "protected")) == 1
    with Ledger.open(path) as again:
        assert again.protected_values() == [value]


def test_a_writer_elsewhere_puts_the_settling_off_and_opening_works(path):
    by_form(path, value=NAME, record_table="person", record_id="P1", field="contact")
    holder = gdal.OpenEx(str(path), gdal.OF_VECTOR | gdal.OF_UPDATE)
    holder.ExecuteSQL("BEGIN IMMEDIATE")
    with Ledger.open(path, wait_ms=100) as ledger:
        assert ledger.protected_values()[0].salt is None
    holder.ExecuteSQL("ROLLBACK")
    del holder
    with Ledger.open(path) as ledger:
        assert ledger.protected_values()[0].salt is not None
