"""What a brief will hold and lack, counted before it is made."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from ceasefire_monitor.model.incident import Effort, Incident
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.reports.contents import Around, contents_of, incidents_after
from ceasefire_monitor.reports.material import Entry, Material
from ceasefire_monitor.reports.period import Period
from ceasefire_monitor.reports.release import Release

START = datetime(2031, 3, 1, tzinfo=timezone.utc)
PERIOD = Period(START, START + timedelta(days=3), ZoneInfo("UTC"))


def entry(name: str, flag="near", **fields) -> Entry:
    values = {
        "source": "patrol",
        "origin": "own_observation",
        "workflow": "reviewed",
        "sensitivity": "public",
        "occurred_from": START + timedelta(hours=5),
        "count_low": 1,
        "uncertainty_m": 50.0,
        "longitude": 10.0,
        "latitude": 5.0,
        **fields,
    }
    return Entry(Incident(incident_id=name, **values), Finding(incident_id=name, flag=flag))


def told(entries, release=Release.RESTRICTED, around=None, **material) -> dict:
    lines = contents_of(
        Material(entries=entries, **material), PERIOD, release, False, around or Around()
    )
    return {line.kind: line for line in lines}


def test_what_an_incident_lacks_is_told_with_the_filter_that_shows_it():
    lines = told(
        [
            entry("a"),
            entry("b", workflow="recorded"),
            entry("c", flag=None),
            entry("d", longitude=None, latitude=None),
        ]
    )
    assert lines["incidents"].count == 4
    assert (lines["unreviewed"].count, lines["unreviewed"].of) == (1, 4)
    assert lines["unreviewed"].facets == (("workflow", ("draft", "recorded", "")),)
    assert lines["not_flagged"].count == 1
    assert lines["not_flagged"].flags == ("not_flagged",)
    assert lines["not_located"].count == 1


def test_an_empty_period_is_told_and_lines_that_count_nothing_are_not():
    lines = told([entry("a", occurred_from=START - timedelta(days=9))])
    assert lines["incidents"].count == 0
    assert "unreviewed" not in lines


def test_without_any_effort_it_is_not_known_which_is_not_zero():
    line = told([entry("a")])["effort_not_known"]
    assert line.count is None


def test_days_on_which_nobody_could_observe_are_named():
    effort = [
        Effort(
            post_id="p",
            status="operating",
            observed_from=START,
            observed_to=START + timedelta(hours=30),
        )
    ]
    lines = told([entry("a")], effort=effort)
    assert lines["days_not_observed"].names == ("2031-03-03",)
    assert "effort_not_known" not in lines


def test_what_level_and_terms_keep_out_stands_apart():
    entries = [
        entry("a"),
        entry("b", sensitivity="confidential"),
        entry("c", source="wire"),
        entry("d", workflow="withdrawn"),
        entry("e", source="press"),
    ]
    terms = {"wire": "none", "press": "aggregates"}
    lines = told(entries, terms=terms)
    assert lines["incidents"].count == 2
    assert lines["kept_out_by_level"].count == 1
    assert lines["kept_out_by_source"].names == ("wire",)
    assert lines["not_in_annex"].facets == (("source", ("press",)),)
    assert lines["withdrawn"].count == 1
    inside = told(entries, Release.CONFIDENTIAL, terms=terms)
    assert inside["incidents"].count == 4
    assert not {"kept_out_by_level", "kept_out_by_source", "not_in_annex"} & set(inside)


def test_who_sees_a_part_alone_does_not_know_what_the_level_keeps_out():
    assert told([entry("a")], sees_all=False)["kept_out_by_level"].count is None


def test_feeds_and_rules_of_the_ledger_are_told_by_name():
    lines = told([entry("a")], around=Around(("Wire",), (("Accord", 1),)))
    assert lines["feeds_not_in_step"].opens == "feeds"
    assert lines["rules_not_checked"].names == ("Accord",)


def test_incidents_recorded_after_the_last_check_were_not_checked():
    entries = [entry("a", recorded_at=START), entry("b", recorded_at=START + timedelta(days=2))]
    assert incidents_after(entries, None) == 2
    assert incidents_after(entries, START + timedelta(days=1)) == 1
