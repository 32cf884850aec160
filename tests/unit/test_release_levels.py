"""Nothing leaves at a level that it is not known to have: briefs, sheets, lists and differences."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone

import pytest
from shapely.geometry import Point

from ceasefire_monitor.feeds.importer import import_table
from ceasefire_monitor.feeds.table import read_table
from ceasefire_monitor.ledger.difference_table import FIELDS, rows_of
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.postgis import roles
from ceasefire_monitor.ledger.schema import DEFAULTS
from ceasefire_monitor.ledger.sensitivity import WITH_LEVEL
from ceasefire_monitor.model.claim import Claim, Restriction
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Finding, Site
from ceasefire_monitor.model.sensitivity import (
    UNSET,
    is_observers,
    level_of,
    may_show,
)
from ceasefire_monitor.model.vocabulary import vocabulary
from ceasefire_monitor.reports.claims_list import claim_lines, claims_in, claims_sheet
from ceasefire_monitor.reports.from_ledger import material_of_ledger
from ceasefire_monitor.reports.material import Entry, Material
from ceasefire_monitor.reports.release import Release, in_annex, released
from ceasefire_monitor.reports.revisions import revisions_of
from ceasefire_monitor.reports.shift import shift_of
from ceasefire_monitor.reports.shift_sheet import shift_sheet

UTC = timezone.utc
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
LATER = datetime(9000, 1, 1, tzinfo=UTC)
UNKNOWN = ["Confidential", "CONFIDENTIAL", "secret", "confidential ", "Public", "Restricted", "0"]
KNOWN = [(None, True), ("", True), ("public", True), ("restricted", True), ("confidential", False)]


def incident(number=1, **values):
    known = {
        "incident_id": f"watch:{number}",
        "place": f"Mill {number}",
        "occurred_from": NOON,
        "longitude": 30.0 + number / 10,
        "latitude": 45.0,
    }
    return Incident(**{**known, **values})


def shown(*incidents, level=Release.RESTRICTED, **material):
    entries = [Entry(item, Finding()) for item in incidents]
    return released(Material(entries=entries, **material), level)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "vale.gpkg", {"timezone": "UTC"}) as made:
        yield made


def write(ledger, table, *records, why="written"):
    """Write records; a moment between this and what is written next."""
    ledger.write_records(table, records, "Ana", why)
    last = datetime.now(UTC)
    while datetime.now(UTC) < last + timedelta(milliseconds=4):
        pass
    return last + timedelta(milliseconds=2)


def test_the_beginnings_are_those_of_the_ledger_and_of_the_roles_of_its_server():
    assert set(UNSET) == WITH_LEVEL
    assert UNSET == roles.UNSET
    of_ledger = {name: value for (name, field), value in DEFAULTS.items() if field == "sensitivity"}
    assert {name: f"'{value}'" for name, value in UNSET.items()} == of_ledger


def test_a_level_is_compared_as_a_code_and_what_is_none_is_never_shown():
    assert [level_of("incidents", code) for code in UNKNOWN] == ["confidential"] * len(UNKNOWN)
    assert (level_of("incidents", " "), level_of("sites", None)) == ("restricted", "confidential")
    assert level_of("no table", None) == "confidential"
    assert not may_show("secret", "confidential") and may_show("confidential", "confidential")
    assert not may_show("restricted", "public")


@pytest.mark.parametrize(("code", "kept"), [*KNOWN, *((code, False) for code in UNKNOWN)])
def test_a_restricted_brief_has_what_is_known_to_be_open_alone(code, kept):
    found, left_out = shown(incident(sensitivity=code), incident(2))
    assert [item.incident.place for item in found.entries] == ["Mill 1"] * kept + ["Mill 2"]
    assert left_out.confidential_incidents == (not kept)
    whole, _ = shown(incident(sensitivity=code), level=Release.CONFIDENTIAL)
    assert len(whole.entries) == 1


TERMS = {"open": "rows", "counted": "aggregates", "kept": "none"}


@pytest.mark.parametrize(
    ("source", "told", "row"),
    [("open", True, True), ("counted", True, False), ("kept", False, False), ("own", True, True)],
)
def test_the_terms_of_a_source_govern_what_is_handed_on(source, told, row):
    material, left_out = shown(incident(source=source), terms=TERMS)
    assert bool(material.entries) is told
    assert left_out.not_handed_on == (not told) and left_out.rows_withheld == (told and not row)
    for entry in material.entries:
        assert in_annex(material, Release.RESTRICTED, entry) is row
    # Who may read a confidential brief has the data anyway.
    material, left_out = shown(incident(source=source), terms=TERMS, level=Release.CONFIDENTIAL)
    assert in_annex(material, Release.CONFIDENTIAL, material.entries[0])
    assert not left_out.not_handed_on and not left_out.rows_withheld


def test_changes_of_what_may_not_be_handed_on_are_not_told(ledger):
    before = write(ledger, "incidents", *(incident(n, source=s) for n, s in enumerate(TERMS)))
    now = [
        dataclasses.replace(one, place="Ford", source="open" if one.source == "kept" else "kept")
        for one in ledger.read("incidents")
        if one.source != "counted"
    ]
    after = write(ledger, "incidents", *now, why="corrected")
    revisions = revisions_of(ledger, before, after, True)
    assert len(revisions.listed) == 2
    # Neither what was theirs before nor what is theirs now.
    material, _ = shown(terms=TERMS, revisions=revisions)
    assert material.revisions.listed == []


def test_sites_begin_as_confidential():
    codes = [None, "", "secret", "Public", "public", "restricted"]
    sites = [Site(f"S{n}", sensitivity=code, geometry=Point(0, 0)) for n, code in enumerate(codes)]
    found, left_out = shown(sites=sites)
    assert [site.site_id for site in found.sites] == ["S4", "S5"]
    assert left_out.confidential_sites == 4


def test_the_point_of_an_observer_is_left_out_with_all_that_was_measured_from_it():
    own = incident(point_role="observer", uncertainty_m=900.0, uncertainty_kind="disc")
    measured = Finding(flag="near", line_distance_m=812.0, line_chainage_m=5.0, finding="812 m")
    material = Material(entries=[Entry(own, measured), Entry(incident(2), Finding())])
    found, left_out = released(material, Release.RESTRICTED)
    hidden, other = found.entries
    assert (hidden.incident.place, hidden.located, other.located) == ("Mill 1", False, True)
    assert (hidden.incident.uncertainty_m, hidden.incident.uncertainty_kind) == (None, None)
    assert set(vars(hidden.finding).values()) <= {None, ""}
    assert left_out.observers_points == 1
    whole, left_out = released(material, Release.CONFIDENTIAL)
    assert whole.entries[0].incident.longitude == own.longitude
    assert left_out.observers_points == 0


def test_a_role_that_is_not_known_may_be_the_observers():
    known = {code: is_observers(code) for code in vocabulary("point_roles")}
    assert [code for code, hidden in known.items() if hidden] == ["observer"]
    assert is_observers("Observer") and is_observers("camera") and not is_observers(None)


def test_what_was_open_then_and_is_confidential_today_is_not_told(ledger):
    site = Site("S1", "Shelter", sensitivity="restricted", geometry=Point(0, 0))
    write(ledger, "sites", site)
    then = write(ledger, "incidents", *(incident(number) for number in (1, 2, 3, 4)))
    write(ledger, "sites", dataclasses.replace(site, sensitivity="confidential"))
    write(ledger, "incidents", incident(1, sensitivity="secret"))
    write(ledger, "incidents", incident(2, point_role="observer"), incident(3, place="Ford"))
    material = material_of_ledger(ledger.path, then)
    found, left_out = released(material, Release.RESTRICTED)
    told = {item.incident.place: item.located for item in found.entries}
    assert told == {"Mill 2": False, "Mill 3": True, "Mill 4": True}
    assert (found.sites, left_out.confidential_sites, left_out.confidential_incidents) == ([], 1, 1)
    whole, _ = released(material, Release.CONFIDENTIAL)
    assert [item.located for item in whole.entries] == [True] * 4 and len(whole.sites) == 1


def test_what_was_confidential_then_stays_so_when_it_is_released_later(ledger):
    then = write(ledger, "incidents", incident(sensitivity="confidential"))
    write(ledger, "incidents", incident(sensitivity="public"))
    found, _ = released(material_of_ledger(ledger.path, then), Release.RESTRICTED)
    assert found.entries == []


def test_a_change_is_as_sensitive_as_its_record_is_today(ledger):
    since = write(ledger, "incidents", incident(1), incident(2))
    until = write(ledger, "incidents", incident(1, place="Ford"), incident(2, place="Weir"))
    write(ledger, "incidents", incident(1, place="Ford", sensitivity="confidential"))
    levels = {item.record_id: item.sensitivity for item in ledger.changes(since, until)}
    assert levels == {"watch:1": "confidential", "watch:2": "restricted"}


def test_a_move_of_an_observers_point_is_a_confidential_field(ledger):
    since = write(ledger, "incidents", incident(1, point_role="observer"), incident(2))
    moved = incident(1, point_role="observer", latitude=45.5, place="Ford")
    write(ledger, "incidents", moved, incident(2, latitude=45.5))
    names = [field.name for field in FIELDS]
    levels = {}
    for change in ledger.changes(since, LATER):
        for row in rows_of(change):
            told = dict(zip(names, row))
            levels[told["record_id"], told["field"]] = told["sensitivity"]
    assert levels == {
        ("watch:1", "place"): "restricted",
        ("watch:1", "geometry"): "confidential",
        ("watch:2", "geometry"): "restricted",
    }


@pytest.fixture
def shift_ledger(ledger):
    """A shift with one open and two hidden records of each kind; every text of theirs is ZZ."""
    began = write(ledger, "incidents", incident(9))
    day = {"restricted_from": datetime(2020, 1, 1, tzinfo=UTC)}
    due = {"due_at": datetime(2020, 1, 1, tzinfo=UTC)}
    for number, level in enumerate(("confidential", "Confidential"), start=1):
        hidden = {"sensitivity": level, "place": "ZZplace"}
        write(ledger, "incidents", incident(number, **hidden), why="ZZ told us")
        write(ledger, "incidents", incident(number, term="x", **hidden), why="ZZ corrected it")
        claim = Claim(f"C{number}", "ZZparty", original_text="ZZtext", **due, **hidden)
        write(ledger, "claims", claim, why="ZZ claimed it")
        gate = Restriction(
            f"R{number}", kind="denial", asset="ZZasset", stated_reason="ZZgate", **day, **hidden
        )
        write(ledger, "restrictions", gate, why="ZZ shut it")
    write(ledger, "restrictions", Restriction("R3", kind="denial", place="Ford", **day))
    write(ledger, "claims", Claim("C3", "Borea", place="Weir", **due), why="letter")
    return ledger, began


def texts(shift):
    rows = json.dumps([dataclasses.astuple(item) for item in shift.items], default=str)
    return rows + shift_sheet(shift, UTC, "Vale").html()


def test_a_restricted_shift_sheet_tells_of_hidden_records_only_that_they_are(shift_ledger):
    ledger, began = shift_ledger
    restricted = shift_of(ledger, began, datetime.now(UTC))
    told = texts(restricted)
    assert "ZZ" not in told and "Release level: RESTRICTED" in told
    assert "Details of 6 confidential records are held back." in told
    for known in ("R1", "C2", "watch:2", "Ford", "Borea", "Weir", "letter"):
        assert known in told
    whole = texts(shift_of(ledger, began, datetime.now(UTC), Release.CONFIDENTIAL))
    for hidden in ("ZZplace", "ZZparty", "ZZasset", "ZZgate", "ZZ told us", "ZZ shut it"):
        assert hidden in whole
    assert "Release level: CONFIDENTIAL" in whole and "Nothing is held back." in whole


def test_a_shift_of_the_past_hides_what_was_made_confidential_since(ledger):
    began = write(ledger, "incidents", incident(9))
    gate = Restriction("R1", kind="denial", place="ZZgate", restricted_from=began)
    write(ledger, "restrictions", gate)
    until = write(ledger, "incidents", incident(1, place="ZZmill"))
    write(ledger, "incidents", incident(1, place="ZZmill", sensitivity="confidential"))
    write(ledger, "restrictions", dataclasses.replace(gate, sensitivity="confidential"))
    assert "ZZ" not in texts(shift_of(ledger, began, until))
    assert "ZZmill" in texts(shift_of(ledger, began, until, Release.CONFIDENTIAL))


@pytest.mark.parametrize(("code", "kept"), [*KNOWN, *((code, False) for code in UNKNOWN)])
def test_the_list_of_claims_has_what_its_level_shows_and_bears_it(code, kept):
    claims = [Claim("C1", place="ZZplace", received_at=NOON, sensitivity=code)]
    for release, there in ((Release.RESTRICTED, kept), (Release.CONFIDENTIAL, True)):
        told, left_out = claims_in(claims, release)
        lines = claim_lines(told, NOON)
        page = claims_sheet(lines, NOON, NOON, UTC, NOON, "Claims", release, left_out).html()
        assert ("ZZplace" in page, left_out) == (there, int(not there))
        assert ("1 claim is left out" in page) == (not there)
        assert f"Release level: {release.value.upper()}" in page


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("sensitivity", " CONFIDENTIAL ", "confidential"),
        ("sensitivity", "secret", None),
        ("point_role", "Observer", "observer"),
        ("point_role", "watch tower", None),
        ("verification", "by hearsay", "unverified"),
    ],
)
def test_a_table_with_an_unknown_level_has_its_row_set_aside(tmp_path, column, value, kept):
    path = tmp_path / "table.csv"
    path.write_text(f"date,category,place,{column}\n2020-05-01,firing,Mill,{value}\n")
    done = import_table(read_table(path), preset="generic", timezone="UTC")
    if kept is None:
        assert (done.incidents, len(done.rejected)) == ([], 1)
        assert (done.rejected[0].column, done.rejected[0].value) == (column, value)
        assert "write" in done.rejected[0].reason
    else:
        assert [getattr(item, column) for item in done.incidents] == [kept]
