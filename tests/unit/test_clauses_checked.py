"""A draft held against the checklist: there, possibly, missing, and what contradicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ceasefire_monitor.analysis.clauses.checking import Library, check_draft
from ceasefire_monitor.analysis.clauses.checklist import checklist_of, shipped
from ceasefire_monitor.analysis.clauses.draft import draft_of_text
from ceasefire_monitor.model.errors import CeasefireError

AGREEMENTS = Path(__file__).resolve().parents[2] / "resources" / "agreements"
TEMPLATES = sorted(path for path in AGREEMENTS.glob("*.json") if path.name != "schema.json")


def draft(text, name="draft.txt"):
    text = text if isinstance(text, str) else json.dumps(text)
    return draft_of_text(text, name, shipped().codes())


def checked(text, library=None):
    return check_draft(draft(text), shipped(), library or Library())


def state(rows, code):
    return next(row.state for row in rows if row.item == code)


def contradictions(rows):
    return [row.found for row in rows if row.state == "contradicts"]


def agreement(**more):
    told = {
        "format": 1,
        "agreement_id": "vale",
        "title": "Draft of the Vale",
        "status": "draft",
        "parties": [{"code": "aster", "name": "Aster"}, {"code": "borealis", "name": "Borealis"}],
        "timing": {"timezone": "Europe/Athens", "in_force_from": "2031-03-01"},
        "weapon_classes": [{"code": "guns", "label": "guns", "calibre_from_mm": 100}],
        "lines": [{"code": "line", "title": "line of contact", "kind": "agreed"}],
        "clauses": [
            {"reference": "1", "text": "Guns withdraw.", "text_status": "verified", "rules": [
                {"code": "guns", "kind": "withdrawal", "title": "guns", "deadline": "2031-03-15",
                 "weapon_classes": ["guns"],
                 "limits": [{"line": "line", "distance_m": 25000}]},
            ]},
        ],
    }  # fmt: skip
    return {**told, **more}


def test_the_checklist_has_fourteen_groups_each_item_with_its_reason():
    items = shipped().items
    assert sorted({item.group for item in items}) == list(range(1, 15))
    assert all(item.why and item.title for item in items) and len(items) > 80


def test_what_stands_as_data_is_there_and_what_does_not_is_missing():
    rows = checked(agreement())
    assert {state(rows, each) for each in ("signatories", "timezone", "distances", "line")} == {
        "there"
    }
    assert state(rows, "commission") == state(rows, "duration") == "missing"
    assert contradictions(rows) == []


def test_a_word_alone_is_possibly_and_a_mark_is_there():
    text = "1. A hotline is set up.\n\n2. [[commission: The table of both sides meets weekly.]]"
    rows = checked(text)
    assert state(rows, "hotline") == "possibly" and state(rows, "commission") == "there"


def test_a_wrong_or_open_mark_is_named():
    with pytest.raises(CeasefireError, match="“timezone” may be meant"):
        draft("[[timezon: local time]]")
    with pytest.raises(CeasefireError, match="not closed"):
        draft("[[timezone: local time")


def test_a_withdrawal_wider_than_its_zone_contradicts():
    zone = {"code": "z", "title": "Security zone", "bands": [{"line": "line", "far_m": 15000}]}
    (told,) = contradictions(checked(agreement(zones=[zone])))
    assert "25,000 m" in told and "15,000 m" in told
    wide = {**zone, "bands": [{"line": "line", "far_m": 25000}]}
    assert contradictions(checked(agreement(zones=[wide]))) == []


def test_a_deadline_before_entry_into_force_and_after_the_end_contradict():
    early = agreement(timing={"timezone": "Europe/Athens", "in_force_from": "2031-04-01"})
    assert "before the agreement is in force" in contradictions(checked(early))[0]
    short = {"timezone": "Europe/Athens", "in_force_from": "2031-03-01", "duration_days": 7}
    assert "after the agreement has ended" in contradictions(checked(agreement(timing=short)))[0]


def test_no_time_zone_is_missing_and_contradicts_and_the_rest_is_checked():
    rows = checked(agreement(timing={"in_force_from": "2031-03-01"}))
    assert state(rows, "timezone") == "missing" and state(rows, "line") == "there"
    assert "no time zone" in contradictions(rows)[0]


def test_two_distances_for_one_class_contradict_unless_one_prevails():
    first = agreement()["clauses"][0]
    rule = {**first["rules"][0], "code": "more", "limits": [{"line": "line", "distance_m": 9000}]}
    told = agreement(clauses=[first, {**first, "reference": "2", "rules": [rule]}])
    assert "nothing says which prevails" in contradictions(checked(told))[0]
    told["precedence"] = [{"clauses": ["1", "2"]}]
    assert contradictions(checked(told)) == []


def test_a_text_with_open_weapons_unsigned_map_hours_and_days():
    text = (
        "Article 1 Heavy weapons are withdrawn by D+14.\n\n"
        "Article 2 The line is as on the map annexed.\n\nArticle 3 Fire ends at 06:00."
    )
    told = " ".join(contradictions(checked(text)))
    for part in ("heavy weapons", "does not say that both sign it", "no time zone", "D-day"):
        assert part in told
    mended = (
        "Article 1 Weapons of 100 mm and more (heavy weapons) are withdrawn by D+14; D-day is "
        "1 March 2031.\n\nArticle 2 The line is as on the map that both have signed.\n\n"
        "Article 3 Fire ends at 06:00 UTC."
    )
    assert contradictions(checked(mended)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_template_can_be_checked(path):
    rows = checked(path.read_text(encoding="utf-8"))
    assert any(row.state == "there" for row in rows) and any(row.state == "missing" for row in rows)


def test_known_agreements_are_precedents_and_a_draft_is_none_of_its_own():
    minsk = draft((AGREEMENTS / "minsk_2014_2015.json").read_text(encoding="utf-8"))
    rows = check_draft(draft(agreement()), shipped(), Library(drafts=[minsk]))
    distances = next(row for row in rows if row.item == "distances")
    assert "Minsk" in distances.precedents
    own = check_draft(minsk, shipped(), Library(drafts=[minsk]))
    assert all("Minsk" not in (row.precedents or "") for row in own)


def test_a_users_checklist_adds_and_replaces():
    more = checklist_of(
        {"groups": [{"group": 3, "title": "Time", "items": [
            {"code": "timezone", "title": "Zone", "why": "Ours."},
            {"code": "leap", "title": "Leap days", "why": "Once."}]}]}, "own",
    )  # fmt: skip
    joined = shipped().with_more(more)
    assert len(joined.items) == len(shipped().items) + 1
    assert next(item.why for item in joined.items if item.code == "timezone") == "Ours."
    with pytest.raises(CeasefireError, match="two items called"):
        checklist_of({"groups": [{"group": 1, "items": [
            {"code": "a", "title": "A", "why": "B"}] * 2}]}, "own")  # fmt: skip
