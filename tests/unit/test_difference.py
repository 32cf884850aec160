"""What changed between two moments: kinds, fields, steps, lateness, conflicts, sensitivity."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import read_table
from ceasefire_monitor.ledger.difference import Kind
from ceasefire_monitor.ledger.difference_table import FIELDS, rows_of
from ceasefire_monitor.ledger.difference_words import Tally, sentences
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.evidence import CustodyEvent
from ceasefire_monitor.model.harm import Link
from ceasefire_monitor.model.incident import Effort, Incident, Observation, Post
from ceasefire_monitor.model.land import Fetch
from ceasefire_monitor.model.stored_agreement import StoredAgreement

# Before the ledger is made, so that what happened later happened in the span.
LONG_AGO = datetime(2020, 5, 1, 12, tzinfo=timezone.utc)
LATER = datetime(9000, 1, 1, tzinfo=timezone.utc)
ZONE = ZoneInfo("Africa/Nairobi")


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as made:
        yield made


def incident(number=1, **values):
    known = {
        "incident_id": f"watch:{number}",
        "source": "watch",
        "place": "Mill",
        "deaths_best": 3,
        "occurred_from": LONG_AGO,
        "longitude": 30.0,
        "latitude": 45.0,
    }
    return Incident(**{**known, **values})


def write(ledger, *records, table="incidents", why="written", who="Ana"):
    """Write records; the moment of their revisions, once the clock stands later."""
    ledger.write_records(table, records, who, why)
    last = datetime.now(timezone.utc)
    while datetime.now(timezone.utc) < last + timedelta(milliseconds=3):
        pass
    return last + timedelta(milliseconds=1)


def only(ledger, since, **choice):
    (change,) = ledger.changes(since, LATER, **choice)
    return change


def test_a_correction_has_its_first_before_its_last_after_and_its_steps(ledger):
    since = write(ledger, incident())
    write(ledger, incident(deaths_best=4), why="recount")
    write(ledger, incident(deaths_best=7, place="Ford"), why="second recount", who="Ben")
    change = only(ledger, since)
    assert (change.kind, change.record_id, change.late) == (Kind.CORRECTED, "watch:1", False)
    place, deaths = change.fields
    assert (place.name, place.before, place.after) == ("place", "Mill", "Ford")
    assert (deaths.name, deaths.before, deaths.after) == ("deaths_best", 3, 7)
    assert [(step.who, step.why, value) for step, value in deaths.steps] == [
        ("Ana", "recount", 4),
        ("Ben", "second recount", 7),
    ]
    assert change.reasons == ("recount", "second recount")
    assert (change.before.revision, change.after.revision) == (1, 3)


def test_changed_and_changed_back_is_told_as_such(ledger):
    since = write(ledger, incident())
    write(ledger, incident(place="Ford"))
    write(ledger, incident())
    change = only(ledger, since)
    assert change.kind is Kind.REVERTED
    (field,) = change.fields
    assert (field.before, field.after) == ("Mill", "Mill")
    assert [value for _, value in field.steps] == ["Ford", "Mill"]
    assert "was changed and restored" in told(change)[1]


def told(*changes):
    tally = Tally(reasons=True)
    for change in changes:
        tally.add(change)
    return sentences(tally, LONG_AGO, LATER, ZONE)


def test_reviewed_withdrawn_and_brought_back(ledger):
    since = write(ledger, incident())
    recorded = write(ledger, incident(verification="followed_up"), why="asked the post")
    assert only(ledger, since).kind is Kind.REVIEWED
    gone = write(ledger, incident(verification="followed_up", workflow="withdrawn"), why="twice")
    change = only(ledger, recorded)
    assert (change.kind, change.reasons) == (Kind.WITHDRAWN, ("twice",))
    write(ledger, incident(verification="followed_up"), why="it was another one")
    assert only(ledger, gone).kind is Kind.RESTORED
    assert only(ledger, since).kind is Kind.REVIEWED


def test_a_record_that_came_and_went_within_the_span_is_neither_new_nor_withdrawn(ledger):
    since = write(ledger, incident(2))
    write(ledger, incident())
    write(ledger, incident(workflow="withdrawn"), why="a test")
    assert only(ledger, since).kind is Kind.PASSED


def test_late_is_what_happened_before_and_was_recorded_since(ledger):
    since = write(ledger, incident(1))
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    write(ledger, incident(2), incident(3, occurred_from=soon), incident(4, occurred_from=None))
    write(ledger, Effort("e1", "P1", LONG_AGO), table="effort")
    write(ledger, Post("p1", "Hill", valid_from=LONG_AGO), table="posts")
    late = {change.record_id: change.late for change in ledger.changes(since, LATER)}
    assert late == {"watch:2": True, "watch:3": False, "watch:4": False, "e1": True, "p1": False}
    first = told(*ledger.changes(since, LATER))[0]
    assert "Incidents: 3 new (1 of them late)" in first
    assert "Posts: 1 new." in first


def test_an_edit_on_an_older_state_is_named(ledger):
    since = write(ledger, incident())
    write(ledger, incident(place="Ford"), who="Ben")
    edit = (
        "UPDATE incidents SET deaths_best = 9, edited_by = 'Cyd', edit_reason = 'typed', "
        "edit_base = 1 WHERE incident_id = 'watch:1'"
    )
    ledger._connection.run(edit)
    change = only(ledger, since)
    assert [(step.revision, step.who) for step in change.conflicts] == [(3, "Cyd")]
    rows = {row["field"]: row for row in table_of(change)}
    assert [rows[name]["conflict"] for name in ("place", "deaths_best")] == [False, True]
    assert "Revision 3 was made on an older state" in told(change)[1]


def table_of(change):
    names = [field.name for field in FIELDS]
    return [dict(zip(names, row)) for row in rows_of(change)]


def test_the_table_has_a_row_a_field_signed_by_its_last_step(ledger):
    since = write(ledger, incident())
    write(ledger, incident(deaths_best=4), why="recount")
    write(ledger, incident(deaths_best=4, place=None, longitude=30.5), why="moved", who="Ben")
    rows = {row["field"]: row for row in table_of(only(ledger, since))}
    assert list(rows) == ["place", "deaths_best", "geometry"]
    assert (rows["deaths_best"]["before"], rows["deaths_best"]["after"]) == ("3", "4")
    assert (rows["deaths_best"]["who"], rows["deaths_best"]["why"]) == ("Ana", "recount")
    assert (rows["place"]["before"], rows["place"]["after"]) == ("Mill", None)
    assert (rows["place"]["who"], rows["place"]["field_title"]) == ("Ben", "Place")
    assert rows["geometry"]["before"] == "POINT (30.0 45.0)"
    assert {row["revision_before"] for row in rows.values()} == {1}
    assert {row["revision_after"] for row in rows.values()} == {3}
    assert rows["place"]["steps"] is None


def test_sentences_name_nobody_and_measure_what_moved(ledger):
    since = write(ledger, incident())
    write(ledger, incident(longitude=30.01, deaths_best=None), why="seen again", who="Zoë Quill")
    lines = told(only(ledger, since))
    assert lines[0].startswith("From 1 May 2020, 15:00 to 1 Jan 9000, 03:00. Incidents: 1 corr")
    # 0.01 degrees of longitude at 45 degrees north on WGS 84, by GeographicLib.
    assert "Place on the map moved by 788 m" in lines[1]
    assert "Deaths, best from 3 to not known" in lines[1]
    assert "Why: seen again." in lines[1]
    assert "Quill" not in " ".join(lines)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("import of /home/an analyst/May/events.csv", "import of events.csv"),
        ("import of C:\\Users\\Quill\\events.csv", "import of events.csv"),
        ("import of https://example.org/a/events.csv", "import of events.csv"),
        ("moved 3/4 of a mile", "moved 3/4 of a mile"),
    ],
)
def test_sentences_tell_no_folders(ledger, reason, words):
    since = write(ledger, incident())
    write(ledger, incident(place="Ford"), why=reason)
    assert told(only(ledger, since))[1].endswith(f" Why: {words}.")


@pytest.mark.parametrize("before", ["confidential", "restricted"])
def test_a_record_is_as_sensitive_as_it_ever_was_in_the_span(ledger, before):
    since = write(ledger, incident(sensitivity=before))
    write(ledger, incident(sensitivity="public", place="Ford"))
    change = only(ledger, since)
    assert change.sensitivity == before
    lines = told(change)
    assert ("Ford" in " ".join(lines)) == (before == "restricted")
    assert any("confidential" in line for line in lines) == (before == "confidential")


def test_observations_and_links_are_as_sensitive_as_their_incidents(ledger):
    since = write(ledger, incident(1), incident(2, sensitivity="confidential"))
    write(ledger, Observation("o1", "watch:1"), Observation("o2", "watch:2"), table="observations")
    link = Link("k1", "watch:1", "same_event", "watch:2", status="stated", reason="same minute")
    write(ledger, link, table="links")
    write(ledger, Post("p1", "Hill", longitude=30, latitude=45), table="posts")
    levels = {item.record_id: item.sensitivity for item in ledger.changes(since, LATER)}
    assert levels == {
        "o1": "restricted",
        "o2": "confidential",
        "k1": "confidential",
        "p1": "restricted",
    }


def test_ids_at_the_source_and_positions_of_posts_are_confidential_fields(ledger):
    since = write(ledger, incident(source_id="a"))
    write(ledger, Post("p1", "Hill"), table="posts")
    between = write(ledger, incident(source_id="b", place="Ford"))
    write(ledger, Post("p1", "Hill", longitude=30, latitude=45), table="posts")
    rows = [row for item in ledger.changes(since, LATER, ["incidents"]) for row in table_of(item)]
    levels = {row["field"]: row["sensitivity"] for row in rows}
    assert levels == {"source_id": "confidential", "place": "restricted"}
    (post,) = ledger.changes(between, LATER, ["posts"])
    assert [row["sensitivity"] for row in table_of(post)] == ["confidential"]
    assert "Id at the source" not in " ".join(told(*ledger.changes(since, LATER, ["incidents"])))


def test_a_new_agreement_is_told_and_the_logs_where_they_are_asked_for(ledger):
    since = write(ledger, incident())
    write(ledger, StoredAgreement(agreement_id="vale", text="{}"), table="agreements", why="signed")
    write(ledger, CustodyEvent("v:1", "e:1", "accessed", by_whom="Cleo"), table="custody")
    agreed = only(ledger, since)
    assert (agreed.table.name, agreed.kind, agreed.reasons) == ("agreements", Kind.NEW, ("signed",))
    (event,) = ledger.changes(since, LATER, ["custody"])
    assert (event.record_id, event.kind, event.sensitivity) == ("v:1", Kind.NEW, "confidential")


def test_a_source_keeps_its_own_records_alone(ledger):
    since = write(ledger, incident(9))
    write(ledger, incident(1), incident(2, source="gazette"))
    write(ledger, Effort("e1", "P1", LONG_AGO), table="effort")
    assert only(ledger, since, source="gazette").record_id == "watch:2"


def test_a_span_without_length_and_an_unknown_table_are_told(ledger):
    with pytest.raises(CeasefireError, match="before it begins"):
        ledger.changes(LATER, LATER)
    with pytest.raises(CeasefireError, match="no table “nothing”"):
        ledger.changes(LONG_AGO, LATER, ["nothing"])
    with pytest.raises(CeasefireError, match="have no history"):
        ledger.changes(LONG_AGO, LATER, ["findings"])
    assert told() == [
        "From 1 May 2020, 15:00 to 1 Jan 9000, 03:00 nothing was recorded or changed."
    ]


def test_more_records_than_a_page_are_all_told_and_in_order(ledger):
    since = write(ledger, incident(0))
    write(ledger, *(incident(number) for number in range(1, 4500)))
    write(ledger, *(incident(number, place="Ford") for number in range(0, 4500, 3)))
    found = ledger.changes(since, LATER)
    assert [change.record_id for change in found[:3]] == ["watch:1", "watch:2", "watch:3"]
    kinds = {change.record_id: change.kind for change in found}
    assert kinds.pop("watch:0") is Kind.CORRECTED
    assert len(kinds) == 4499
    assert set(kinds.values()) == {Kind.NEW}
    assert sum(len(change.steps) for change in found) == 4499 + 1500


OLDER = "ucdp_ged_ukraine_2014-2021_isoT_dates.csv"
NEWER = "ucdp_ged_ukraine_2014-20220223_iso_dates.csv"


def test_a_newer_release_of_real_events_is_told_as_its_files_differ(real_data, ledger):
    folder = real_data / "ucdp_ukraine"
    for name in (OLDER, NEWER):
        if name == NEWER:
            since = datetime.now(timezone.utc) + timedelta(milliseconds=1)
            while datetime.now(timezone.utc) < since + timedelta(milliseconds=2):
                pass
        result = import_table(read_table(str(folder / name)), "ucdp", "Europe/Kyiv")
        ledger.write_import(result, Fetch(source="ucdp"), None, name)
    older, newer = (files(folder / name) for name in (OLDER, NEWER))
    changes = ledger.changes(since, LATER, ["incidents"])
    new = {change.record_id for change in changes if change.kind is Kind.NEW}
    assert new == newer.keys() - older.keys()
    assert len(new) == 79
    corrected = {change.record_id: change for change in changes if change.kind is Kind.CORRECTED}
    both = older.keys() & newer.keys()
    deaths = {key for key in both if older[key]["best"] != newer[key]["best"]}
    found = {
        key: field
        for key, change in corrected.items()
        for field in change.fields
        if field.name == "deaths_best"
    }
    assert found.keys() == deaths
    for key, field in found.items():
        assert (field.before, field.after) == (int(older[key]["best"]), int(newer[key]["best"]))
    moved = {key for key in both if place(older[key]) != place(newer[key])}
    assert moved == {
        key
        for key, change in corrected.items()
        if any(field.name == "geometry" for field in change.fields)
    }
    assert all(change.late for change in changes if change.kind is Kind.NEW)


def files(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {f"ucdp:{row['id']}": row for row in csv.DictReader(file)}


def place(row):
    return tuple(round(float(row[name]), 6) for name in ("longitude", "latitude"))
